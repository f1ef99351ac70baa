# ruff: noqa: RUF001 (people write quotes, dashes and marks of many scripts)
"""What a sentence of the grammar says in its slots."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.providers.editor.builtin.marks import QUOTED
from conjure.providers.editor.builtin.patterns import WORDS
from conjure.providers.editor.builtin.questions import Ask

if TYPE_CHECKING:
    from conjure.providers.editor.builtin.marks import Marked
    from conjure.providers.editor.builtin.names import Kind

_ARTICLE: Final = re.compile(r"^(?:the|a|an|this|that|my|our|its) ", re.IGNORECASE)
_STAND_IN: Final = re.compile(QUOTED)
_PRONOUNS: Final = frozenset(
    f"{prefix}{word}"
    for prefix, words in {
        "": ("it", "that", "this", "there", "here"),
        "that ": ("one", "place", "room", "state", "event", "action", "way"),
        "this ": ("one", "place", "room", "state", "event", "action", "way"),
        "the new ": ("one", "place", "room", "state", "event", "action", "way"),
    }.items()
    for word in words
)
_MARKS: Final = " .,:;!?\"'“”„«»「」‘’`"
PROSE_SLOTS: Final = ("text", "persona", "greeting", "hint")
"""Slots that take words as they were typed."""

_NOUNS: Final[dict[Kind, str]] = {
    "state": WORDS["place"],
    "event": WORDS["event"],
    "cutscene": "cutscene|film|video|clip|cut scene",
    "sequence": "sequence",
}
_BEFORE: Final = {
    kind: re.compile(rf"(?:{nouns})(?: (?:called|named))? (?=\S)", re.IGNORECASE)
    for kind, nouns in _NOUNS.items()
}
_AFTER: Final = {
    kind: re.compile(rf"(?<=\S) (?:{nouns})$", re.IGNORECASE) for kind, nouns in _NOUNS.items()
}


@dataclass(frozen=True, slots=True)
class Said:
    """A name as it was said."""

    text: str
    is_quoted: bool = False
    bare: str | None = None
    """The name without the word that tells what it is, such as "room"."""
    kind: Kind | None = None
    """What that word tells."""

    @property
    def is_pronoun(self) -> bool:
        """Whether it only points at what was said before."""
        return not self.is_quoted and self.text.casefold() in _PRONOUNS


class Clause:
    """A clause that fits a pattern: its slots."""

    __slots__ = ("_marked", "_slots")

    def __init__(self, match: re.Match[str], marked: Marked) -> None:
        self._slots = match.groupdict()
        self._marked = marked

    def has(self, slot: str) -> bool:
        """Whether anything was said there."""
        return bool(self._slots.get(slot))

    def name(self, slot: str) -> Said:
        """A name."""
        raw = (self._slots.get(slot) or "").strip(" .,")
        stand_in = _STAND_IN.search(raw)
        if stand_in is not None:
            inside = self._marked.inside(stand_in[0])
            around = _ARTICLE.sub("", f"{raw[: stand_in.start()]}x{raw[stand_in.end() :]}", count=1)
            kind = _kind_told(around)[0]
            is_quote = self._marked.is_quote(stand_in[0])
            return Said(inside.strip(), is_quoted=is_quote, bare=inside.strip(), kind=kind)
        raw = " ".join(self._marked.restored(raw).split())
        kind, bare = _kind_told(_ARTICLE.sub("", raw, count=1))
        return Said(raw, bare=bare if kind is not None else None, kind=kind)

    def new_name(self, slot: str) -> tuple[str, bool]:
        """A name for something new, without its article, and whether it was in quotes."""
        said = self.name(slot)
        if said.is_quoted:
            return said.text, True
        return _ARTICLE.sub("", said.text, count=1).strip(), False

    def text(self, slot: str) -> str:
        """Words that stand as they were typed; without the quotes when all of them are in one pair.

        Raises Ask when words follow a quote, so that nobody can tell where they end.
        """
        raw = (self._slots.get(slot) or "").strip()
        quote = self._quote_before(raw)
        if quote is None:
            words = " ".join(self._marked.restored(raw).split())
            if not words.strip(_MARKS):
                raise Ask("Which words shall it be?")
            return words
        if raw[len(quote) :].strip(" .!,"):
            raise Ask(
                "Where do the words end, with the quote or later? Put all of them into one pair of quotes, "
                "and what else shall be done on a line of its own."
            )
        return self._marked.inside(quote)

    def label(self, slot: str) -> str:
        """A title or such: words without the full stop that only ends the sentence."""
        words = self.text(slot)
        return words if self._quote_before(self._slots.get(slot) or "") else words.rstrip(" .")

    @property
    def is_open(self) -> bool:
        """Whether it ends in words without quotes, to which what follows may belong."""
        said = [self._slots.get(slot) for slot in PROSE_SLOTS]
        return any(words and self._quote_before(words) is None for words in said)

    def _quote_before(self, words: str) -> str | None:
        """The quote that words begin with."""
        match = _STAND_IN.match(words.strip())
        return match[0] if match is not None and self._marked.is_quote(match[0]) else None


def _kind_told(words: str) -> tuple[Kind | None, str]:
    """The kind of thing that words say that they name, and the words without that."""
    for kind, pattern in _BEFORE.items():
        match = pattern.match(words)
        if match is not None:
            return kind, words[match.end() :]
    for kind, pattern in _AFTER.items():
        match = pattern.search(words)
        if match is not None:
            return kind, words[: match.start()]
    return None, words
