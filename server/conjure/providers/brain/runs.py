"""Runs of words of some texts, found wherever they stand among letters (letters.py).

A run is twelve words in a row, or as many of them as have 96 letters: who repeats so much repeats the text.
Where there are no spaces, 24 ideographs or 48 other letters are as much as twelve words.

Memory is linear in the texts. Whatever they are, a letter is looked at with a few look-ups: their number
grows with the logarithm of the texts.
"""

from __future__ import annotations

import bisect
from array import array
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.letters import IDEOGRAPHS, UNSPACED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

HEAD: Final = 12
"""Letters that every run has at least."""
MOST: Final = 96
"""Letters that a run has at most."""

# Twelve words, in quarters of a word.
_RUN: Final = 12 * 4
_WORD, _IDEOGRAPH, _LETTER = 4, 2, 1
# A longer word is none: runs begin at each of its letters.
_LONGEST_WORD: Final = 32


class Runs:
    """The runs of some texts; each is given as its words, and no run goes from one to the next."""

    def __init__(self, texts: Iterable[Sequence[str]]) -> None:
        found: list[tuple[int, int]] = []
        parts, at = [], 0
        for words in texts:
            found += [(at + begin, length) for begin, length in _runs(words)]
            parts.append("".join(words))
            at += len(parts[-1])
        self._text = text = "".join(parts)
        found.sort(key=lambda run: text[run[0] : run[0] + run[1]])
        # A run that begins with another one is never looked for: the other is found before.
        self._begins, self._lengths = array("I"), bytearray()
        last = ""
        for begin, length in found:
            if not last or not text.startswith(last, begin):
                self._begins.append(begin)
                self._lengths.append(length)
                last = text[begin : begin + length]
        self._mask = (1 << (8 * len(self._begins)).bit_length()) - 1
        self._heads = bytearray(self._mask + 1)
        for begin in self._begins:
            self._heads[hash(text[begin : begin + HEAD]) & self._mask] = 1

    def __bool__(self) -> bool:
        return bool(self._begins)

    @property
    def weight(self) -> int:
        """Bytes that they take, about."""
        return 4 * len(self._text) + 5 * len(self._begins) + len(self._heads)

    def _run(self, at: int) -> str:
        begin = self._begins[at]
        return self._text[begin : begin + self._lengths[at]]

    def may_begin(self, head: str) -> bool:
        """Whether a run may begin with so many letters; false is certain."""
        return bool(self._heads[hash(head) & self._mask])

    def match(self, letters: str) -> str | None:
        """The run that letters, at most `MOST` of them, begin with, or are the beginning of.

        None: there is no such run. They cannot be the beginning of one run and begin with another.
        """
        count = len(self._begins)
        at = bisect.bisect_left(range(count), letters, key=self._run)
        if at < count and (run := self._run(at)).startswith(letters):
            return run
        if at and letters.startswith(run := self._run(at - 1)):
            return run
        return None

    def stand_in(self, letters: str) -> bool:
        """Whether a run stands anywhere in them."""
        heads, mask = self._heads, self._mask
        for at in range(len(letters) - HEAD + 1):
            if heads[hash(letters[at : at + HEAD]) & mask]:
                run = self.match(letters[at : at + MOST])
                if run is not None and letters.startswith(run, at):
                    return True
        return False


def _runs(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where each run begins, and how many letters it has."""
    pieces = [piece for word in words for piece in _pieces(word)]
    begin, end, weight, length = (
        0,
        0,
        0,
        0,
    )  # of what is looked at: letters, pieces, quarters, letters
    for letters, counts in pieces:
        while end < len(pieces) and weight < _RUN and length < MOST:
            weight += pieces[end][1]
            length += len(pieces[end][0])
            end += 1
        if weight < _RUN and length < MOST:
            return  # and so is all that follows
        yield begin, min(length, MOST)
        begin += len(letters)
        length -= len(letters)
        weight -= counts


def _pieces(word: str) -> Iterable[tuple[str, int]]:
    """A word and what it counts, in quarters of a word."""
    if len(word) > _LONGEST_WORD:
        return [(letter, _LETTER) for letter in word]
    if IDEOGRAPHS.match(word):
        return [(word, _IDEOGRAPH)]
    return [(word, _LETTER if UNSPACED.match(word) else _WORD)]
