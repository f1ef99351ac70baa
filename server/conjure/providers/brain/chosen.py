"""The brain that the settings name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.providers.brain.builtin import BuiltinBrain
from conjure.providers.brain.openai import openai_brain

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.brain.port import Brain
    from conjure.settings.characters import BrainSettings
    from conjure.settings.models import OpenaiSettings


@contextlib.asynccontextmanager
async def brain_of(settings: BrainSettings, openai: OpenaiSettings) -> AsyncIterator[Brain]:
    """Yields it; leaving ends its connections."""
    if settings.provider != "openai":
        yield BuiltinBrain()
        return
    async with openai_brain(settings, openai) as brain:
        yield brain
