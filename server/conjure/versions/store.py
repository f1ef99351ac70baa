"""Versions in the store: every read is one round trip, a warm save is one too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.assets.names import joined
from conjure.core import jsondoc
from conjure.core.errors import (
    InapplicableEdit,
    NotFound,
    RevisionConflict,
    StoreUnavailable,
    TooHeavy,
    VersionIsHead,
)
from conjure.core.lru import LruCache
from conjure.core.preconditions import script_argument
from conjure.store import keyspace
from conjure.store.client import EFFECT_MS, Script
from conjure.usage.idempotency import first_answer
from conjure.worlds.changes import entry_of
from conjure.worlds.model import Overtaken, Replaced, Summary, Uncounted
from conjure.worlds.stored_text import packed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.core.caller import Tenant
    from conjure.core.preconditions import Precondition
    from conjure.settings import VersionSettings
    from conjure.store.client import Store, Value
    from conjure.usage.idempotency import Idempotency
    from conjure.versions.model import Save
    from conjure.versions.packing import Keyframe
    from conjure.worlds.editor import Pending

_PRECONDITION: Final = "worlds.precondition"
_CREATE: Final = Script(
    "conjure.versions",
    "create",
    includes=(
        "blobs", "index", "assets.names", "new_version", _PRECONDITION, "usage.idempotency"
    ),
)  # fmt: skip
_REPLACE_SAVING: Final = Script(
    "conjure.versions",
    "replace_saving",
    includes=(
        "blobs", "index", "assets.names", "new_version", "worlds.revisions", "usage.spend",
        "usage.idempotency",
    ),
)  # fmt: skip
_LIST: Final = Script("conjure.versions", "list", includes=("index",), reads_only=True)
_WITHOUT_INDEX: Final = ([b"unindexed"], [b"stale"])
_MAKE_INDEX: Final = Script("conjure.versions", "make_index", includes=("index",))
_READ: Final = Script("conjure.versions", "read", includes=("blobs",), reads_only=True)
_RENAME: Final = Script("conjure.versions", "rename", includes=(_PRECONDITION,))
_DELETE: Final = Script(
    "conjure.versions", "delete", includes=("blobs", "index", "assets.names", _PRECONDITION)
)
_MOST_KEYFRAMES: Final = 100_000  # their texts count long before


@dataclass(frozen=True, slots=True)
class Version:
    """A node of the tree. Time in ms since 1970."""

    id: str
    world_id: str
    parent_id: str | None
    source: str
    title: str | None
    created_ms: int


@dataclass(frozen=True, slots=True)
class Page:
    """Versions, oldest first, where the next page begins (None at the end), and HEAD."""

    versions: list[Version]
    following: str | None
    head_id: str | None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """What to add; no `parent_id` stands for HEAD, no `source` for the one that fits the place."""

    id: str
    parent_id: str | None
    source: str | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Stored:
    """A version with its packed snapshot, and what that was packed against (or nothing)."""

    version: Version
    blob: bytes
    keyframe_blob: bytes
    key: str  # where the store holds it, for the log


@dataclass(frozen=True, slots=True)
class Replayed:
    """The version that the first call with an Idempotency-Key has added, as it was then."""

    version: Version


@dataclass(frozen=True, slots=True)
class Unpacked:
    """The store needs the snapshot packed against this keyframe; without one, by itself."""

    address: str | None
    blob: bytes
    key: str  # as in Stored


class VersionStore:
    """Reads and writes versions; keeps the newest keyframes' texts at hand, bounded in bytes.

    A keyframe is never trusted to be there still: the script that stores a delta looks.
    """

    def __init__(self, store: Store, settings: VersionSettings, *, idempotency_s: int) -> None:
        self._store = store
        self._idempotency_ms = idempotency_s * 1000
        self._per_world = settings.per_world
        self._bytes_per_world = settings.bytes_per_world
        self._keyframes: LruCache[str, Keyframe] = LruCache(
            _MOST_KEYFRAMES, max_weight=settings.cache_bytes, weigh=lambda held: len(held.text)
        )

    async def create(
        self,
        tenant: Tenant,
        world_id: str,
        new: NewVersion,
        rev: str,
        address: str,
        blob: bytes,
        expected: Precondition | None,
        idempotency: Idempotency | None = None,
        *,
        names_nothing: bool,
    ) -> Version | Replayed | Overtaken | Unpacked:
        """Adds a version if the world is still at `rev`; an empty `blob` asks what to pack against.

        `names_nothing`: no asset stands in the document.

        The first answer instead when the Idempotency-Key has one. Idempotent under `new.id`.

        Raises NotFound (world or parent), RevisionConflict, InapplicableEdit (there are as many as there may
        be), IdempotencyMismatch, StoreUnavailable, OutcomeUnknown.
        """
        keys = _keys(tenant, world_id)
        args: list[Value] = [
            new.id, rev, new.parent_id or "", new.source or "", orjson.dumps(new.title),
            self._per_world, self._bytes_per_world, address, blob, script_argument(expected),
            int(names_nothing),
        ]  # fmt: skip
        if idempotency is not None:
            keys.append(idempotency.key(tenant))
            args += [idempotency.body_hash, self._idempotency_ms]
        outcome, *rest = await self._store.effect(_CREATE, keys, args)
        match outcome:
            case b"made":
                return _version(new.id, world_id, rest[0], keyspace.versions(tenant, world_id))
            case b"stale":
                return Overtaken(rest[0].decode(), rest[1])
            case b"conflict":
                raise RevisionConflict
            case b"keyframe":
                return self._unpacked(tenant, world_id, rest)
            case b"versions" | b"bytes" | b"assets":
                raise self._full(outcome)
            case b"no parent":
                raise NotFound("there is no such parent version")
            case b"gone":
                raise NotFound
            case _:
                first = first_answer(outcome, rest, keys[-1]).members
                return Replayed(_from_node(first["id"], world_id, first["node"]))

    async def replace_saving(
        self,
        tenant: Tenant,
        world_id: str,
        save: Save,
        pending: Pending[Any],
        address: str,
        blob: bytes,
    ) -> Replaced | Overtaken | Uncounted | Unpacked:
        """Saves a version of a world that still is what `pending` was made from, and replaces its document.

        An empty `blob` asks what to pack against. Idempotent under the request id.

        Raises NotFound, InapplicableEdit (there are as many versions as there may be), StoreUnavailable (also
        when the hold has lapsed), OutcomeUnknown.
        """
        hold, made, names = save.hold, pending.document, pending.asset_names
        summary = Summary.of(made.value)
        keys = [
            *_keys(tenant, world_id),
            keyspace.effect(tenant, pending.request_id),
            keyspace.changes(tenant, world_id),
            keyspace.usage(tenant),
            keyspace.holds(tenant, hold.unit),
        ]
        body = ""
        if hold.idempotency is not None:
            keys.append(hold.idempotency.key(tenant))
            body = hold.idempotency.body_hash
        args: list[Value] = [
            save.version_id, pending.base.rev, orjson.dumps(save.title), address, blob,
            self._per_world, self._bytes_per_world,
            summary.name, summary.description, summary.cover, packed(made.text), entry_of(save.ops),
            hold.unit, hold.id, EFFECT_MS, "=" if names is None else joined(names),
            "" if pending.base.asset_names else 1,
            body, save.answer, self._idempotency_ms,
        ]  # fmt: skip
        outcome, *rest = await self._store.effect(_REPLACE_SAVING, keys, args)
        match outcome:
            case b"ok":
                return Replaced(rest[0].decode(), tuple(name.decode() for name in rest[1:]))
            case b"uncounted":
                return Uncounted()
            case b"stale":
                return Overtaken(rest[0].decode(), rest[1])
            case b"keyframe":
                return self._unpacked(tenant, world_id, rest)
            case b"gone":
                raise NotFound
            case b"lapsed":
                raise StoreUnavailable("the edit took too long; nothing was changed or charged")
            case _:
                raise self._full(outcome)

    def _unpacked(self, tenant: Tenant, world_id: str, rest: Sequence[bytes]) -> Unpacked:
        key = keyspace.version_blobs(tenant, world_id)
        return Unpacked(rest[0].decode() or None, rest[1], key)

    def _full(self, outcome: bytes) -> InapplicableEdit:
        if outcome == b"assets":
            return InapplicableEdit(
                "the world's versions name as many pictures as they may: delete some"
            )
        if outcome == b"versions":
            return InapplicableEdit(
                f"the world has {self._per_world} versions, as many as it may have: delete some"
            )
        return InapplicableEdit(
            f"the world's versions would take more than {self._bytes_per_world} bytes, packed:"
            " delete some"
        )

    async def page(self, tenant: Tenant, world_id: str, *, after: str, limit: int) -> Page:
        """Returns up to `limit` versions, oldest first. Raises NotFound, StoreUnavailable."""
        keys = [
            keyspace.world(tenant, world_id),
            keyspace.versions(tenant, world_id),
            keyspace.version_index(tenant, world_id),
        ]
        while (found := await self._store.query(_LIST, keys, [after, limit])) in _WITHOUT_INDEX:
            # Once, after a release that had none.
            await self._store.effect(_MAKE_INDEX, keys[1:], found)
        if found is None:
            raise NotFound
        head, more, *flat = found
        # All nodes in one parse: a page is read and answered on the loop.
        nodes = jsondoc.load_stored(b"[" + b",".join(flat[1::2]) + b"]", keys[1])
        ids = [member.rpartition(b":")[2].decode() for member in flat[::2]]
        versions = [_from_node(key, world_id, node) for key, node in zip(ids, nodes, strict=True)]
        return Page(versions, flat[-2].decode() if more else None, head.decode() or None)

    async def read(
        self,
        tenant: Tenant,
        world_id: str,
        version_ids: Sequence[str],
        *,
        most_bytes: int | None = None,
    ) -> tuple[str, list[Stored]]:
        """Returns the world's revision and the versions.

        Raises NotFound, TooHeavy (a blob is longer than `most_bytes`), StoreUnavailable.
        """
        keys = _keys(tenant, world_id)[:3]
        most = "" if most_bytes is None else most_bytes
        found = await self._store.query(_READ, keys, [most, *version_ids])
        if found is None:
            raise NotFound
        rev, *rest = found
        if None in rest:
            if most_bytes is None:
                raise jsondoc.unreadable(keys[2], "a version's text is not there")
            raise TooHeavy
        stored = [
            Stored(_version(key, world_id, rest[at], keys[1]), rest[at + 1], rest[at + 2], keys[2])
            for key, at in zip(version_ids, range(0, len(rest), 3), strict=True)
        ]
        return rev.decode(), stored

    async def rename(
        self,
        tenant: Tenant,
        world_id: str,
        version_id: str,
        title: str | None,
        expected: Precondition | None,
        request_id: str,
    ) -> None:
        """Sets a title. Raises NotFound, RevisionConflict, StoreUnavailable, OutcomeUnknown."""
        keys = [*_keys(tenant, world_id)[:2], keyspace.effect(tenant, request_id)]
        args: list[Value] = [
            version_id, orjson.dumps(title), script_argument(expected), EFFECT_MS
        ]  # fmt: skip
        _check_outcome(await self._store.effect(_RENAME, keys, args))

    async def delete(
        self,
        tenant: Tenant,
        world_id: str,
        version_id: str,
        expected: Precondition | None,
        request_id: str,
    ) -> tuple[str, ...]:
        """Removes a version; returns the assets that no document of the world names any more.

        Raises NotFound, RevisionConflict, VersionIsHead, StoreUnavailable, OutcomeUnknown.
        """
        keys = [*_keys(tenant, world_id), keyspace.effect(tenant, request_id)]
        args: list[Value] = [version_id, script_argument(expected), EFFECT_MS]
        outcome, *dropped = await self._store.effect(_DELETE, keys, args)
        _check_outcome(outcome)
        return tuple(name.decode() for name in dropped)

    def keyframe(self, tenant: Tenant, world_id: str) -> Keyframe | None:
        """The newest keyframe of a world that this process has seen."""
        return self._keyframes.get(keyspace.world(tenant, world_id))

    def remember(self, tenant: Tenant, world_id: str, keyframe: Keyframe) -> None:
        """Keeps a keyframe at hand."""
        self._keyframes.put(keyspace.world(tenant, world_id), keyframe)


def _check_outcome(outcome: bytes) -> None:
    """Raises what a script's answer stands for: NotFound, RevisionConflict, VersionIsHead."""
    if outcome == b"gone":
        raise NotFound
    if outcome == b"conflict":
        raise RevisionConflict
    if outcome == b"head":
        raise VersionIsHead


def _keys(tenant: Tenant, world_id: str) -> list[str]:
    return [
        keyspace.world(tenant, world_id),
        keyspace.versions(tenant, world_id),
        keyspace.version_blobs(tenant, world_id),
        keyspace.version_counts(tenant, world_id),
        keyspace.version_index(tenant, world_id),
        keyspace.asset_names(tenant, world_id),
        keyspace.asset_counts(tenant, world_id),
    ]


def _version(version_id: str, world_id: str, node: bytes, key: str) -> Version:
    return _from_node(version_id, world_id, jsondoc.load_stored(node, key))


def _from_node(version_id: str, world_id: str, node: dict[str, Any]) -> Version:
    return Version(
        id=version_id,
        world_id=world_id,
        parent_id=node["parent"],
        source=node["source"],
        title=node["title"],
        created_ms=node["created"],
    )
