"""Moderation that needs nobody: the form of a text, never what it is about."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_CHARS = 2000
"""Characters of a text."""


class BuiltinModeration:
    """Refuses what no person would say."""

    async def refusal(self, text: str, earlier: Sequence[str]) -> str | None:
        """Returns why a text is refused; None: it is fine."""
        if not text.strip():
            return "text is empty"
        if len(text) > MOST_CHARS:
            return f"text has {len(text):,} characters, of at most {MOST_CHARS:,}"
        return None
