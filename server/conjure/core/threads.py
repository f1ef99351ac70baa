"""Work that is too long for the event loop: done in a thread, so that it holds up no other call."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

A = TypeVar("A")
R = TypeVar("R")

_THREAD_BYTES: Final = 200_000
"""From this size on a document goes to a thread: 5 ms and more would hold up every other call."""


async def off_loop(work: Callable[[A], R], argument: A, *, size: int) -> R:
    """Does work over `size` bytes: in a thread when it would hold up every other call for long."""
    if size < _THREAD_BYTES:
        return work(argument)
    return await asyncio.to_thread(work, argument)
