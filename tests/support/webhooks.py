"""Webhooks of tests: registered over REST, told of events that the test puts into the store."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from conjure.core.ids import new_id
from conjure.queue.directory import Directory
from conjure.queue.kinds import EVENTS
from support.queue import put
from support.rest import bearer
from support.until import until

if TYPE_CHECKING:
    import httpx

    from conjure.core.caller import Tenant
    from conjure.store.client import Store


async def register(
    rest: httpx.AsyncClient, token: str, app_id: str, url: str, *events: str, **headers: str
) -> dict[str, Any]:
    """Registers a webhook, for all events unless some are named; returns the answer."""
    answer = await rest.post(
        f"/v1/apps/{app_id}/webhooks",
        json={"url": url, "events": list(events) or ["*"]},
        headers=bearer(token) | headers,
    )
    assert answer.status_code == 200, answer.text
    made: dict[str, Any] = answer.json()
    return made


async def listed(rest: httpx.AsyncClient, token: str, app_id: str) -> list[dict[str, Any]]:
    """The webhooks of an app as its owner finds them."""
    answer = await rest.get(f"/v1/apps/{app_id}/webhooks", headers=bearer(token))
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["webhooks"]
    return found


async def happen(
    store: Store, tenant: Tenant, event_type: str = "session.ended", **data: Any
) -> str:
    """Something happens: the event is put as a script of a domain puts it, and announced. Returns its id."""
    event_id = new_id()
    event = {"type": event_type, "created": 1_700_000_000, "data": data}
    await put(store, tenant, EVENTS, event_id, payload=json.dumps(event))
    await Directory(store).announce(tenant, EVENTS)
    return event_id


async def last_delivery(
    rest: httpx.AsyncClient, token: str, app_id: str, **members: Any
) -> dict[str, Any]:
    """The `last_delivery` of the app's only webhook, once it has these members."""
    seen: dict[str, Any] = {}

    async def has_come() -> bool:
        (webhook,) = await listed(rest, token, app_id)
        seen.clear()
        seen.update(webhook["last_delivery"] or {})
        return members.items() <= seen.items()

    await until(has_come)
    return seen
