"""Speaking: a text in a character's voice, heard while it is made (CONTRACT 5).

One `tts` is held before the voice is asked, and spent when its first piece is there: only then anything is sent. So
what fails before is refused and given back, and what fails later was charged. What is bounded: the speeches of this
process at the same time, and each caller's part of them.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.errors import InvalidField, NotFound, StreamInterrupted, VoiceUnavailable
from conjure.core.ids import checked_id
from conjure.kernel.character import Character, is_character
from conjure.providers.voice import SpeechRequest, VoiceError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Sequence

    from conjure.core.caller import SessionCaller
    from conjure.core.shares import Holder, Shares
    from conjure.providers.voice import Voice
    from conjure.settings.voice import VoiceSettings
    from conjure.usage.metering import Hold, Metering
    from conjure.worlds.service import WorldService

log = structlog.get_logger(__name__)

UNIT: Final = "tts"

_MAX_TEXT: Final = 2_000
_MAX_PIECE: Final = (
    65_536  # bytes that are sent at once: a reader takes the next ones when it has these
)
_CUT_OFF: Final = "the voice failed in the middle of the speech; what was sent has been charged"


@dataclass(frozen=True, slots=True)
class NewSpeech:
    """What to say in whose voice. `style`: how much feeling is in it, 0 to 1."""

    character_id: str
    text: str
    style: float = 0.5

    def check(self) -> None:
        """Raises InvalidField."""
        problems = []
        if not self.text.strip() or len(self.text) > _MAX_TEXT:
            problems.append(f"text must have 1 to {_MAX_TEXT} characters, and say something")
        if not 0 <= self.style <= 1:  # also when it is no number
            problems.append("style must be from 0 to 1")
        if problems:
            raise InvalidField(*problems)


class SpeechService:
    """Rules of speeches."""

    def __init__(
        self,
        voice: Voice,
        worlds: WorldService,
        metering: Metering,
        settings: VoiceSettings,
        speeches: Shares,
    ) -> None:
        self._voice = voice
        self._worlds = worlds
        self._metering = metering
        self._settings = settings
        self._speeches = speeches

    async def speak(
        self, session: SessionCaller, holders: Sequence[Holder], new: NewSpeech
    ) -> AsyncGenerator[bytes, None]:
        """Yields the pieces of an MP3, each as soon as it is there. Closing it ends the speech.

        `holders` are whose share a speech is of, the narrowest first. Raises, before the first piece,
        InvalidField, NotFound, VoiceUnavailable, QuotaExceeded, OverShare, Overloaded, StoreUnavailable,
        OutcomeUnknown; later StreamInterrupted.
        """
        new.check()
        if checked_id(new.character_id) != session.world_id:
            raise NotFound
        try:
            self._voice.require()
        except VoiceError as error:
            raise VoiceUnavailable("no voice provider is configured") from error
        now = asyncio.get_running_loop().time
        ends_at = now() + self._settings.most_s
        async with contextlib.AsyncExitStack() as speech:
            speech.enter_context(self._speeches.take(holders))
            async with self._begun(session) as (character, hold):
                request = SpeechRequest(
                    new.text, character.voice_id or self._settings.voice or None, new.style
                )
                try:
                    async with asyncio.timeout_at(min(ends_at, now() + self._settings.first_s)):
                        pieces = await speech.enter_async_context(self._voice.speak(request))
                        piece = await _next(pieces)
                    if piece is None:
                        raise VoiceError("it spoke nothing")
                except (VoiceError, TimeoutError) as error:
                    _tell(error)
                    raise VoiceUnavailable from error
                await self._metering.spend(session.tenant, hold, b"{}")
            while piece is not None:
                for begin in range(0, len(piece), _MAX_PIECE):
                    yield piece[begin : begin + _MAX_PIECE]
                try:
                    async with asyncio.timeout_at(ends_at):
                        piece = await _next(pieces)
                except (VoiceError, TimeoutError) as error:
                    _tell(error)
                    raise StreamInterrupted(_CUT_OFF) from error

    @contextlib.asynccontextmanager
    async def _begun(self, session: SessionCaller) -> AsyncIterator[tuple[Character, Hold]]:
        snapshot = await self._worlds.warm(session.tenant, session.world_id)
        if not is_character(snapshot.value):
            raise NotFound
        # Renewed: how long a voice may take to begin is a setting.
        async with self._metering.held(session.tenant, UNIT, is_long=True) as hold:
            yield Character.of(snapshot.value), hold


async def _next(pieces: AsyncIterator[bytes]) -> bytes | None:
    """The next piece with something in it; None at the end."""
    async for piece in pieces:
        if piece:
            return piece
    return None


def _tell(error: VoiceError | TimeoutError) -> None:
    log.warning("a speech failed", cause=str(error) or "it took too long")
