"""When calls end that take too long: one timer for all of a process.

`asyncio.timeout` makes and unmakes a timer for each call, 5 µs for something that hardly ever happens. Here
a call notes its end, and a sweep a few times a second ends those that are over.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

from conjure.core.context import detached_context

if TYPE_CHECKING:
    from collections.abc import Awaitable

T = TypeVar("T")

SWEEP_S: Final = 0.05
"""How late a call may end. A caller with a deadline of its own has ended it by itself by then."""


class Deadlines:
    """The ends of the calls that run."""

    def __init__(self) -> None:
        self._running: set[Deadline] = set()
        self._is_sweeping = False

    async def within(self, limit_s: float, work: Awaitable[T]) -> T:
        """Awaits `work` in the current task for at most `limit_s` seconds.

        Raises TimeoutError when its time is over. A cancellation by somebody else stays one, also at the
        same moment: then the task is theirs (as `asyncio.timeout` has it).
        """
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 - calls are handled in tasks
        mine = Deadline(task, loop.time() + limit_s)
        self._running.add(mine)
        if not self._is_sweeping:
            self._is_sweeping = True
            # Of nobody's work: it outlives the call that happened to begin it.
            loop.call_later(SWEEP_S, self._sweep, loop, context=detached_context())
        try:
            return await work
        except asyncio.CancelledError:
            if mine.is_over and task.cancelling() <= mine.cancelling + 1:
                raise TimeoutError from None
            raise
        finally:
            self._running.discard(mine)
            if mine.is_over:
                task.uncancel()

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for deadline in self._running:
            if deadline.at <= now and not deadline.is_over:
                deadline.is_over = True
                deadline.task.cancel()
        self._is_sweeping = bool(self._running)
        if self._is_sweeping:
            loop.call_later(SWEEP_S, self._sweep, loop)


class Deadline:
    """The end of one call, on the loop's clock."""

    __slots__ = ("at", "cancelling", "is_over", "task")

    def __init__(self, task: asyncio.Task[object], at: float) -> None:
        self.task = task
        self.at = at
        self.cancelling = task.cancelling()
        self.is_over = False
