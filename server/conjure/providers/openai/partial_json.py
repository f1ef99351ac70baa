"""Reading a member of a JSON object that a model is still writing."""

from __future__ import annotations

import re
from typing import Any, Final, Literal

import jiter

# What thinks aloud does so in front.
_THOUGHT: Final = re.compile(r"\s*<(think|thinking|reasoning)>")
_BEGIN: Final = re.compile(r'\{\s*"')
# Halves of surrogate pairs: no text has them, and the parser reads nothing with them.
_HALVES: Final = re.compile(
    r"\\u[dD][89abAB][0-9a-fA-F]{2}(?=[^\\]|\\[^u]|\\u(?:[^dD]|[dD][^c-fC-F]))"
    r"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F][0-9a-fA-F]{2}"
)
_MOST_CHARS: Final = 16_384
"""Of what is read: each piece is read with all before it."""
_MOST_READ: Final = 8_000_000
"""Characters that are read, over all pieces: an answer of thousands of tiny ones would take ten seconds."""


class TextMember:
    """The text of one member, as far as it is written. The first object in what the model says is read."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._said = ""
        self._read_ever = 0
        self._begin: int | None = None  # of the object
        self.text = ""
        self.is_complete = False
        """Whether the text has ended."""
        self.is_lost = False
        """Whether it cannot be read: the whole may be read when it is there."""

    def feed(self, piece: str) -> str:
        """Takes what the model says next; returns what follows of the text."""
        if self.is_complete or self.is_lost:
            return ""
        self._said += piece
        self._read_ever += len(self._said)
        if self._read_ever > _MOST_READ:
            self.is_lost = True
            return ""
        begin = self._found()
        if begin is None:
            return ""
        document = self._said[begin:]
        self.is_lost = len(document) > _MOST_CHARS
        text = self._read(document, "trailing-strings")
        if text is None:
            return ""
        if not isinstance(text, str) or not text.startswith(self.text):
            self.is_lost = True
            return ""
        more, self.text = text[len(self.text) :], text
        self.is_complete = '"' in piece and self._read(document, "on") is not None
        return more

    def _found(self) -> int | None:
        if self._begin is None:
            at = 0
            if thought := _THOUGHT.match(self._said):
                at = self._said.find(f"</{thought[1]}>", thought.end())
                if at < 0:
                    return None
            begin = _BEGIN.search(self._said, at)
            self._begin = None if begin is None else begin.start()
            self.is_lost = self._begin is None and len(self._said) > 4 * _MOST_CHARS
        return self._begin

    def _read(self, document: str, mode: Literal["on", "trailing-strings"]) -> Any:
        if "\\u" in document:
            document = _HALVES.sub(r"\\ufffd", document)
        try:
            found = jiter.from_json(document.encode("utf-8", "replace"), partial_mode=mode)
        except ValueError:
            self.is_lost = True
            return None
        return found.get(self._name) if isinstance(found, dict) else None
