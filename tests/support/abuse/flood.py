"""The attacker's side of HTTP/1.1: bytes that were made before, written as fast as they are taken."""

from __future__ import annotations

import asyncio
import contextlib
import re
import sys
from collections import Counter
from typing import TYPE_CHECKING, Final

from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SOURCE: Final = ("127.0.0.2", 0) if sys.platform == "linux" else None
"""Where the attacker calls from: another address than the neighbour's, where loopback has more than one."""

LOST: Final = 0
"""Counted where a connection broke before an answer."""

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSES: Final = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_PIECE: Final = 1 << 20


def request(
    verb: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
) -> bytes:
    """A request as it goes out."""
    lines = [f"{verb} {path} HTTP/1.1", "host: edge"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += ["content-type: application/json", f"content-length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


async def flood(
    port: int, requests: Sequence[bytes], *, connections: int, each: int
) -> Counter[int]:
    """Sends the requests in turn, `each` on each of so many connections; returns how often each status came."""
    found: Counter[int] = Counter()
    await asyncio.gather(
        *(
            _send(port, [requests[(at + n) % len(requests)] for n in range(each)], found)
            for at in range(connections)
        )
    )
    return found


async def _send(port: int, requests: Sequence[bytes], found: Counter[int]) -> None:
    """One caller: a request when the one before was answered, on a new connection where the old one ended."""
    left = list(reversed(requests))
    while left:
        async with asyncio.timeout(LIMIT_S), _connection(port) as (reader, writer):
            is_open = True
            while left and is_open:
                try:
                    writer.write(left.pop())
                    status, is_open = await _answer(reader)
                except (OSError, asyncio.IncompleteReadError):
                    status, is_open = LOST, False
                found[status] += 1


@contextlib.asynccontextmanager
async def _connection(port: int):
    reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=SOURCE)
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def _answer(reader: asyncio.StreamReader) -> tuple[int, bool]:
    """Reads an answer and throws its body away; returns its status, and whether the connection stays."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = _LENGTH.search(head)
    if length is not None:
        await _discard(reader, int(length[1]))
    elif _CHUNKED.search(head):
        while size := int(await reader.readline(), 16):
            await _discard(reader, size + 2)
        await reader.readline()
    return int(head.split(b" ", 2)[1]), not _CLOSES.search(head)


async def _discard(reader: asyncio.StreamReader, size: int) -> None:
    while size:
        piece = await reader.read(min(size, _PIECE))
        if not piece:
            raise asyncio.IncompleteReadError(b"", size)
        size -= len(piece)
