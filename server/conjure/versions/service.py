"""Snapshots of worlds, their tree, and going back to one (CONTRACT 4)."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.core.errors import InvalidField, TooHeavy
from conjure.core.ids import checked_id, new_id
from conjure.core.paging import page_size, read_rising_cursor, write_cursor
from conjure.core.weights import is_heavier
from conjure.kernel import ops
from conjure.usage.idempotency import Idempotency
from conjure.versions.diff import compare
from conjure.versions.packing import Keyframe, Packed, address_of, pack, unpack, unpacked_bytes
from conjure.versions.store import NewVersion, Replayed, Unpacked, Version
from conjure.worlds import access
from conjure.worlds.editor import Edit
from conjure.worlds.model import Overtaken, Replaced, Snapshot, check_stored
from conjure.worlds.structure_sharing import shared

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.assets.service import Assets
    from conjure.core.caller import ApiCaller, Tenant
    from conjure.core.preconditions import Precondition
    from conjure.versions.diff import Changes
    from conjure.versions.model import Save
    from conjure.versions.store import Page, Stored, VersionStore
    from conjure.worlds.access import VisibleDocument
    from conjure.worlds.editor import Pending, WorldEditor
    from conjure.worlds.model import Uncounted
    from conjure.worlds.service import WorldService

VERSION_ROUTE: Final = "versions"
"""The route that Idempotency-Keys of saves are scoped to (CONTRACT 0)."""

MOST_LISTED: Final = 1_000
"""The most versions that a page has, and how many it has unless asked: the vendor's clients know no pages."""

SOURCES: Final = ("save", "branch", "manual", "ai", "import")
_MAX_TITLE: Final = 200


