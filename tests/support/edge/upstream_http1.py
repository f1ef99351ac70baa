"""The HTTP/1.1 face of an upstream: gRPC calls as the edge sends them, by another library than the server's."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64decode
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import quote

import h11

if TYPE_CHECKING:
    import grpc

    from support.edge.upstream import Upstream


class Aborted(Exception):
    pass


class Context:
    """As much of a ServicerContext as answers of tests ask for."""

    def __init__(self, headers: list[tuple[str, str | bytes]]) -> None:
        self._headers = headers
        self.sent: Any = ()
        self.trailers: Any = ()
        self.code = 0
        self.text = ""

    def invocation_metadata(self) -> list[tuple[str, str | bytes]]:
        return self._headers

    async def send_initial_metadata(self, metadata: Any) -> None:
        self.sent = metadata

    def set_trailing_metadata(self, metadata: Any) -> None:
        self.trailers = metadata

    async def abort(
        self, code: grpc.StatusCode, details: str = "", trailing_metadata: Any = ()
    ) -> NoReturn:
        self.code, self.text, self.trailers = code.value[0], details, trailing_metadata
        raise Aborted


async def serve(
    upstream: Upstream, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answers the requests of one connection."""
    task = asyncio.current_task()
    assert task is not None
    upstream.connections.add(task)
    task.add_done_callback(upstream.connections.discard)
    connection = h11.Connection(h11.SERVER)
    try:
        while await _one(upstream, connection, reader, writer):
            connection.start_next_cycle()
    finally:
        writer.close()


async def _one(
    upstream: Upstream,
    connection: h11.Connection,
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> bool:
    request, pieces = None, []
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(65_536))
        elif isinstance(event, h11.Request):
            request = event
        elif isinstance(event, h11.Data):
            pieces.append(event.data)
        elif isinstance(event, h11.EndOfMessage):
            break
        else:
            return False
    assert request is not None
    body = b"".join(pieces)

    async def send(*events: h11.Event) -> None:
        for event in events:
            writer.write(connection.send(event) or b"")
        await writer.drain()

    if request.method == b"GET":
        code = 200 if await upstream.is_serving() else 503
        await send(
            h11.Response(status_code=code, headers=[("content-length", "0")]), h11.EndOfMessage()
        )
        return True
    context = Context(
        [
            _metadatum(name, value)
            for name, value in request.headers
            if (name, value) != (b"te", b"trailers")  # of gRPC itself, as grpc.aio keeps it back
        ]
    )
    handling = asyncio.ensure_future(upstream.handle(request.target.decode(), body[5:], context))
    leaving = asyncio.ensure_future(reader.read(1))  # nothing comes before the answer, but the end
    try:
        await asyncio.wait({handling, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if leaving.done():
            return False
        leaving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await leaving
        return await _answer(handling, context, send)
    finally:
        for task in (handling, leaving):
            task.cancel()
        await asyncio.gather(handling, leaving, return_exceptions=True)


async def _answer(handling: asyncio.Future[bytes], context: Context, send: Any) -> bool:
    headers = [("content-type", "application/grpc"), *context.sent]
    try:
        message = handling.result()
    except Aborted:
        text = quote(context.text, safe=" !#$&'()*+,/:;=?@[]")
        status = [("grpc-status", str(context.code)), ("grpc-message", text), *context.trailers]
        if context.sent:  # headers first, as an HTTP/2 server that has sent them
            await send(
                h11.Response(status_code=200, headers=[*headers, ("transfer-encoding", "chunked")]),
                h11.EndOfMessage(headers=status),
            )
        else:
            await send(
                h11.Response(status_code=200, headers=[*headers, *status, ("content-length", "0")]),
                h11.EndOfMessage(),
            )
        return True
    except Exception:  # noqa: BLE001 - gRPC's own answer to that
        status = [("grpc-status", "2")]
        await send(
            h11.Response(status_code=200, headers=[*headers, *status, ("content-length", "0")]),
            h11.EndOfMessage(),
        )
        return True
    await send(
        h11.Response(status_code=200, headers=[*headers, ("transfer-encoding", "chunked")]),
        h11.Data(data=b"\0" + len(message).to_bytes(4, "big") + message),
        h11.EndOfMessage(headers=[("grpc-status", "0"), *context.trailers]),
    )
    return True


def _metadatum(name: bytes, value: bytes) -> tuple[str, str | bytes]:
    key = name.decode().lower()
    if key.endswith("-bin"):
        return key, b64decode(value + b"=" * (-len(value) % 4))
    return key, value.decode("latin-1")
