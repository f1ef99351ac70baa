"""Words of a world for a terminal: what would steer the terminal is left out, and lines are wrapped."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAST_COLUMNS: Final = 20
# Controls (escape sequences begin with one), surrogates, and separators of lines. Of what only formats, the
# two joiners are part of letters and pictures in many scripts; the rest switches the direction of writing.
_LEFT_OUT: Final = frozenset(("Cc", "Cs", "Zl", "Zp", "Cf"))
_JOINERS: Final = frozenset("\u200c\u200d")


def printable(words: str) -> str:
    """A text in one line, without what a terminal would obey."""
    kept = (
        letter
        for letter in " ".join(words.split())
        if letter in _JOINERS or unicodedata.category(letter) not in _LEFT_OUT
    )
    return "".join(kept)


def wrapped(prose: str, columns: int, *, indent: int = 0) -> str:
    """Paragraphs in lines of at most so many columns, of which a wide letter takes two.

    Further lines of one are indented. A word that is longer than a line is broken.
    """
    room = max(columns, _LEAST_COLUMNS)
    paragraphs = (
        f"\n{' ' * indent}".join(_lines(text, room - indent))
        for line in prose.splitlines()
        if (text := printable(line))
    )
    return "\n".join(paragraphs)


def _lines(text: str, room: int) -> Iterator[str]:
    line = ""
    width = 0
    for word in _pieces(text, room):
        taken = cell_len(word)
        if width and width + 1 + taken > room:
            yield line
            line, width = "", 0
        line = f"{line} {word}" if width else word
        width += taken + (1 if width else 0)
    yield line


def _pieces(text: str, room: int) -> Iterator[str]:
    """The words; of one that is longer than a line as many pieces as it takes."""
    for word in text.split(" "):
        if cell_len(word) <= room:
            yield word
            continue
        begin = width = 0
        for at, letter in enumerate(word):
            width += cell_len(letter)
            if width > room:
                yield word[begin:at]
                begin, width = at, cell_len(letter)
        yield word[begin:]
