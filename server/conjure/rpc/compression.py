"""Answers in gzip: what many ask for is compressed once.

Of an answer the part that others get too (`Encoder.split`) is kept in its compressed form, by its very bytes:
who may see what has been decided before (`worlds.access`), and whoever gets the compressed form would have
got these bytes. A new revision, or another caller's view, is other bytes, and so another entry.

What is large is compressed by a thread, which holds neither the event loop nor the interpreter's lock; until
it is done the answer goes out as it is. Heavy workers, which answer one call at a time, compress at once.

Level 6 is as small as 9 for prose, within 0.1 %. Of a text that is made to be slow 9 takes 160 ms for 64 KB,
6 takes 7, and a publisher must not choose how long others wait.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Final, Self

from conjure.core import metrics
from conjure.core.gzip_member import Lead, compress, member
from conjure.core.lru import LruCache

if TYPE_CHECKING:
    from conjure.settings import GzipSettings

_LEVEL: Final = 6  # 0.4 ms for a world of 17 KB
_LARGE_BYTES: Final = 1_048_576
_LARGE_LEVEL: Final = 1  # 12 MiB of prose: 130 ms and 41 %; level 6 550 ms and 35 %
_MOST_ENTRIES: Final = 100_000
_MOST_WAITING: Final = 16  # documents, for the thread
_ENTRY_BYTES: Final = 600  # of an entry besides the two texts
_HIT, _MISS = metrics.cache("gzip")


class Compressor:
    """Compresses the answers of one process."""

    def __init__(self, settings: GzipSettings) -> None:
        self._least_bytes = settings.least_bytes
        self._at_once_bytes = settings.at_once_bytes
        self._most_bytes = settings.cache_bytes // 2  # with its compressed form it has room then
        self._leads: LruCache[bytes, Lead] = LruCache(
            _MOST_ENTRIES, max_weight=settings.cache_bytes, weigh=_bytes_of
        )
        # The keys of `_leads` by a glance at them: to hash 17 KB takes 6 µs, to compare them half a one.
        self._glances: dict[tuple[int, bytes], bytes] = {}
        self._thread = ThreadPoolExecutor(1, "gzip")
        self._waiting: set[bytes] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        # What is under way takes some milliseconds, and tells the loop, which must be there still.
        self._thread.shutdown(wait=True, cancel_futures=True)

    def gzip(self, lead: bytes, rest: bytes) -> bytes | None:
        """Returns the body `lead + rest` in gzip; None when it goes out as it is.

        That is a small one, for which it does not pay, or one whose compressed form is still being made.
        """
        if len(lead) < self._least_bytes:
            return None
        known = self._find(lead)
        if known is not None:
            _HIT.add()
            return member(known, rest)
        _MISS.add()
        if len(lead) <= self._at_once_bytes:
            return member(self._keep(lead, compress(lead, _level(lead))), rest)
        self._begin(lead)
        return None

    def _find(self, lead: bytes) -> Lead | None:
        key = self._glances.get(_glance(lead))
        # A key has been hashed, and keeps that. Whatever looks like `lead` and is not is of no use.
        return self._leads.get(key if key == lead else lead)

    def _begin(self, lead: bytes) -> None:
        if lead in self._waiting or len(self._waiting) >= _MOST_WAITING:
            return
        if len(lead) > self._most_bytes:
            return  # it would be compressed for nobody
        self._waiting.add(lead)
        loop = asyncio.get_running_loop()
        made = loop.run_in_executor(self._thread, compress, lead, _level(lead))
        made.add_done_callback(partial(self._made, lead))

    def _made(self, lead: bytes, made: asyncio.Future[Lead]) -> None:
        self._waiting.discard(lead)
        if not made.cancelled() and made.exception() is None:  # else there was no memory for it
            self._keep(lead, made.result())

    def _keep(self, lead: bytes, compressed: Lead) -> Lead:
        for gone in self._leads.put(lead, compressed):
            self._glances.pop(_glance(gone), None)
        if lead in self._leads:
            self._glances[_glance(lead)] = lead
        return compressed


def _glance(lead: bytes) -> tuple[int, bytes]:
    """What two documents seldom have in common."""
    return len(lead), lead[:: len(lead) // 64 or 1]


def _level(lead: bytes) -> int:
    return _LEVEL if len(lead) < _LARGE_BYTES else _LARGE_LEVEL


def _bytes_of(lead: Lead) -> int:
    """What an entry takes: its key, which is the lead as it was, and the compressed form."""
    return lead.size + len(lead.deflated) + _ENTRY_BYTES
