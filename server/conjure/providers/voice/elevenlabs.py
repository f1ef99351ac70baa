"""Voices of ElevenLabs."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Any, Final

from conjure.providers.circuit import Circuit
from conjure.providers.http import OutboundClient
from conjure.providers.voice.over_http import MOST_SPEECH_BYTES, RemoteVoice
from conjure.providers.voice.wording import fraction, plain_text

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.voice.port import SpeechRequest
    from conjure.settings.models import OpenaiSettings
    from conjure.settings.voice import VoiceSettings

_URL: Final = "https://api.elevenlabs.io"
_USUAL: Final = "JBFqnCBsd6RMkjVDRZzb"  # one that every account has
_FORMAT: Final = "mp3_44100_128"
# It stands in a path.
_VOICE: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")


class ElevenlabsVoice:
    """Speaks with ElevenLabs."""

    def __init__(self, remote: RemoteVoice, *, url: str, model: str) -> None:
        self._remote = remote
        self._url = url.rstrip("/")
        self._model = model

    def require(self) -> None:
        """Configured: there is somebody who speaks."""

    @contextlib.asynccontextmanager
    async def speak(self, request: SpeechRequest) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yields the pieces. Raises VoiceError."""
        # The others are what they are by default; a request that names one of them should name all.
        body: dict[str, Any] = {
            "text": plain_text(request.text),
            "voice_settings": {
                "stability": 0.5,
                "similarity_boost": 0.75,
                "style": fraction(request.style),
            },
        }
        if self._model:
            body["model_id"] = self._model

        def ask(voice: str) -> tuple[str, dict[str, Any]]:
            return (
                f"{self._url}/v1/text-to-speech/{voice}/stream?output_format={_FORMAT}",
                body,
            )

        async with self._remote.speak(voice_of(request.voice_id), ask) as pieces:
            yield pieces


def voice_of(voice_id: str | None) -> str | None:
    """A voice as a path may have it; None for what is no voice's name."""
    return voice_id if voice_id and _VOICE.fullmatch(voice_id) else None


@contextlib.asynccontextmanager
async def elevenlabs_voice(
    settings: VoiceSettings, openai: OpenaiSettings
) -> AsyncIterator[ElevenlabsVoice]:
    """The voice of the settings; leaving closes its connections."""
    client = OutboundClient(
        "voice",
        timeout_s=settings.most_s,
        max_concurrent=settings.concurrent,
        headers={"xi-api-key": settings.api_key} if settings.api_key else {},
        max_response_bytes=MOST_SPEECH_BYTES,
        circuit=Circuit("voice", failures=openai.circuit_failures, open_s=openai.circuit_open_s),
    )
    async with client:
        usual = voice_of(settings.voice) or _USUAL
        remote = RemoteVoice(client, usual=usual, first_s=settings.first_s)
        yield ElevenlabsVoice(remote, url=settings.url or _URL, model=settings.model)
