# ruff: noqa: RUF001 (people write quotes, dashes and marks of many scripts)
"""The quotes of an instruction: what stands in them is one thing, whatever words are in it."""

from __future__ import annotations

import re
from typing import Final

OPEN: Final = "\ue000"
"""Begins the stand-in of a quoted text; its number follows."""

CLOSE: Final = "\ue001"
"""Ends a stand-in."""

OWNS: Final = "\ue002"
"""Stands before the 's of an owner, so that it can be told from the name before it."""

QUOTED: Final = f"{OPEN}\\d++{CLOSE}"
"""A pattern for a stand-in."""

_STAND_IN: Final = re.compile(f"{OPEN}(\\d+){CLOSE}")

# By the mark that opens: the marks that close. Germans close with what the English open with.
_PAIRS: Final = {
    '"': '"',
    "“": "”“",
    "”": "”",
    "„": "“”",
    "‟": "”",
    "«": "»",
    "»": "«",
    "「": "」",
    "『": "』",
    "‹": "›",
    "`": "`",
    "'": "'’",
    "‘": "’'",
    "‚": "‘’",
}
_APOSTROPHES: Final = "'’‘"  # also stand inside of words
# Private use, and what is not seen: no instruction needs them, and the first are our stand-ins.
_OWNER: Final = re.compile(
    r"(?<=\w)(?<!\blet)(?<!\bit)(?<!\bthat)(?<!\bwhat)(?<!here)(?=['’]s(?!\w))", re.IGNORECASE
)
_UNSEEN: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f"
    "\ud800-\udfff\ue000-\uf8ff\ufeff]"
)
_BLANKS: Final = re.compile(r"[^\S\n]+")
_LINES: Final = re.compile(r" ?[\n\x85\u2028\u2029][\s]*")


class QuoteLeftOpen(Exception):
    """A quote that nothing closes."""


def cleaned(text: str) -> str:
    """The text without what is not seen, with one blank where there are several, and one line break."""
    text = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _LINES.sub("\n", _BLANKS.sub(" ", text)).strip()


class Marked:
    """An instruction in which a stand-in replaces each quoted text.

    Raises QuoteLeftOpen. `text` is what the grammar reads.
    """

    __slots__ = ("_quoted", "text")

    def __init__(self, text: str) -> None:
        """Takes text that is `cleaned`."""
        self._quoted: list[tuple[str, str]] = []  # what is in the quotes, and with them
        parts: list[str] = []
        at = done = 0
        # Marks whose partner is missing from here on: looked for once, so that all this is linear.
        alone: set[str] = set()
        while at < len(text):
            mark = text[at]
            if mark in _PAIRS and mark not in alone and _opens(text, at):
                end = _closed(text, at)
                if end is None:
                    if mark not in _APOSTROPHES:
                        raise QuoteLeftOpen
                    alone.add(mark)
                elif text[at + 1 : end].strip():
                    parts += (text[done:at], self.stand_in(text[at + 1 : end], text[at : end + 1]))
                    at = done = end + 1
                    continue
            at += 1
        self.text = _OWNER.sub(OWNS, "".join((*parts, text[done:])))

    def stand_in(self, inside: str, whole: str) -> str:
        """A new stand-in for a text."""
        self._quoted.append((" ".join(inside.split()), whole))
        return f"{OPEN}{len(self._quoted) - 1}{CLOSE}"

    def is_quote(self, stand_in: str) -> bool:
        """Whether it stands for words that were typed in quotes."""
        inside, whole = self._quoted[int(stand_in[1:-1])]
        return inside != " ".join(whole.split())

    def inside(self, stand_in: str) -> str:
        """What stands in the quotes of a stand-in."""
        return self._quoted[int(stand_in[1:-1])][0]

    def restored(self, text: str) -> str:
        """A text as it was typed. A stand-in may hold others."""
        while OPEN in text:
            text = _STAND_IN.sub(lambda match: self._quoted[int(match[1])][1], text)
        return text.replace(OWNS, "")


def _opens(text: str, at: int) -> bool:
    """Whether the mark can open a quote: a blank or a bracket is before it, and words follow it."""
    before, after = text[at - 1] if at else " ", text[at + 1] if at + 1 < len(text) else " "
    if after.isspace():
        return False
    return text[at] not in _APOSTROPHES or not before.isalnum()


def _closed(text: str, at: int) -> int | None:
    """Where the quote ends that opens there."""
    closing = _PAIRS[text[at]]
    if text[at] not in _APOSTROPHES:
        ends = [end for mark in closing if (end := text.find(mark, at + 1)) >= 0]
        return min(ends, default=None)
    for end in range(at + 1, len(text)):
        if text[end] not in closing:
            continue
        after = text[end + 1] if end + 1 < len(text) else " "
        if not after.isalnum() and not text[end - 1].isspace():
            return end
    return None
