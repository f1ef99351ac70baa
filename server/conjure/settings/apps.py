"""Settings of apps and their keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.settings.bounds import number

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


@dataclass(frozen=True, slots=True)
class AppSettings:
    """Apps and their keys. Neither costs anything; these limits keep one user from filling the store."""

    # Apps of one user, at some 500 bytes each in the store.
    per_user: int = number(100, 1, 10_000)
    # Working keys of one app, at some 800 bytes each. All of them are in one answer.
    keys_per_app: int = number(100, 1, 1_000)
    # Keys that one app may make in a UTC day. What a revoked one leaves behind is kept for two days.
    keys_per_day: int = number(300, 1, 100_000)
    # Revoked keys of one app that are still listed; the oldest are forgotten.
    revoked_keys: int = number(100, 1, 1_000)
    # Time between two notes of when a key was last used (CONTRACT 1).
    key_use_s: float = number(60.0, 0.1, 3_600.0)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
