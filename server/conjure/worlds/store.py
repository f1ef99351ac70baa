"""Worlds in the store: every read and write is one round trip."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from conjure.core import jsondoc, metrics
from conjure.core.caller import Tenant
from conjure.core.errors import NotFound
from conjure.core.lru import LruCache
from conjure.core.paging import id_of_member
from conjure.store import keyspace
from conjure.store.client import Script
from conjure.worlds.model import (
    CHARACTER,
    WORLD,
    Change,
    History,
    Snapshot,
    Summary,
    WorldInfo,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.kernel import Examined
    from conjure.settings import WorldSettings
    from conjure.store.client import Store, Value
    from conjure.usage.metering import Hold

_CREATE: Final = Script("conjure.worlds", "create", includes=["usage.spend", "usage.idempotency"])
_READ: Final = Script("conjure.worlds", "read", reads_only=True)
_LIST: Final = Script("conjure.worlds", "list", reads_only=True)
_REPLACE: Final = Script("conjure.worlds", "replace", includes=["changes"])
_SET_VISIBILITY: Final = Script("conjure.worlds", "set_visibility")
_DELETE: Final = Script("conjure.worlds", "delete")
_HISTORY: Final = Script("conjure.worlds", "history", reads_only=True)
_HIT, _MISS = metrics.cache("world")
HISTORY_PAGE: Final = 100
_LARGE_BYTES: Final = 262_144
_PAGE_BYTES: Final = 4_000_000  # covers may be data URLs: a page ends early rather than grow huge
_MOST_OPS: Final = 32  # ops of one write that watchers are told; a thousand such writes are kept
_EFFECT_MS: Final = 60_000  # how long a write can be asked about: far longer than anybody asks


@dataclass(frozen=True, slots=True)
class Stale:
    """A write that came too late, with what is there now."""

    current: Snapshot


class WorldStore:
    """Reads and writes worlds; keeps the newest parsed documents at hand.

    A cached document is never trusted to be current: each read asks the store for the revision, and
    leaves out only the document's transfer and parse. The cache is bounded in entries and in bytes.
    """

    def __init__(self, store: Store, settings: WorldSettings, *, is_cluster: bool = False) -> None:
        self._store = store
        self._cache: LruCache[str, Snapshot] = LruCache(
            settings.cache_entries, max_weight=settings.cache_bytes, weigh=lambda held: held.weight
        )
        self._fetches: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._idempotency_ms = settings.idempotency_s * 1000
        self._is_cluster = int(is_cluster)

    async def create(
        self,
        tenant: Tenant,
        world_id: str,
        text: bytes,
        summary: Summary,
        *,
        hold: Hold,
        answer: bytes,
        slug: str,
    ) -> tuple[str, str | None] | None:
        """Stores a new world and spends the held unit; returns its revision and slug.

        None when the hold has lapsed. `answer` is what a retry is answered from, beside revision and slug.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.world(tenant, world_id),
            keyspace.worlds(tenant, summary.kind),
            keyspace.slugs(tenant),
            keyspace.usage(tenant),
            keyspace.holds(tenant, hold.unit),
        ]
        body = ""
        if hold.idempotency is not None:
            keys.append(hold.idempotency.key(tenant))
            body = hold.idempotency.body_hash
        args: list[Value] = [
            world_id, hold.id, hold.unit, summary.name, summary.description, summary.cover,
            summary.kind, text, slug, body, answer, self._idempotency_ms,
            self._is_cluster,
        ]  # fmt: skip
        rev, found = await self._store.effect(_CREATE, keys, args)
        return (str(rev), found.decode() or None) if rev else None

    async def get(self, tenant: Tenant, world_id: str) -> tuple[WorldInfo, Snapshot]:
        """Returns a world as it is now. Raises NotFound, StoreUnavailable.

        Whole documents are fetched one reader at a time: the next one finds the first one's and asks
        only for the revision. A hundred readers of a large world at once would else be a gigabyte.
        """
        known = self.cached(tenant, world_id)
        if known is not None and len(known.text) < _LARGE_BYTES:
            return await self._get(tenant, world_id)
        key = keyspace.world(tenant, world_id)
        async with self._fetches.setdefault(key, asyncio.Lock()):
            return await self._get(tenant, world_id)

    async def warm(self, tenant: Tenant, world_id: str) -> Snapshot:
        """Returns a snapshot that this process has seen, fetched if there is none.

        Raises NotFound, StoreUnavailable.
        """
        known = self.cached(tenant, world_id)
        if known is None:
            return (await self.get(tenant, world_id))[1]
        _HIT.add()
        return known

    async def _get(self, tenant: Tenant, world_id: str) -> tuple[WorldInfo, Snapshot]:
        key = keyspace.world(tenant, world_id)
        known = self.cached(tenant, world_id)
        found = await self._store.query(_READ, [key], [known.rev if known is not None else ""])
        if found is None:
            self._cache.drop(key)
            raise NotFound
        rev, text, *rest = found
        info = _info(world_id, rest)
        if known is not None and rev.decode() == known.rev:
            _HIT.add()
            return info, known
        (_MISS if known is None else metrics.STALE_WORLDS).add()
        return info, self.remember(tenant, world_id, rev.decode(), text)

    async def list(
        self, tenant: Tenant, *, after: str, limit: int
    ) -> tuple[list[WorldInfo], str | None]:
        """Returns up to `limit` worlds, newest first, and where the next page starts.

        Raises StoreUnavailable.
        """
        prefix = keyspace.world(tenant, "")
        more, *rows = await self._store.query(
            _LIST, [keyspace.worlds(tenant)], [after, limit, prefix, _PAGE_BYTES]
        )
        page = [_info(id_of_member(row[0].decode()), row[1:]) for row in rows]
        return page, rows[-1][0].decode() if more else None

    async def replace(
        self,
        tenant: Tenant,
        world_id: str,
        base: Snapshot,
        text: bytes,
        summary: Summary,
        request_id: str,
        *,
        ops: Sequence[str],
        visibility: str = "",
        version_id: str | None = None,
    ) -> str | Stale:
        """Replaces the world if it is still at `base`; returns the new revision, or what is there.

        `ops` say in a few words each what was done, for those who watch. With `version_id` HEAD moves
        there, and the world is NotFound also when that version is gone. Idempotent under `request_id`.

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.world(tenant, world_id),
            keyspace.effect(tenant, request_id),
            keyspace.changes(tenant, world_id),
        ]
        args: list[Value] = [
            base.rev, summary.name, summary.description, summary.cover, text, _EFFECT_MS,
            entry_of(ops),
            visibility, self._is_cluster,
        ]  # fmt: skip
        if version_id is not None:
            keys.append(keyspace.versions(tenant, world_id))
            args.append(version_id)
        outcome, *rest = await self._store.effect(_REPLACE, keys, args)
        if outcome == b"gone":
            self._cache.drop(keys[0])
            raise NotFound
        if outcome == b"stale":
            metrics.STALE_WORLDS.add()
            return Stale(self.remember(tenant, world_id, rest[0].decode(), rest[1]))
        new: str = rest[0].decode()
        return new

    async def set_visibility(
        self, tenant: Tenant, world_id: str, visibility: str, rev: str
    ) -> bool:
        """Changes who may see a world; False when it is not at `rev` ('' for any).

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        key = keyspace.world(tenant, world_id)
        (outcome,) = await self._store.effect(_SET_VISIBILITY, [key], [visibility, rev])
        if outcome == b"gone":
            raise NotFound
        return bool(outcome == b"ok")

    async def delete(self, tenant: Tenant, world_id: str, request_id: str) -> None:
        """Removes a world with all that belongs to it. Idempotent under `request_id`.

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        # First out of sight: a crash in between leaves a world that only its owner reads.
        await self.unpublish(world_id)
        keys = [
            keyspace.effect(tenant, request_id),
            keyspace.slugs(tenant),
            keyspace.worlds(tenant, WORLD),
            keyspace.worlds(tenant, CHARACTER),
            *keyspace.of_world(tenant, world_id),
        ]
        if not await self._store.effect(_DELETE, keys, [world_id, _EFFECT_MS]):
            raise NotFound
        self._cache.drop(keyspace.world(tenant, world_id))

    async def publish(self, tenant: Tenant, world_id: str) -> None:
        """Lets readers of other apps find a world. Raises StoreUnavailable, OutcomeUnknown."""
        await self._store.write("SET", keyspace.public_world(world_id), tenant.tag)

    async def unpublish(self, world_id: str) -> None:
        """Ends that. Raises StoreUnavailable, OutcomeUnknown."""
        await self._store.write("DEL", keyspace.public_world(world_id))

    async def publisher(self, world_id: str) -> Tenant | None:
        """Whose published world this is, if it is one. Raises StoreUnavailable."""
        tag = await self._store.read("GET", keyspace.public_world(world_id))
        if tag is None:
            return None
        app, _, mode = tag.decode().rpartition(":")
        return Tenant(app, mode)

    async def history(self, tenant: Tenant, world_id: str, after: int | None) -> History:
        """Returns the present revision and up to HISTORY_PAGE changes after `after` that are known.

        Raises NotFound, StoreUnavailable.
        """
        keys = [keyspace.world(tenant, world_id), keyspace.changes(tenant, world_id)]
        found = await self._store.query(
            _HISTORY, keys, ["" if after is None else after, HISTORY_PAGE]
        )
        if found is None:
            raise NotFound
        rev, updated, *entries = found
        return History(int(rev), int(updated), tuple(_change(*entry) for entry in entries))

    def cached(self, tenant: Tenant, world_id: str) -> Snapshot | None:
        """The newest snapshot this process has seen; the store may have a newer one."""
        return self._cache.get(keyspace.world(tenant, world_id))

    def remember(
        self,
        tenant: Tenant,
        world_id: str,
        rev: str,
        text: bytes,
        value: dict[str, Any] | None = None,
        examined: Examined | None = None,
    ) -> Snapshot:
        """Caches a snapshot of the store, unless a newer one is there, and returns it."""
        key = keyspace.world(tenant, world_id)
        older = self._cache.peek(key)
        snapshot = Snapshot(rev, text, value, examined, earlier=older)
        if older is None or int(older.rev) <= int(rev):
            self._cache.put(key, snapshot)
        return snapshot


def entry_of(ops: Sequence[str]) -> bytes:
    """The ops of a write as its entry for watchers holds them: bounded, whatever the write was."""
    shown = list(ops[:_MOST_OPS])
    if len(ops) > _MOST_OPS:
        shown[-1] = f"… and {len(ops) - _MOST_OPS + 1} more"
    return jsondoc.dumps(shown)


def _change(entry_id: bytes, fields: list[bytes]) -> Change:
    named = dict(zip(fields[::2], fields[1::2], strict=True))
    ops = tuple(jsondoc.loads(named[b"ops"]))
    return Change(int(entry_id.partition(b"-")[0]), ops, int(named[b"time"]))


def _info(world_id: str, row: list[bytes | None]) -> WorldInfo:
    name, description, cover, visibility, slug, created, updated = row
    return WorldInfo(
        id=world_id,
        name=(name or b"").decode(),
        description=(description or b"").decode(),
        cover=cover.decode() if cover else None,
        visibility=(visibility or b"private").decode(),
        slug=slug.decode() if slug else None,
        created_ms=int(created or 0),
        updated_ms=int(updated or 0),
    )
