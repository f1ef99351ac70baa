"""From a premise, a frame or a document to a world that may be stored: what every creation does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

import structlog

from conjure.core.errors import AuthorUnavailable, KernelRefused
from conjure.kernel import unstored
from conjure.providers.author import AuthorError, AuthorRequest
from conjure.worlds import validation

if TYPE_CHECKING:
    from conjure.assets.service import Assets
    from conjure.providers.author import Author
    from conjure.providers.pictures import Frame, Picture
    from conjure.worlds.covers import Covers
    from conjure.worlds.requests import NewWorld
    from conjure.worlds.validation import ValidDocument

log = structlog.get_logger(__name__)

Phase = Literal["planning", "writing", "checking", "drawing"]
"""The steps, in their order (CONTRACT 2.2)."""

Progress = Callable[[Phase, float], Awaitable[None]]
"""Is told how far a creation has come: its step, and the part of it that is done, 0 to 1."""

_DEFAULT_POV: Final = "third_person_shoulder"  # CONTRACT 2.1


class UnfitWorld(AuthorUnavailable):
    """The author has made a world that the kernel refuses; asking it again gives the same."""


@dataclass(frozen=True, slots=True)
class Made:
    """A world that may be stored, once the pictures of ours that it names are kept (`Assets.prepare`).

    `is_first`: the author's first draft passed, and nothing had to be repaired (CONTRACT 2.1 `ok`).
    """

    document: ValidDocument
    pictures: tuple[Picture, ...] = ()
    is_first: bool = True


class Generation:
    """Has worlds written, and makes whole what was written elsewhere. Keeps and stores nothing."""

    def __init__(self, author: Author, covers: Covers, assets: Assets) -> None:
        self._author = author
        self._covers = covers
        self._assets = assets

    async def world(
        self,
        new: NewWorld,
        world_id: str,
        progress: Progress | None = None,
        *,
        frame: Frame | None = None,
    ) -> Made:
        """Writes a world for what is asked: planned and written by the author, checked, with its pictures.

        A frame is what is seen at its entrance, and its cover. Raises AuthorUnavailable, UnfitWorld, and what
        `progress` raises.
        """
        request = AuthorRequest(
            premise=(new.premise or "").strip(),
            name=new.name,
            pov=new.pov or _DEFAULT_POV,
            frame=frame,
        )
        try:
            authored = await self._author.create_world(request, progress)
        except AuthorError as error:
            log.warning("the author failed", error=str(error))
            raise AuthorUnavailable from error
        try:
            if progress is not None:
                await progress("checking", 0.0)
            examined = validation.require_valid(unstored.completed(authored.document))
            if progress is not None:
                await progress("drawing", 0.0)
            cover = await self._covers.of(authored.cover) if frame is None else frame.picture
            document = authored.document | {"cover": self._assets.address(cover).url}
            whole = unstored.completed(document | _own(world_id, new.name), world_id)
            # What was not there before is looked at too: that costs next to nothing (`Examined`).
            return Made(validation.validated(whole, examined), (cover,), authored.is_first)
        except KernelRefused as refused:
            found = len(refused.diagnostics)
            log.error("the author made a world that the kernel refuses", findings=found)
            raise UnfitWorld from refused

    def given(self, document: dict[str, Any], world_id: str, name: str | None) -> Made:
        """Makes a document whole that an import brings, or a fork copies: with a cover, if it has none.

        Raises KernelRefused, MalformedRequest (too deep), PayloadTooLarge.
        """
        drawn: list[Picture] = []

        def draw(title: str) -> str:
            drawn.append(self._covers.of_title(title, world_id))
            return self._assets.address(drawn[0]).url

        whole = unstored.completed(document | _own(world_id, name), world_id, draw)
        return Made(validation.validated(whole), tuple(drawn))


def _own(world_id: str, name: str | None) -> dict[str, Any]:
    """What a document gets, whatever it had: a new id, and the name that the caller gave."""
    return {"id": world_id} if name is None else {"id": world_id, "name": name.strip()}
