"""One connection of an edge: requests one after the other, each a task of its own while it is answered."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, Protocol, cast

import httptools
import structlog

from conjure.core.catalog import Code
from conjure.core.transports import HEALTH_PATH
from conjure.rpc.call import Call
from conjure.rpc.http1 import frames
from conjure.rpc.http1.body import Body
from conjure.rpc.http1.context import Aborted, Http1Context
from conjure.rpc.unknown import refuse_unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.core.room import Room
    from conjure.rpc.context import Metadata
    from conjure.rpc.health import Health
    from conjure.rpc.layer import Step
    from conjure.rpc.methods import Method
    from conjure.settings import EdgeSettings

log = structlog.get_logger(__name__)

_HEALTH: Final = HEALTH_PATH.encode()
_MOST_HEADERS: Final = 65_536
"""Bytes of a request's headers and trailers, as gRPC counts them: 32 for each besides its name and value."""
_HEADER_OVERHEAD: Final = 32
_MOST_UNREAD: Final = 2 * _MOST_HEADERS
"""Bytes that may come without a line, or a piece of a body, that comes to its end."""
_LARGE: Final = 65_536
"""Bytes that TLS passes on at most to a transport that is not rid of the last ones."""
_LEFT_UNDER_TLS: Final = _LARGE // 2
_MOST_PATH: Final = 1_024  # an RPC's name is a tenth of it
_OURS: Final = frozenset(("content-type", "grpc-timeout", "transfer-encoding"))
_GRPC: Final = b"application/grpc"
_GRPC_AS_PROTO: Final = (b"application/grpc+proto", b"application/grpc;")


class Unacceptable(Exception):
    """A request that no edge sends; with the status line that answers it."""

    def __init__(self, status: bytes = b"400 Bad Request") -> None:
        super().__init__(status.decode())
        self.status = status


