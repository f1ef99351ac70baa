"""Characters as their owners and readers know them: read, listed, changed, deleted (CONTRACT 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjure.characters.requests import check_patch
from conjure.core.errors import NotFound
from conjure.core.paging import page_size, read_cursor, write_cursor
from conjure.core.preconditions import labelled
from conjure.kernel.character import Character, is_character
from conjure.kernel.stances import recompiled
from conjure.worlds import access
from conjure.worlds.model import CHARACTER
from conjure.worlds.service import check_description, said_of

if TYPE_CHECKING:
    from conjure.characters.requests import CharacterPatch
    from conjure.characters.store import CharacterStore
    from conjure.core.caller import ApiCaller, Tenant
    from conjure.core.preconditions import Precondition
    from conjure.worlds.access import VisibleDocument
    from conjure.worlds.model import WorldInfo
    from conjure.worlds.service import WorldService

_PRIVATE = "private"


@dataclass(frozen=True, slots=True)
class CharacterView:
    """A character as one caller may see it. `is_whole`: the owner, who sees the brain too."""

    info: WorldInfo
    character: Character
    rev: str
    etag: str
    is_whole: bool
    description: str
    cover: str | None

    @classmethod
    def of(cls, info: WorldInfo, seen: VisibleDocument) -> CharacterView:
        """Raises NotFound when the world is no character."""
        world = seen.value
        if not is_character(world):
            raise NotFound
        # The answer tells who may read it, which moves no revision.
        etag = seen.etag if info.visibility == _PRIVATE else labelled(seen.etag, info.visibility)
        return cls(
            info,
            Character.of(world),
            seen.rev,
            etag,
            seen.is_whole,
            _text(world.get("description")) or "",
            _text(world.get("cover")),
        )


class CharacterService:
    """Rules of characters. They are worlds, and are read and written as such."""

    def __init__(self, worlds: WorldService, store: CharacterStore) -> None:
        self._worlds = worlds
        self._store = store

    async def read(self, caller: ApiCaller, character_id: str) -> CharacterView:
        """Returns a character that `caller` may read, as it may see it.

        Raises NotFound (also a world that is no character), TooHeavy, StoreUnavailable.
        """
        return CharacterView.of(*await self._worlds.read(caller, character_id))

    async def list(
        self, caller: ApiCaller, *, limit: int | None, cursor: str | None
    ) -> tuple[list[CharacterView], str | None]:
        """Returns a page of the caller's own, newest first, and the cursor of the next one.

        Raises InvalidField, InvalidCursor, TooHeavy, StoreUnavailable.
        """
        after = read_cursor(cursor) if cursor is not None else ""
        tenant = caller.tenant
        page, following = await self._store.list(tenant, after=after, limit=page_size(limit))
        views = [
            CharacterView.of(info, access.visible(caller, tenant, snapshot))
            for info, snapshot in page
        ]
        return views, write_cursor(following) if following is not None else None

    async def update(
        self,
        caller: ApiCaller,
        character_id: str,
        patch: CharacterPatch,
        expected: Precondition | None,
    ) -> CharacterView:
        """Changes what the patch names, as one write; the revision moves only when the document changes.

        Raises InvalidField, NotFound (also a world that is no character), RevisionConflict, InapplicableEdit,
        KernelRefused, PayloadTooLarge, TooHeavy, StoreUnavailable, OutcomeUnknown.
        """
        check_description(patch.members, patch.visibility)
        check_patch(patch)

        def change(world: dict[str, Any]) -> dict[str, Any]:
            if not is_character(world):
                raise NotFound
            return recompiled(
                world, members=patch.members, character=patch.character, stances=patch.stances
            )

        said = said_of(
            {**patch.members, **patch.character}
            | ({} if patch.stances is None else {"stances": patch.stances})
        )
        info, _, snapshot = await self._worlds.update(
            caller.tenant, character_id, change, said, patch.visibility, expected
        )
        return CharacterView.of(info, access.visible(caller, caller.tenant, snapshot))

    async def delete(self, tenant: Tenant, character_id: str, expected: Precondition | None) -> str:
        """Removes a character with all that belongs to it; returns its id.

        Raises NotFound (also a world that is no character), RevisionConflict, StoreUnavailable,
        OutcomeUnknown.
        """
        return await self._worlds.delete(tenant, character_id, expected, kind=CHARACTER)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
