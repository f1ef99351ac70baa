"""Settings of characters: what they think with, how they speak, what they remember (CONTRACT 5)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conjure.settings.bounds import DAY_S, MANY, MOMENT_S, number
from conjure.settings.models import PROVIDERS, verify_provider, verify_url

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


@dataclass(frozen=True, slots=True)
class BrainSettings:
    """What characters think with."""

    # builtin or openai. The built-in brain needs no network, and says the same to the same words.
    provider: str = "builtin"
    # The model. Needed for openai.
    model: str = ""
    # Other models that a character may ask for with its `modelId`, with commas between them: who makes
    # characters chooses among these.
    models: str = ""
    # Another endpoint than CONJURE_OPENAI_URL.
    url: str = ""
    # Its API key.
    api_key: str = field(default="", repr=False)
    # Tokens that one turn or summary may take, read and written.
    most_tokens: int = number(24_000, 1, 10 * MANY)
    # Time that one turn or summary may take.
    most_s: float = number(30.0, MOMENT_S, DAY_S)

    @property
    def other_models(self) -> tuple[str, ...]:
        """The names in `models`."""
        return tuple(name for each in self.models.split(",") if (name := each.strip()))

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        verify_provider(variables, self.provider, PROVIDERS, self.model)
        verify_url(variables, self.url)


@dataclass(frozen=True, slots=True)
class MemorySettings:
    """What characters remember of players."""

    # Turns of a player that are kept until they are folded into the summary; then the oldest goes.
    turns: int = number(200, 1, 2_000)
    # Bytes of these; then the oldest goes. A turn has at most some 20,000, and mostly 500.
    turn_bytes: int = number(262_144, 32_768, 4_194_304)
    # Characters of a summary.
    summary_chars: int = number(4_000, 200, 20_000)
    # Days for which a player is remembered who does not come back.
    idle_days: int = number(180, 1, 3_650)
    # Players that one character remembers; then who was idle longest is forgotten.
    players: int = number(100_000, 1, 10 * MANY)

    @property
    def idle_ms(self) -> int:
        """How long a player is remembered who does not come back, in ms."""
        return int(self.idle_days * DAY_S * 1000)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
