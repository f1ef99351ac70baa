"""From a premise to a world that may be stored: the steps that every creation takes, waited for or not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final, Literal

import structlog

from conjure.core.errors import AuthorUnavailable, KernelRefused
from conjure.kernel import unstored
from conjure.providers.author import AuthorError, AuthorRequest
from conjure.providers.pictures import PALETTES, cover, data_url
from conjure.worlds import validation
from conjure.worlds.requests import completed

if TYPE_CHECKING:
    from conjure.providers.author import Author
    from conjure.providers.pictures import Picture, PictureRequest
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


def _drawn(request: PictureRequest) -> Picture:
    palette = PALETTES.get(request.palette or "", PALETTES["dusk"])
    title = request.title or ""
    return cover(request.prompt, title=title, scene=request.scene or "forest", palette=palette)


class Generation:
    """Has worlds written."""

    def __init__(self, author: Author) -> None:
        self._author = author

    async def world(
        self, new: NewWorld, world_id: str, progress: Progress | None = None
    ) -> ValidDocument:
        """Writes a world for a premise: planned and written by the author, checked, and with its pictures.

        Raises AuthorUnavailable, UnfitWorld, and what `progress` raises.
        """
        assert new.premise is not None  # noqa: S101 - `requests.checked` saw to it
        request = AuthorRequest(
            premise=new.premise.strip(), name=new.name, pov=new.pov or _DEFAULT_POV
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
            document = authored.document | {"cover": data_url(_drawn(authored.cover))}
            # What was not there before is looked at too: that costs next to nothing (`Examined`).
            return validation.validated(completed(document, world_id, new.name), examined)
        except KernelRefused as refused:
            found = len(refused.diagnostics)
            log.error("the author made a world that the kernel refuses", findings=found)
            raise UnfitWorld from refused
