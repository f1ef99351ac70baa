"""Speaking: a text in a character's voice, heard while it is made (CONTRACT 5).

One `tts` is held before the voice is asked, and spent when its first piece is there: only then anything is
sent. So what fails before is refused and given back, and what fails later was charged. What is bounded: the
speeches of this process at the same time, and each caller's part of them.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from conjure.conversations.requests import text_problems
from conjure.core.errors import InvalidField, StreamInterrupted, VoiceUnavailable
from conjure.providers.voice import SpeechRequest, VoiceError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

    from conjure.conversations.admission import Admission
    from conjure.core.caller import SessionCaller
    from conjure.core.shares import Holder, Shares
    from conjure.providers.moderation import Moderation
    from conjure.providers.voice import Voice
    from conjure.settings.voice import VoiceSettings
    from conjure.usage.metering import Metering

log = structlog.get_logger(__name__)

UNIT: Final = "tts"

# Bytes that are sent at once. Who hears while it reads takes some 6 KB a second, and has to take a piece in
# CONJURE_SERVER_STREAM_WRITE_S.
_MAX_PIECE: Final = 16_384
_CUT_OFF: Final = "the voice failed in the middle of the speech; what was sent has been charged"


@dataclass(frozen=True, slots=True)
class NewSpeech:
    """What to say in whose voice. `style`: how much feeling is in it, 0 to 1."""

    character_id: str
    text: str
    style: float = 0.5

    def check(self) -> None:
        """Raises InvalidField."""
        problems = [*text_problems(self.text)]
        if not 0 <= self.style <= 1:  # also when it is no number
            problems.append("style must be from 0 to 1")
        if problems:
            raise InvalidField(*problems)


class SpeechService:
    """Rules of speeches."""

    def __init__(
        self,
        admission: Admission,
        metering: Metering,
        voice: Voice,
        moderation: Moderation,
        settings: VoiceSettings,
        speeches: Shares,
    ) -> None:
        self._admission = admission
        self._metering = metering
        self._voice = voice
        self._moderation = moderation
        self._settings = settings
        self._speeches = speeches

    async def speak(
        self, session: SessionCaller, holders: Sequence[Holder], new: NewSpeech
    ) -> AsyncGenerator[bytes, None]:
        """Yields the pieces of an MP3, each as soon as it is there. Closing it ends the speech.

        `holders` are whose share a speech is of, the narrowest first. Raises, before the first piece,
        InvalidField, VoiceUnavailable, OverShare, Overloaded, NotFound, InvalidCredential (revoked),
        QuotaExceeded, TooHeavy, StoreUnavailable, OutcomeUnknown; later StreamInterrupted.
        """
        new.check()
        if (refusal := await self._moderation.refusal(new.text, ())) is not None:
            raise InvalidField(refusal)
        try:
            self._voice.require()
        except VoiceError as error:
            raise VoiceUnavailable("no voice provider is configured") from error
        now = asyncio.get_running_loop().time
        ends_at = now() + self._settings.most_s
        async with contextlib.AsyncExitStack() as speech:
            speech.enter_context(self._speeches.take(holders))
            async with self._admission.held(session, new.character_id, UNIT) as (admitted, hold):
                voice_id = admitted.character.voice_id or self._settings.voice or None
                request = SpeechRequest(new.text, voice_id, new.style)
                try:
                    async with asyncio.timeout_at(min(ends_at, now() + self._settings.first_s)):
                        pieces = await speech.enter_async_context(self._voice.speak(request))
                        piece = await _next(pieces)
                except (VoiceError, TimeoutError) as error:
                    _tell(str(error) or "it took too long to begin")
                    raise VoiceUnavailable from error
                if piece is None:
                    _tell("it spoke nothing")
                    raise VoiceUnavailable
                await self._metering.spend(session.tenant, hold, b"{}")
            while piece is not None:
                for begin in range(0, len(piece), _MAX_PIECE):
                    yield piece[begin : begin + _MAX_PIECE]
                try:
                    async with asyncio.timeout_at(ends_at):
                        piece = await _next(pieces)
                except (VoiceError, TimeoutError) as error:
                    _tell(str(error) or "it took too long")
                    raise StreamInterrupted(_CUT_OFF) from error


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    """The next piece with something in it; None at the end."""
    async for piece in pieces:
        if piece:
            return piece
    return None


def _tell(cause: str) -> None:
    log.warning("a speech failed", cause=cause)
