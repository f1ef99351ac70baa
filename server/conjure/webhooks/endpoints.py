"""The webhooks of apps as workers need them: many events and deliveries, few webhooks, one read for a while.

What was read is used again for a second. For an event it must have been read after the event happened: then a
webhook that was registered before is in it, and nothing is missed. Who is deleted or disabled is noticed when
the second is over.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final
from weakref import WeakValueDictionary

from conjure.core.lru import LruCache

if TYPE_CHECKING:
    from conjure.webhooks.model import Webhook
    from conjure.webhooks.store import Registered, WebhookStore

_GOOD_FOR_S: Final = 1.0
_CLOCK_SLACK_MS: Final = 500  # an app and its tenants may be on different nodes of a cluster
_APPS: Final = 1_000  # whose webhooks are kept: some 10 KB each


class Endpoints:
    """Reads the webhooks of apps, once for all who ask at a time."""

    def __init__(self, store: WebhookStore) -> None:
        self._store = store
        self._known: LruCache[str, tuple[float, Registered]] = LruCache(_APPS)
        self._reading: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def of(self, app_id: str, since_ms: int) -> tuple[Webhook, ...]:
        """Returns the webhooks of an app for what happened at `since_ms` (the store's clock).

        Raises StoreUnavailable.
        """
        known = self._recent(app_id)
        if known is not None and known.read_ms > since_ms + _CLOCK_SLACK_MS:
            return known.webhooks
        return (await self._read(app_id)).webhooks

    async def find(self, app_id: str, webhook_id: str) -> Webhook | None:
        """Returns a webhook that something is to be delivered to; None when it was deleted.

        Raises StoreUnavailable.
        """
        known = self._recent(app_id)
        found = None if known is None else _one_of(known, webhook_id)
        # One that is not in what was read before may have been registered since.
        return found or _one_of(await self._read(app_id), webhook_id)

    def forget(self, app_id: str) -> None:
        """The webhooks of an app have changed."""
        self._known.drop(app_id)

    def _recent(self, app_id: str) -> Registered | None:
        known = self._known.get(app_id)
        if known is None or time.monotonic() - known[0] > _GOOD_FOR_S:
            return None
        return known[1]

    async def _read(self, app_id: str) -> Registered:
        asked = time.monotonic()
        async with self._reading.setdefault(app_id, asyncio.Lock()):
            known = self._known.get(app_id)
            if known is not None and known[0] >= asked:  # somebody read it while this one waited
                return known[1]
            begun = time.monotonic()
            found = await self._store.list(app_id)
            self._known.put(app_id, (begun, found))
            return found


def _one_of(registered: Registered, webhook_id: str) -> Webhook | None:
    return next((each for each in registered.webhooks if each.id == webhook_id), None)
