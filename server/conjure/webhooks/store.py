"""Webhooks in the store: in the slot of their app, as both of its modes share them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.core import jsondoc
from conjure.core.errors import LimitReached, NotFound
from conjure.queue.kinds import DELIVERIES, EVENTS
from conjure.store import keyspace
from conjure.store.client import Script
from conjure.usage.idempotency import first_answer
from conjure.webhooks.model import SUCCEEDED, LastDelivery, Webhook

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.queue.handler import Entry
    from conjure.settings import WebhookSettings
    from conjure.store.client import Store, Value
    from conjure.usage.idempotency import Idempotency

_CREATE: Final = Script("conjure.webhooks", "create", includes=["usage.idempotency"])
_LIST: Final = Script("conjure.webhooks", "list", reads_only=True)
_DELETE: Final = Script("conjure.webhooks", "delete")
_RECORD: Final = Script("conjure.webhooks", "record")
_FAN_OUT: Final = Script("conjure.webhooks", "fan_out", includes=["queue.entries"])

Owner = tuple[str, str]
"""An app, and the user who owns it."""


@dataclass(frozen=True, slots=True)
class Registered:
    """All webhooks of an app at one moment (ms since 1970, by the store's clock)."""

    read_ms: int
    webhooks: tuple[Webhook, ...]


class WebhookStore:
    """Reads and writes webhooks."""

    def __init__(self, store: Store, settings: WebhookSettings, *, idempotency_s: int) -> None:
        self._store = store
        self._settings = settings
        self._idempotency_ms = idempotency_s * 1000

    async def remembered(self, owner: Owner, idempotency: Idempotency) -> str | None:
        """The id of the webhook that an Idempotency-Key stands for; None when it is free.

        Raises IdempotencyMismatch, StoreUnavailable, OutcomeUnknown.
        """
        nobody = Webhook("", "", (), "", 0)
        found = await self._create(owner, nobody, idempotency, is_look=True)
        return found if isinstance(found, str) else None

    async def create(
        self, owner: Owner, new: Webhook, idempotency: Idempotency | None
    ) -> int | str:
        """Registers a webhook; idempotent under its id. Returns when (ms since 1970).

        The id of another one, when that is what the key stands for. Raises LimitReached,
        IdempotencyMismatch, StoreUnavailable, OutcomeUnknown.
        """
        return await self._create(owner, new, idempotency, is_look=False)

    async def _create(
        self, owner: Owner, new: Webhook, idempotency: Idempotency | None, *, is_look: bool
    ) -> int | str:
        app_id, user_id = owner
        keys = [keyspace.webhooks(app_id), keyspace.webhook(app_id, new.id)]
        args: list[Value] = [
            new.id, new.url, orjson.dumps(new.events), new.secret, self._settings.per_app,
            "1" if is_look else "",
        ]  # fmt: skip
        if idempotency is not None:
            keys.append(idempotency.key(keyspace.app_of_user(app_id, user_id)))
            answer = orjson.dumps({"id": new.id})
            args += [idempotency.body_hash, answer, self._idempotency_ms]
        outcome, *rest = await self._store.effect(_CREATE, keys, args)
        if outcome == b"full":
            raise LimitReached(
                f"an app may have {self._settings.per_app} webhooks, and this one has as many"
            )
        if outcome in {b"made", b"free"}:
            return int(rest[0])
        found: str = first_answer(outcome, rest, keys[-1]).members["id"]
        return found

    async def list(self, app_id: str) -> Registered:
        """Returns the webhooks of an app, newest first. Raises StoreUnavailable."""
        now, *rows = await self._store.query(
            _LIST, [keyspace.webhooks(app_id)], [keyspace.webhook(app_id, "")]
        )
        return Registered(int(now), tuple(_webhook(app_id, row) for row in rows))

    async def delete(self, app_id: str, webhook_id: str) -> None:
        """Removes a webhook. Again, for as long as an Idempotency-Key is remembered, does nothing.

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        keys = [keyspace.webhooks(app_id), keyspace.webhook(app_id, webhook_id)]
        if not await self._store.effect(_DELETE, keys, [webhook_id, self._idempotency_ms]):
            raise NotFound

    async def record(
        self, app_id: str, webhook_id: str, last: LastDelivery, *, has_succeeded: bool
    ) -> bool:
        """Keeps the newest try; returns whether that has disabled the webhook.

        `has_succeeded`: some delivery went through since the last time. Raises StoreUnavailable,
        OutcomeUnknown.
        """
        args: list[Value] = [
            orjson.dumps(last.to_json()), last.at_ms, "1" if has_succeeded else "",
            "" if last.status == SUCCEEDED else "1", self._settings.disable_after_ms,
        ]  # fmt: skip
        outcome = await self._store.effect(_RECORD, [keyspace.webhook(app_id, webhook_id)], args)
        return bool(outcome == b"disabled")

    async def fan_out(self, event: Entry, webhook_ids: Iterable[str], body: bytes) -> None:
        """Ends a claimed event and queues `body` for each webhook. Does nothing when the claim is lost.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        tenant = event.tenant
        keys = [
            keyspace.queue_lanes(tenant),
            keyspace.queue_ready(tenant, EVENTS, event.lane),
            keyspace.queue_claimed(tenant, EVENTS, event.lane),
            keyspace.queue_entry(tenant, EVENTS, event.id),
        ]
        args: list[Value] = [event.id, event.token, body]
        for webhook_id in webhook_ids:
            delivery_id = f"{event.id}.{webhook_id}"
            keys.append(keyspace.queue_ready(tenant, DELIVERIES, webhook_id))
            keys.append(keyspace.queue_entry(tenant, DELIVERIES, delivery_id))
            args += [webhook_id, delivery_id]
        await self._store.effect(_FAN_OUT, keys, args)


def _webhook(app_id: str, row: list[Any]) -> Webhook:
    webhook_id, url, events, secret, created, disabled, last = row
    name = webhook_id.decode()
    key = keyspace.webhook(app_id, name)
    return Webhook(
        id=name,
        url=url.decode(),
        events=tuple(jsondoc.load_stored(events, key)),
        secret=secret.decode(),
        created_ms=int(created),
        enabled=disabled is None,
        last_delivery=None
        if last is None
        else LastDelivery.from_json(jsondoc.load_stored(last, key)),
    )
