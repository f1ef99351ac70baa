"""What came of deliveries while the store is away: the newest of each webhook waits, of so many and no more."""

from __future__ import annotations

import asyncio
from typing import Any

from conjure.core.errors import StoreUnavailable
from conjure.webhooks.model import LastDelivery
from conjure.webhooks.outcomes import Outcomes


class Away:
    """A store that is away until it is told otherwise."""

    def __init__(self) -> None:
        self.is_away = True
        self.written: dict[str, tuple[str, bool]] = {}

    async def record(self, app_id: str, webhook_id: str, last: LastDelivery, **how: Any) -> bool:
        await asyncio.sleep(0)
        if self.is_away:
            raise StoreUnavailable
        self.written[webhook_id] = (last.event_id, how["has_succeeded"])
        return False


def delivery(event_id: str, status: str) -> LastDelivery:
    return LastDelivery(event_id, "session.ended", status, 1, 1, None, None)


async def test_nothing_of_the_newest_is_lost(monkeypatch):
    monkeypatch.setattr("conjure.webhooks.outcomes._EVERY_S", 0.0)
    monkeypatch.setattr("conjure.webhooks.outcomes._MOST_WAITING", 3)
    monkeypatch.setattr("conjure.webhooks.outcomes._AT_ONCE", 2)
    store: Any = Away()
    async with Outcomes(store, None) as outcomes:  # nothing is disabled here
        for number in range(5):
            outcomes.add("app", f"w{number}", delivery("first", "succeeded"))
        await asyncio.sleep(0.01)  # some tries are in vain
        outcomes.add("app", "w4", delivery("second", "retrying"))
        assert outcomes.waiting == 3
        store.is_away = False
    # The success before the failure counts, too.
    assert store.written.pop("w4") == ("second", True)
    assert set(store.written) == {"w2", "w3"}


async def test_a_webhook_that_is_being_written_and_has_news_counts_once():
    begun, may_end = asyncio.Event(), asyncio.Event()

    class Slow:
        async def record(self, *args: Any, **how: Any) -> bool:
            begun.set()
            await may_end.wait()
            return False

    store: Any = Slow()
    async with Outcomes(store, None) as outcomes:
        outcomes.add("app", "w", delivery("first", "succeeded"))
        await begun.wait()
        outcomes.add("app", "w", delivery("second", "succeeded"))
        waiting = outcomes.waiting
        may_end.set()
    assert waiting == 1
