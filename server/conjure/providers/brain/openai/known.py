"""What is worked out of a character once, and kept for its next turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core.beside import Readings
from conjure.core.lru import LruCache
from conjure.providers.brain.leaks import Leaks
from conjure.providers.brain.openai.passages import Passages
from conjure.providers.brain.openai.prompts import ALL, prompt_as_written

if TYPE_CHECKING:
    from conjure.kernel.character import Character

_Brain = tuple[str | None, ...]

_MOST_ENTRIES: Final = 1_000
_MOST_BYTES: Final = 64 * 2**20
_QUICK: Final = 1_000  # characters of a brain: more would keep the event loop for long


@dataclass(frozen=True, slots=True)
class Known:
    """Of one brain: what guards it, and the passages of its lore."""

    leaks: Leaks
    lore: Passages
    weight: int


class Knowledge:
    """Knows the characters that talked last."""

    def __init__(self) -> None:
        known: LruCache[_Brain, Known] = LruCache(
            _MOST_ENTRIES, max_weight=_MOST_BYTES, weigh=lambda known: known.weight
        )
        self._known: Readings[_Brain, Known] = Readings(
            _known, known=known.get, keep=known.put, is_quick=_is_quick
        )

    async def of(self, character: Character) -> Known:
        """What is known of a character."""
        brain = character.persona, character.scene, character.lore, character.examples
        return await self._known.of(brain)


def _is_quick(brain: _Brain) -> bool:
    return sum(len(text or "") for text in brain) <= _QUICK


def _known(brain: _Brain) -> Known:
    # Our own words are for nobody else, either.
    leaks = Leaks((*brain, *(prompt_as_written(name) for name in ALL)))
    lore = Passages(brain[2] or "")
    texts = sum(len(text or "") for text in brain)
    return Known(leaks, lore, leaks.weight + 16 * len(brain[2] or "") + 4 * texts)
