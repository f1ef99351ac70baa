"""The last gate before an answer: whatever the brain, nothing leaves that repeats the brain of its character.

What a brain tells while it thinks has left before this is asked; brains hold such words back themselves
(`Brain`). This is for the whole of an answer, and for brains that do not keep their promise.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.core.beside import Beside, Readings
from conjure.core.lru import LruCache
from conjure.providers.brain.leaks import Leaks

if TYPE_CHECKING:
    from conjure.kernel.character import Character

_Brain = tuple[str | None, ...]

_AT_HAND: Final = 1_000
_AT_HAND_BYTES: Final = 32_000_000
_AT_ONCE: Final = 2_000
"""Characters of an answer that are read on the event loop, in some 5 ms."""
_QUICK: Final = 1_000
"""The same of a brain: usually 2 ms, and 40 at worst."""


class Guard:
    """Knows the characters that talked last."""

    def __init__(self) -> None:
        known: LruCache[_Brain, Leaks] = LruCache(
            _AT_HAND, max_weight=_AT_HAND_BYTES, weigh=lambda leaks: leaks.weight
        )
        self._known: Readings[_Brain, Leaks] = Readings(
            Leaks, known=known.get, keep=known.put, is_quick=_is_quick
        )
        self._beside = Beside()

    async def leaks(self, character: Character, *texts: str | None) -> bool:
        """Whether one of the texts has a run of words of persona, scene, lore or examples."""
        brain = character.persona, character.scene, character.lore, character.examples
        known = await self._known.of(brain)
        said = "\n".join(text for text in texts if text)
        if len(said) <= _AT_ONCE:
            return known.found(said)
        return await self._beside.run(lambda: known.found(said))


def _is_quick(brain: _Brain) -> bool:
    return sum(len(text or "") for text in brain) <= _QUICK
