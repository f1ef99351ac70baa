"""Covers of new worlds (CONTRACT 11): drawn by whoever draws, else by us."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import structlog

from conjure.providers.pictures import PicturesError

if TYPE_CHECKING:
    from conjure.providers.pictures import BuiltinPictures, Picture, PictureRequest, Pictures

log = structlog.get_logger(__name__)


class Covers:
    """Draws covers. Never fails: where `pictures` does, or takes too long (`most_s`), the drawing is ours."""

    def __init__(self, pictures: Pictures, drawings: BuiltinPictures, *, most_s: float) -> None:
        self._pictures = pictures
        self._drawings = drawings
        self._most_s = most_s

    async def of(self, request: PictureRequest) -> Picture:
        """Draws what an author asks for."""
        try:
            async with asyncio.timeout(self._most_s):
                return (await self._pictures.draw(request)).picture
        except (PicturesError, TimeoutError) as error:
            cause = str(error) or f"it took longer than {self._most_s} s"
            log.warning("a cover was not drawn; it is one of ours", cause=cause)
        return (await self._drawings.draw(request)).picture

    def of_title(self, title: str, world_id: str) -> Picture:
        """Draws for a document that came without a cover: ours, as nobody waits for it, or pays."""
        return self._drawings.of_title(title, f"{title}:{world_id}")
