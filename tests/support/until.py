"""Waiting for what another process does: for the event itself, never for a number of seconds."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

LIMIT_S: Final = 90.0
"""How long a test waits for what has to come. It is a net and no promise of the product: on however busy
a machine, only what hangs takes so long. Below pytest's own `timeout`, so that the test itself fails."""


async def until(
    condition: Callable[[], bool | Awaitable[bool]], *, limit_s: float = LIMIT_S
) -> None:
    """Returns once `condition` holds; it may have to be awaited. Raises TimeoutError after `limit_s`."""
    async with asyncio.timeout(limit_s):
        while True:
            holds = condition()
            if await holds if inspect.isawaitable(holds) else holds:
                return
            await asyncio.sleep(0.01)
