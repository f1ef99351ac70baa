"""What is spoken, as every voice gets it."""

from __future__ import annotations

import math
from typing import Final

from conjure.providers.plain import tidy
from conjure.providers.voice.port import VoiceError

MOST_CHARACTERS: Final = 4_000
_USUAL_STYLE: Final = 0.5


def plain_text(text: str) -> str:
    """One line without signs that nobody sees: some voices obey those. Raises VoiceError for an empty one."""
    plain = tidy(text, MOST_CHARACTERS)
    if not plain:
        raise VoiceError("there is nothing to say")
    return plain


def fraction(style: float) -> float:
    """A style from 0 to 1."""
    return _USUAL_STYLE if math.isnan(style) else min(max(style, 0.0), 1.0)
