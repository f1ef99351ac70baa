"""Making characters: by import, from what is said of one, written by the author, by fork (CONTRACT 5).

What is the same for every world is the work of `worlds.creation`: the unit, the Idempotency-Key, the
pictures, the store.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from conjure.characters.requests import (
    FORK_ROUTE,
    ROUTE,
    checked,
    document_of,
    problems_of_members,
    problems_of_stances,
)
from conjure.core.errors import AuthorUnavailable, KernelRefused
from conjure.core.ids import new_id
from conjure.kernel.stances import NewCharacter, NewStance, compiled
from conjure.providers.author import AuthorError, CharacterRequest
from conjure.usage.idempotency import Idempotency
from conjure.worlds.generation import Made, UnfitWorld
from conjure.worlds.model import CHARACTER

if TYPE_CHECKING:
    from conjure.assets.service import Assets
    from conjure.characters.requests import AskedCharacter
    from conjure.core.caller import ApiCaller, Tenant
    from conjure.providers.author import Author, AuthoredCharacter
    from conjure.worlds.covers import Covers
    from conjure.worlds.creation import CreatedWorld, WorldCreation
    from conjure.worlds.frames import Frames
    from conjure.worlds.generation import Generation

log = structlog.get_logger(__name__)


class CharacterCreation:
    """Makes characters; one `generation` is held first, spent with the character, else given back."""

    def __init__(
        self,
        creation: WorldCreation,
        generation: Generation,
        author: Author,
        covers: Covers,
        assets: Assets,
        frames: Frames,
    ) -> None:
        self._creation = creation
        self._generation = generation
        self._author = author
        self._covers = covers
        self._assets = assets
        self._frames = frames

    async def create(
        self, tenant: Tenant, asked: AskedCharacter, *, idempotency_key: str | None = None
    ) -> CreatedWorld:
        """Makes a character in one of the three ways.

        Raises InvalidField, UnprocessableCreation, MalformedRequest, KernelRefused, QuotaExceeded,
        IdempotencyInProgress, IdempotencyMismatch, AuthorUnavailable, AssetsUnavailable, PayloadTooLarge,
        StoreUnavailable, OutcomeUnknown.
        """
        given = document_of(asked)
        imported = checked(asked, given)
        idempotency = Idempotency.of(ROUTE, idempotency_key, *asked.said(given))

        async def write() -> Made:
            if asked.is_authored:
                return await self._authored(asked)
            if imported is not None:
                return self._generation.given(imported, new_id(), asked.name)
            return self._generation.given(compiled(_new(asked)), new_id(), None)

        cover = asked.cover if imported is None else imported.get("cover")
        return await self._creation.make(
            tenant, write, idempotency, given_cover=cover, is_long=asked.is_authored
        )

    async def fork(
        self, caller: ApiCaller, character_id: str, *, idempotency_key: str | None = None
    ) -> CreatedWorld:
        """Copies what `caller` sees of a character as a private one of its own; counts one `generation`.

        Raises InvalidField, NotFound (also a world that is no character), QuotaExceeded, KernelRefused,
        IdempotencyInProgress, IdempotencyMismatch, AssetsUnavailable, StoreUnavailable, OutcomeUnknown.
        """
        return await self._creation.fork(
            caller,
            character_id,
            idempotency_key=idempotency_key,
            route=FORK_ROUTE,
            kind=CHARACTER,
        )

    async def _authored(self, asked: AskedCharacter) -> Made:
        """Has a character written; what the caller says of it wins."""
        frame = await self._frames.of(asked.written_from)
        request = CharacterRequest((asked.premise or "").strip(), name=asked.name, frame=frame)
        try:
            written = await self._author.create_character(request)
        except AuthorError as error:
            log.warning("the author failed", error=str(error))
            raise AuthorUnavailable from error
        new = _merged(asked, written)
        problems = (*problems_of_members(new.members), *problems_of_stances(new.stances))
        if problems or not new.stances:
            log.error("the author made a character that is none", problems=len(problems))
            raise UnfitWorld
        picture = None
        if new.cover is None:
            picture = frame.picture if frame is not None else await self._covers.of(written.cover)
        document = compiled(new)
        if picture is not None:
            document["cover"] = self._assets.address(picture).url
        try:
            made = self._generation.given(document, new_id(), None)
        except KernelRefused as refused:
            found = len(refused.diagnostics)
            log.error("the author made a character that the kernel refuses", findings=found)
            raise UnfitWorld from refused
        return Made(made.document, () if picture is None else (picture,), written.is_first)


def _new(asked: AskedCharacter) -> NewCharacter:
    return NewCharacter(
        name=(asked.name or "").strip(),
        description=asked.description or "",
        cover=asked.cover,
        stances=asked.stances,
        members=_with_free(dict(asked.members)),
    )


def _merged(asked: AskedCharacter, written: AuthoredCharacter) -> NewCharacter:
    authored = {
        "persona": written.persona,
        "scene": written.scene,
        "greeting": written.greeting,
        "lore": written.lore,
        "examples": written.examples,
        "subject": written.subject,
        "style": written.style,
    }
    stances = tuple(
        NewStance(stance.id, stance.label, stance.mood, stance.expression)
        for stance in written.stances
    )
    return NewCharacter(
        name=(asked.name or written.name).strip(),
        description=written.description if asked.description is None else asked.description,
        cover=asked.cover,
        stances=asked.stances or stances,
        members=_with_free({**authored, **asked.members}),
    )


def _with_free(members: dict[str, object]) -> dict[str, object]:
    return {"free": False, **members}
