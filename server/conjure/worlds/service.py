"""Worlds as their owners and readers know them: read, listed, described, deleted (CONTRACT 2.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.core.errors import InvalidField, NotFound, RevisionConflict
from conjure.core.ids import checked_id, new_id
from conjure.core.paging import page_size, read_cursor, write_cursor
from conjure.kernel import ops
from conjure.kernel.names import world_name_problem
from conjure.worlds.access import READABLE
from conjure.worlds.editor import Edit
from conjure.worlds.model import MAX_DESCRIPTION

if TYPE_CHECKING:
    from typing import Any

    from conjure.core.caller import Tenant
    from conjure.core.preconditions import Precondition
    from conjure.worlds.editor import WorldEditor
    from conjure.worlds.model import History, Snapshot, WorldInfo
    from conjure.worlds.store import WorldStore


class WorldService:
    """Rules of worlds."""

    def __init__(self, store: WorldStore, editor: WorldEditor) -> None:
        self._store = store
        self._editor = editor

    async def read(self, tenant: Tenant, world_id: str) -> tuple[Tenant, WorldInfo, Snapshot]:
        """Returns a world that `tenant` may read, and whose it is: one's own, or a published one.

        Modes are walls also here (CONTRACT 0.1). Raises NotFound, StoreUnavailable.
        """
        checked = checked_id(world_id)
        try:
            return tenant, *await self._store.get(tenant, checked)
        except NotFound:
            owner = await self._store.publisher(checked)
            if owner is None or owner == tenant or owner.mode != tenant.mode:
                raise
        info, snapshot = await self._store.get(owner, checked)
        if info.visibility not in READABLE:  # the directory is a hint, the world decides
            raise NotFound
        return owner, info, snapshot

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
        members: dict[str, str],
        visibility: str | None,
        expected: Precondition | None,
    ) -> tuple[WorldInfo, str]:
        """Changes name, description, cover (members of the document) and who may read the world.

        The revision moves only when the document changes (CONTRACT 2.2). Returns it with the metadata.
        Raises InvalidField, NotFound, RevisionConflict, KernelRefused, StoreUnavailable,
        OutcomeUnknown.
        """
        _check_description(members, visibility)
        world_id = checked_id(world_id)
        info, snapshot = await self._store.get(tenant, world_id)
        if visibility is not None and visibility not in READABLE:
            # First out of sight: should the rest fail, it is hidden from others already.
            await self._store.unpublish(world_id)
        if any(snapshot.value.get(name) != text for name, text in members.items()):

            def change(world: dict[str, Any]) -> ops.Applied:
                return ops.Applied(world | members, None)

            said = tuple(f"set {name}" for name in members)
            await self._editor.write(
                tenant,
                world_id,
                Edit(change, lambda _: said, visibility=visibility or ""),
                expected,
            )
        elif expected is not None and not expected.allows(snapshot.rev):
            raise RevisionConflict
        elif visibility is not None and visibility != info.visibility:
            rev = snapshot.rev if expected is not None and not expected.anything else ""
            if not await self._store.set_visibility(tenant, world_id, visibility, rev):
                raise RevisionConflict
        if visibility in READABLE:
            await self._store.publish(tenant, world_id)
        info, snapshot = await self._store.get(tenant, world_id)
        return info, snapshot.rev

    async def delete(self, tenant: Tenant, world_id: str) -> str:
        """Removes a world with all that belongs to it; returns its id.

        Raises NotFound, StoreUnavailable, OutcomeUnknown.
        """
        checked = checked_id(world_id)
        await self._store.delete(tenant, checked, new_id())
        return checked

    async def warm(self, tenant: Tenant, world_id: str) -> Snapshot:
        """Returns a snapshot of a tenant's own world that this process has seen, however old.

        For domains whose script compares its revision. Raises NotFound, StoreUnavailable.
        """
        return await self._store.warm(tenant, world_id)

    def cached(self, tenant: Tenant, world_id: str) -> Snapshot | None:
        """The newest snapshot this process has seen; the store may have a newer one."""
        return self._store.cached(tenant, world_id)

    def remember(self, tenant: Tenant, world_id: str, rev: str, text: bytes) -> Snapshot:
        """Keeps what another domain's script answered about a world at hand, and returns it."""
        return self._store.remember(tenant, world_id, rev, text)

    async def history(self, tenant: Tenant, world_id: str, after: int | None) -> History:
        """Returns the present revision of a tenant's own world and the changes after `after`.

        Raises NotFound, StoreUnavailable.
        """
        return await self._store.history(tenant, world_id, after)


def _check_description(members: dict[str, str], visibility: str | None) -> None:
    problems = []
    if "name" in members and (problem := world_name_problem(members["name"])) is not None:
        problems.append(problem)
    if len(members.get("description", "")) > MAX_DESCRIPTION:
        problems.append(f"description must have at most {MAX_DESCRIPTION} characters")
    if members.get("cover") == "":
        problems.append("cover must be a URL or a data URL")
    if visibility is not None and visibility not in (*READABLE, "private"):
        problems.append("visibility must be private, unlisted or public")
    if problems:
        raise InvalidField(*problems)
