"""Who draws, as the settings have it."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from conjure.providers.pictures.openai import openai_pictures
from conjure.providers.pictures.port import PicturesError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.pictures.builtin import BuiltinPictures
    from conjure.providers.pictures.port import Drawn, PictureRequest, Pictures
    from conjure.settings.models import OpenaiSettings, PictureSettings

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ChosenPictures:
    """Who draws what. `pictures` may fail; `covers` never do: a picture is no reason that a world fails."""

    pictures: Pictures
    covers: Pictures


class FallbackPictures:
    """Draws by a model, and by our own hand when that fails or takes longer than `most_s`."""

    def __init__(self, model: Pictures, drawings: BuiltinPictures, *, most_s: float) -> None:
        self._model = model
        self._drawings = drawings
        self._most_s = most_s

    async def draw(self, request: PictureRequest) -> Drawn:
        """Makes a picture; never fails."""
        try:
            async with asyncio.timeout(self._most_s):
                return await self._model.draw(request)
        except (PicturesError, TimeoutError) as error:
            log.warning("a cover is drawn without the model", error=str(error) or "too slow")
        return await self._drawings.draw(request)


@contextlib.asynccontextmanager
async def chosen_pictures(
    settings: PictureSettings, openai: OpenaiSettings, drawings: BuiltinPictures
) -> AsyncIterator[ChosenPictures]:
    """Opens what the settings name; leaving closes it."""
    if settings.provider != "openai":
        yield ChosenPictures(drawings, drawings)
        return
    async with openai_pictures(settings, openai) as model:
        covers = FallbackPictures(model, drawings, most_s=settings.cover_s)
        yield ChosenPictures(model, covers)
