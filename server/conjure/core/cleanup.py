"""Work that must be done although its caller is leaving: giving back what was taken, ending what was begun.

The caller waits a little for what is given back, so that an answer usually tells what is true already; a
store that is away must not hold up the answer. What is unfinished goes on, and a stopping server waits for
it.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

import structlog

from conjure.core.errors import AppError

if TYPE_CHECKING:
    from collections.abc import Coroutine

Result = TypeVar("Result")

log = structlog.get_logger(__name__)

_PATIENCE_S: Final = 1.0


class Cleanup:
    """The unfinished work of a process. `last_wait_s`: longer than the store client asks again."""

    def __init__(self, *, last_wait_s: float) -> None:
        self._last_wait_s = last_wait_s
        self._tasks: set[asyncio.Task[Any]] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._last_wait_s)
        # What does not come to its end is told so, and gives back what it has taken.
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=self._last_wait_s)

    async def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Starts `work` and waits for it a little; it goes on when the caller is cancelled."""
        task = asyncio.create_task(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait({task}, timeout=_PATIENCE_S)

    async def finish(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Returns what `work` returns, and raises what it raises; it goes on when the caller is cancelled."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)
        return await asyncio.shield(task)

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # noted: else asyncio complains when nobody was left to hear of it

    @staticmethod
    async def _guarded(work: Coroutine[Any, Any, None]) -> None:
        try:
            await work
        except AppError as error:
            # Holds and leases lapse by themselves; this only says that it will take so long.
            log.warning("could not give back what was taken", cause=repr(error))
