"""Keys from one store to another, by what is in them: of any version, on one server or a cluster.

The servers' own DUMP and RESTORE would keep how a value is laid out in memory, and with it the version: an
older server refuses what a newer one has dumped. Elements are read and written instead. Order, scores,
expiry (absolute) and ids of streams' entries stay; nothing here has consumer groups or fields that lapse.

Memory is bounded: values are read some megabytes at a time, and a large key in parts.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.store.client import Script

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Sequence

    from conjure.store.client import Store, Value
    from conjure.store.masters import Run

_WRITE: Final = Script("conjure.store", "write_key")
_LARGE_BYTES: Final = 1_000_000
"""A key beyond this is read in parts."""
_BATCH_BYTES: Final = 4_000_000
_BATCH_KEYS: Final = 400
_PART: Final = 500
"""Elements of a large key at a time."""
NEVER: Final = -1

_WHOLE: Final[dict[str, tuple[str, ...]]] = {
    "string": ("GET",),
    "hash": ("HGETALL",),
    "set": ("SMEMBERS",),
    "zset": ("ZRANGE", "0", "-1", "WITHSCORES"),
    "list": ("LRANGE", "0", "-1"),
    "stream": ("XRANGE", "-", "+"),
}
_SCANS: Final = {"hash": "HSCAN", "set": "SSCAN", "zset": "ZSCAN"}


class UnknownType(Exception):
    """A key of ours has a type that nothing of ours has."""


@dataclass(slots=True)
class Part:
    """A key, or a part of a large one.

    `values`: of a string itself; of a hash fields and values, of a sorted set members and scores (in turn,
    as the server says them), of others elements; of a stream the entries as write_key.lua takes them.
    `has`: how many elements came in the parts before it; -1: this is the first.
    """

    key: bytes
    type: str
    expires_ms: int
    values: list[Value]
    has: int = -1

    def pairs(self) -> Iterable[tuple[bytes, bytes]]:
        """Fields with values, or members with scores."""
        found: Any = self.values
        return zip(found[::2], found[1::2], strict=True)


async def read_parts(run: Run, keys: Sequence[bytes]) -> AsyncIterator[list[Part]]:
    """Yields what is in these keys of a server, some megabytes at a time; what has lapsed is passed by.

    Raises UnknownType, NotSent, NoReply, RedisError.
    """
    for start in range(0, len(keys), _BATCH_KEYS):
        some = keys[start : start + _BATCH_KEYS]
        facts = await asyncio.gather(
            *(run("TYPE", key) for key in some),
            *(run("PEXPIRETIME", key) for key in some),
            *(run("MEMORY", "USAGE", key) for key in some),
        )
        types, ends, sizes = (facts[at : at + len(some)] for at in range(0, len(facts), len(some)))
        small: list[tuple[bytes, str, int]] = []
        size = 0
        for key, kind, end, weight in zip(some, types, ends, sizes, strict=True):
            name = kind.decode()
            if name == "none":
                continue
            if name not in _WHOLE:
                raise UnknownType(f"{key.decode(errors='replace')} is a {name}")
            if weight is not None and weight > _LARGE_BYTES and name != "string":
                async for part in _large(run, key, name, end):
                    yield [part]
                continue
            small.append((key, name, end))
            size += weight or 0
            if size >= _BATCH_BYTES:
                yield await _small(run, small)
                small, size = [], 0
        if small:
            yield await _small(run, small)


async def write_parts(store: Store, parts: Iterable[Part]) -> None:
    """Writes parts of different keys. Raises StoreUnavailable, OutcomeUnknown."""
    await asyncio.gather(
        *(
            store.effect(
                _WRITE,
                [part.key.decode()],
                [part.type, part.expires_ms, part.has, *_as_written(part)],
            )
            for part in parts
        )
    )


def _as_written(part: Part) -> list[Value]:
    if part.type != "zset":
        return part.values
    # Read with the member first, written with the score first.
    return [value for member, score in part.pairs() for value in (score, member)]


async def _small(run: Run, keys: Sequence[tuple[bytes, str, int]]) -> list[Part]:
    replies = await asyncio.gather(
        *(run(_WHOLE[kind][0], key, *_WHOLE[kind][1:]) for key, kind, _ in keys)
    )
    return [
        Part(key, kind, end, _values(kind, reply))
        for (key, kind, end), reply in zip(keys, replies, strict=True)
        if reply  # else it has lapsed meanwhile; no server keeps empty ones
    ]


def _values(kind: str, reply: Any) -> list[Value]:
    if kind == "string":
        return [reply]
    return _entries(reply) if kind == "stream" else list(reply)


def _entries(reply: Sequence[Any]) -> list[Value]:
    flat: list[Value] = []
    for entry, texts in reply:
        flat += (entry, len(texts), *texts)
    return flat


async def _large(run: Run, key: bytes, kind: str, end: int) -> AsyncIterator[Part]:
    has = -1
    async for values, count in _parts_of(run, key, kind):
        yield Part(key, kind, end, values, has)
        has = max(has, 0) + count


async def _parts_of(run: Run, key: bytes, kind: str) -> AsyncIterator[tuple[list[Value], int]]:
    """Values of a part, and how many elements these are."""
    if kind in _SCANS:
        cursor = b"0"
        while True:
            cursor, found = await run(_SCANS[kind], key, cursor, "COUNT", _PART)
            if found:
                yield found, len(found)
            if cursor == b"0":
                return
    start, after = 0, "-"
    while True:
        if kind == "list":
            found = await run("LRANGE", key, start, start + _PART - 1)
            values, start = found, start + len(found)
        else:
            found = await run("XRANGE", key, after, "+", "COUNT", _PART)
            values = _entries(found)
            after = "(" + found[-1][0].decode() if found else after
        if not found:
            return
        yield values, len(found)
