"""No voice: what there is unless the settings name one."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from conjure.providers.voice.port import VoiceUnavailable

if TYPE_CHECKING:
    from conjure.providers.voice.port import SpeechRequest


class NoVoice:
    """Says nothing."""

    def require(self) -> NoReturn:
        """Raises VoiceUnavailable."""
        raise VoiceUnavailable("no voice provider is configured")

    def speak(self, request: SpeechRequest) -> NoReturn:
        """Raises VoiceUnavailable."""
        self.require()