class VersionService:
    """Rules of versions.

    HEAD is a field of the world, and a checkout is a write of it like any edit: of a checkout and an
    edit at once, the later one is made from what the earlier one left.
    """

    def __init__(
        self,
        store: VersionStore,
        worlds: WorldService,
        editor: WorldEditor,
        assets: Assets,
        *,
        most_weight: int | None = None,
    ) -> None:
        self._store = store
        self._most_weight = most_weight
        self._worlds = worlds
        self._editor = editor
        self._assets = assets

    async def create(
        self,
        tenant: Tenant,
        world_id: str,
        *,
        title: str | None = None,
        parent_id: str | None = None,
        source: str | None = None,
        expected: Precondition | None = None,
        idempotency_key: str | None = None,
    ) -> Version | Replayed:
        """Snapshots the working graph, onto HEAD unless another parent is named.

        Raises InvalidField, NotFound (also the parent), RevisionConflict, InapplicableEdit (as many as there
        may be), IdempotencyMismatch, StoreUnavailable, OutcomeUnknown.
        """
        _check_title(title)
        if source is not None and source not in SOURCES:
            raise InvalidField(f"source must be one of {', '.join(SOURCES)}")
        world_id = checked_id(world_id)
        parent_id = checked_id(parent_id) if parent_id is not None else None
        request = (world_id, title, parent_id, source)
        idempotency = Idempotency.of(VERSION_ROUTE, idempotency_key, *request)
        new = NewVersion(new_id(), parent_id, source, title)
        base = await self._worlds.warm(tenant, world_id)
        keyframe = self._store.keyframe(tenant, world_id)
        # Without a keyframe at hand the store says what there is; of a document that was saved before, it
        # has the blob.
        may_pack = keyframe is not None and not _was_addressed(base)
        while True:
            packed = self._packed(base, keyframe) if may_pack else Packed(_address_of(base), b"")
            outcome = await self._store.create(
                tenant, world_id, new, base.rev, packed.address, packed.blob, expected, idempotency,
                names_nothing=not base.asset_names,
            )  # fmt: skip
            if isinstance(outcome, Replayed):
                return outcome
            if isinstance(outcome, Version):
                if packed.is_keyframe:
                    self._store.remember(tenant, world_id, Keyframe(packed.address, base.text))
                return outcome
            if isinstance(outcome, Overtaken):
                base = self._worlds.received(tenant, world_id, outcome.rev, outcome.text)
                continue
            may_pack, keyframe = True, self._told(tenant, world_id, outcome)

    async def replace_saving(
        self,
        tenant: Tenant,
        world_id: str,
        save: Save,
        pending: Pending[Any],
    ) -> Replaced | Overtaken | Uncounted:
        """Stores an edit in words in one step with a version of what it was made from (`Edit.commit`).

        Whatever its texts weigh, this process packs them: a model has worked for it, and would have to again.
        Raises NotFound, InapplicableEdit (there are as many versions as there may be), StoreUnavailable (also
        when the unit's hold has lapsed), OutcomeUnknown.
        """
        base, keyframe = pending.base, self._store.keyframe(tenant, world_id)
        may_pack = keyframe is not None and not _was_addressed(base)
        while True:
            packed = (
                await self._packed_aside(base, keyframe)
                if may_pack
                else Packed(_address_of(base), b"")
            )
            outcome = await self._store.replace_saving(
                tenant, world_id, save, pending, packed.address, packed.blob
            )
            if not isinstance(outcome, Unpacked):
                if packed.is_keyframe and isinstance(outcome, Replaced):
                    self._store.remember(tenant, world_id, Keyframe(packed.address, base.text))
                return outcome
            may_pack, keyframe = True, None
            if outcome.address is not None:
                text = await asyncio.to_thread(_unpacked, outcome.blob, b"", outcome.key)
                keyframe = Keyframe(outcome.address, text)
                self._store.remember(tenant, world_id, keyframe)

    def _told(self, tenant: Tenant, world_id: str, told: Unpacked) -> Keyframe | None:
        """The keyframe that the store has told to pack against."""
        if told.address is None:
            return None
        keyframe = Keyframe(told.address, self._unpacked(told.blob, b"", told.key))
        self._store.remember(tenant, world_id, keyframe)
        return keyframe

    async def list(
        self, tenant: Tenant, world_id: str, *, limit: int | None, cursor: str | None
    ) -> Page:
        """Returns a page, oldest first, with the cursor of the next one and HEAD.

        Raises NotFound, InvalidField, InvalidCursor, StoreUnavailable.
        """
        world_id = checked_id(world_id)
        after = read_rising_cursor(cursor) if cursor is not None else ""
        size = page_size(limit, default=MOST_LISTED, most=MOST_LISTED)
        page = await self._store.page(tenant, world_id, after=after, limit=size)
        following = write_cursor(page.following) if page.following is not None else None
        return replace(page, following=following)

    async def get(
        self, caller: ApiCaller, world_id: str, version_id: str
    ) -> tuple[Version, VisibleDocument]:
        """Returns a version and what `caller` sees of the world as it was.

        Raises NotFound, StoreUnavailable.
        """
        version_id, tenant = checked_id(version_id), caller.tenant
        rev, (stored,) = await self._read(tenant, checked_id(world_id), [version_id])
        text = self._text(stored)
        check_stored(text, stored.key)
        snapshot = Snapshot(rev, text, key=stored.key)
        return stored.version, access.visible(caller, tenant, snapshot)

    async def document(self, tenant: Tenant, world_id: str, version_id: str) -> dict[str, Any]:
        """Returns a tenant's own world as it was. Raises NotFound, TooHeavy, StoreUnavailable."""
        _, (stored,) = await self._read(tenant, world_id, [version_id])
        document: dict[str, Any] = jsondoc.load_stored(self._text(stored), stored.key)
        return document

    async def diff(
        self, caller: ApiCaller, world_id: str, a: str, b: str
    ) -> tuple[Changes, Changes]:
        """Returns what differs from one version to another: in the states, in the events.

        Raises NotFound, StoreUnavailable.
        """
        ids = [checked_id(a), checked_id(b)]
        tenant = caller.tenant
        rev, both = await self._read(tenant, checked_id(world_id), ids)
        snapshots = [Snapshot(rev, self._text(stored), key=stored.key) for stored in both]
        first, second = (access.visible(caller, tenant, item).value for item in snapshots)
        return compare(first, second)

    async def check_out(
        self,
        caller: ApiCaller,
        world_id: str,
        version_id: str,
        expected: Precondition | None = None,
    ) -> VisibleDocument:
        """Makes a version the working graph and HEAD, in one step.

        Raises NotFound, RevisionConflict, KernelRefused, StoreUnavailable, OutcomeUnknown.
        """
        world_id, version_id = checked_id(world_id), checked_id(version_id)
        tenant = caller.tenant
        _, (stored,) = await self._read(tenant, world_id, [version_id])
        restored: dict[str, Any] = jsondoc.load_stored(self._text(stored), stored.key)
        document = restored | {"id": world_id}

        def change(world: dict[str, Any]) -> ops.Applied:
            # Made of the parts of what is there, where they are the same: then only the others are checked.
            return ops.Applied(shared(document, world), None)

        edit = Edit(change, lambda _: (f"checkout {version_id}",), version_id=version_id)
        edited = await self._editor.write(tenant, world_id, edit, expected)
        return access.visible(caller, tenant, edited.snapshot)

    async def rename(
        self,
        tenant: Tenant,
        world_id: str,
        version_id: str,
        title: str | None,
        expected: Precondition | None = None,
    ) -> None:
        """Sets a title, or takes it away.

        Raises InvalidField, NotFound, RevisionConflict, StoreUnavailable, OutcomeUnknown.
        """
        _check_title(title)
        await self._store.rename(
            tenant, checked_id(world_id), checked_id(version_id), title, expected, new_id()
        )

    async def delete(
        self,
        tenant: Tenant,
        world_id: str,
        version_id: str,
        expected: Precondition | None = None,
    ) -> None:
        """Removes a version; its children go to its parent.

        Raises NotFound, RevisionConflict, VersionIsHead, StoreUnavailable, OutcomeUnknown.
        """
        dropped = await self._store.delete(
            tenant, checked_id(world_id), checked_id(version_id), expected, new_id()
        )
        await self._assets.dropped(dropped)

    async def _read(
        self, tenant: Tenant, world_id: str, version_ids: Sequence[str]
    ) -> tuple[str, Sequence[Stored]]:
        return await self._store.read(tenant, world_id, version_ids, most_bytes=self._most_weight)

    def _packed(self, snapshot: Snapshot, keyframe: Keyframe | None) -> Packed:
        self._refuse_heavy(len(snapshot.text))
        if keyframe is not None:
            self._refuse_heavy(len(keyframe.text))
        return pack(_address_of(snapshot), snapshot.text, keyframe)

    async def _packed_aside(self, snapshot: Snapshot, keyframe: Keyframe | None) -> Packed:
        """Packs without holding the loop up: texts that a parse allows may be long all the same."""
        most, address = self._most_weight, _address_of(snapshot)
        size = len(snapshot.text) + (len(keyframe.text) if keyframe is not None else 0)
        if most is None or size <= most:
            return pack(address, snapshot.text, keyframe)
        return await asyncio.to_thread(pack, address, snapshot.text, keyframe)

    def _text(self, stored: Stored) -> bytes:
        return self._unpacked(stored.blob, stored.keyframe_blob, stored.key)

    def _unpacked(self, blob: bytes, keyframe_blob: bytes, key: str) -> bytes:
        try:
            self._refuse_heavy(unpacked_bytes(blob, keyframe_blob))
        except ValueError as error:
            raise jsondoc.unreadable(key, str(error)) from error
        text = _unpacked(blob, keyframe_blob, key)
        if self._most_weight is not None and is_heavier(text, self._most_weight):
            raise TooHeavy
        return text

    def _refuse_heavy(self, size: int) -> None:
        if self._most_weight is not None and size > self._most_weight:
            raise TooHeavy


def _unpacked(blob: bytes, keyframe_blob: bytes, key: str) -> bytes:
    try:
        return unpack(blob, keyframe_blob)
    except ValueError as error:
        raise jsondoc.unreadable(key, str(error)) from error


def _check_title(title: str | None) -> None:
    if title is not None and len(title) > _MAX_TITLE:
        raise InvalidField(f"title must have at most {_MAX_TITLE} characters")


def _was_addressed(snapshot: Snapshot) -> bool:
    return "address" in snapshot.rendered


def _address_of(snapshot: Snapshot) -> str:
    """Kept with the snapshot: a world may be saved again and again as it is."""
    if "address" not in snapshot.rendered:
        snapshot.rendered["address"] = address_of(snapshot.value).encode()
    return snapshot.rendered["address"].decode()
