"""What apps and API keys are (CONTRACT 1)."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Final

KINDS: Final = {"publishable": "pk", "secret": "sk"}
SCOPES: Final = {
    "publishable": ("worlds:read",),
    "secret": ("worlds:read", "worlds:write", "sessions:mint", "usage:read"),
}

LONGEST_NAME: Final = 100
"""Characters in the name of an app or a key."""

# Controls, surrogates, and what ends a line or a paragraph: they break logs, tables and terminals.
_NOT_IN_NAMES: Final = frozenset(("Cc", "Cs", "Zl", "Zp"))


@dataclass(frozen=True, slots=True)
class App:
    """A tenant. `owner` is the `sub` of a user, empty for one made on the command line."""

    id: str
    name: str
    owner: str
    created_ms: int


@dataclass(frozen=True, slots=True)
class ApiKey:
    """What is known of a key. Times in ms since 1970; `revoked_ms` is None while it works."""

    id: str
    app: str
    kind: str
    mode: str
    prefix: str
    last4: str
    name: str | None
    scopes: tuple[str, ...]
    created_ms: int
    revoked_ms: int | None = None
    last_used_ms: int | None = None


def name_problem(name: str) -> str | None:
    """What is wrong with the name of an app or a key; None when nothing is."""
    if not 1 <= len(name) <= LONGEST_NAME:
        return f"name must have 1 to {LONGEST_NAME} characters"
    if not name.strip():
        return "name must have more than blanks"
    if any(unicodedata.category(character) in _NOT_IN_NAMES for character in name):
        return "name must not have control characters"
    return None
