"""Callers that know what each of their replies must be, on a wire that is being hurt."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import TYPE_CHECKING

from conjure.core.errors import OutcomeUnknown, StoreUnavailable

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.store.client import Store

COUNTED = b"counted"
SIZES = (0, 1, 30, 3_000, 70_000)


class Echo:
    """Sends texts that nobody else sends, and compares what comes back. `spread`: how many slots."""

    def __init__(self, store: Store, *, spread: int = 1) -> None:
        self.checked = 0
        self.cancelled = 0
        self.failed: Counter[str] = Counter()
        self._store = store
        self._spread = spread
        self._dice = random.Random(7)

    async def run(
        self, replies: int, *, callers: int = 64, until: Callable[[], bool] = lambda: True
    ) -> None:
        """Goes on until so many replies were compared, and `until` holds."""
        await asyncio.gather(*(self._call(caller, replies, until) for caller in range(callers)))

    async def _call(self, caller: int, replies: int, until: Callable[[], bool]) -> None:
        number = 0
        while self.checked < replies or not until():
            number += 1
            if self._dice.random() < 0.05:
                await self._abandon(caller, number)
            try:
                await self._compare(caller, number)
            except (StoreUnavailable, OutcomeUnknown) as error:
                self.failed[type(error).__name__] += 1
                await asyncio.sleep(0.01)
            else:
                self.checked += 2

    async def _compare(self, caller: int, number: int) -> None:
        """A write and a read whose replies can be nobody else's."""
        key = f"{{echo{caller % self._spread}}}:{caller}"
        size = self._dice.choices(SIZES, (40, 40, 40, 5, 1))[0]
        text = f"{caller}:{number}:".encode() + b"x" * size
        await self._store.write("SET", key, text)
        assert await self._store.read("GET", key) == text
        # Not all replies have one shape: a number, an error and a nested list go the same way.
        match self._dice.randrange(20):
            case 0:
                assert await self._store.read("STRLEN", key) == len(text)
            case 1:
                assert await self._store.read("MGET", key, key) == [text, text]

    async def _abandon(self, caller: int, number: int) -> None:
        """A caller that goes away at any moment of its call."""
        key = f"{{echo{caller % self._spread}}}:{caller}:left"
        kind = self._store.write if number % 2 else self._store.read
        command = ("SET", key, number) if number % 2 else ("GET", key)
        call = asyncio.ensure_future(kind(*command))
        await asyncio.sleep(self._dice.choice((0, 0, 0.0002, 0.001)))
        call.cancel()
        await asyncio.wait({call})
        self.cancelled += call.cancelled()
