"""Text as it is shown and sent on: one line of visible signs."""

from __future__ import annotations

import re
from typing import Final

# Explicit ranges, not Unicode categories: the tables behind those change between Pythons, and a
# premise must give the same bytes on all of them. Joiners (200C, 200D) stay: scripts need them.
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufdd0-\ufdef\ufeff\ufff0-\uffff\U000e0000-\U000e007f]"
)
_SPACE: Final = re.compile(r"\s+")


def tidy(text: str, limit: int) -> str:
    """One line of visible text, cut at a word where it is too long."""
    line = _SPACE.sub(" ", _UNSEEN.sub("", text)).strip()
    if len(line) <= limit:
        return line
    head = line[: limit - 1]
    at_word, _, _ = head.rpartition(" ")
    return (at_word if len(at_word) > limit // 2 else head).rstrip(" ,;:-") + "…"


class TidyLine:
    """The same for a text that comes in pieces: what leaves is tidy, however it is cut. It has no limit."""

    __slots__ = ("_has_begun", "_has_gap")

    def __init__(self) -> None:
        self._has_begun = False
        self._has_gap = False

    def feed(self, piece: str) -> str:
        """Takes the next piece; returns what may follow what left before."""
        line = _SPACE.sub(" ", " " * self._has_gap + _UNSEEN.sub("", piece))
        if not self._has_begun:
            line = line.lstrip(" ")
        self._has_gap = line.endswith(" ")  # and is one only if something follows
        line = line.removesuffix(" ")
        self._has_begun |= bool(line)
        return line
