"""What takes long to work out, beside the event loop: one thing at a time, apps in turn, and charged.

Whoever may have such things worked out (a character that it wrote itself, a talk of its own) costs others no
more than a thread.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Generic, TypeVar

from conjure.core.context import CURRENT_CALL, working_for
from conjure.core.turns import RoundRobin

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")


def _nothing() -> None:
    return None


def _no_matter(_: object) -> None:
    """Nothing is kept."""


class Beside:
    """A thread's worth of work."""

    def __init__(self) -> None:
        self._turns = RoundRobin(1)

    async def run(
        self,
        work: Callable[[], V],
        *,
        unless: Callable[[], V | None] = _nothing,
        keep: Callable[[V], object] = _no_matter,
    ) -> V:
        """Returns what the work gives, charged to the call that it is for; or what there is by then.

        It goes on when its caller leaves: a thread cannot be stopped, so its turn is not over before. What it
        gives is kept on the event loop.
        """
        app = working_for()
        await self._turns.take(app)
        try:
            found = unless()
        except BaseException:  # whatever it was: a turn that does not end stops all others
            self._turns.end(app)
            raise
        if found is not None:
            self._turns.end(app)
            return found
        working = asyncio.create_task(self._worked(work, keep, app))
        working.add_done_callback(_seen)
        return await asyncio.shield(working)

    async def _worked(self, work: Callable[[], V], keep: Callable[[V], object], app: str) -> V:
        try:
            found, seconds = await asyncio.to_thread(_timed, work)
        finally:
            self._turns.end(app)
        keep(found)
        if (call := CURRENT_CALL.get()) is not None:
            call.worked(seconds)
        return found


class Readings(Generic[K, V]):
    """What is read of keys, each once. `known` and `keep` are a cache's; what `is_quick` is read at once."""

    def __init__(
        self,
        read: Callable[[K], V],
        *,
        known: Callable[[K], V | None],
        keep: Callable[[K, V], object],
        is_quick: Callable[[K], bool],
    ) -> None:
        self._read = read
        self._known = known
        self._keep = keep
        self._is_quick = is_quick
        self._beside = Beside()

    async def of(self, key: K) -> V:
        """Returns what was, or is now, read of a key. Raises what reading it raises."""
        found = self._known(key)
        if found is not None:
            return found
        if self._is_quick(key):
            found = self._read(key)
            self._keep(key, found)
            return found
        return await self._beside.run(
            lambda: self._read(key),
            unless=lambda: self._known(key),
            keep=lambda found: self._keep(key, found),
        )


def _timed(work: Callable[[], V]) -> tuple[V, float]:
    begun = time.thread_time()
    found = work()
    return found, time.thread_time() - begun


def _seen(working: asyncio.Task[V]) -> None:
    if not working.cancelled():
        working.exception()  # also when who waited for it has left
