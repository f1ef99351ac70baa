"""The voice port: a text as speech (CONTRACT 5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager


class VoiceError(Exception):
    """It did not speak; the message is for the log."""


class VoiceUnavailable(VoiceError):
    """There is none, or it cannot be reached: try again later."""


@dataclass(frozen=True, slots=True)
class SpeechRequest:
    """What to speak. `voice_id`: as the provider names voices; `style`: how much feeling is in it, 0 to 1."""

    text: str
    voice_id: str | None = None
    style: float = 0.5


class Voice(Protocol):
    """Speaks."""

    def require(self) -> None:
        """Raises VoiceUnavailable when there is nobody who speaks: asked before anything is held."""
        ...

    def speak(self, request: SpeechRequest) -> AbstractAsyncContextManager[AsyncIterator[bytes]]:
        """Begins to speak: yields pieces of one MP3 (audio/mpeg), each as soon as it is there.

        Leaving the context ends it: nothing more is made or bought. Entering it and the iterator raise
        VoiceError; until the first piece nothing has been heard.
        """
        ...
