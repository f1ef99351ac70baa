"""The vision that the settings name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.providers.vision.none import NoVision
from conjure.providers.vision.openai import openai_vision

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.vision.port import Vision
    from conjure.settings.models import OpenaiSettings, VisionSettings


@contextlib.asynccontextmanager
async def vision_of(settings: VisionSettings, openai: OpenaiSettings) -> AsyncIterator[Vision]:
    """Yields it; leaving ends its connections."""
    if settings.provider != "openai":
        yield NoVision()
        return
    async with openai_vision(settings, openai) as vision:
        yield vision
