"""HTTP/2 as no client library would speak it: frames, written one by one."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = (
    0, 1, 2, 3, 4, 6, 7, 8, 9,
)  # fmt: skip
END_STREAM, END_HEADERS, ACK = 0x1, 0x4, 0x1
REFUSED_STREAM, CANCEL = 7, 8
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@dataclass(frozen=True)
class Frame:
    kind: int
    flags: int
    stream: int
    payload: bytes


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    return (
        struct.pack(">I", len(payload))[1:] + bytes([kind, flags]) + struct.pack(">I", stream)
    ) + payload


def block(fields: Iterable[tuple[str, str | bytes]]) -> bytes:
    """Header fields, each a literal without indexing (RFC 7541, 6.2.2)."""
    out = bytearray()
    for name, value in fields:
        text = value if isinstance(value, bytes) else value.encode()
        out += b"\x00" + _string(name.encode()) + _string(text)
    return bytes(out)


def _string(text: bytes) -> bytes:
    size = len(text)
    if size < 127:
        return bytes([size]) + text
    out, size = bytearray([127]), size - 127
    while size >= 128:
        out.append(size % 128 + 128)
        size //= 128
    return bytes([*out, size]) + text


def rest_fields(
    path: str = "/v1/usage", verb: str = "GET", **headers: str
) -> list[tuple[str, str]]:
    pairs = [(name.replace("_", "-"), value) for name, value in headers.items()]
    head = [(":method", verb), (":scheme", "http"), (":authority", "x"), (":path", path)]
    return [*head, *pairs]


def grpc_fields(method: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    own = [("content-type", "application/grpc"), ("te", "trailers")]
    return [*rest_fields(method, "POST"), *own, *more]


class Http2:
    """One connection; use as an async context manager."""

    def __init__(self, port: int, *, reads: bool = True) -> None:
        self._port = port
        self._reads = reads
        self._reading: asyncio.Task[None] | None = None
        self.received: list[Frame] = []
        self.closed = asyncio.Event()
        self._news = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        if self._reads:
            self.read()
        self._writer.write(PREFACE + frame(SETTINGS, 0, 0))
        return self

    def read(self) -> None:
        """Begins to read; without it the other side's answers pile up."""
        self._reading = asyncio.create_task(self._read())

    async def __aexit__(self, *_: object) -> None:
        self.close()
        if self._reading is not None:
            await asyncio.gather(self._reading, return_exceptions=True)

    def close(self) -> None:
        if self._reading is not None:
            self._reading.cancel()
        self._writer.transport.abort()

    async def _read(self) -> None:
        try:
            while True:
                head = await self._reader.readexactly(9)
                payload = await self._reader.readexactly(int.from_bytes(head[:3], "big"))
                stream = int.from_bytes(head[5:9], "big")
                self.received.append(Frame(head[3], head[4], stream, payload))
                self._news.set()
        except (asyncio.IncompleteReadError, ConnectionError):
            self.closed.set()
            self._news.set()

    async def _until(self, holds: Callable[[], bool]) -> None:
        """Waits until something holds, or the connection is closed."""
        while not holds() and not self.closed.is_set():
            self._news.clear()
            await self._news.wait()

    async def send(self, data: bytes) -> bool:
        """False when the other side has hung up."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError:
            self.closed.set()
        return not self.closed.is_set()

    def kinds(self, kind: int) -> list[Frame]:
        return [frame for frame in self.received if frame.kind == kind]

    async def until(self, kind: int, count: int = 1, timeout_s: float = LIMIT_S) -> list[Frame]:
        """Waits until so many frames of a kind have come, or the connection is closed."""
        async with asyncio.timeout(timeout_s):
            await self._until(lambda: len(self.kinds(kind)) >= count)
        return self.kinds(kind)

    async def answered(self, stream: int, timeout_s: float = LIMIT_S) -> None:
        """Waits for headers or a reset of a stream, or the end of the connection."""
        async with asyncio.timeout(timeout_s):
            await self._until(
                lambda: any(
                    item.stream == stream and item.kind in {HEADERS, RST_STREAM}
                    for item in self.received
                )
            )

    async def ended(self, timeout_s: float = LIMIT_S) -> bool:
        """Whether the other side ends the connection: GOAWAY or a closed socket."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._until(lambda: bool(self.kinds(GOAWAY)))
        except TimeoutError:
            return False
        return True
