"""Telling a fact in other words: never as many in a row as the lore has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.providers.brain.builtin.mind import RUN
from conjure.providers.brain.builtin.persons import in_first_person
from conjure.providers.brain.builtin.text import fold, folded, stem, words

if TYPE_CHECKING:
    from conjure.providers.brain.builtin.facts import Fact
    from conjure.providers.brain.builtin.language import Language

_MOST_WORDS: Final = 17
"""Of what is told of a sentence: more would need more asides than anybody says."""
_LATE: Final = 7
"""Where a word that was asked for stands late in its sentence: then two asides are worth their while."""
_PAUSES: Final = (",", ";", ":", "—", "–")
_FRAGMENT: Final = 5


def told(
    fact: Fact,
    language: Language,
    names: frozenset[str],
    about: str | None,
    asides: list[str],
    hits: frozenset[str],
) -> str | None:
    """Returns a sentence of lore as somebody says it who knows it; None: it cannot be broken up well.

    `about`: a pronoun in it that means the character. `asides`: two that may be said.
    """
    tokens = in_first_person(fact.text.split(), names, language.code, about)
    if not tokens:
        return None
    changed = _changed(fact.text.split(), tokens)
    tokens = _swapped(tokens, changed, language)
    tokens, changed = _clause(tokens, changed, hits)
    if fold((words(tokens[0]) or [""])[0]) in _CLAUSES and len(tokens) < len(fact.text.split()) - 2:
        return None  # Half a sentence.
    last = max(
        (
            index
            for index, token in enumerate(tokens)
            if not hits.isdisjoint(map(stem, folded(token)))
        ),
        default=0,
    )
    some = asides[: 2 if last >= _LATE else 1]
    return _Breaking(tokens, changed, language, some, hits).broken()


def _changed(before: list[str], after: list[str]) -> list[bool]:
    """Which tokens are not those of the sentence any more."""
    old = {token.lower() for token in before}
    return [token.lower() not in old for token in after]


def fragment(fact: Fact, hits: frozenset[str], language: Language) -> str | None:
    """A few words of a sentence: those that say most beside what was asked for."""
    tokens = fact.text.split()
    plain = [fold((words(token) or [""])[0]) for token in tokens]
    best, most = "", 0.0
    for start in range(len(tokens)):
        if start and plain[start - 1] in (language.articles | language.boundary):
            continue
        end, count = start, 0
        while end < len(tokens) and count + len(words(tokens[end])) <= _FRAGMENT:
            count += len(words(tokens[end]))
            end += 1
            if tokens[end - 1].endswith((*_PAUSES, ".")):
                break
        # It does not end on a small word.
        while end > start and plain[end - 1] in language.function:
            end -= 1
        if all(word in language.function or stem(word) in hits for word in plain[start:end]):
            continue  # Nothing but what was asked.
        score = sum(_worth(word, hits, language) for word in plain[start:end])
        score += 0.4 if plain[start] in language.boundary or start == 0 else 0.0
        if score > most:
            best, most = " ".join(tokens[start:end]), score
    said = best.strip(" ,;:.!?—–\"'“”«»()")
    return said if words(said) else None


def _worth(word: str, hits: frozenset[str], language: Language) -> float:
    if word in language.function:
        return 0.0
    return 0.8 if stem(word) in hits else 1.0


def _swapped(tokens: list[str], changed: list[bool], language: Language) -> list[str]:
    """With other words for some; marks them as changed."""
    said = []
    for index, token in enumerate(tokens):
        core = token.strip(",;:.!?")
        other = language.swaps.get(core) if core.islower() else None
        said.append(token if other is None else token.replace(core, other, 1))
        changed[index] = changed[index] or other is not None
    return said


def _clause(
    tokens: list[str], changed: list[bool], hits: frozenset[str]
) -> tuple[list[str], list[bool]]:
    """The part of a long sentence that is about what was asked: from its beginning, or from a pause in it."""
    if len(tokens) <= _MOST_WORDS:
        return tokens, changed
    at = next(
        (
            index
            for index, token in enumerate(tokens)
            if not hits.isdisjoint(map(stem, folded(token)))
        ),
        0,
    )
    start = 0
    if at >= _MOST_WORDS - 2:
        pauses = [index + 1 for index in range(at) if tokens[index].endswith((*_PAUSES,))]
        start = pauses[-1] if pauses else 0
    return tokens[start:], changed[start:]


class _Breaking:
    """A sentence, said with something between wherever too many of its words would stand in a row."""

    def __init__(
        self,
        tokens: list[str],
        changed: list[bool],
        language: Language,
        asides: list[str],
        hits: frozenset[str],
    ) -> None:
        self._tokens = tokens
        self._hits = hits
        self._changed = changed
        self._plain = [fold((words(token) or [""])[0]) for token in tokens]
        self._counts = [max(1, len(words(token))) for token in tokens]
        self._language = language
        self._asides = asides
        self._namely = language.namely
        self._begun = 0
        self._comma = False

    def broken(self) -> str | None:
        """The sentence; cut off where nothing more can be put between; None: not even its beginning can be said."""
        since = 0
        pauses: list[int] = []
        for index, count in enumerate(self._counts):
            if index - self._begun >= 2 and self._may_pause(index):
                pauses.append(index)
            if self._changed[index]:
                since = 0
                continue
            while since + count > RUN - 1:
                at = self._pause(pauses)
                if at is None:
                    return self._ended(self._end(pauses))
                since = self._since(at, index)
                pauses = [pause for pause in pauses if pause >= at + 2]
            since += count
        return self._ended(len(self._tokens))

    def _pause(self, pauses: list[int]) -> int | None:
        """The last place where something can be put between, after doing it; None: it is better to end."""
        for at in reversed(pauses):
            if not self._asides and self._plain[at] in _CLAUSES:
                return None
            if self._put_between(at):
                self._begun = at
                return at
        return None

    def _end(self, pauses: list[int]) -> int:
        """Where it may end early: before a clause, or before something that is only added."""
        commas = [
            at
            for at in pauses
            if self._tokens[at - 1].endswith(_PAUSES) or self._plain[at] in _CLAUSES
        ]
        # In German the verb may still be to come.
        if commas or self._language.code == "de":
            begun = self._begun if self._comma or self._plain[self._begun] in _CLAUSES else 0
            return commas[-1] if commas else begun
        return pauses[-1] if pauses else self._begun

    def _since(self, start: int, end: int) -> int:
        since = 0
        for index in range(start, end):
            since = 0 if self._changed[index] else since + self._counts[index]
        return since

    def _may_pause(self, index: int) -> bool:
        """Whether somebody may pause before a token."""
        before, here = self._plain[index - 1], self._plain[index]
        language = self._language
        if self._tokens[index - 1].endswith(_PAUSES):
            return True
        if here in language.verbs:
            return before not in language.function
        if language.code == "de" and (
            before in language.verbs
            or (here in language.articles and before not in language.function)
        ):
            return before not in language.boundary
        is_after_name = (
            index > 1 and self._tokens[index - 1][:1].isupper() and self._tokens[index].islower()
        )
        if is_after_name and before not in language.function and here not in language.function:
            return True  # Between a name and its verb.
        if here not in language.boundary:
            return False
        if index + 1 < len(self._plain) and self._plain[index + 1] in language.boundary:
            return False
        return before not in _CLAUSES and (
            before in language.boundary or before not in language.function
        )

    def _put_between(self, index: int) -> bool:
        """Puts something between the tokens before an index and it: once an aside, once `and that`."""
        before = self._tokens[index - 1]
        here = self._plain[index]
        bare = before.rstrip(",")
        is_added = here in self._language.boundary and here not in _CLAUSES
        if self._namely and is_added and not self._asides:
            self._tokens[index - 1] = f"{bare},"
            self._tokens[index] = f"{self._namely} {self._tokens[index]}"
            self._namely = ""
            return True
        if not self._asides:
            return False
        aside = self._asides.pop()
        self._comma = before.endswith(_PAUSES)
        self._tokens[index - 1] = before if before.endswith((":", ";", "—", "–")) else f"{bare},"
        self._tokens[index] = f"{aside}, {self._tokens[index]}"
        return True

    def _ended(self, end: int) -> str | None:
        said = self._tokens[:end]
        while said and end < len(self._tokens) and _plain(said[-1]) in self._language.function:
            said.pop()
        # `… long ago, and Nora`: what Nora did is cut off.
        if end < len(self._tokens) and len(said) > 2 and _plain(said[-2]) in _CLAUSES:
            if not self._hits.isdisjoint(map(stem, folded(said[-1]))):
                return None  # It is Nora who was asked for.
            del said[-2:]
        if len(said) < 2 or (end < len(self._tokens) and len(said) < 4):
            return None
        text = " ".join(said).strip(" ,;:—–")
        text = text[:1].upper() + text[1:]
        return text if text.endswith((".", "!", "?", "…", "”", "»", '"', ")")) else f"{text}."


def _plain(token: str) -> str:
    return fold((words(token) or [""])[0])


# What begins a clause of its own is not added to what is before it.
_CLAUSES: Final = frozenset(
    "because and but which who where when while after before until since although though und aber weil als bis denn wenn "
    "nachdem bevor sobald wahrend obwohl dass wo et mais qui que ou quand parce car lorsque comme y pero quien donde cuando porque mientras "
    "aunque como e ma che chi dove perche mentre mas quem onde enquanto embora to so".split()
)
