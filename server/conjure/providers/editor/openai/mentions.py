"""Which things of a world an instruction speaks of, told from its words and their names alone."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

# Scripts that write no spaces between words, or hang articles and endings on them: there a name may stand
# in a word.
_UNSPACED_RANGES: Final = (
    "\u0590-\u06ff\u0900-\u0fff\u1000-\u109f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
)
_UNSPACED: Final = re.compile(f"[{_UNSPACED_RANGES}]")
# Where the script changes a word ends, too.
_WORD: Final = re.compile(rf"(?:(?![{_UNSPACED_RANGES}])[^\W_])+|[{_UNSPACED_RANGES}]+")

_STEM: Final = 4  # letters that two forms of a word share: cellar, cellars; подвал, подвала
_ENDING: Final = 3  # letters by which they may differ
# Words that a name may have, and that an instruction has for other reasons.
_COMMON: Final = frozenset({
    "a", "an", "i", "in", "is", "it", "of", "on", "or", "to", "the", "and", "for", "all", "out", "off", "you",
    "her", "his", "its", "not", "new", "old", "one", "two", "can", "with", "from", "into", "that", "this",
    "der", "die", "das", "den", "dem", "ein", "und", "von", "les", "des", "une", "una", "uno", "los", "las",
    "del", "por", "con", "che", "het", "een", "van",
})  # fmt: skip
_LEAST: Final = 3  # letters of a word that says which thing is meant

# What stands before a name that only says where something else is, with an article between them or none.
_PLACING: Final = frozenset({
    "from", "in", "inside", "into", "at", "near", "within", "aus", "im", "vom", "ins", "dans", "depuis",
    "desde", "en", "dal", "dalla", "nel", "nella", "uit", "из", "в", "w", "z",
})  # fmt: skip
_ARTICLES: Final = frozenset({
    "the", "a", "an", "der", "die", "das", "dem", "den", "le", "la", "les", "el", "los", "las", "il", "lo",
    "de", "het", "state", "room",
})  # fmt: skip

_TELLING: Final = 20  # names that share a word, at most, for it to say which of them is meant
_LONGEST: Final = 24  # letters of a word that is worth looking for with a mistake in it


def normal(text: str) -> str:
    """Text as it is compared: one spelling of each character, no case."""
    return unicodedata.normalize("NFKC", text).casefold()


def words(text: str) -> list[str]:
    """The words of a text, as they are compared."""
    return _WORD.findall(normal(text))


class Mentions:
    """An instruction, asked for names. Costs about a microsecond a name."""

    __slots__ = ("_places", "_text", "_variants", "_words")

    def __init__(self, instruction: str) -> None:
        self._text = normal(instruction)
        self._words = _WORD.findall(self._text)
        self._places: dict[str, list[int]] = {}
        for at, word in enumerate(self._words):
            self._places.setdefault(word[:_STEM], []).append(at)
        self._variants: set[str] = set()
        for word in set(self._words):
            if _STEM < len(word) <= _LONGEST:
                self._variants.update(_shortened(word))

    def named(self, names: Collection[str], *, as_place: bool = True) -> set[str]:
        """The things of one kind that are named: by the whole name, or by a word that only its name has.

        Where a name is part of a longer one ('cellar', 'wine cellar'), only the longer one is meant. Without
        `as_place` a thing does not count that is only where something else is ('the lamp in the cellar').
        """
        found: list[tuple[int, str, list[range]]] = []
        parts: list[tuple[str, list[str]]] = []
        for name in names:
            said = words(name)
            spans = self._spans(name, said)
            if spans:
                found.append((len(said), name, spans))
            elif said:
                parts.append((name, said))
        taken: set[int] = set()
        whole: set[str] = set()
        for _, name, spans in sorted(found, key=lambda item: -item[0]):
            free = [span for span in spans if not span or not taken.issuperset(span)]
            taken.update(*free)
            if any(as_place or not span or not self._is_place(span.start) for span in free):
                whole.add(name)
        return whole | self._by_a_word(parts, taken, as_place=as_place)

    def scores(self, names: Iterable[str]) -> dict[str, int]:
        """How much of each name it has, mistakes in spelling forgiven; without those of which it has nothing.

        A word that many names have says little, and counts in whole names only.
        """
        whole: dict[str, int] = {}
        parts: dict[str, list[str]] = {}
        having: Counter[str] = Counter()
        known: dict[str, bool] = {}
        for name in names:
            said = words(name)
            if self._spans(name, said):
                whole[name] = 10 + len(said)
                continue
            found = []
            for word in said:
                if word not in known:
                    known[word] = self._has(word) or self._nearly_has(word)
                if known[word]:
                    found.append(word)
            if found:
                parts[name] = found
                having.update(set(found))
        telling = {
            name: score
            for name, found in parts.items()
            if (score := sum(1 for word in found if having[word] <= _TELLING))
        }
        return whole | telling

    def _spans(self, name: str, said: list[str]) -> list[range]:
        """Where a name stands, as places of words; an empty place where it stands inside of one."""
        if not said or (len(said) == 1 and said[0] in _COMMON):
            return []
        if _UNSPACED.search(name):
            return [range(0)] if normal(name) in self._text else []
        size = len(said)
        return [
            range(at, at + size)
            for at in self._places.get(said[0][:_STEM], ())
            if at + size <= len(self._words)
            and all(_same(said[n], self._words[at + n]) for n in range(size))
        ]

    def _is_place(self, at: int) -> bool:
        """Whether the word there follows one such as 'in', with an article between them or none."""
        before = self._words[max(0, at - 2) : at]
        return bool(before) and (
            before[-1] in _PLACING or (before[-1] in _ARTICLES and before[0] in _PLACING)
        )

    def _by_a_word(
        self, parts: list[tuple[str, list[str]]], taken: set[int], *, as_place: bool
    ) -> set[str]:
        having: dict[int, set[str]] = {}
        for name, said in parts:
            for word in said:
                if len(word) < _LEAST or word in _COMMON:
                    continue
                for at in self._places.get(word[:_STEM], ()):
                    is_object = as_place or not self._is_place(at)
                    if is_object and at not in taken and _same(word, self._words[at]):
                        having.setdefault(at, set()).add(name)
        return {next(iter(names)) for names in having.values() if len(names) == 1}

    def _has(self, word: str) -> bool:
        if len(word) < _LEAST or word in _COMMON:
            return False
        return any(_same(word, self._words[at]) for at in self._places.get(word[:_STEM], ()))

    def _nearly_has(self, word: str) -> bool:
        if not _STEM < len(word) <= _LONGEST:
            return False
        return any(variant in self._variants for variant in _shortened(word))


def _same(name: str, said: str) -> bool:
    """Whether two words are one, but for an ending."""
    if name == said:
        return True
    if min(len(name), len(said)) < _STEM or abs(len(name) - len(said)) > _ENDING:
        return False
    return said.startswith(name) or name.startswith(said)


def _shortened(word: str) -> Iterator[str]:
    """The word, and the word with a letter left out: two words with a mistake between them share one."""
    yield word
    for at in range(len(word)):
        yield word[:at] + word[at + 1 :]


def any_of(*, stems: Iterable[str] = (), forms: Iterable[str] = ()) -> re.Pattern[str]:
    """Finds words that begin with a stem, or are a form; where no spaces are written, anywhere in a word."""
    stems, forms = [normal(text) for text in stems], [normal(text) for text in forms]
    inside = [re.escape(text) for text in (*stems, *forms) if _UNSPACED.search(text)]
    begun = [re.escape(text) for text in stems if not _UNSPACED.search(text)]
    whole = [rf"{re.escape(text)}(?![^\W_])" for text in forms if not _UNSPACED.search(text)]
    return re.compile("|".join([rf"(?<![^\W_])(?:{'|'.join([*begun, *whole])})", *inside]))
