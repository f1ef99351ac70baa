"""What things may be called: one rule, for what ops make and for what an import brings in.

A name that is too long does not fit the schema. One that the API cannot address is refused for new
things, and found by a lint (`unaddressable-name`) in a world that has it already: ops can rename it.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

from conjure.kernel.schema import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_NAME: Final[int] = DEFINITIONS["name"]["maxLength"]
"""Characters in a state's id, an event's name, or the id of a cutscene, a sequence or a mission."""

LONGEST_WORLD_NAME: Final = 200
"""Characters in what a world itself is called."""

_DOT_SEGMENTS: Final = frozenset((".", ".."))
_MARKS: Final = frozenset(("Mn", "Me", "Mc"))
_JOINER: Final = "\u200d"
_SKIN_TONES: Final = frozenset(map(chr, range(0x1F3FB, 0x1F400)))
_FLAG_LETTERS: Final = frozenset(map(chr, range(0x1F1E6, 0x1F200)))


def are_short(names: Iterable[str]) -> bool:
    """Whether none of the names is longer than `LONGEST_NAME`."""
    return all(len(name) <= LONGEST_NAME for name in names)


def unaddressable(name: str) -> str | None:
    """Why no URL can have the name as a segment of its path; None when one can."""
    if not name.strip():
        return "it is blank"
    if name in _DOT_SEGMENTS:
        return "'.' and '..' mean other places in a URL"  # RFC 3986, 5.2.4
    if "\0" in name:
        return "it holds the character NUL"
    return None


def world_name_problem(name: str) -> str | None:
    """What is wrong with the name of a world; None when nothing is. Blanks around it do not count."""
    if 1 <= len(name.strip()) <= LONGEST_WORLD_NAME:
        return None
    return f"name must have 1 to {LONGEST_WORLD_NAME} characters"


def with_suffix(name: str, suffix: str) -> str:
    """The name of a world with words behind it, shortened so that both fit together.

    Not inside of what readers see as one character: an accent, a joined emoji or a flag goes as a whole.
    """
    name, room = name.strip(), LONGEST_WORLD_NAME - len(suffix)
    end = room
    if len(name) > room:
        while end > 0 and _is_seen_as_one(name[end - 1], name[end]):
            end -= 1
    return f"{name[: end or room].rstrip()}{suffix}"


def _is_seen_as_one(before: str, after: str) -> bool:
    """Whether two characters are: roughly, and rather once too often (Unicode UAX 29)."""
    return (
        unicodedata.category(after) in _MARKS
        or _JOINER in {before, after}
        or after in _SKIN_TONES
        or (before in _FLAG_LETTERS and after in _FLAG_LETTERS)
    )
