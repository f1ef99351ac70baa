"""Settings of voices (CONTRACT 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conjure.settings.bounds import DAY_S, MANY, MOMENT_S, number
from conjure.settings.models import verify_provider, verify_url

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """Who speaks for characters."""

    # none, local, elevenlabs or openai. local needs the extra `voice` (espeak-ng and LAME, with licences of
    # their own). Without a voice, tts is 503.
    provider: str = "none"
    # The model. Needed for openai; ElevenLabs has a default of its own.
    model: str = ""
    # The voice of characters that name none, as the provider names voices.
    voice: str = ""
    # Another endpoint than CONJURE_OPENAI_URL, or than ElevenLabs' own.
    url: str = ""
    # The API key of ElevenLabs, or of the other endpoint.
    api_key: str = field(default="", repr=False)
    # Time until the first piece of speech.
    first_s: float = number(10.0, MOMENT_S, DAY_S)
    # Time that one speech may take.
    most_s: float = number(60.0, MOMENT_S, DAY_S)
    # Speeches of one process at the same time; more are refused.
    concurrent: int = number(16, 1, MANY)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        needs_model = "" if self.provider != "openai" else self.model
        known = ("none", "local", "elevenlabs", "openai")
        verify_provider(variables, self.provider, known, needs_model)
        verify_url(variables, self.url)
