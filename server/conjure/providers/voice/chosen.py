"""The voice that the settings name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.providers.voice.none import NoVoice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.voice.port import Voice
    from conjure.settings.models import OpenaiSettings
    from conjure.settings.voice import VoiceSettings


@contextlib.asynccontextmanager
async def voice_of(settings: VoiceSettings, openai: OpenaiSettings) -> AsyncIterator[Voice]:
    """Yields it; leaving ends its connections and processes."""
    yield NoVoice()
