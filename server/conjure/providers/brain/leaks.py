"""The guard of brains: no text that leaves has twelve words in a row of persona, scene, lore or examples.

Case, diacritics, white space, punctuation, markup and invisible characters make no difference (letters.py).
It also knows what models do when they are asked to: such words backwards (letter by letter, or word by word),
in rot13, in base64 or hexadecimal, escaped, with numbers or tags between them. What it does not know:
translations, paraphrases, other ciphers, other words between the words, fewer words at a time.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.letters import letters, rotated, words
from conjure.providers.brain.runs import HEAD, MOST, Runs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

# A text is read in units: a tag, a row of signs that may be an encoding, any other character.
_CODE: Final = "[A-Za-z0-9+/=_-]"
_TAG: Final = "</?[A-Za-z][^<>]{0,80}>"
_HEX: Final = "[0-9A-Fa-f]"
# A letter as HTML, URLs, JSON and programs may have it.
_ESCAPE: Final = (
    rf"&#(?:[0-9]{{1,7}}|[xX]{_HEX}{{1,6}});|%{_HEX}{{2}}|\\u{_HEX}{{4}}|\\x{_HEX}{{2}}"
)
_IS_ESCAPE: Final = re.compile(_ESCAPE)
_UNIT: Final = re.compile(f"{_TAG}|{_ESCAPE}|{_CODE}{{1,4096}}|.", re.DOTALL)
_UNFINISHED: Final = re.compile(
    rf"<(?:/?(?:[A-Za-z][^<>]{{0,80}})?)?|{_CODE}{{1,4095}}"
    rf"|&(?:#(?:[0-9]{{0,7}}|[xX]{_HEX}{{0,6}}))?|%{_HEX}?|\\(?:u{_HEX}{{0,3}}|x{_HEX}?)?"
)
_HAS_EXTRAS: Final = re.compile(f"[0-9]|{_TAG}")
_EXTRA: Final = re.compile(f"{_TAG}|[0-9]+")
_IS_CODED: Final = re.compile(f"{_CODE}{{16,}}")
_BREAK: Final = "\n"
"""Among letters: no run goes across."""


class Leaks:
    """The guard of one character: finds runs of words of its texts. Its memory is linear in them."""

    __slots__ = ("_runs",)

    def __init__(self, texts: Iterable[str | None]) -> None:
        self._runs = Runs(ways for text in texts if text for ways in _ways(text))

    @property
    def weight(self) -> int:
        """Bytes that it takes, about."""
        return self._runs.weight

    def found(self, text: str) -> bool:
        """Whether a run of any of the texts stands in this one. The time is linear in its length."""
        return bool(self._runs) and any(self._runs.stand_in(read(text)) for read in _READINGS)

    def watched(self) -> Watched:
        """For a text that comes in pieces."""
        return Watched(self._runs)


class Watched:
    """Lets a text go that comes in pieces, but for what might still become a run.

    What leaves in the end does not depend on how the text was cut: where a run is completed, it and all that
    follows stays, and `is_leak` is true from then on.
    """

    __slots__ = ("_held", "_is_free", "_looked_at", "_may_leave", "_tails", "is_leak")

    def __init__(self, runs: Runs) -> None:
        self._is_free = not runs
        self._tails = tuple(_Tail(runs, read) for read in _READINGS)
        self._held = ""
        self._looked_at = 0  # characters of what is held
        self._may_leave = 0
        self.is_leak = False
        """Whether a run was found: the rest will not come."""

    def feed(self, piece: str) -> str:
        """Takes the next piece; returns what may leave now."""
        return self._go_on(piece, is_end=False)

    def end(self) -> str:
        """Returns what was held back, as nothing follows that would make a run of it."""
        left = self._go_on("", is_end=True)
        if self.is_leak:
            return left
        rest, self._held = self._held, ""
        return left + rest

    def _go_on(self, piece: str, *, is_end: bool) -> str:
        if self.is_leak:
            return ""
        if self._is_free:
            return piece
        self._held += piece
        self._look(is_end=is_end)
        left, self._held = self._held[: self._may_leave], self._held[self._may_leave :]
        for tail in self._tails:
            tail.left(len(left))
        self._looked_at -= len(left)
        self._may_leave = 0
        return left

    def _look(self, *, is_end: bool) -> None:
        for unit in _UNIT.finditer(self._held, self._looked_at):
            begin, end = unit.span()
            if not is_end and _UNFINISHED.fullmatch(self._held, begin):
                return  # what follows may belong to it
            for tail in self._tails:
                if tail.completes_a_run(unit[0], begin):
                    self.is_leak = True
                    return
            self._looked_at = end
            self._may_leave = min(tail.held_from(end) for tail in self._tails)


class _Tail:
    """The letters of one reading that may still become a run, and where in the held text they stand."""

    __slots__ = ("_letters", "_next", "_open", "_places", "_read", "_runs")

    def __init__(self, runs: Runs, read: Callable[[str], str]) -> None:
        self._runs = runs
        self._read = read
        self._letters = ""
        self._places: list[int] = []  # of each letter
        # From which letter on they are, as far as they go, the beginning of which run.
        self._open: dict[int, str] = {}
        self._next = 0  # the letter that is to be looked at next

    def completes_a_run(self, unit: str, at: int) -> bool:
        """Reads a unit that stands there."""
        more = self._read(unit)
        if not more:
            return False
        if _BREAK in more:
            self._forget(len(self._letters))
            more = more.rpartition(_BREAK)[2]
        self._letters += more
        self._places += [at] * len(more)
        known = self._letters
        for begin in range(self._next, len(known) - HEAD + 1):
            if self._runs.may_begin(known[begin : begin + HEAD]):
                self._open[begin] = ""
        self._next = max(self._next, len(known) - HEAD + 1)
        still: dict[int, str] = {}
        for begin, before in self._open.items():
            said = known[begin : begin + MOST]
            run = before if before.startswith(said) else self._runs.match(said)
            if run is None:
                continue
            if said.startswith(run):
                return True
            still[begin] = run
        self._open = still
        self._forget(next(iter(still), self._next))
        return False

    def _forget(self, count: int) -> None:
        self._letters = self._letters[count:]
        del self._places[:count]
        self._open = {begin - count: run for begin, run in self._open.items() if begin >= count}
        self._next = max(0, self._next - count)

    def held_from(self, end: int) -> int:
        """Where what is held back begins; `end` if nothing is."""
        return self._places[0] if self._places else end

    def left(self, count: int) -> None:
        """So many characters of the text have left."""
        if count:
            self._places = [place - count for place in self._places]


def _ways(text: str) -> Iterator[Sequence[str]]:
    """The words of a text as they may come: in their order, and backwards."""
    usual = words(_unescaped(text))
    yield usual
    yield usual[::-1]
    backwards = [word[::-1] for word in usual]
    yield backwards
    yield backwards[::-1]
    if _HAS_EXTRAS.search(text):
        yield words(_without_extras(text))


# The readings of a text: its letters in one way or another. That of a text is the sum of those of its units.


def _plain(text: str) -> str:
    return letters(_unescaped(text))


def _unescaped(text: str) -> str:
    return _IS_ESCAPE.sub(_letter, text) if "&" in text or "%" in text or "\\" in text else text


def _letter(escape: re.Match[str]) -> str:
    said = escape[0]
    code = (
        int(said[2:-1])
        if said[1] == "#" and said[2] not in "xX"
        else int(said.lstrip("&#%\\uxX").rstrip(";"), 16)
    )
    return chr(code) if code < 0xD800 else " "


def _rotated(text: str) -> str:
    return letters(rotated(text))


def _bare(text: str) -> str:
    """Without tags and numbers."""
    return letters(_without_extras(text) if _HAS_EXTRAS.search(text) else text)


def _without_extras(text: str) -> str:
    return _EXTRA.sub(" ", text)


def _decoded(text: str) -> str:
    """What is encoded in it; only white space stands between the parts of an encoding."""
    if not _IS_CODED.search(text):
        return "" if text.isspace() else _BREAK
    return "".join(
        letters(_meaning(unit)) if _IS_CODED.fullmatch(unit) else "" if unit.isspace() else _BREAK
        for unit in _UNIT.findall(text)
    )


_READINGS: Final = (_plain, _rotated, _bare, _decoded)


def _meaning(code: str) -> str:
    """The text of hexadecimal digits or base64; of anything else, something that nobody wrote."""
    with contextlib.suppress(ValueError):
        return bytes.fromhex(code).decode("utf-8", "ignore")
    code = code.rstrip("=").replace("-", "+").replace("_", "/")
    code = code[: len(code) - (len(code) % 4 == 1)]
    try:
        return base64.b64decode(code + "=" * (-len(code) % 4)).decode("utf-8", "ignore")
    except binascii.Error:
        return ""
