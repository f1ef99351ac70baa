"""The moderation port: what players may say to characters (CONTRACT 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence


class Moderation(Protocol):
    """Reads what a player says before anything is held or asked."""

    async def refusal(self, text: str, earlier: Sequence[str]) -> str | None:
        """Returns why a text is refused, a sentence for the player that begins with `text`; None: it is fine.

        `earlier`: what the same player said before, the oldest first.
        """
        ...
