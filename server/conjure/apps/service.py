"""Apps: the tenants (CONTRACT 1)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core.errors import InvalidField, NotFound
from conjure.core.ids import new_id
from conjure.core.paging import id_of_member, index_member
from conjure.settings import MOST_UNITS
from conjure.store import keyspace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.core.caller import Tenant
    from conjure.store.client import Store


_AT_ONCE: Final = 500  # reads in flight for a list


@dataclass(frozen=True, slots=True)
class App:
    """A tenant. `owner` is the `sub` of a user, empty for one made on the command line."""

    id: str
    name: str
    owner: str
    created_ms: int


class Apps:
    """All apps of a deployment."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def create(self, name: str, *, owner: str = "") -> App:
        """Makes an app. Raises InvalidField, StoreUnavailable, OutcomeUnknown."""
        if not 1 <= len(name) <= 100:
            raise InvalidField("name must have 1 to 100 characters")
        app = App(new_id(), name, owner, int(time.time() * 1000))
        await self._store.write(
            "HSET", keyspace.app(app.id),
            "name", app.name, "owner", app.owner, "created", app.created_ms,
        )  # fmt: skip
        await self._store.write("ZADD", keyspace.apps(), 0, index_member(app.created_ms, app.id))
        return app

    async def get(self, app_id: str) -> App | None:
        """Returns an app, or None. Raises StoreUnavailable."""
        name, owner, created = await self._store.read(
            "HMGET", keyspace.app(app_id), "name", "owner", "created"
        )
        if name is None:
            return None
        return App(app_id, name.decode(), owner.decode(), int(created))

    async def list(self) -> list[App]:
        """Returns every app, newest first. For operators. Raises StoreUnavailable."""
        members = await self._store.read("ZREVRANGE", keyspace.apps(), 0, -1)
        apps: list[App] = []
        for start in range(0, len(members), _AT_ONCE):
            some = members[start : start + _AT_ONCE]
            found = await asyncio.gather(*(self.get(id_of_member(m.decode())) for m in some))
            apps += [app for app in found if app is not None]
        return apps

    async def set_caps(self, tenant: Tenant, caps: Mapping[str, int]) -> None:
        """Replaces default caps of one app and mode.

        Raises InvalidField (beyond what a cap may be), NotFound (no such app), StoreUnavailable,
        OutcomeUnknown.
        """
        beyond = [unit for unit, cap in caps.items() if not 0 <= cap <= MOST_UNITS]
        if beyond:
            raise InvalidField(*(f"{unit} must be from 0 to {MOST_UNITS}" for unit in beyond))
        if await self.get(tenant.app) is None:
            raise NotFound
        pairs = [item for pair in caps.items() for item in pair]
        await self._store.write("HSET", keyspace.caps(tenant), *pairs)

    async def reset_caps(self, tenant: Tenant) -> None:
        """Goes back to the default caps. Raises StoreUnavailable, OutcomeUnknown."""
        await self._store.write("DEL", keyspace.caps(tenant))
