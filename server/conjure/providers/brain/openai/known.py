"""What is worked out of a character once, and kept for its next turns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core.aside import Aside
from conjure.core.lru import LruCache
from conjure.providers.brain.leaks import Leaks
from conjure.providers.brain.openai.passages import Passages
from conjure.providers.brain.openai.prompts import ALL, prompt_as_written

if TYPE_CHECKING:
    from conjure.kernel.character import Character

_Brain = tuple[str | None, ...]

_MOST_ENTRIES: Final = 1_000
_MOST_BYTES: Final = 64 * 2**20
_QUICK: Final = 4_096  # characters of a brain, some 6 ms: more would keep the event loop for long


@dataclass(frozen=True, slots=True)
class Known:
    """Of one brain: what guards it, and the passages of its lore."""

    leaks: Leaks
    lore: Passages
    weight: int


class Knowledge:
    """Knows the characters that talked last."""

    def __init__(self) -> None:
        self._known: LruCache[_Brain, Known] = LruCache(
            _MOST_ENTRIES, max_weight=_MOST_BYTES, weigh=lambda known: known.weight
        )
        self._aside: Aside[_Brain, Known] = Aside()

    async def of(self, character: Character) -> Known:
        """What is known of a character."""
        brain = character.persona, character.scene, character.lore, character.examples
        known = self._known.get(brain)
        if known is None:
            is_quick = sum(len(text or "") for text in brain) <= _QUICK
            known = _known(brain) if is_quick else await self._aside.made(brain, _known)
            self._known.put(brain, known)
        return known


def _known(brain: _Brain) -> Known:
    # Our own words are for nobody else, either.
    leaks = Leaks((*brain, *(prompt_as_written(name) for name in ALL)))
    lore = Passages(brain[2] or "")
    texts = sum(len(text or "") for text in brain)
    return Known(leaks, lore, leaks.weight + 16 * len(brain[2] or "") + 4 * texts)
