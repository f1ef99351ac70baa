"""Registering webhooks: who may, and where they may lead (CONTRACT 8)."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from conjure.core.errors import InvalidField, NotFound
from conjure.core.ids import checked_id, new_id
from conjure.core.urls import UrlRefused, http_url
from conjure.providers.addresses import checked_addresses
from conjure.providers.failures import AddressRefused
from conjure.usage.idempotency import Idempotency
from conjure.webhooks.model import Webhook, wanted_events
from conjure.webhooks.signatures import new_secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.apps.service import Apps
    from conjure.core.urls import HttpUrl
    from conjure.providers.addresses import Resolver
    from conjure.webhooks.store import WebhookStore

ROUTE: Final = "webhooks"
"""The route that Idempotency-Keys of registrations are scoped to (CONTRACT 0)."""

_RESOLVE_S: Final = 5.0  # a name whose servers do not answer is one that cannot be found
_NOT_FOUND: Final = "url must lead to a host that can be found"
_PRIVATE: Final = "url must lead to a public address, and its host must be one that can be found"


@dataclass(frozen=True, slots=True)
class CreatedWebhook:
    """A webhook with its secret. `replayed`: the first response to an Idempotency-Key, again."""

    webhook: Webhook
    replayed: bool = False


class WebhookService:
    """The webhooks of apps, for their owners.

    `allows_private`: also http, and addresses that are not public.
    """

    def __init__(
        self, store: WebhookStore, apps: Apps, resolver: Resolver, *, allows_private: bool
    ) -> None:
        self._store = store
        self._apps = apps
        self._resolver = resolver
        self._allows_private = allows_private

    async def create(
        self,
        user_id: str,
        app_id: str,
        *,
        url: str,
        events: Sequence[str],
        idempotency_key: str | None = None,
    ) -> CreatedWebhook:
        """Registers a webhook.

        Raises InvalidField, NotFound (the app, or what an Idempotency-Key stands for has been deleted),
        LimitReached, IdempotencyMismatch, StoreUnavailable, OutcomeUnknown.
        """
        app = await self._apps.owned(user_id, app_id)
        target, wanted = self._read(url), wanted_events(events)
        owner = (app.id, user_id)
        idempotency = Idempotency.of(ROUTE, idempotency_key, target.text, list(wanted))
        # Before the name is looked up: what was registered is answered again wherever it leads by now.
        if idempotency is not None:
            first = await self._store.remembered(owner, idempotency)
            if first is not None:
                return await self._replayed(app.id, first)
        await self._check_address(target)
        new = Webhook(new_id(), target.text, wanted, new_secret(), 0)
        made = await self._store.create(owner, new, idempotency)
        if isinstance(made, str):
            return await self._replayed(app.id, made)
        return CreatedWebhook(replace(new, created_ms=made))

    async def list(self, user_id: str, app_id: str) -> Sequence[Webhook]:
        """Returns the webhooks of an app, newest first. Raises NotFound, StoreUnavailable."""
        app = await self._apps.owned(user_id, app_id)
        return (await self._store.list(app.id)).webhooks

    async def delete(self, user_id: str, app_id: str, webhook_id: str) -> str:
        """Removes a webhook; returns its id. Within a day the same again.

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        app = await self._apps.owned(user_id, app_id)
        found = checked_id(webhook_id)
        await self._store.delete(app.id, found)
        return found

    def _read(self, url: str) -> HttpUrl:
        if "#" in url:
            raise InvalidField("url must not have a fragment")
        try:
            return http_url(url, schemes=("https", "http") if self._allows_private else ("https",))
        except UrlRefused as error:
            raise InvalidField(f"url {error}") from error

    async def _check_address(self, target: HttpUrl) -> None:
        try:
            async with asyncio.timeout(_RESOLVE_S):
                await checked_addresses(
                    target.host,
                    target.port,
                    allows_private=self._allows_private,
                    resolver=self._resolver,
                )
        except (AddressRefused, TimeoutError) as error:
            # Which of the two it is would tell what names there are in the network of this server.
            raise InvalidField(_NOT_FOUND if self._allows_private else _PRIVATE) from error

    async def _replayed(self, app_id: str, webhook_id: str) -> CreatedWebhook:
        for webhook in (await self._store.list(app_id)).webhooks:
            if webhook.id == webhook_id:
                return CreatedWebhook(webhook, replayed=True)
        raise NotFound  # deleted since
