"""What the other side of a call over HTTP answered: whole, or piece by piece as it comes."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import httpcore

from conjure.providers.failures import OutboundError, TlsFailed

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAST_CHUNK_BYTES: Final = 64  # what a chunk counts: 64 KB in chunks of 1 took 4 s to read
_MOST_REFUSAL_BYTES: Final = 65_536
_MOST_REASON: Final = 300  # characters
_MOST_HEADER: Final = 100  # bytes of a header's value that are kept


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other side answered, whatever its status. `retry_after` is that header as it came."""

    status: int
    body: bytes
    retry_after: str | None = None


class StreamedAnswer:
    """An answer whose pieces are read while the other side makes them: iterate, once.

    One whose status is not 2xx is a `refusal`: it was read already, cut after 64 KiB, and has no pieces.
    Pieces raise OutboundError when the answer breaks off, takes too long as a whole, or is too long.
    """

    def __init__(self, response: httpcore.Response, *, deadline: float, most_bytes: int) -> None:
        self.status = response.status
        media_type = header(response, b"content-type") or ""
        self.content_type = media_type.partition(";")[0].strip().lower()
        self.refusal: Answer | None = None
        self.broke: str | None = None
        """How, as the metric names outcomes; None while it did not."""
        self._response = response
        self._chunks = response.aiter_stream()
        self._deadline = deadline
        self._left = most_bytes
        self._first: bytes | None = None

    async def begin(self) -> None:
        """Reads until there is something to read: the first piece, the end, or a refusal."""
        if 200 <= self.status < 300:
            self._first = await self._next()
            return
        self.refusal = await whole(self._response, most_bytes=_MOST_REFUSAL_BYTES, cuts=True)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> bytes:
        piece, self._first = self._first, None
        if piece is None:
            if self.refusal is not None:
                raise StopAsyncIteration
            piece = await self._timed()
        if piece is None:
            raise StopAsyncIteration
        return piece

    async def _timed(self) -> bytes | None:
        if self.broke is not None:
            raise OutboundError("the answer broke off")
        try:
            with exchanging():
                async with asyncio.timeout_at(self._deadline):
                    return await self._next()
        except TimeoutError as error:
            self.broke = "timed_out"
            raise OutboundError("the answer took too long") from error
        except asyncio.CancelledError:
            self.broke = "abandoned"
            raise
        except OutboundError:
            self.broke = "failed"
            raise

    async def _next(self) -> bytes | None:
        async for chunk in self._chunks:  # goes on where it was left
            self._left -= max(len(chunk), _LEAST_CHUNK_BYTES)
            if self._left < 0:
                raise OutboundError("the answer is longer than any that is expected")
            if chunk:
                return chunk
        return None


@contextlib.contextmanager
def exchanging() -> Iterator[None]:
    """Around what is sent and read: raises OutboundError for what goes wrong, but for a TimeoutError."""
    try:
        yield
    except (
        httpcore.NetworkError,
        httpcore.ProtocolError,
        httpcore.TimeoutException,
        httpcore.UnsupportedProtocol,
        OSError,
    ) as error:
        if isinstance(error, TimeoutError):
            raise
        failed = TlsFailed if isinstance(error.__cause__, ssl.SSLError) else OutboundError
        # The parser quotes what it cannot read. The other side may make that pages long, or repeat the
        # credential that it was sent: no log gets it.
        reason = str(error).partition(": bytearray(")[0]
        raise failed(f"{type(error).__name__}: {reason[:_MOST_REASON]}") from error


async def whole(response: httpcore.Response, *, most_bytes: int, cuts: bool) -> Answer:
    """Reads an answer. `cuts`: of one that is longer the rest is not read, else raises OutboundError."""
    received, weight = bytearray(), 0
    async for chunk in response.aiter_stream():
        received += chunk
        weight += max(len(chunk), _LEAST_CHUNK_BYTES)
        if weight > most_bytes:
            if cuts:
                break  # and with it the connection, which has the rest in it
            raise OutboundError("the answer is longer than any that is expected")
    return Answer(response.status, bytes(received), header(response, b"retry-after"))


def header(response: httpcore.Response, wanted: bytes) -> str | None:
    """The value of a header of an answer, cut where no usual one is as long."""
    for name, value in response.headers:
        if name.lower() == wanted:
            return bytes(value[:_MOST_HEADER]).decode("latin-1")
    return None
