"""Waiting for what another process does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


async def until(condition: Callable[[], bool], *, limit_s: float = 20.0) -> None:
    """Returns once `condition` holds. Raises TimeoutError when it takes too long."""
    async with asyncio.timeout(limit_s):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)
