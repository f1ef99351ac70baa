"""Who draws, as the settings have it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.providers.pictures.openai import openai_pictures

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.pictures.builtin import BuiltinPictures
    from conjure.providers.pictures.port import Pictures
    from conjure.settings.models import OpenaiSettings, PictureSettings


@contextlib.asynccontextmanager
async def chosen_pictures(
    settings: PictureSettings, openai: OpenaiSettings, drawings: BuiltinPictures
) -> AsyncIterator[Pictures]:
    """Opens what the settings name; leaving closes it."""
    if settings.provider != "openai":
        yield drawings
        return
    async with openai_pictures(settings, openai) as model:
        yield model
