"""Worlds as their owners and readers know them: read, listed, described, deleted (CONTRACT 2.2)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.core.errors import (
    InvalidField,
    NotFound,
    OutcomeUnknown,
    RevisionConflict,
    StoreUnavailable,
)
from conjure.core.ids import checked_id, new_id
from conjure.core.paging import page_size, read_cursor, write_cursor
from conjure.kernel import ops
from conjure.kernel.character import is_character
from conjure.kernel.names import world_name_problem
from conjure.kernel.stances import with_prose
from conjure.queue.kinds import FORGETTING
from conjure.worlds import access
from conjure.worlds.access import READABLE
from conjure.worlds.editor import Edit
from conjure.worlds.model import MAX_DESCRIPTION

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from typing import Any

    from conjure.assets.service import Assets
    from conjure.core.caller import ApiCaller, Tenant
    from conjure.core.preconditions import Precondition
    from conjure.queue.directory import Directory
    from conjure.worlds.access import VisibleDocument
    from conjure.worlds.directory import PublicDirectory
    from conjure.worlds.editor import WorldEditor
    from conjure.worlds.model import History, Snapshot, WorldInfo
    from conjure.worlds.store import WorldStore


class WorldService:
    """Rules of worlds."""

    def __init__(
        self,
        store: WorldStore,
        directory: PublicDirectory,
        editor: WorldEditor,
        assets: Assets,
        queue: Directory,
    ) -> None:
        self._store = store
        self._queue = queue
        self._directory = directory
        self._editor = editor
        self._assets = assets

    async def read(self, caller: ApiCaller, world_id: str) -> tuple[WorldInfo, VisibleDocument]:
        """Returns a world that `caller` may read, as it may see it: one's own, or a published one.

        Modes are walls also here (CONTRACT 0.1). Raises NotFound, StoreUnavailable.
        """
        owner, info, snapshot = await self._readable(caller.tenant, world_id)
        return info, access.visible(caller, owner, snapshot)

    async def read_own(self, caller: ApiCaller, world_id: str) -> VisibleDocument:
        """Returns a world of the caller's own app and mode. Raises NotFound, TooHeavy, StoreUnavailable."""
        _, snapshot = await self._store.get(caller.tenant, checked_id(world_id))
        return access.visible(caller, caller.tenant, snapshot)

    async def _readable(self, tenant: Tenant, world_id: str) -> tuple[Tenant, WorldInfo, Snapshot]:
        """Returns a world that `tenant` may read, and whose it is."""
        checked = checked_id(world_id)
        try:
            info, snapshot = await self._store.get(tenant, checked)
        except NotFound:
            owner = await self._directory.publisher(checked)
            if owner is None or owner.mode != tenant.mode:
                raise
            return owner, *await self._read_published(owner, checked)
        if info.is_unconfirmed:
            await self._directory.try_to_follow(tenant, checked)
        return tenant, info, snapshot

    async def _read_published(self, owner: Tenant, world_id: str) -> tuple[WorldInfo, Snapshot]:
        """Reads a world that the directory says is public. The world decides, and puts it right."""
        with contextlib.suppress(NotFound):
            info, snapshot = await self._store.get(owner, world_id)
            if info.visibility in READABLE:
                return info, snapshot
        await self._directory.try_to_follow(owner, world_id)
        raise NotFound

    async def list(
        self, tenant: Tenant, *, limit: int | None, cursor: str | None
    ) -> tuple[list[WorldInfo], str | None]:
        """Returns a page, newest first, and the cursor of the next one.

        Raises InvalidField, InvalidCursor, StoreUnavailable.
        """
        after = read_cursor(cursor) if cursor is not None else ""
        page, following = await self._store.list(tenant, after=after, limit=page_size(limit))
        return page, write_cursor(following) if following is not None else None

    async def describe(
        self,
        tenant: Tenant,
        world_id: str,
        members: dict[str, str | None],
        visibility: str | None,
        expected: Precondition | None,
    ) -> tuple[WorldInfo, str]:
        """Changes name, description, cover (members of the document) and who may read the world.

        None erases a member; the name stays.
        The revision moves only when the document changes (CONTRACT 2.2). Returns it with the metadata.
        Where the directory of public worlds could not follow, the world is not yet found by others, and
        the outcome is unknown; hidden it is at once, as it decides itself.
        Raises InvalidField, NotFound, RevisionConflict, KernelRefused, StoreUnavailable,
        OutcomeUnknown.
        """
        check_description(members, visibility)

        def change(world: dict[str, Any]) -> dict[str, Any]:
            if not any(_differs(world, name, text) for name, text in members.items()):
                return world
            kept = {
                name: value for name, value in world.items() if members.get(name, "") is not None
            }
            made = kept | {name: text for name, text in members.items() if text is not None}
            return with_prose(world, made) if "name" in members and is_character(made) else made

        info, rev, _ = await self.update(
            tenant, world_id, change, said_of(members), visibility, expected
        )
        return info, rev

    async def update(
        self,
        tenant: Tenant,
        world_id: str,
        change: Callable[[dict[str, Any]], dict[str, Any]],
        said: Sequence[str],
        visibility: str | None,
        expected: Precondition | None,
    ) -> tuple[WorldInfo, str, Snapshot]:
        """Changes a document and who may read it, as one write; the document is written only if it changes.

        `change` returns the same object when there is nothing to change. `said` is what watchers are told.
        Returns the metadata with the newest revision, and the document as it was left here. Raises as
        `describe`, and what `change` does.
        """
        world_id = checked_id(world_id)
        _, snapshot = await self._store.get(tenant, world_id)
        if change(snapshot.value) is not snapshot.value:

            def apply(world: dict[str, Any]) -> ops.Applied:
                return ops.Applied(change(world), None)

            edit = Edit(apply, lambda _: said, visibility=visibility or "")
            snapshot = (await self._editor.write(tenant, world_id, edit, expected)).snapshot
        elif visibility is not None:
            await self._store.set_visibility(tenant, world_id, visibility, expected, new_id())
        elif expected is not None and not expected.allows(snapshot.rev):
            raise RevisionConflict
        if visibility is not None:
            followed = await self._directory.try_to_follow(tenant, world_id)
            if not followed and visibility in READABLE:
                raise OutcomeUnknown
        try:
            # Without the document: it may just have become too heavy for this process, too late to say so.
            rev, info = await self._store.info(tenant, world_id)
        except StoreUnavailable as error:  # that would say that nothing has happened
            raise OutcomeUnknown from error
        return info, rev, snapshot

    async def delete(
        self, tenant: Tenant, world_id: str, expected: Precondition | None, *, kind: str = ""
    ) -> str:
        """Removes a world with all that belongs to it; returns its id. One of another `kind` is not there.

        Raises NotFound, RevisionConflict, StoreUnavailable, OutcomeUnknown.
        """
        checked = checked_id(world_id)
        deleted = await self._store.delete(tenant, checked, expected, new_id(), kind=kind)
        if deleted.was_shared:
            await self._directory.try_to_follow(tenant, checked)
        if deleted.is_unfinished:
            await self._queue.announce(tenant, FORGETTING)
        await self._assets.dropped(deleted.asset_names)
        return checked

    def warm(self, tenant: Tenant, world_id: str) -> Awaitable[Snapshot]:
        """Returns a snapshot of a tenant's own world that this process has seen, however old.

        For domains whose script compares its revision. Raises NotFound, StoreUnavailable.
        """
        return self._store.warm(tenant, world_id)

    def received(self, tenant: Tenant, world_id: str, rev: str, text: bytes) -> Snapshot:
        """Keeps what another domain's script answered about a world at hand, and returns it.

        Raises TooHeavy, StoredDataUnreadable.
        """
        return self._store.received(tenant, world_id, rev, text)

    async def history(self, tenant: Tenant, world_id: str, after: str | None) -> History:
        """Returns the present revision of a tenant's own world and the changes later than `after`.

        Raises NotFound, StoreUnavailable.
        """
        return await self._store.history(tenant, world_id, after)


def _differs(world: dict[str, Any], name: str, text: str | None) -> bool:
    return name in world if text is None else world.get(name) != text


def said_of(members: Mapping[str, Any]) -> tuple[str, ...]:
    """What watchers are told of members that are set, or erased (None)."""
    return tuple(
        f"set {name}" if value is not None else f"erase {name}" for name, value in members.items()
    )


def check_description(members: Mapping[str, str | None], visibility: str | None) -> None:
    """Raises InvalidField for name, description and cover of a document, and for who may read it."""
    problems = []
    if "name" in members and (problem := world_name_problem(members["name"] or "")) is not None:
        problems.append(problem)
    if len(members.get("description") or "") > MAX_DESCRIPTION:
        problems.append(f"description must have at most {MAX_DESCRIPTION} characters")
    if members.get("cover") == "":
        problems.append("cover must be a URL or a data URL")
    if visibility is not None and visibility not in (*READABLE, "private"):
        problems.append("visibility must be private, unlisted or public")
    if problems:
        raise InvalidField(*problems)
