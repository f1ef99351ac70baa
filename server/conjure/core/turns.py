"""Whose turn it is: slots that go from holder to holder (round robin), however much each of them waits for.

Example: with one slot, app A waits ten times when app B comes. B is second, not eleventh.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


class RoundRobin:
    """A number of slots. One holder has at most `most_each` of them at a time; by default, all.

    Nothing here is bounded but the slots: who waits is bounded by what lets it in.
    """

    def __init__(self, slots: int, *, most_each: int | None = None) -> None:
        self._free = slots
        self._most_each = slots if most_each is None else most_each
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._held: dict[str, int] = {}

    async def take(self, holder: str) -> None:
        """Waits for a slot, which is held until `end`."""
        if self._free and self._may(holder):
            self._give(holder)
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(holder, deque()).append(mine)
        try:
            await mine
        except asyncio.CancelledError:
            if mine.done() and not mine.cancelled():  # given at the same moment
                self.end(holder)
            else:
                self._forget(holder, mine)
            raise

    def end(self, holder: str) -> None:
        """Gives a slot of this holder to the next that waits, who then goes to the end of the round."""
        self._free += 1
        left = self._held[holder] - 1
        if left:
            self._held[holder] = left
        else:
            del self._held[holder]
        for other in tuple(self._waiting):
            if self._may(other) and self._hand_to(other):
                return

    @contextlib.asynccontextmanager
    async def turn(self, holder: str) -> AsyncIterator[None]:
        """Around what is done with a slot."""
        await self.take(holder)
        try:
            yield
        finally:
            self.end(holder)

    def _may(self, holder: str) -> bool:
        return self._held.get(holder, 0) < self._most_each

    def _give(self, holder: str) -> None:
        self._free -= 1
        self._held[holder] = self._held.get(holder, 0) + 1

    def _hand_to(self, holder: str) -> bool:
        line = self._waiting[holder]
        while line:
            next_one = line.popleft()
            if not next_one.cancelled():  # else its task has not run since, to take it out
                self._give(holder)
                next_one.set_result(None)
                break
        else:
            del self._waiting[holder]
            return False
        if line:
            self._waiting.move_to_end(holder)
        else:
            del self._waiting[holder]
        return True

    def _forget(self, holder: str, mine: asyncio.Future[None]) -> None:
        line = self._waiting.get(holder)
        if line is None or mine not in line:
            return
        line.remove(mine)
        if not line:
            del self._waiting[holder]
