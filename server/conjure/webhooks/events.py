"""What happened becomes a delivery for each webhook that wants to be told: the handler of events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import orjson

from conjure.core.bodies import SCHEMA_VERSION
from conjure.queue.handler import Ack, Bury, Finished
from conjure.queue.kinds import DELIVERIES, EVENTS

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.queue.handler import Entry, Outcome
    from conjure.webhooks.endpoints import Endpoints
    from conjure.webhooks.store import WebhookStore


class EventHandler:
    """Ends an event and queues its deliveries in one script: neither can be there without the other."""

    kind: Final = EVENTS
    # Claims that died with their process. A store that is away does not count.
    most_attempts: Final = 20
    batch: Final = 16

    def __init__(self, store: WebhookStore, endpoints: Endpoints) -> None:
        self._store = store
        self._endpoints = endpoints

    def most_in_lane(self, tenant: Tenant, lane: str) -> int:
        """Each takes a round trip or two."""
        return 32

    async def handle(self, entry: Entry) -> Outcome:
        """Queues the deliveries of an event. Raises StoreUnavailable, OutcomeUnknown."""
        try:
            event = orjson.loads(entry.payload)
            event_type: str = event["type"]
            body = body_of(entry.id, event_type, event["created"], event["data"])
        except (ValueError, KeyError, TypeError):
            return Bury("the event cannot be read")
        webhooks = await self._endpoints.of(entry.tenant.app, entry.created_ms)
        wanted = [webhook.id for webhook in webhooks if webhook.wants(event_type)]
        if not wanted:
            return Ack()
        await self._store.fan_out(entry, wanted, body)
        return Finished(tuple((DELIVERIES, webhook_id) for webhook_id in wanted))

    async def exhausted(self, entry: Entry) -> Outcome:
        """An event that kills whoever looks at it."""
        return Bury("handled too often in vain")


def body_of(event_id: str, event_type: str, created_s: int, data: object) -> bytes:
    """What is sent of an event: the same bytes to each webhook, on each try."""
    return orjson.dumps(
        {
            "id": event_id,
            "type": event_type,
            "created": created_s,
            "data": data,
            "schemaVersion": SCHEMA_VERSION,
        }
    )
