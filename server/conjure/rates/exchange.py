"""Adds the rates of all processes up, a few times a second, beside the calls."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.background import Background
from conjure.core.errors import AppError
from conjure.core.ids import new_id
from conjure.store.client import Script

if TYPE_CHECKING:
    from conjure.rates.gcra import Limit
    from conjure.rates.limiter import RateLimiter
    from conjure.store.client import Store

log = structlog.get_logger(__name__)

_SHARE: Final = Script("conjure.rates", "exchange")
_AT_ONCE: Final = 500  # reports in flight: well below what the store client lets wait
_LONGEST_S: Final = 86_400.0


class RateExchange(Background):
    """Tells the store what this process has spent, while it is entered."""

    def __init__(self, store: Store, rates: RateLimiter, *, every_s: float) -> None:
        self._store = store
        self._rates = rates
        self._every_s = every_s
        self._process = new_id()
        self._number = 0

    async def _work(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            if unreported := self._rates.take_reports(_AT_ONCE):
                await asyncio.gather(*(self._report(*report) for report in unreported))

    async def _report(self, name: str, limit: Limit, spent: float) -> None:
        self._number += 1
        micros, most = limit.interval_s * 1_000_000, min(limit.most_s, _LONGEST_S)
        try:
            ahead = await self._store.effect(
                _SHARE,
                (name,),
                (self._process, self._number, f"{spent * micros:.0f}", f"{most * 1_000_000:.0f}"),
            )
        except AppError as error:
            # What was spent stays counted here; the others do not hear of it.
            log.warning("a rate could not be shared", cause=error.reason)
        else:
            self._rates.adopt(name, min(ahead / 1_000_000, _LONGEST_S))
