"""Settings of voices (CONTRACT 5)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from conjure.settings.bounds import DAY_S, MANY, MOMENT_S, number
from conjure.settings.models import verify_provider, verify_url
from conjure.settings.variables import SettingsError

if TYPE_CHECKING:
    from conjure.settings.variables import Variables

PROVIDERS: Final = ("none", "local", "elevenlabs", "openai")

_VOICE: Final = re.compile(r"[A-Za-z0-9_.+-]{0,64}")


@dataclass(frozen=True, slots=True)
class VoiceSettings:
    """Who speaks for characters."""

    # none, local, elevenlabs or openai. local needs the extra `voice` (espeak-ng and LAME, with licences of
    # their own). Without a voice, tts is 503.
    provider: str = "none"
    # The model. Needed for openai; ElevenLabs has a default of its own.
    model: str = ""
    # The voice of characters that name none, or one that the provider does not have, as it names voices. For
    # local also the accent of the language that it is of, as en-gb+f3.
    voice: str = ""
    # Another endpoint than CONJURE_OPENAI_URL; or than ElevenLabs' own, without the version.
    url: str = ""
    # The API key of ElevenLabs, or of the other endpoint.
    api_key: str = field(default="", repr=False)
    # Time until the first piece of speech.
    first_s: float = number(10.0, MOMENT_S, DAY_S)
    # Time that one speech may take, with the time that a slow listener takes.
    most_s: float = number(100.0, MOMENT_S, DAY_S)
    # Speeches of one process at the same time; more are refused.
    concurrent: int = number(16, 1, MANY)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        needs_model = "" if self.provider != "openai" else self.model
        verify_provider(variables, self.provider, PROVIDERS, needs_model)
        verify_url(variables, self.url)
        if not _VOICE.fullmatch(self.voice):
            raise SettingsError(
                f"{variables['voice']} must be the name of a voice: letters, digits, - _ . +"
            )
        # Another address may be a proxy that has the key.
        if self.provider == "elevenlabs" and not self.api_key and not self.url:
            raise SettingsError(f"{variables['provider']}=elevenlabs needs {variables['api_key']}")
