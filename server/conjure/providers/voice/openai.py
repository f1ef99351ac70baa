"""Voices of any endpoint that speaks OpenAI's API."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, Final

from conjure.providers.openai import endpoint
from conjure.providers.voice.over_http import MOST_SPEECH_BYTES, RemoteVoice
from conjure.providers.voice.wording import fraction, plain_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.voice.port import SpeechRequest
    from conjure.settings.models import OpenaiSettings
    from conjure.settings.voice import VoiceSettings

_USUAL: Final = "alloy"
_VOICE: Final = re.compile(r"[A-Za-z0-9_.-]{1,64}")
# Only such models are told how to speak; others take no such member, or no notice of it.
_TOLD: Final = "gpt-"
_CALM: Final = "Speak calmly and evenly, with little emotion."
_VIVID: Final = "Speak vividly, with strong emotion."


class OpenaiVoice:
    """Speaks with a model behind `/audio/speech`."""

    def __init__(self, remote: RemoteVoice, *, url: str, model: str) -> None:
        self._remote = remote
        self._url = f"{url}/audio/speech"
        self._model = model

    def require(self) -> None:
        """Configured: there is somebody who speaks."""

    @contextlib.asynccontextmanager
    async def speak(self, request: SpeechRequest) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yields the pieces. Raises VoiceError."""
        text = plain_text(request.text)
        how = self._instructions(request.style)

        def ask(voice: str) -> tuple[str, dict[str, Any]]:
            return self._url, {
                "model": self._model,
                "voice": voice,
                "input": text,
                "response_format": "mp3",
                **how,
            }

        async with self._remote.speak(_voice_of(request.voice_id), ask) as pieces:
            yield pieces

    def _instructions(self, style: float) -> dict[str, str]:
        feeling = fraction(style)
        if not self._model.startswith(_TOLD) or 1 / 3 <= feeling <= 2 / 3:
            return {}
        return {"instructions": _CALM if feeling < 0.5 else _VIVID}


def _voice_of(voice_id: str | None) -> str | None:
    return voice_id if voice_id and _VOICE.fullmatch(voice_id) else None


@contextlib.asynccontextmanager
async def openai_voice(
    settings: VoiceSettings, openai: OpenaiSettings
) -> AsyncIterator[OpenaiVoice]:
    """The voice of the settings; leaving closes its connections."""
    client = endpoint.client(
        settings,
        openai,
        label="voice",
        timeout_s=settings.most_s,
        concurrent=settings.concurrent,
        most_answer_bytes=MOST_SPEECH_BYTES,
    )
    async with client:
        usual = _voice_of(settings.voice) or _USUAL
        remote = RemoteVoice(client, usual=usual, first_s=settings.first_s)
        yield OpenaiVoice(remote, url=endpoint.address(settings, openai), model=settings.model)
