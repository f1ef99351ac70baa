"""Callers of the listener for edges: gRPC messages over HTTP/1.1, as an edge sends them and as nobody would."""

from __future__ import annotations

import asyncio
import contextlib
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import unquote

import grpc
import grpc.aio

from support.until import LIMIT_S

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterable

Fields = list[tuple[str, str]]

_CODES = {code.value[0]: code for code in grpc.StatusCode}


@dataclass(frozen=True)
class Place:
    """Where a server listens for edges: a socket file, or a host and a port, perhaps with TLS."""

    path: str = ""
    port: int = 0
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.path:
            return await asyncio.open_unix_connection(self.path, limit=1 << 25)
        name = "localhost" if self.tls else None
        return await asyncio.open_connection(
            self.host, self.port, ssl=self.tls, server_hostname=name, limit=1 << 25
        )


@dataclass
class Answer:
    """One answer, as it was on the wire."""

    status: int
    headers: Fields
    body: bytes
    trailers: Fields = field(default_factory=list)

    def header(self, name: str) -> str | None:
        """A header or trailer, of which there may be one."""
        found = [value for key, value in (*self.headers, *self.trailers) if key == name]
        assert len(found) <= 1, found
        return found[0] if found else None

    @property
    def code(self) -> grpc.StatusCode:
        if self.status != 200:  # as libraries have it (grpc/doc/http-grpc-status-mapping.md)
            return grpc.StatusCode.INTERNAL
        return _CODES[int(self.header("grpc-status") or "")]

    @property
    def text(self) -> str:
        if self.status != 200:
            return f"HTTP {self.status}"
        return unquote(self.header("grpc-message") or "")

    @property
    def is_last(self) -> bool:
        return self.header("connection") == "close"

    @property
    def message(self) -> bytes:
        """The one message of an answer that has one."""
        assert self.code is grpc.StatusCode.OK, self
        return unframed(self.body)

    def error(self) -> grpc.aio.AioRpcError:
        """What a library would raise."""
        return grpc.aio.AioRpcError(
            self.code, grpc.aio.Metadata(), metadata_of(self.headers + self.trailers), self.text
        )


def metadata_of(fields: Fields) -> grpc.aio.Metadata:
    """Headers and trailers as a library over gRPC gives them to its caller."""
    own = {
        "content-type",
        "content-length",
        "transfer-encoding",
        "connection",
        "grpc-status",
        "grpc-message",
    }
    pairs: list[tuple[str, str | bytes]] = []
    for key, value in fields:
        if key.endswith("-bin"):
            pairs.append((key, b64decode(value + "=" * (-len(value) % 4), validate=True)))
        elif key not in own:
            pairs.append((key, value))
    return grpc.aio.Metadata(*pairs)


def framed(message: bytes, *, flag: int = 0, size: int | None = None) -> bytes:
    """A message as gRPC frames it; or with a flag and a length that are wrong."""
    length = len(message) if size is None else size
    return bytes([flag]) + length.to_bytes(4, "big") + message


def unframed(body: bytes) -> bytes:
    assert body[0] == 0
    assert int.from_bytes(body[1:5], "big") == len(body) - 5
    return body[5:]


def head(
    target: str = "/conjure.v1.SystemService/GetHealth",
    *lines: str,
    verb: str = "POST",
    kind: str | None = "application/grpc",
) -> bytes:
    """The head of a request; its lines may be any."""
    own = [f"{verb} {target} HTTP/1.1", "host: server"]
    if kind is not None:
        own.append(f"content-type: {kind}")
    return "\r\n".join([*own, *lines, "", ""]).encode("latin-1")


def request(target: str, body: bytes = framed(b""), *lines: str) -> bytes:
    """A request with a body of a known length."""
    return head(target, *lines, f"content-length: {len(body)}") + body


