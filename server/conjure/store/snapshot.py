"""A server's data as of one moment, read over the network while it serves: as a replica would, once.

The server forks, and the child writes all keys as they are at that moment (an RDB file), straight to this
connection or through a file of its own. `rdb-only` says that nothing is wanted after it: the server then
keeps no backlog for us, however slow we are. It needs no access to the server's files.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

from redis.asyncio import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from conjure.store.link import NoReply, NotSent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.settings import StoreSettings

_SILENCE_S: Final = 60.0
"""A server sends at least a line feed every ten seconds while it prepares a snapshot."""
_MARK_BYTES: Final = 40
_PIECE_BYTES: Final = 1_048_576
_BEGINNINGS: Final = (b"REDIS", b"VALKEY")
_TROUBLE: Final = (RedisError, OSError, TimeoutError, EOFError, AttributeError)


_PASSING: Final = (
    "LOADING",
    "NOMASTERLINK",
    "MASTERDOWN",
    "BUSY",
    "CLUSTERDOWN",
    "ERR Unable to perform background",
)
"""What an error begins with that is over in a while, and is no matter of who asks."""


class SnapshotRefused(Exception):
    """The server gives no snapshot: who asks may not, or it does not know how. It says why."""


async def read_snapshot(settings: StoreSettings, url: str) -> AsyncIterator[bytes]:
    """Yields the RDB file of one server, piece by piece.

    Raises NotSent (it cannot be reached), SnapshotRefused, NoReply (it broke off: what came is worthless).
    """
    pool = ConnectionPool.from_url(
        url,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=settings.timeout_s,
        socket_connect_timeout=settings.connect_timeout_s,
        health_check_interval=0,
        driver_info=None,
        protocol=2,
    )
    connection = pool.make_connection()  # type: ignore[no-untyped-call]
    try:
        try:
            await connection.connect()
        except _TROUBLE as error:
            raise NotSent("the store cannot be reached") from error
        try:
            # It may send without knowing beforehand how much that is; then it needs no file.
            for asked in (("capa", "eof"), ("rdb-only", "1")):
                await connection.send_command("REPLCONF", *asked)
                await connection.read_response()
            await connection.send_command("SYNC")
        except RedisError as error:
            raise SnapshotRefused(str(error)) from error
        except _TROUBLE as error:
            raise NoReply("the connection was lost") from error
        async for piece in _pieces(connection._reader):  # noqa: SLF001 - what follows is no reply
            yield piece
    finally:
        with contextlib.suppress(*_TROUBLE):
            await connection.disconnect(nowait=True)


async def _pieces(reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
    header = await _header(reader)
    if header.startswith(b"$EOF:"):
        pieces = _until(reader, header.removeprefix(b"$EOF:"))
    else:
        pieces = _exactly(reader, int(header.removeprefix(b"$")))
    is_first = True
    async for piece in _gathered(pieces):
        if is_first and not piece.startswith(_BEGINNINGS):
            raise NoReply("what came is no snapshot")
        is_first = False
        yield piece


async def _header(reader: asyncio.StreamReader) -> bytes:
    """The line before the data. Empty ones are sent while the server is at work."""
    while True:
        line = (await _read(reader.readline())).rstrip(b"\r\n")
        if line.startswith(b"-"):
            raise _why(line[1:].decode(errors="replace"))
        if line.startswith(b"$"):
            return line
        if line:
            raise NoReply("the server answered something else")


def _why(said: str) -> SnapshotRefused | NoReply:
    return (
        NoReply(f"the server said: {said}") if said.startswith(_PASSING) else SnapshotRefused(said)
    )


async def _until(reader: asyncio.StreamReader, mark: bytes) -> AsyncIterator[bytes]:
    """All before a mark that the server has made up."""
    if len(mark) != _MARK_BYTES:
        raise NoReply("the server answered something else")
    kept = b""
    while True:
        kept += await _read(reader.read(_PIECE_BYTES))
        if kept.endswith(mark):
            yield kept[:-_MARK_BYTES]
            return
        yield kept[:-_MARK_BYTES]
        kept = kept[-_MARK_BYTES:]


async def _exactly(reader: asyncio.StreamReader, left: int) -> AsyncIterator[bytes]:
    while left:
        piece = await _read(reader.read(min(left, _PIECE_BYTES)))
        left -= len(piece)
        yield piece


async def _gathered(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same in fewer pieces: each is a write to a disk."""
    held: list[bytes] = []
    size = 0
    async for piece in pieces:
        held.append(piece)
        size += len(piece)
        if size >= _PIECE_BYTES:
            yield b"".join(held)
            held, size = [], 0
    if size:
        yield b"".join(held)


async def _read(reading: Any) -> bytes:
    try:
        async with asyncio.timeout(_SILENCE_S):
            data: bytes = await reading
    except _TROUBLE as error:
        raise NoReply("the connection was lost") from error
    if not data:
        raise NoReply("the server broke the snapshot off")
    return data
