"""Words of a world as they stand in a picture: one line, short, and only what shows.

A name may hold anything: control characters, which XML cannot hold at all; switches of the writing direction,
which would turn what stands beside it; ten thousand letters.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from conjure.kernel.wording import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

# What `shown` leaves: marks of the writing direction, and the two noncharacters that XML 1.0 excludes (2.2).
_UNSEEN: Final = re.compile("[\u061c\u200e\u200f\ufeff\ufffe\uffff]")
_LONGEST: Final = 256
_MOST_FLAGS: Final = 3
_FLAG_CELLS: Final = 20


def whole(text: str) -> str:
    """A text as far as it fits where there is room, such as a tooltip."""
    return _UNSEEN.sub("", shown(text, _LONGEST))


def fitted(text: str, cells: int) -> str:
    """A text in at most so many cells, of which a wide letter takes two."""
    text = whole(text)
    if _cells(text) <= cells:
        return text
    room = cells - 1
    for at, letter in enumerate(text):
        room -= _cells(letter)
        if room < 0:
            return f"{text[:at].rstrip()}…"
    return text


def wrapped(text: str, cells: int) -> list[str]:
    """A text in one line or two, of at most so many cells each; broken between words where it can be."""
    text = whole(text)
    first = ""
    for word in text.split(" "):
        longer = f"{first} {word}" if first else word
        if _cells(longer) > cells:
            break
        first = longer
    rest = text[len(first) :].strip()
    return [first, fitted(rest, cells)] if first and rest else [fitted(text, cells)]


def flags(names: Iterable[str]) -> str:
    """The first few of some flags, `and 2 more`."""
    listed = list(names)
    first = ", ".join(fitted(name, _FLAG_CELLS) for name in listed[:_MOST_FLAGS])
    more = len(listed) - _MOST_FLAGS
    return f"{first} and {more:,} more" if more > 0 else first


def counted(number: int, thing: str) -> str:
    """`1 state`, `2 states`."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _cells(text: str) -> int:
    """How many cells a text takes; a mark without a width counts as one, so that marks cannot pile up."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
