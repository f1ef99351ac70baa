"""Worlds in the store: every read and write is one round trip."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from weakref import WeakValueDictionary

from conjure.assets.names import joined
from conjure.core import jsondoc, metrics
from conjure.core.errors import NotFound, RevisionConflict, TooHeavy
from conjure.core.lru import LruCache
from conjure.core.paging import id_of_member
from conjure.core.preconditions import script_argument
from conjure.core.weights import MOST_BYTES_OF_WEIGHT, is_heavier
from conjure.queue.kinds import FORGETTING
from conjure.store import keyspace
from conjure.store.client import EFFECT_MS, Script
from conjure.worlds.changes import change_of, entry_of
from conjure.worlds.model import (
    CHARACTER,
    WORLD,
    History,
    Replaced,
    Snapshot,
    Summary,
    Uncounted,
    WorldInfo,
    check_stored,
)
from conjure.worlds.revisions import is_later
from conjure.worlds.stored_text import packed, unpacked, unpacked_bytes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.core.caller import Tenant
    from conjure.core.preconditions import Precondition
    from conjure.kernel import Examined
    from conjure.settings import WorldSettings
    from conjure.store.client import Store, Value
    from conjure.usage.metering import Hold
    from conjure.worlds.document_text import DocumentText

_CREATE: Final = Script(
    "conjure.worlds", "create",
    includes=["assets.names", "new_world", "usage.spend", "usage.idempotency"],
)  # fmt: skip
_READ: Final = Script("conjure.worlds", "read", reads_only=True)
_LIST: Final = Script("conjure.worlds", "list", reads_only=True)
_REPLACE: Final = Script(
    "conjure.worlds", "replace", includes=["assets.names", "revisions", "visibility"]
)
_SET_VISIBILITY: Final = Script(
    "conjure.worlds", "set_visibility", includes=["precondition", "visibility"]
)
_DELETE: Final = Script(
    "conjure.worlds", "delete",
    includes=["precondition", "queue.entries", "forget_players"],
)  # fmt: skip
_HISTORY: Final = Script("conjure.worlds", "history", reads_only=True)
_HIT, _MISS = metrics.cache("world")
HISTORY_PAGE: Final = 100
_MOST_HEAVY: Final = 10_000  # worlds that are remembered to be too heavy, some 150 bytes each
_HEAVY_S: Final = 10.0  # for so long; then it is looked whether it still is
_PAGE_BYTES: Final = (
    1_000_000  # covers may be data URLs: a page ends early; writing one of 4 MB took 15 ms
)


@dataclass(frozen=True, slots=True)
class Stale:
    """A write that came too late, with what is there now."""

    current: Snapshot


@dataclass(frozen=True, slots=True)
class Deleted:
    """A deletion that has happened: what has to follow.

    `was_shared`: the directory of public worlds may know it. `is_unfinished`: there is an entry of durable
    work. `asset_names`: those that it named.
    """

    was_shared: bool
    is_unfinished: bool
    asset_names: tuple[str, ...]


class WorldStore:
    """Reads and writes worlds; keeps the newest parsed documents at hand.

    A cached document is never trusted to be current: each read asks the store for the revision, and
    leaves out only the document's transfer and parse. The cache is bounded in entries and in bytes.

    With `most_weight` a world whose document is heavier (`core.weights`) is none for this process: it is
    not parsed, and every call about it is TooHeavy.
    """

    def __init__(
        self, store: Store, settings: WorldSettings, *, most_weight: int | None = None
    ) -> None:
        self._store = store
        self._most_weight = most_weight
        self._heavy: LruCache[str, float] = LruCache(_MOST_HEAVY)
        self._cache: LruCache[str, Snapshot] = LruCache(
            settings.cache_entries, max_weight=settings.cache_bytes, weigh=lambda held: held.weight
        )
        self._fetches: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._idempotency_ms = settings.idempotency_s * 1000

    async def create(
        self,
        tenant: Tenant,
        world_id: str,
        text: bytes,
        summary: Summary,
        *,
        asset_names: frozenset[str],
        hold: Hold,
        answer: bytes,
        slug: str,
    ) -> tuple[str, str | None] | None:
        """Stores a new world and spends the held unit; returns its revision and slug.

        None when the hold has lapsed. `asset_names` are claimed already. `answer` is what a retry is answered
        from, beside revision and slug.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.world(tenant, world_id),
            keyspace.worlds(tenant, summary.kind),
            keyspace.slugs(tenant),
            keyspace.usage(tenant),
            keyspace.holds(tenant, hold.unit),
            *_asset_keys(tenant, world_id),
        ]
        body = ""
        if hold.idempotency is not None:
            keys.append(hold.idempotency.key(tenant))
            body = hold.idempotency.body_hash
        args: list[Value] = [
            world_id, hold.id, hold.unit, summary.name, summary.description, summary.cover,
            summary.kind, packed(text), slug, joined(asset_names), body, answer, self._idempotency_ms,
        ]  # fmt: skip
        rev, found = await self._store.effect(_CREATE, keys, args)
        return (rev.decode(), found.decode() or None) if rev != b"0" else None

    async def get(self, tenant: Tenant, world_id: str) -> tuple[WorldInfo, Snapshot]:
        """Returns a world as it is now. Raises NotFound, TooHeavy, StoreUnavailable.

        Whole documents are fetched one reader at a time: the next one finds the first one's and asks
        only for the revision. A hundred readers of a large world at once would else be a gigabyte.
        """
        if self.cached(tenant, world_id) is not None:
            return await self._get(tenant, world_id)
        key = keyspace.world(tenant, world_id)
        async with self._fetches.setdefault(key, asyncio.Lock()):
            return await self._get(tenant, world_id)

    async def warm(self, tenant: Tenant, world_id: str) -> Snapshot:
        """Returns a snapshot that this process has seen, fetched if there is none.

        Raises NotFound, TooHeavy, StoreUnavailable.
        """
        known = self.cached(tenant, world_id)
        if known is None:
            return (await self.get(tenant, world_id))[1]
        _HIT.add()
        return known

    async def _get(self, tenant: Tenant, world_id: str) -> tuple[WorldInfo, Snapshot]:
        key = keyspace.world(tenant, world_id)
        known = self.cached(tenant, world_id)
        # What is too heavy does not even come here: a hundred such worlds would be a gigabyte.
        most = "" if self._most_weight is None else MOST_BYTES_OF_WEIGHT * self._most_weight
        found = await self._store.query(
            _READ, [key], [known.rev if known is not None else "", most]
        )
        if found is None:
            self._cache.drop(key)
            raise NotFound
        rev, unconfirmed, text, *rest = found
        if text is None:
            if self._most_weight is None:
                raise jsondoc.unreadable(key, "there is no document")
            self._note_heavy(key)
            raise TooHeavy
        info = WorldInfo.of(world_id, rest, is_unconfirmed=unconfirmed is not None)
        if known is not None and rev.decode() == known.rev:
            _HIT.add()
            return info, known
        (_MISS if known is None else metrics.STALE_WORLDS).add()
        return info, self.received(tenant, world_id, rev.decode(), text, after=known)

    async def info(self, tenant: Tenant, world_id: str) -> tuple[str, WorldInfo]:
        """Returns a world's revision and metadata, whatever its document is.

        Raises NotFound, StoreUnavailable.
        """
        found = await self._store.query(_READ, [keyspace.world(tenant, world_id)], ["", 0])
        if found is None:
            raise NotFound
        rev, unconfirmed, _, *rest = found
        return rev.decode(), WorldInfo.of(world_id, rest, is_unconfirmed=unconfirmed is not None)

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
        page = [WorldInfo.of(id_of_member(row[0].decode()), row[1:]) for row in rows]
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
        asset_names: frozenset[str] | None,
        ops: Sequence[str],
        visibility: str = "",
        version_id: str | None = None,
        after: str = "",
    ) -> Replaced | Stale | Uncounted:
        """Replaces the world if it is still at `base`; returns what came of it, or what is there.

        `asset_names` are those that the new document names, claimed already; None: the same as `base`. Which
        those are is not known where an earlier release has written it.
        `ops` say in a few words each what was done, for those who watch. With `version_id` HEAD moves
        there, and the world is NotFound also when that version is gone. Idempotent under `request_id`.
        `after`: the request id of the write that makes `base`, which has no revision yet (`pipeline`).

        Raises NotFound, TooHeavy (what is there), StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.world(tenant, world_id),
            keyspace.effect(tenant, request_id),
            keyspace.changes(tenant, world_id),
            *_asset_keys(tenant, world_id),
        ]
        named = "=" if asset_names is None else joined(asset_names)
        args: list[Value] = [
            base.rev, summary.name, summary.description, summary.cover, packed(text), EFFECT_MS,
            entry_of(ops), visibility, named,
        ]  # fmt: skip
        if version_id is not None:
            keys.append(keyspace.versions(tenant, world_id))
            args.append(version_id)
        elif after:
            keys.append(keyspace.effect(tenant, after))
        outcome, *rest = await self._store.effect(_REPLACE, keys, args)
        if outcome == b"uncounted":
            return Uncounted()
        if outcome == b"gone":
            self._cache.drop(keys[0])
            raise NotFound
        if outcome == b"stale":
            metrics.STALE_WORLDS.add()
            rev, known = rest[0].decode(), self._cache.peek(keys[0])
            if known is not None and known.rev == rev:  # told to the one before already
                return Stale(known)
            return Stale(self.received(tenant, world_id, rev, rest[1]))
        return Replaced(rest[0].decode(), tuple(name.decode() for name in rest[1:]))

    async def set_visibility(
        self,
        tenant: Tenant,
        world_id: str,
        visibility: str,
        expected: Precondition | None,
        request_id: str,
    ) -> None:
        """Changes who may see a world; the directory of public worlds has to follow.

        Idempotent under `request_id`. Raises NotFound, RevisionConflict, StoreUnavailable, OutcomeUnknown.
        """
        keys = [keyspace.world(tenant, world_id), keyspace.effect(tenant, request_id)]
        args: list[Value] = [visibility, script_argument(expected), EFFECT_MS]
        outcome = await self._store.effect(_SET_VISIBILITY, keys, args)
        _check_outcome(outcome)

    async def delete(
        self,
        tenant: Tenant,
        world_id: str,
        expected: Precondition | None,
        request_id: str,
        *,
        kind: str = "",
    ) -> Deleted:
        """Removes a world with all that belongs to it; one of another `kind` is not there.

        Idempotent under `request_id`.

        Raises NotFound, RevisionConflict, StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.effect(tenant, request_id),
            keyspace.slugs(tenant),
            keyspace.worlds(tenant, WORLD),
            keyspace.worlds(tenant, CHARACTER),
            keyspace.asset_counts(tenant, world_id),
            keyspace.memories(tenant, world_id),
            keyspace.queue_lanes(tenant),
            keyspace.queue_ready(tenant, FORGETTING, ""),
            keyspace.queue_entry(tenant, FORGETTING, request_id),
            *keyspace.of_world(tenant, world_id),
        ]
        prefix = keyspace.memory(tenant, world_id, "")
        args: list[Value] = [
            world_id, script_argument(expected), EFFECT_MS, kind, prefix, request_id,
        ]  # fmt: skip
        outcome, *rest = await self._store.effect(_DELETE, keys, args)
        _check_outcome(outcome)
        self._cache.drop(keyspace.world(tenant, world_id))
        shared, unfinished, *dropped = rest
        return Deleted(bool(shared), bool(unfinished), tuple(name.decode() for name in dropped))

    async def history(self, tenant: Tenant, world_id: str, after: str | None) -> History:
        """Returns the present revision and up to HISTORY_PAGE changes that came later than `after`.

        Whether they follow it without a gap is for the caller to see.

        Raises NotFound, StoreUnavailable.
        """
        keys = [keyspace.world(tenant, world_id), keyspace.changes(tenant, world_id)]
        found = await self._store.query(_HISTORY, keys, [after or "", HISTORY_PAGE])
        if found is None:
            raise NotFound
        rev, updated, *entries = found
        changes = tuple(change_of(keys[1], *entry) for entry in entries)
        return History(rev.decode(), int(updated), changes)

    def cached(self, tenant: Tenant, world_id: str) -> Snapshot | None:
        """The newest snapshot this process has seen; the store may have a newer one. Raises TooHeavy."""
        key = keyspace.world(tenant, world_id)
        if len(self._heavy) and (until := self._heavy.get(key)) is not None:
            if time.monotonic() < until:
                raise TooHeavy
            self._heavy.drop(key)
        return self._cache.get(key)

    def received(
        self,
        tenant: Tenant,
        world_id: str,
        rev: str,
        text: bytes,
        *,
        after: Snapshot | None = None,
    ) -> Snapshot:
        """Caches a document that the store has just given, as `remember`.

        Raises TooHeavy, StoredDataUnreadable.
        """
        key = keyspace.world(tenant, world_id)
        if (
            self._most_weight is not None
            and unpacked_bytes(text) > MOST_BYTES_OF_WEIGHT * self._most_weight
        ):
            self._note_heavy(key)
            raise TooHeavy
        text = unpacked(text, key)
        if self._is_too_heavy(key, text):
            raise TooHeavy
        check_stored(text, key)
        return self.remember(tenant, world_id, rev, text, after=after)

    def remember(
        self,
        tenant: Tenant,
        world_id: str,
        rev: str,
        text: bytes,
        value: dict[str, Any] | None = None,
        examined: Examined | None = None,
        *,
        written: DocumentText | None = None,
        after: Snapshot | None = None,
    ) -> Snapshot:
        """Caches a snapshot of the store, unless a newer one is there, and returns it.

        One that was cached when the store was asked, `after`, is not newer than the answer, whatever its
        number: the store may have gone back to an older file. Nor do numbers of two incarnations tell.
        """
        key = keyspace.world(tenant, world_id)
        older = self._cache.peek(key)
        snapshot = Snapshot(rev, text, value, examined, written=written, earlier=older, key=key)
        if self._is_too_heavy(key, text, written):
            return snapshot  # for this once: it has grown too heavy by what this process wrote
        if older is None or older is after or not is_later(older.rev, rev):
            self._cache.put(key, snapshot)
        return snapshot

    def _is_too_heavy(self, key: str, text: bytes, written: DocumentText | None = None) -> bool:
        most = self._most_weight
        if most is None:
            return False
        if not (is_heavier(text, most) if written is None else written.is_heavier(most)):
            return False
        self._note_heavy(key)
        return True

    def _note_heavy(self, key: str) -> None:
        self._cache.drop(key)
        self._heavy.put(key, time.monotonic() + _HEAVY_S)


def _asset_keys(tenant: Tenant, world_id: str) -> tuple[str, str]:
    return keyspace.asset_names(tenant, world_id), keyspace.asset_counts(tenant, world_id)


def _check_outcome(outcome: bytes) -> None:
    """Raises what a script's answer stands for: NotFound, RevisionConflict."""
    if outcome == b"gone":
        raise NotFound
    if outcome == b"stale":
        raise RevisionConflict
