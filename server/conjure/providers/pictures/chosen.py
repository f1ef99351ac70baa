"""The pictures that the settings name."""

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
async def pictures_of(
    settings: PictureSettings, openai: OpenaiSettings, drawings: BuiltinPictures
) -> AsyncIterator[Pictures]:
    """Yields them; leaving ends their connections."""
    if settings.provider != "openai":
        yield drawings
        return
    async with openai_pictures(settings, openai) as model:
        yield model
