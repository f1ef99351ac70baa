"""One thread for work on pictures, at which apps take turns.

One piece of work at a time, so that the memory is bounded; and one of each app after the other, so that who
brings many holds up nobody but themselves.
"""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict, deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from conjure.core.context import working_for

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class Desk:
    """The thread, and what waits for it; for any number of event loops."""

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._lock = threading.Lock()
        self._waiting: OrderedDict[str, deque[tuple[Future[Any], Callable[[], Any]]]] = (
            OrderedDict()
        )

    async def do(self, work: Callable[[], _T]) -> _T:
        """Has work done for the app that this task works for. What nobody waits for any more is left out."""
        done: Future[_T] = Future()
        with self._lock:
            self._waiting.setdefault(working_for(), deque()).append((done, work))
        self._thread.submit(self._do_next)
        return await asyncio.wrap_future(done)

    def _do_next(self) -> None:
        with self._lock:
            app, line = next(iter(self._waiting.items()))
            done, work = line.popleft()
            if line:
                self._waiting.move_to_end(app)
            else:
                del self._waiting[app]
        if not done.set_running_or_notify_cancel():
            return
        try:
            done.set_result(work())
        except BaseException as error:  # noqa: BLE001 - whatever it is, somebody waits for it
            done.set_exception(error)
