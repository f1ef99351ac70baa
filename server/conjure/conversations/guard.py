"""The last gate before an answer: whatever the brain, nothing leaves that repeats the brain of its character.

What a brain tells while it thinks has left before this is asked; brains hold such words back themselves
(`Brain`). This is for the whole of an answer, and for brains that do not keep their promise.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from conjure.core.aside import Aside
from conjure.core.lru import LruCache
from conjure.providers.brain.leaks import Leaks

if TYPE_CHECKING:
    from conjure.kernel.character import Character

_Brain = tuple[str | None, ...]

_AT_HAND: Final = 1_000
_AT_HAND_BYTES: Final = 32_000_000
_AT_ONCE: Final = 2_000
"""Characters that are read on the event loop: of a brain some 3 ms for these, of an answer some 5."""


class Guard:
    """Knows the characters that talked last."""

    def __init__(self) -> None:
        self._known: LruCache[_Brain, Leaks] = LruCache(
            _AT_HAND, max_weight=_AT_HAND_BYTES, weigh=lambda leaks: leaks.weight
        )
        self._aside: Aside[_Brain, Leaks] = Aside()

    async def leaks(self, character: Character, *texts: str | None) -> bool:
        """Whether one of the texts has a run of words of persona, scene, lore or examples."""
        brain = character.persona, character.scene, character.lore, character.examples
        known = self._known.get(brain)
        if known is None:
            if sum(len(text or "") for text in brain) <= _AT_ONCE:
                known = Leaks(brain)
            else:
                known = await self._aside.made(brain, Leaks)
            self._known.put(brain, known)
        said = "\n".join(text for text in texts if text)
        if len(said) <= _AT_ONCE:
            return known.found(said)
        return await asyncio.to_thread(known.found, said)
