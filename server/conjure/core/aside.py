"""Work beside the event loop that many may ask for at once, and that is done once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")


class Aside(Generic[K, V]):
    """Has things made in threads. Whoever asks for one that is being made waits for that one.

    What is made is for the asker to keep.
    """

    def __init__(self) -> None:
        self._making: dict[K, asyncio.Task[V]] = {}

    async def made(self, key: K, make: Callable[[K], V]) -> V:
        """Returns `make(key)`, and raises what it raises. It goes on when one who waits is cancelled."""
        making = self._making.get(key)
        if making is None:
            making = asyncio.create_task(asyncio.to_thread(make, key))
            self._making[key] = making
            making.add_done_callback(lambda task: self._ended(key, task))
        return await asyncio.shield(making)

    def _ended(self, key: K, task: asyncio.Task[V]) -> None:
        del self._making[key]
        if not task.cancelled():
            task.exception()  # noted: all who waited may have left
