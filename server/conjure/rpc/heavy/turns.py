"""Whose call is next: apps take turns (core/turns.py), in a queue that is bounded."""

from __future__ import annotations

from typing import Final

from conjure.core.errors import Overloaded, RateLimited
from conjure.core.turns import RoundRobin

_OVER_SHARE: Final = "too much heavy work of this app waits already; nothing was done"


class Turns:
    """A number of slots, and a bounded queue in which holders take turns.

    Not more than `most_calls` and `most_bytes` are there at a time, running or waiting. One holder has at
    most half of either, so that it alone cannot fill the queue; whoever has nothing there is refused only
    when there is no room for anybody.
    """

    def __init__(self, slots: int, *, most_calls: int, most_bytes: int) -> None:
        self._slots = RoundRobin(slots)
        self._most_calls = most_calls
        self._most_bytes = most_bytes
        self._calls: dict[str, int] = {}
        self._bytes: dict[str, int] = {}
        self.calls = 0
        """How many there are, waiting or running."""
        self.bytes = 0
        """Of their requests, together."""

    async def take(self, holder: str, size: int) -> Turn:
        """Waits for a slot, which is held until the turn is ended; `size` is in bytes.

        Raises RateLimited when `holder` has its half, Overloaded when there is no room for anybody.
        """
        mine, my_bytes = self._calls.get(holder, 0), self._bytes.get(holder, 0)
        if mine and (2 * (mine + 1) > self._most_calls or 2 * (my_bytes + size) > self._most_bytes):
            raise RateLimited(_OVER_SHARE)
        if self.calls >= self._most_calls or (self.calls and self.bytes + size > self._most_bytes):
            raise Overloaded
        self._add(holder, 1, size)
        try:
            await self._slots.take(holder)
        except BaseException:  # its caller has gone, most likely
            self._add(holder, -1, -size)
            raise
        return Turn(self, holder, size)

    def end(self, holder: str, size: int) -> None:
        """Gives a slot to the next holder that waits, who then goes to the end of the round."""
        self._slots.end(holder)
        self._add(holder, -1, -size)

    def _add(self, holder: str, calls: int, size: int) -> None:
        self.calls += calls
        self.bytes += size
        left = self._calls.get(holder, 0) + calls
        if left:
            self._calls[holder] = left
            self._bytes[holder] = self._bytes.get(holder, 0) + size
        else:
            del self._calls[holder], self._bytes[holder]


class Turn:
    """A slot that one call has. It is ended once, by whoever knows that the work is over."""

    __slots__ = ("_holder", "_size", "_turns")

    def __init__(self, turns: Turns, holder: str, size: int) -> None:
        self._turns = turns
        self._holder = holder
        self._size = size

    def end(self) -> None:
        """Gives the slot to whoever is next."""
        self._turns.end(self._holder, self._size)
