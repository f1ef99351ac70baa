"""Content filters of endpoints, and how they say that they have refused something."""

from __future__ import annotations

from typing import Final

_WORDS: Final = ("content_filter", "content_policy", "responsibleaipolicy")


def speaks_of_filter(text: str) -> bool:
    """Whether an error is about a content filter."""
    folded = text.lower()
    return any(word in folded for word in _WORDS)