class Http1:
    """One connection; use as an async context manager."""

    def __init__(self, place: Place, *, reads: bool = True) -> None:
        """Without `reads` nothing is taken from the system's buffers until `take`."""
        self._place = place
        self._reads = reads

    async def __aenter__(self) -> Self:
        async with asyncio.timeout(LIMIT_S):
            self.reader, self.writer = await self._place.open()
        if not self._reads:
            self._transport.pause_reading()
        return self

    @property
    def _transport(self) -> asyncio.Transport:
        return cast("asyncio.Transport", self.writer.transport)

    def take(self) -> None:
        """Reads from here on."""
        self._transport.resume_reading()

    async def __aexit__(self, *exc: object) -> None:
        self.writer.close()

    def write(self, data: bytes) -> None:
        self.writer.write(data)

    async def ask(self, data: bytes) -> Answer:
        """Sends bytes and reads one answer."""
        self.write(data)
        return await self.answer()

    async def answer(self, begin: bytes = b"") -> Answer:
        """Reads one answer, of which somebody may have read the begin. Raises IncompleteReadError or OSError when the connection ends before."""
        async with asyncio.timeout(LIMIT_S):
            text = begin + await self.reader.readuntil(b"\r\n\r\n")
            first, *lines = text[:-4].split(b"\r\n")
            version, status, _ = first.split(b" ", 2)
            assert version == b"HTTP/1.1"
            answer = Answer(int(status), _fields(lines), b"")
            if answer.header("transfer-encoding") == "chunked":
                assert answer.header("content-length") is None
                while size := int((await self.reader.readuntil(b"\r\n"))[:-2], 16):
                    answer.body += await self.reader.readexactly(size)
                    assert await self.reader.readexactly(2) == b"\r\n"
                while line := (await self.reader.readuntil(b"\r\n"))[:-2]:
                    answer.trailers += _fields([line])
            else:
                length = int(answer.header("content-length") or "")
                answer.body = await self.reader.readexactly(length)
            return answer

    async def ended(self) -> bytes:
        """Waits for the connection's end; returns what came before it."""
        async with asyncio.timeout(LIMIT_S):
            came = b""
            with contextlib.suppress(ConnectionError):
                while piece := await self.reader.read(65_536):
                    came += piece
            return came

    async def answers_until_the_end(self) -> list[Answer]:
        """All answers that come before the connection ends; a part of one is a fault."""
        answers: list[Answer] = []
        with contextlib.suppress(ConnectionError):
            while first := await asyncio.wait_for(self.reader.read(1), LIMIT_S):
                answers.append(await self.answer(first))
        return answers


def _fields(lines: Iterable[bytes]) -> Fields:
    pairs = [line.decode("latin-1").split(": ", 1) for line in lines]
    for name, value in pairs:
        assert name == name.lower()
        assert value.isprintable()
    return [(name, value) for name, value in pairs]


def _line(name: str, value: str | bytes) -> str:
    text = b64encode(value).decode() if isinstance(value, bytes) else value
    return f"{name}: {text}"


class Http1Call:
    """A call that has been made, as much of grpc.aio's as tests ask for."""

    def __init__(self, answering: Awaitable[Answer], read: Callable[[bytes], Any]) -> None:
        self._answering = asyncio.ensure_future(answering)
        self._read = read

    def __await__(self) -> Generator[Any, None, Any]:
        answer = yield from self._answering.__await__()
        if answer.code is not grpc.StatusCode.OK:
            raise answer.error()
        return self._read(answer.message)

    def cancel(self) -> bool:
        return self._answering.cancel()

    async def initial_metadata(self) -> grpc.aio.Metadata:
        return metadata_of((await self._answering).headers)

    async def trailing_metadata(self) -> grpc.aio.Metadata:
        return metadata_of((await self._answering).trailers)

    async def code(self) -> grpc.StatusCode:
        return (await self._answering).code


class Http1Channel:
    """As much of a channel of grpc.aio as the generated stubs ask for, over HTTP/1.1.

    A call has a connection to itself, which the next one uses again.
    """

    def __init__(self, place: Place, *headers: tuple[str, str]) -> None:
        """`headers` go with each call, such as the edge's mark."""
        self._place = place
        self._headers = headers
        self._idle: list[Http1] = []

    def unary_unary(
        self,
        path: str,
        request_serializer: Callable[[Any], bytes] = bytes,
        response_deserializer: Callable[[bytes], Any] = bytes,
        **_: object,
    ) -> Callable[..., Http1Call]:
        def call(
            message: Any, *, metadata: Fields | tuple[Any, ...] = (), timeout: float = LIMIT_S
        ) -> Http1Call:
            lines = [_line(name, value) for name, value in (*self._headers, *metadata)]
            lines.append(f"grpc-timeout: {round(timeout * 1000)}m")
            data = request(path, framed(request_serializer(message)), *lines)
            return Http1Call(self._within(timeout, data), response_deserializer)

        return call

    unary_stream = unary_unary  # which is refused

    async def _within(self, limit_s: float, data: bytes) -> Answer:
        """Leaves at the deadline, as a library does."""
        try:
            async with asyncio.timeout(limit_s):
                return await self.ask(data)
        except TimeoutError:
            code = grpc.StatusCode.DEADLINE_EXCEEDED
            return Answer(200, [("grpc-status", str(code.value[0]))], b"")

    async def ask(self, data: bytes) -> Answer:
        """Sends a request on a connection that is free, and reads its answer."""
        connection = self._idle.pop() if self._idle else await Http1(self._place).__aenter__()
        try:
            answer = await connection.ask(data)
        except BaseException:
            connection.writer.transport.abort()
            raise
        if answer.is_last:
            connection.writer.close()
        else:
            self._idle.append(connection)
        return answer

    async def close(self) -> None:
        for connection in self._idle:
            connection.writer.close()


@contextlib.asynccontextmanager
async def http1_channel(place: Place, *headers: tuple[str, str]) -> AsyncIterator[Any]:
    """A channel for `support.rpc.Client`."""
    opened = Http1Channel(place, *headers)
    try:
        yield opened
    finally:
        await opened.close()
