"""Whether a model repeats what it was told to do: prompts are for nobody's eyes (CONTRACT 3.4)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

# A run of so many words is in nothing that is written by chance.
_RUN: Final = 7
_WORDS: Final = re.compile(r"[^\W_]+(?:['\u2019][^\W_]+)?")


class Repeats:
    """Knows the words of prompts, in the order in which they are sent."""

    def __init__(self, prompts: Iterable[str]) -> None:
        self._runs = frozenset(run for prompt in prompts for run in _runs(prompt))

    def any_in(self, text: str) -> bool:
        """Whether a text repeats a part of them."""
        return any(run in self._runs for run in _runs(text))


def _runs(text: str) -> Iterable[tuple[str, ...]]:
    words = [word.lower() for word in _WORDS.findall(text)]
    return (tuple(words[at : at + _RUN]) for at in range(len(words) - _RUN + 1))
