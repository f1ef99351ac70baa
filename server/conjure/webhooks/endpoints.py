"""The webhooks of apps as workers need them: many events and deliveries, few webhooks, one read for a while.

What was read is good for an event or a delivery that is older than the read: a webhook that was registered
before something happened is in it. So nothing is missed; what is deleted or disabled is noticed within
`_GOOD_FOR_S`.
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
        if (known := self._good(app_id, since_ms)) is not None:
            return known
        async with self._reading.setdefault(app_id, asyncio.Lock()):
            if (known := self._good(app_id, since_ms)) is not None:
                return known
            begun = time.monotonic()
            found = await self._store.list(app_id)
            self._known.put(app_id, (begun, found))
            return found.webhooks

    def forget(self, app_id: str) -> None:
        """The webhooks of an app have changed."""
        self._known.drop(app_id)

    def _good(self, app_id: str, since_ms: int) -> tuple[Webhook, ...] | None:
        known = self._known.get(app_id)
        if known is None:
            return None
        begun, found = known
        is_good = time.monotonic() - begun <= _GOOD_FOR_S and found.read_ms > since_ms
        return found.webhooks if is_good else None
