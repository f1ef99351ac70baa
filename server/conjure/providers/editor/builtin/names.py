# ruff: noqa: RUF001 (people write quotes, dashes and marks of many scripts)
"""The names in a world, found as people say them: `grand_hall` is "the grand hall"."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass
from heapq import nsmallest
from itertools import islice
from typing import TYPE_CHECKING, Any, Final, Literal

from conjure.kernel.values import child, children, elements, strings, text
from conjure.kernel.wording import shown
from conjure.providers.editor.builtin.marks import OWNS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Kind = Literal["state", "event", "flag", "cutscene", "sequence"]
Key = tuple[str, ...]

KINDS: Final[tuple[Kind, ...]] = ("state", "event", "cutscene", "sequence")
"""What can be addressed by a name of its own."""

_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[^\W\d_A-Z]+|[^\W_]+")
_ARTICLES: Final = frozenset(("the", "a", "an", "my", "our", "this", "that"))
_MOST_WORDS: Final = 16  # of a name that is looked for in a sentence
_NEAR: Final = 4  # near names in a question
_TELLING: Final = 3  # letters of a word that tells something
_COMPARED: Final = 2_000  # names that a wrong one is compared with
_LONGEST: Final = 60  # characters of a name that is compared


def key(name: str) -> Key:
    """What a name is compared by: its words, without case, marks and articles."""
    folded = name if name.isascii() else unicodedata.normalize("NFKC", name).replace(OWNS, "")
    folded = folded.replace("’", "").replace("'", "")
    words = tuple(map(str.casefold, _WORD.findall(folded)))
    bare = tuple(word for word in words if word not in _ARTICLES)
    return bare or words or (name.strip().casefold(),)


def called(name: str) -> str:
    """A name as it stands in a reply."""
    return f"“{shown(name, 60)}”"


def some(names: Iterable[str], most: int = _NEAR, word: str = "and") -> str:
    """Names as they stand in a reply, the first few of them."""
    items = list(names)
    first = [called(name) for name in items[:most]]
    if len(items) > most:
        return f"{', '.join(first)} {word} {len(items) - most:,} more"
    return first[0] if len(first) == 1 else f"{', '.join(first[:-1])} {word} {first[-1]}"


@dataclass(frozen=True, slots=True)
class Thing:
    """Something in the world that has a name."""

    kind: Kind
    name: str


class Names:
    """All names of a world by the ways in which they are said: made once for an edit, then kept up."""

    def __init__(self, world: dict[str, Any]) -> None:
        self._exact: dict[Kind, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        self._folded: dict[Kind, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._keyed: dict[Kind, dict[Key, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._aliases: dict[Kind, dict[Key, list[str]]] = defaultdict(lambda: defaultdict(list))
        self._beginnings: set[str] = set()  # the first words of names of several words
        self._worded: dict[Kind, dict[str, set[str]]] = {}  # made when it is needed
        self._alias_of: dict[tuple[Kind, str], Key] = {}
        self._changes: list[tuple[bool, Kind, str, Key | None]] = []  # whether it came, and what
        scene = child(world, "scene")
        for name, state in child(scene, "states").items():
            self.add("state", name, text(state, "arriveLabel") if isinstance(state, dict) else None)
        for _, event in children(scene, "events"):
            if (called_so := text(event, "name")) is not None:
                self.add("event", called_so)
                self.grant(flag for _, flag in strings(event, "grants"))
        lists: tuple[Kind, ...] = ("cutscene", "sequence")
        for kind in lists:
            for item in elements(world, f"{kind}s"):
                if isinstance(item, dict) and (called_so := text(item, "id")) is not None:
                    self.add(kind, called_so, text(item, "label") or text(item, "title"))
        self._changes.clear()  # nothing takes these back

    def has(self, kind: Kind, name: str) -> bool:
        """Whether something is called exactly so."""
        return name in self._exact[kind]

    def all(self, kind: Kind) -> Iterator[str]:
        """The names of a kind, in the order of the world."""
        return iter(self._exact[kind])

    @property
    def mark(self) -> int:
        """How far the changes have come, for `undo`."""
        return len(self._changes)

    def undo(self, mark: int) -> None:
        """Takes the changes since a mark back."""
        while len(self._changes) > mark:
            came, kind, name, alias = self._changes.pop()
            if came:
                self._remove(kind, name)
            else:
                self._add(kind, name, alias)

    def add(self, kind: Kind, name: str, alias: str | None = None) -> None:
        """Takes a name in."""
        said = key(alias) if alias else None
        self._add(kind, name, said)
        self._changes.append((True, kind, name, said))

    def _add(self, kind: Kind, name: str, alias: Key | None) -> None:
        self._exact[kind][name] += 1
        if self._exact[kind][name] > 1:
            return
        self._folded[kind][name.casefold()].append(name)
        said = key(name)
        self._keyed[kind][said].append(name)
        if len(said) > 1:
            self._beginnings.add(said[0])
        self._worded.pop(kind, None)
        if alias is not None:
            self._aliases[kind][alias].append(name)
            self._alias_of[kind, name] = alias

    def grant(self, flags: Iterable[str]) -> None:
        """Takes in the flags that an event grants."""
        for flag in flags:
            self.add("flag", flag)

    def remove(self, kind: Kind, name: str) -> None:
        """Forgets a name, and what else it goes by."""
        if name in self._exact[kind]:
            self._changes.append((False, kind, name, self._alias_of.get((kind, name))))
            self._remove(kind, name)

    def _remove(self, kind: Kind, name: str) -> None:
        exact = self._exact[kind]
        exact[name] -= 1
        if exact[name]:
            return
        del exact[name]
        said = key(name)
        self._folded[kind][name.casefold()].remove(name)
        self._keyed[kind][said].remove(name)
        self._worded.pop(kind, None)
        alias = self._alias_of.pop((kind, name), None)
        if alias is not None:
            self._aliases[kind][alias].remove(name)

    def find(
        self, said: str, kinds: Iterable[Kind], *, by_alias: bool = True, by_case: bool = False
    ) -> list[Thing]:
        """Who is meant: all that the name fits equally well, none when it fits nothing.

        As it is written, then (`by_case`) in any case, then by its words, then by what else the thing
        goes by.
        """
        wanted, words = tuple(kinds), key(said)
        exact = [Thing(kind, said) for kind in wanted if said in self._exact[kind]]
        if exact:
            return exact
        stages: list[tuple[dict[Kind, dict[Any, list[str]]], Any]] = [
            *([(self._folded, said.casefold())] if by_case else ()),
            (self._keyed, words),
            *([(self._aliases, words)] if by_alias else ()),
        ]
        for index, wording in stages:
            found = [Thing(kind, name) for kind in wanted for name in index[kind].get(wording, ())]
            if found:
                return found
        return []

    def holding(self, said: str, kind: Kind) -> list[str]:
        """The names that hold all the words, in the order of the alphabet."""
        words = key(said)
        worded = self._by_word(kind)
        return sorted(set.intersection(*(worded.get(word, set()) for word in words)))

    def _by_word(self, kind: Kind) -> dict[str, set[str]]:
        """The names of a kind by the words in them."""
        if kind not in self._worded:
            worded: dict[str, set[str]] = defaultdict(set)
            for words, names in self._keyed[kind].items():
                for word in words:
                    worded[word].update(names)
            self._worded[kind] = worded
        return self._worded[kind]

    def near(self, said: str, kinds: Iterable[Kind]) -> list[str]:
        """The names that may have been meant: by the words in common, else by the letters."""
        words = set(key(said))
        shared: Counter[str] = Counter()
        for kind in kinds:
            for word in words:
                if len(word) >= _TELLING or word.isdigit() or not word.isascii():
                    shared.update(self._by_word(kind).get(word, ()))
        best = max(shared.values(), default=0)
        alike = [name for name, count in shared.items() if count == best]
        found = nsmallest(_NEAR, alike, key=lambda name: (len(name), name))
        if 2 * best > len(words):
            return found
        said = " ".join(key(said))[:_LONGEST]
        for kind in kinds:
            candidates = {
                " ".join(key(name)): name
                for name in islice(self._exact[kind], _COMPARED)
                if len(name) <= _LONGEST
            }
            close = difflib.get_close_matches(said, candidates, n=_NEAR, cutoff=0.6)
            found += [candidates[item] for item in close]
        return list(dict.fromkeys(found))[:_NEAR]

    def spans(self, sentence: str) -> list[tuple[int, int]]:
        """Where names of several words stand in a sentence, the longest first come; they do not overlap."""
        words = list(_WORD.finditer(sentence))
        folded = [key(match[0])[0] for match in words]
        bare = [at for at, word in enumerate(folded) if word not in _ARTICLES]
        found: list[tuple[int, int]] = []
        at = 0
        while at < len(bare):
            most = _MOST_WORDS if folded[bare[at]] in self._beginnings else 0
            for length in range(min(most, len(bare) - at), 1, -1):
                said = tuple(folded[index] for index in bare[at : at + length])
                if any(self._keyed[kind].get(said) for kind in KINDS):
                    first, last = words[bare[at]], words[bare[at + length - 1]]
                    found.append((first.start(), last.end()))
                    at += length
                    break
            else:
                at += 1
        return found
