"""One connection of an edge: requests one after the other, each a task of its own while it is answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol, cast

import httptools
import structlog

from conjure.core.catalog import Code
from conjure.rpc.call import Call
from conjure.rpc.http1 import frames
from conjure.rpc.http1.context import Aborted, Http1Context
from conjure.rpc.unknown import refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.rpc.health import Health
    from conjure.rpc.layer import Step
    from conjure.rpc.methods import Method
    from conjure.settings import EdgeSettings

log = structlog.get_logger(__name__)

HEALTH_PATH: Final = b"/health"
"""What edges ask whether calls are welcome: 200, or 503. No RPC is called so."""

_MOST_HEADERS: Final = 65_536  # bytes of names and values: as the gRPC port has it
_MOST_PATH: Final = 1_024  # an RPC's name is a tenth of it
_GRPC: Final = b"application/grpc"


class Edges(Protocol):
    """What connections have in common: their listener."""

    loop: asyncio.AbstractEventLoop
    limits: EdgeSettings
    health: Health
    table: Mapping[bytes, tuple[Method, Step]]
    """The unary RPCs by their full names."""
    most_bytes: int
    """The largest body of any of them."""

    def join(self, connection: EdgeConnection, /) -> bool:
        """Takes a new connection in; False when there are too many."""

    def part(self, connection: EdgeConnection, /) -> None:
        """Forgets a connection."""


class EdgeConnection(asyncio.Protocol):
    """Reads requests and answers them; ends when its edge, a drain or a limit of time says so.

    While a call runs, its own deadline counts. Else there is `due`, the moment on the loop's clock at which
    the listener ends the connection: of a request that does not come to its end, of an answer that is not
    taken, of a connection that is not used.
    """

    def __init__(self, listener: Edges) -> None:
        self._listener = listener
        self._now = listener.loop.time
        self._task: asyncio.Task[None] | None = None
        self._is_leaving = False
        self._is_clogged = False  # the edge does not take what was written
        self._transport: asyncio.Transport
        self._parser: httptools.HttpRequestParser
        self._peer = ""
        self.due: float | None = None
        self._begin()

    def _begin(self) -> None:
        self._path = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._size = 0  # of the headers, then of the body
        self._body: list[bytes] = []
        self._is_grpc = False
        self._ends_at: float | None = None

    def _is_busy(self) -> bool:
        return self._task is not None

    def leave(self) -> None:
        """Asks for the connection's end: its next answer is its last."""
        self._is_leaving = True

    def close_unless_busy(self) -> None:
        """Ends the connection now, or with the answer that is under way."""
        self._is_leaving = True
        if self._task is None:
            self._transport.close()

    def abort(self) -> None:
        """Ends the connection at once, and with it its call."""
        self._transport.abort()

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins: unless there are too many."""
        self._transport = cast("asyncio.Transport", transport)  # of a stream socket
        self._parser = httptools.HttpRequestParser(self)
        address = transport.get_extra_info("peername")
        if isinstance(address, tuple):  # else a socket file's
            self._peer = f"[{address[0]}]" if ":" in address[0] else str(address[0])
        self.due = self._now() + self._listener.limits.idle_s
        if not self._listener.join(self):
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the call under way: nobody waits for it any more."""
        self._listener.part(self)
        if self._task is not None:
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Reads. Whoever sends a request before the answer to the last one is no edge."""
        if self._is_busy():
            self._transport.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:  # also an upgrade, and what the methods below raise
            if self._is_busy():
                self._transport.abort()
            else:
                self._end_with(frames.plain(b"400 Bad Request", is_last=True))

    def pause_writing(self) -> None:
        """There is no more to read for whoever does not take what was written."""
        self._is_clogged = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Goes on."""
        self._is_clogged = False
        self._transport.resume_reading()
        if self._task is None:
            self.due = self._now() + self._listener.limits.idle_s

    # httptools calls these, in this order.

    def on_message_begin(self) -> None:
        """Begins a request."""
        if self._task is not None:
            raise ValueError("a request before the answer to the last one")
        self._begin()
        self.due = self._now() + self._listener.limits.transfer_s

    def on_url(self, url: bytes) -> None:
        """Reads the path, or a piece of it."""
        self._path += url
        if len(self._path) > _MOST_PATH:
            raise ValueError("the path is too long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Reads a header, or a trailer of the request: those count, and mean nothing."""
        self._size += len(name) + len(value)
        if self._size > _MOST_HEADERS + self._listener.most_bytes:
            raise ValueError("the headers are too long")
        if self._body:
            return
        name = name.lower()
        self._headers.append((name, value))
        if name == b"content-type":
            self._is_grpc = value.startswith(_GRPC)
        elif name == b"grpc-timeout":
            left = frames.timeout_s(value)
            self._ends_at = None if left is None else self._now() + left

    def on_headers_complete(self) -> None:
        """Begins the body."""
        if self._size > _MOST_HEADERS:
            raise ValueError("the headers are too long")
        self._size = 0

    def on_body(self, data: bytes) -> None:
        """Keeps a piece of the body. What is too large is read to its end, when edges listen, not kept."""
        self._size += len(data)
        if self._size <= self._listener.most_bytes:
            self._body.append(data)
        else:
            self._body.clear()

    def on_message_complete(self) -> None:
        """Answers, or begins to."""
        method = self._parser.get_method()
        if method == b"GET" and self._path == HEALTH_PATH:
            is_welcome = self._listener.health.is_serving
            self._write(
                frames.plain(
                    b"200 OK" if is_welcome else b"503 Service Unavailable",
                    is_last=self._is_leaving,
                )
            )
        elif method != b"POST" or self._parser.get_http_version() != "1.1":
            self._end_with(frames.plain(b"405 Method Not Allowed", is_last=True))
        elif not self._is_grpc:
            self._end_with(frames.plain(b"415 Unsupported Media Type", is_last=True))
        elif self._size > self._listener.most_bytes:
            self._refuse(Code.RESOURCE_EXHAUSTED, "the message is too large")
        else:
            self.due = None
            self._task = self._listener.loop.create_task(self._answer())

    async def _answer(self) -> None:
        """Answers the request that has been read.

        The layers answer every error, a cancellation too. What comes up here nevertheless is a fault of
        theirs: then no answer is better than half of one.
        """
        context = Http1Context(self._headers, self._peer, self._ends_at)
        try:
            answer = await self._call(context)
        except frames.NotAMessage as error:
            self._done()
            self._refuse(Code.INTERNAL, str(error))
        except Aborted:
            self._done()
            self._write(
                frames.refusal(
                    context.code,
                    context.text,
                    context.headers,
                    context.trailers,
                    is_last=self._is_leaving,
                )
            )
        except BaseException as error:
            if not isinstance(error, asyncio.CancelledError):
                log.exception("a call broke its connection")
            self._done()
            self._transport.abort()
            raise
        else:
            self._done()
            self._write(
                *frames.answer(answer, context.headers, context.trailers, is_last=self._is_leaving)
            )

    async def _call(self, context: Http1Context) -> bytes:
        pieces, self._body = self._body, []
        message = frames.message_of(pieces[0] if len(pieces) == 1 else b"".join(pieces))
        pieces.clear()
        route = self._listener.table.get(self._path)
        if route is None:
            await refuse_unknown(context)
        method, step = route
        call = Call(method, context, message)
        del message  # `call.release` is to be what frees it
        answer: bytes = await step(call)
        return answer

    def _done(self) -> None:
        self._task = None
        self.due = self._now() + self._listener.limits.idle_s

    def _refuse(self, code: Code, text: str) -> None:
        self._write(frames.refusal(code, text, {}, (), is_last=self._is_leaving))

    def _write(self, *pieces: bytes) -> None:
        if self._transport.is_closing():
            return
        self._transport.writelines(pieces)
        if self._is_leaving:
            self._transport.close()
        elif self._is_clogged:
            self.due = self._now() + self._listener.limits.transfer_s

    def _end_with(self, answer: bytes) -> None:
        self._is_leaving = True
        self._write(answer)
