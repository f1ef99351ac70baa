"""Of a long text the passages that matter to what was said: what fits into a prompt."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.letters import words
from conjure.providers.openai.messages import tokens_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_PARAGRAPH: Final = re.compile(r"\s*\n\s*")
_SENTENCE: Final = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])")  # noqa: RUF001 - full width
_PASSAGE: Final = 400  # characters, unless a sentence has more
_MOST_PASSAGE: Final = 800
_STEM: Final = 6  # letters of a word that say what it is about: its endings change
_MOST_WORDS: Final = 64  # of what was said, the rarest


class Passages:
    """The passages of a text, by the words in them. Memory is linear in the text."""

    def __init__(self, text: str) -> None:
        self._passages = tuple(_passages(text))
        self._tokens = [tokens_of(passage) + 1 for passage in self._passages]
        self._with: dict[str, list[int]] = defaultdict(list)
        for at, passage in enumerate(self._passages):
            for stem in set(_stems(passage)):
                self._with[stem].append(at)

    def chosen(self, said: Iterable[str], tokens: int) -> str:
        """Those that have most to do with what was said, in their order; the first ones where none does.

        `said`: texts, the one that matters most first.
        """
        if sum(self._tokens) <= tokens:
            return "\n".join(self._passages)
        scores = self._scores(said)
        left, taken = tokens, []
        for at in sorted(range(len(self._passages)), key=lambda at: (-scores.get(at, 0.0), at)):
            if self._tokens[at] <= left:
                taken.append(at)
                left -= self._tokens[at]
        return "\n".join(self._passages[at] for at in sorted(taken))

    def _scores(self, said: Iterable[str]) -> dict[int, float]:
        """By words that few passages have."""
        weights: dict[str, float] = {}
        for rank, text in enumerate(said):
            for stem in _stems(text):
                if stem in self._with:
                    weights.setdefault(stem, self._rarity(stem) / (1 + rank))
        scores: dict[int, float] = defaultdict(float)
        for stem in sorted(weights, key=lambda stem: -weights[stem])[:_MOST_WORDS]:
            for at in self._with[stem]:
                scores[at] += weights[stem]
        return scores

    def _rarity(self, stem: str) -> float:
        return math.log(len(self._passages) / len(self._with[stem]))


def fitted(text: str, tokens: int) -> str:
    """The beginning of a text that has about so many tokens, cut at the end of a sentence if there is one."""
    text = text.strip()
    while (needed := tokens_of(text)) > tokens > 0:
        text = text[: min(len(text) - 1, len(text) * tokens // needed)]
        ends = [match.start() for match in _SENTENCE.finditer(text)]
        if ends and ends[-1] > len(text) // 2:
            text = text[: ends[-1]]
    return text if tokens > 0 else ""


def _stems(text: str) -> Iterator[str]:
    return (word.removesuffix("s")[:_STEM] for word in words(text))


def _passages(text: str) -> Iterator[str]:
    for paragraph in _PARAGRAPH.split(text.strip()):
        passage = ""
        for sentence in _SENTENCE.split(paragraph):
            if passage and len(passage) + len(sentence) > _PASSAGE:
                yield from _parts(passage)
                passage = ""
            passage = f"{passage} {sentence}" if passage else sentence
        yield from _parts(passage)


def _parts(passage: str) -> Iterator[str]:
    """A passage, cut where it has no sentences."""
    for at in range(0, len(passage), _MOST_PASSAGE):
        yield passage[at : at + _MOST_PASSAGE]
