"""Apps in the store.

An app is in three places, which on a cluster are on three servers: the list of its user (which counts, and
is written first), the list of all apps, and its own hash. A crash in between leaves an app that is listed
and cannot be used: the first step notes that others follow, and whoever lists it next writes the rest from
its row. An app is never deleted, so that does no harm however late it comes.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from conjure.apps.model import App
from conjure.core.errors import LimitReached
from conjure.core.paging import id_of_member, index_member
from conjure.store import keyspace
from conjure.store.client import Script
from conjure.usage.idempotency import first_answer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from conjure.core.caller import Tenant
    from conjure.store.client import Store, Value
    from conjure.usage.idempotency import FirstAnswer, Idempotency

_CREATE: Final = Script("conjure.apps", "create_app", includes=["usage.idempotency"])
_LIST: Final = Script("conjure.apps", "list_apps", reads_only=True)
_AT_ONCE: Final = 500  # reads in flight for a list


class AppStore:
    """Reads and writes apps. `per_user`: how many a user may have."""

    def __init__(self, store: Store, *, per_user: int, idempotency_s: int) -> None:
        self._store = store
        self._per_user = per_user
        self._idempotency_ms = idempotency_s * 1000

    async def create(
        self, app_id: str, name: str, owner: str, idempotency: Idempotency | None, answer: bytes
    ) -> int | FirstAnswer:
        """Makes an app of a user; returns when (ms). `complete` must follow. Idempotent under the id.

        The first answer instead when the Idempotency-Key has one. Raises LimitReached, IdempotencyMismatch,
        StoreUnavailable, OutcomeUnknown.
        """
        keys = _keys_of(owner)
        args: list[Value] = [app_id, name, self._per_user]
        if idempotency is not None:
            keys.append(idempotency.key(keyspace.user(owner)))
            args += [idempotency.body_hash, answer, self._idempotency_ms]
        outcome, *rest = await self._store.effect(_CREATE, keys, args)
        if outcome == b"made":
            return int(rest[0])
        if outcome == b"full":
            raise LimitReached(f"a user may have {self._per_user} apps, and you have as many")
        return first_answer(outcome, rest, keys[-1])

    async def complete(self, app: App) -> None:
        """Writes all of an app but its place in its user's list. Repeating it does no harm.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        # First the list of all: nobody looks for the work of an app that is not in it.
        await self._store.write("ZADD", keyspace.apps(), 0, index_member(app.created_ms, app.id))
        await self._store.write(
            "HSET", keyspace.app(app.id),
            "name", app.name, "owner", app.owner, "created", app.created_ms,
        )  # fmt: skip
        if app.owner:
            await self._store.write("HDEL", keyspace.user_app_steps(app.owner), app.id)

    async def adopt(self, app: App) -> None:
        """Lists an app that is there already with its owner, however many he has; then makes it his.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        row = f"{app.created_ms}:{app.name}"
        member = index_member(app.created_ms, app.id)
        await self._store.write("HSET", keyspace.user_app_steps(app.owner), app.id, 1)
        await self._store.write("HSET", keyspace.user_app_rows(app.owner), app.id, row)
        await self._store.write("ZADD", keyspace.user_apps(app.owner), 0, member)
        await self.complete(app)

    async def get(self, app_id: str) -> App | None:
        """Returns an app, or None. Raises StoreUnavailable."""
        name, owner, created = await self._store.read(
            "HMGET", keyspace.app(app_id), "name", "owner", "created"
        )
        if name is None:
            return None
        return App(app_id, name.decode(), owner.decode(), int(created))

    async def page(
        self, owner: str, *, after: str, limit: int
    ) -> tuple[list[tuple[App, bool]], str | None]:
        """Returns up to `limit` apps of a user, newest first, and where the next page starts.

        Each with whether it is complete, as far as the list knows. Raises StoreUnavailable.
        """
        more, *rows = await self._store.query(_LIST, _keys_of(owner), [after, limit])
        page = [
            (_from_row(member.decode(), row.decode(), owner), not is_open)
            for member, row, is_open in rows
        ]
        return page, rows[-1][0].decode() if more else None

    async def all(self) -> list[App]:
        """Returns every app, newest first. Raises StoreUnavailable."""
        members = await self._store.read("ZREVRANGE", keyspace.apps(), 0, -1)
        apps: list[App] = []
        for start in range(0, len(members), _AT_ONCE):
            some = members[start : start + _AT_ONCE]
            found = await asyncio.gather(*(self.get(id_of_member(m.decode())) for m in some))
            apps += [app for app in found if app is not None]
        return apps

    async def set_caps(self, tenant: Tenant, caps: Mapping[str, int]) -> None:
        """Replaces default caps. Raises StoreUnavailable, OutcomeUnknown."""
        pairs = [item for pair in caps.items() for item in pair]
        await self._store.write("HSET", keyspace.caps(tenant), *pairs)

    async def reset_caps(self, tenant: Tenant) -> None:
        """Goes back to the default caps. Raises StoreUnavailable, OutcomeUnknown."""
        await self._store.write("DEL", keyspace.caps(tenant))


def _keys_of(owner: str) -> list[str]:
    return [
        keyspace.user_apps(owner),
        keyspace.user_app_rows(owner),
        keyspace.user_app_steps(owner),
    ]


def _from_row(member: str, row: str, owner: str) -> App:
    created, _, name = row.partition(":")
    return App(id_of_member(member), name, owner, int(created))
