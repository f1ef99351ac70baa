"""How names from a world are written into paths and messages: short, and safe to print."""

from __future__ import annotations

import difflib
import re
from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

# A name is one line in a terminal and valid UTF-8 on the wire: control characters, line
# separators, text-direction switches and lone surrogates are written as escapes.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
# A longer name keeps its head and its tail. Sentences are stricter: one holds several names.
_LONGEST_IN_PATH = 120
_LONGEST_IN_SENTENCE = 48

# Looking for a near name costs about 10 µs per candidate, so all its numbers are small.
_HINTS_PER_WORLD = 5
_HINT_CANDIDATES = 64
_HINT_LENGTH = 48
_LISTED = 6
_LISTED_CHARACTERS = 160


def shortened(text: str, longest: int) -> str:
    """The text in at most so many characters: a longer one keeps its head and its tail."""
    if len(text) <= longest:
        return text
    tail = longest // 4
    return f"{text[: longest - tail - 1]}…{text[-tail:]}"


def shown(name: str, longest: int = _LONGEST_IN_PATH) -> str:
    """A name as it stands in a path."""
    # Shortened first, so that a name of a megabyte costs no more; and again, for escapes are longer.
    printable = _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", shortened(name, longest))
    return shortened(printable, longest)


def quoted(name: str) -> str:
    """A name as it stands in a sentence."""
    return f"'{shown(name, _LONGEST_IN_SENTENCE)}'"


def some_of(items: Iterable[str], total: int, limit: int = _LISTED) -> str:
    """The first few of a list, as far as they are short together, `and 7 more`.

    `items` may stop early; `total` is how many there are.
    """
    first: list[str] = []
    length = 0
    for item in islice(items, limit):
        length += len(item)
        if first and length > _LISTED_CHARACTERS:
            break
        first.append(item)
    more = total - len(first)
    return ", ".join(first) + (f" and {more:,} more" if more else "")


def listed(names: Collection[str], limit: int = _LISTED) -> str:
    """The first few names, and how many more there are."""
    return some_of(map(quoted, names), len(names), limit)


def either(names: Sequence[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def nearest(wrong: str, names: Collection[str]) -> str | None:
    """The name that was probably meant, if that is cheap to tell."""
    if len(names) > _HINT_CANDIDATES or len(wrong) > _HINT_LENGTH:
        return None
    candidates = sorted(name for name in names if len(name) <= _HINT_LENGTH)
    return next(iter(difflib.get_close_matches(wrong, candidates, n=1, cutoff=0.75)), None)


class Choices:
    """The names that a reference could have meant."""

    def __init__(self, names: Collection[str], what: str = "state") -> None:
        self._names = names
        self._what = what
        self._hints_left = _HINTS_PER_WORLD
        self._offer: str | None = None

    def suggestion(self, wrong: str) -> str:
        """How to fix a reference: the name that was probably meant if that is cheap to find, else some."""
        add = f"add {self._what} {quoted(wrong)} first."
        near = self._nearest(wrong)
        if near is not None:
            return f"Did you mean {quoted(near)}? Otherwise {add}"
        if not self._names:
            return f"A{add[1:]}"
        if self._offer is None:
            self._offer = self._first()
        return f"{self._offer}, or {add}"

    def _nearest(self, wrong: str) -> str | None:
        if not self._hints_left:
            return None
        self._hints_left -= 1
        return nearest(wrong, self._names)

    def _first(self) -> str:
        # The smallest ones, not the first ones: the order of keys in a world means nothing.
        first = nsmallest(_LISTED, self._names)
        names = (shown(name, _LONGEST_IN_SENTENCE) for name in first)
        return f"Point it at one of: {some_of(names, len(self._names))}"
