"""The local voice: espeak-ng speaks, LAME packs (the extra `voice`)."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import asdict
from typing import TYPE_CHECKING

from conjure.providers.voice.local.available import is_installed
from conjure.providers.voice.local.choice import USUAL, manner_of, voice_for
from conjure.providers.voice.local.pool import Speakers
from conjure.providers.voice.port import VoiceUnavailable
from conjure.providers.voice.wording import plain_text
from conjure.settings import SettingsError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from conjure.providers.voice.local.process import Speaking
    from conjure.providers.voice.port import SpeechRequest
    from conjure.settings.voice import VoiceSettings


class LocalVoice:
    """Speaks with processes on this machine."""

    def __init__(
        self, speakers: Speakers, *, usual: str = USUAL, first_s: float, most_s: float
    ) -> None:
        self._speakers = speakers
        self._usual = usual
        self._first_s = first_s
        self._most_s = most_s

    def require(self) -> None:
        """Installed: there is somebody who speaks."""

    @contextlib.asynccontextmanager
    async def speak(self, request: SpeechRequest) -> AsyncIterator[AsyncIterator[bytes]]:
        """Yields the pieces. Raises VoiceError."""
        text = plain_text(request.text)
        how = asdict(manner_of(request.style))

        async def job(process: Speaking, tell: Callable[[bytes], None]) -> None:
            voice = voice_for(process.catalogue, text, voice_id=request.voice_id, usual=self._usual)
            await process.speak(text, voice, how, tell)

        now = asyncio.get_running_loop().time()
        speech, work = self._speakers.begin(job, deadline=now + self._most_s)
        try:
            try:
                async with asyncio.timeout_at(now + self._first_s):
                    await speech.begin()
            except TimeoutError as error:
                raise VoiceUnavailable("the speech did not begin in time") from error
            yield speech
        finally:
            work.cancel()


@contextlib.asynccontextmanager
async def local_voice(settings: VoiceSettings) -> AsyncIterator[LocalVoice]:
    """The voice of this machine; leaving ends its processes. Raises SettingsError where there is none."""
    if not is_installed():
        raise SettingsError("CONJURE_VOICE_PROVIDER=local needs: pip install 'conjure[voice]'")
    async with Speakers() as speakers:
        yield LocalVoice(
            speakers,
            usual=settings.voice or USUAL,
            first_s=settings.first_s,
            most_s=settings.most_s,
        )
