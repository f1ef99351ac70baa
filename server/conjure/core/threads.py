"""Work that is too long for the event loop: done in a thread, so that it holds up no other call."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Final, TypeVar

from conjure.core.context import worked

if TYPE_CHECKING:
    from collections.abc import Callable

A = TypeVar("A")
R = TypeVar("R")

_THREAD_BYTES: Final = 200_000
"""From this size on a document goes to a thread: 5 ms and more would hold up every other call."""


async def off_loop(work: Callable[[A], R], argument: A, *, size: int) -> R:
    """Does work over `size` bytes: in a thread when it would hold up every other call for long.

    What a thread does is charged to whoever calls.
    """
    if size < _THREAD_BYTES:
        return work(argument)
    loop = asyncio.get_running_loop()

    def charged() -> R:
        begun = time.thread_time()
        try:
            return work(argument)
        finally:
            # Also when the caller has left; unless the loop has, too.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(worked, time.thread_time() - begun)

    return await asyncio.to_thread(charged)
