"""The writes of one world in one process: made one at a time, several under way to the store (pipelining).

Each is made from what the one before it makes, without waiting for that one's answer: it names that attempt
where others name a revision, and the store takes it only if the world still is as that attempt left it
(replace.lua). If it is not, because another process came first or the attempt came to nothing, it is stale
like any other, and made again from the newest world. Nobody is answered before the store has taken their own
write.

Without it a world takes one write per round trip, and each of them wakes the process up twice for itself:
640 µs of CPU a write on the machine of `make load`, where writes of many worlds take 410.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from conjure.worlds.model import Snapshot

MOST_UNDER_WAY: Final = 8
"""When one of them is stale, all after it are, too: more would make more for nothing."""


class Attempt:
    """A write under way: `request_id`, by which the next one names it, and what it makes.

    The snapshot has no revision yet. An id is of one attempt only: what is made again is another document.
    `chain`: the same for all that were made from each other.
    """

    __slots__ = ("chain", "made", "request_id")

    def __init__(self, request_id: str, made: Snapshot, after: Attempt | None) -> None:
        self.request_id = request_id
        self.made = made
        self.chain: object = object() if after is None else after.chain


class Pipeline:
    """The writes of one world. Who has the `turn` makes a write; `last` is what to make it from."""

    __slots__ = ("__weakref__", "_fewer", "_under_way", "last", "turn")

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.last: Attempt | None = None
        self._under_way = 0
        self._fewer: asyncio.Future[None] | None = None

    async def room(self, *, alone: bool) -> None:
        """Waits, in one's turn, until another write may be sent; `alone`: until no other is under way."""
        most = 0 if alone else MOST_UNDER_WAY - 1
        while self._under_way > most:
            self._fewer = asyncio.get_running_loop().create_future()
            await self._fewer

    def sent(self, attempt: Attempt) -> None:
        """Notes a write that is on its way from now on."""
        self._under_way += 1
        self.last = attempt

    def ended(self, attempt: Attempt, *, has_happened: bool) -> None:
        """Notes what came of it. From one that is not known to have happened nothing more is made."""
        self._under_way -= 1
        if self.last is not None and (
            self.last is attempt or (not has_happened and self.last.chain is attempt.chain)
        ):
            self.last = None
        if self._fewer is not None and not self._fewer.done():
            self._fewer.set_result(None)
