"""The voice that the settings name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.providers.voice.elevenlabs import elevenlabs_voice
from conjure.providers.voice.local.voice import local_voice
from conjure.providers.voice.none import NoVoice
from conjure.providers.voice.openai import openai_voice

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.voice.port import Voice
    from conjure.settings.models import OpenaiSettings
    from conjure.settings.voice import VoiceSettings


@contextlib.asynccontextmanager
async def voice_of(settings: VoiceSettings, openai: OpenaiSettings) -> AsyncIterator[Voice]:
    """Yields it; leaving ends its connections and processes. Raises SettingsError where it cannot be."""
    async with contextlib.AsyncExitStack() as stack:
        voice: Voice
        match settings.provider:
            case "local":
                voice = await stack.enter_async_context(local_voice(settings))
            case "elevenlabs":
                voice = await stack.enter_async_context(elevenlabs_voice(settings, openai))
            case "openai":
                voice = await stack.enter_async_context(openai_voice(settings, openai))
            case _:
                voice = NoVoice()
        yield voice
