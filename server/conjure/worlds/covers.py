"""Covers of new worlds (CONTRACT 11): drawn by whoever draws, else by us."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog

from conjure.providers.pictures import PALETTES, PicturesError, cover

if TYPE_CHECKING:
    from conjure.providers.pictures import Picture, PictureRequest, Pictures

log = structlog.get_logger(__name__)


class Covers:
    """Draws covers. Never fails: where `pictures` does, the drawing is ours."""

    def __init__(self, pictures: Pictures | None = None) -> None:
        self._pictures = pictures

    async def of(self, request: PictureRequest) -> Picture:
        """Draws what an author asks for."""
        if self._pictures is not None:
            try:
                return (await self._pictures.draw(request)).picture
            except PicturesError as error:
                log.warning("a cover was not drawn; it is one of ours", cause=str(error))
        palette = PALETTES.get(request.palette or "", PALETTES["dusk"])
        title = request.title or ""
        return cover(request.prompt, title=title, scene=request.scene or "forest", palette=palette)

    def of_title(self, title: str, world_id: str) -> Picture:
        """Draws for a document that came without a cover: ours, as nobody waits for it, or pays."""
        return cover(f"{title}:{world_id}", title=title)
