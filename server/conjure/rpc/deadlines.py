"""When calls end that take too long: one timer for all of a process.

`asyncio.timeout` makes and unmakes a timer for each call, 5 µs for something that hardly ever happens. Here
a call notes its end, and a sweep a few times a second ends those that are over.
"""

from __future__ import annotations

import asyncio
from typing import Final

from conjure.core.work import nobodys

SWEEP_S: Final = 0.05
"""How late a call may end. A caller with a deadline of its own has ended it by itself by then."""


class Deadlines:
    """The ends of the calls that run."""

    def __init__(self) -> None:
        self._running: set[Deadline] = set()
        self._is_sweeping = False

    def start(self, limit_s: float) -> Deadline:
        """Begins a call of at most `limit_s` seconds in the current task."""
        loop = asyncio.get_running_loop()
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101 - calls are handled in tasks
        deadline = Deadline(task, loop.time() + limit_s)
        self._running.add(deadline)
        if not self._is_sweeping:
            self._is_sweeping = True
            # For all calls: it must not keep the one that happened to come first alive.
            loop.call_later(SWEEP_S, self._sweep, loop, context=nobodys())
        return deadline

    def end(self, deadline: Deadline) -> bool:
        """Ends a call; True when its time was over and its task should go on, with TimeoutError.

        False also when somebody else has cancelled the task: then it is theirs.
        """
        self._running.discard(deadline)
        return deadline.is_over and deadline.task.uncancel() <= deadline.cancelling

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