class Edges(Protocol):
    """What connections have in common: their listener."""

    loop: asyncio.AbstractEventLoop
    limits: EdgeSettings
    health: Health
    table: Mapping[bytes, tuple[Method, Step]]
    """The unary RPCs by their full names."""
    most_bytes: int
    """The largest body of any of them."""
    room: Room
    """For the large ones."""

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
        self._is_reading = False  # a request has begun to come
        self._is_leaving = False
        self._is_clogged = False  # the edge does not take what was written
        self._transport: asyncio.Transport
        self._parser: httptools.HttpRequestParser
        self._peer = ""
        self.due: float | None = None
        self._begin()

    def _begin(self) -> None:
        self._path = b""
        self._headers: dict[str, str] = {}
        self._header_bytes = 0
        self._has_headers = False
        self._body = Body(self._listener.most_bytes, self._listener.room)
        self._unread = 0
        self._is_grpc = False
        self._ends_at: float | None = None

    def _is_busy(self) -> bool:
        return self._task is not None

    def leave(self) -> None:
        """Asks for the connection's end: its next answer is its last."""
        self._is_leaving = True

    def close_unless_busy(self) -> None:
        """Ends the connection now, or with the answer to the request that has come, or is coming."""
        self._is_leaving = True
        if self._task is None and not self._is_reading:
            self._transport.close()

    def abort(self) -> None:
        """Ends the connection at once, and with it its call."""
        self._transport.abort()

    # asyncio calls these.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins: unless there are too many."""
        self._transport = cast("asyncio.Transport", transport)  # of a stream socket
        self._parser = httptools.HttpRequestParser(self)
        # So that `pause_writing` is called whenever something is left to write, and `resume_writing` when
        # nothing is. Under TLS its own messages may be left, which are not ours to wait for.
        self._is_tls = transport.get_extra_info("sslcontext") is not None
        self._transport.set_write_buffer_limits(_LEFT_UNDER_TLS if self._is_tls else 1)
        address = transport.get_extra_info("peername")
        if isinstance(address, tuple):  # else a socket file's
            self._peer = f"[{address[0]}]" if ":" in address[0] else str(address[0])
        self.due = self._now() + self._listener.limits.idle_s
        if not self._listener.join(self):
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Ends the call under way: nobody waits for it any more."""
        self._listener.part(self)
        if self._task is None:
            self._body.end()
        else:  # which may not have begun, and then never does
            self._task.add_done_callback(lambda _: self._body.end())
            self._task.cancel()

    def data_received(self, data: bytes) -> None:
        """Reads. Whoever sends a request before the answer to the last one is no edge."""
        if self._is_busy():
            self._transport.abort()
            return
        self._unread += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._not_http(error.__context__)  # what one of the methods below has raised
        else:
            if self._unread > _MOST_UNREAD:  # a line without an end
                self._end_with(frames.plain(b"431 Request Header Fields Too Large", is_last=True))

    def _not_http(self, cause: BaseException | None) -> None:
        if isinstance(
            cause, MemoryError
        ):  # of the parser's own: no piece of a body, which is dropped
            refusal = Unacceptable(b"503 Service Unavailable")
        else:
            refusal = cause if isinstance(cause, Unacceptable) else Unacceptable()
        if cause is not None and cause is not refusal:
            log.error("a request broke its connection", exc_info=cause)
        if self._is_busy():  # a second request in the same piece
            self._transport.abort()
        else:
            self._end_with(frames.plain(refusal.status, is_last=True))

    def pause_writing(self) -> None:
        """There is no more to read for whoever does not take what was written."""
        self._is_clogged = True
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        """Goes on."""
        self._is_clogged = False
        self._transport.resume_reading()
        self.due = self._now() + self._listener.limits.idle_s

    # httptools calls these, in this order.

    def on_message_begin(self) -> None:
        """Begins a request."""
        if self._is_busy() or self._transport.is_closing():
            raise Unacceptable
        self._begin()
        self._is_reading = True
        self.due = self._now() + self._listener.limits.transfer_s

    def on_url(self, url: bytes) -> None:
        """Reads the path, or a piece of it."""
        self._path += url
        if len(self._path) > _MOST_PATH:
            raise Unacceptable(b"414 URI Too Long")

    def on_header(self, name: bytes, value: bytes) -> None:
        """Reads a header, or a trailer of the request: those count, and mean nothing."""
        self._header_bytes += len(name) + len(value) + _HEADER_OVERHEAD
        if self._header_bytes > _MOST_HEADERS:
            raise Unacceptable(b"431 Request Header Fields Too Large")
        if self._has_headers:
            return
        key = frames.header_name(name)
        if key.endswith("-bin"):  # bytes, to gRPC; nobody asks for any
            return
        try:
            text = value.decode()
        except UnicodeDecodeError:
            text = value.decode("latin-1")
        headers = self._headers
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
        if key in _OURS:
            self._read_ours(key, value)

    def _read_ours(self, key: str, value: bytes) -> None:
        if key == "content-type":
            self._is_grpc = value == _GRPC or value.startswith(_GRPC_AS_PROTO)
        elif key == "grpc-timeout":
            left = frames.timeout_s(value)
            self._ends_at = None if left is None else self._now() + left
        elif value.strip().lower() != b"chunked":
            # RFC 9112, 6.1: a coding that nobody takes off here.
            raise Unacceptable(b"501 Not Implemented")

    def on_headers_complete(self) -> None:
        """Begins the body."""
        if self._parser.get_http_version() != "1.1":
            raise Unacceptable(b"505 HTTP Version Not Supported")
        if self._parser.should_upgrade():  # CONNECT, or another protocol
            raise Unacceptable
        self._has_headers = True
        self._unread = 0

    def on_body(self, data: bytes) -> None:
        """Keeps a piece of the body, or does not."""
        self._unread = 0
        self._body.add(data)

    def on_message_complete(self) -> None:
        """Answers, or begins to."""
        self._is_reading = False
        self._unread = 0
        if not self._parser.should_keep_alive():
            self._is_leaving = True
        method = self._parser.get_method()
        if method == b"GET" and self._path == _HEALTH:
            is_welcome = self._listener.health.is_serving
            self._write(
                frames.plain(
                    b"200 OK" if is_welcome else b"503 Service Unavailable",
                    is_last=self._is_leaving,
                )
            )
        elif method != b"POST":
            self._end_with(frames.plain(b"405 Method Not Allowed", is_last=True))
        elif not self._is_grpc:
            self._end_with(frames.plain(b"415 Unsupported Media Type", is_last=True))
        elif self._body.is_too_large:
            self._write(self._refusal(Code.RESOURCE_EXHAUSTED, "the message is too large"))
        else:
            self.due = None
            self._task = self._listener.loop.create_task(self._answer())
            return
        self._body.end()

    async def _answer(self) -> None:
        """Answers the request that has been read.

        The layers answer every error, a cancellation too. What comes up here nevertheless is a fault of
        theirs: then no answer is better than half of one.
        """
        context = Http1Context(self._headers, self._peer, self._ends_at)
        try:
            try:
                message = await self._call(context)
            except frames.NotAMessage as error:
                pieces: tuple[bytes, ...] = (self._refusal(Code.INTERNAL, str(error)),)
            except Aborted:
                refusal = self._refusal(
                    context.code, context.text, context.headers, context.trailers
                )
                pieces = (refusal,)
            else:
                pieces = frames.answer(
                    message, context.headers, context.trailers, is_last=self._is_leaving
                )
        except Exception:  # a fault of the layers, which answer every error
            log.exception("a call broke its connection")
            self._transport.abort()
        else:
            self._task = None
            self._write(*pieces)
        finally:
            self._body.end()

    async def _call(self, context: Http1Context) -> bytes:
        message = self._message()
        route = self._listener.table.get(self._path)
        if route is None:
            await refuse_unknown(context)
        method, step = route
        call = Call(method, context, message or b"")
        call.is_dropped = message is None
        del message  # `call.release` is to be what frees it
        answer: bytes = await step(call)
        return answer

    def _message(self) -> bytes | None:
        """Returns what has come; None where there was no memory for it."""
        if self._body.is_dropped:
            return None
        try:
            return self._body.message()
        except MemoryError:
            return None

    def _refusal(
        self,
        code: int,
        text: str,
        headers: Mapping[str, str] | None = None,
        trailers: Metadata = (),
    ) -> bytes:
        return frames.refusal(code, text, headers, trailers, is_last=self._is_leaving)

    def _write(self, *pieces: bytes | memoryview) -> None:
        """Sends an answer. Then the edge takes it, or does not, or has all of it and may send a request."""
        if self._transport.is_closing():
            return
        if self._is_tls and len(pieces) > 1 and len(pieces[1]) > _LARGE:
            # uvloop's TLS passes on all that it is given before it looks whether anybody takes it. What
            # comes after that stays with it, and is what it calls `pause_writing` for.
            first, message = pieces[0], memoryview(pieces[1])
            self._transport.writelines((first, message[:-_LARGE]))
            pieces = (message[-_LARGE:], *pieces[2:])
        self._transport.writelines(pieces)
        limits = self._listener.limits
        self.due = self._now() + (limits.transfer_s if self._is_clogged else limits.idle_s)
        if self._is_leaving:
            self._transport.close()

    def _end_with(self, answer: bytes) -> None:
        self._is_leaving = True
        self._write(answer)
