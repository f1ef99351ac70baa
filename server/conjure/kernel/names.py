"""What things may be called: one rule, for what ops make and for what an import brings in.

A name that is too long does not fit the schema. One that the API cannot address is refused for new
things, and found by a lint (`unaddressable-name`) in a world that has it already: ops can rename it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.schema import DEFINITIONS

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST_NAME: Final[int] = DEFINITIONS["name"]["maxLength"]
"""Characters in a state's id, an event's name, or the id of a cutscene, a sequence or a mission."""

LONGEST_WORLD_NAME: Final = 200
"""Characters in what a world itself is called."""

_DOT_SEGMENTS: Final = frozenset((".", ".."))


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
    """The name of a world with words behind it, shortened so that both fit together."""
    return f"{name.strip()[: LONGEST_WORLD_NAME - len(suffix)].rstrip()}{suffix}"
