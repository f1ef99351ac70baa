"""Which sentences of lore are about what somebody says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.builtin.text import stem

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.providers.brain.builtin.facts import Fact
    from conjure.providers.brain.builtin.hearing import Heard
    from conjure.providers.brain.builtin.mind import Mind

_OF_BEFORE: Final = 0.4
"""How much the words of the last question weigh, where this one says `it`."""
_LOOKED_AT: Final = 6
_REASONS: Final = frozenset(
    "because since so weil denn deshalb parce car porque perche poiche pois".split()
)
_PLACES: Final = frozenset(
    "in at near on under behind im am bei auf dans sur en sous nel nella su em no na".split()
)


@dataclass(frozen=True, slots=True)
class Found:
    """A fact, how much of what was asked for it has (0..1), and the stems that it has."""

    fact: Fact
    coverage: float
    hits: frozenset[str]
    is_told: bool


def find(
    mind: Mind, heard: Heard, before: Iterable[str], spoken: str, but: Fact | None = None
) -> Found | None:
    """The fact that says most of it; one that was told already only where no other does.

    `before`: stems of what was spoken about. `spoken`: what the character has said, in lower case. `but`: a fact
    that is not looked for.
    """
    scores: dict[int, float] = {}
    dearest = max(mind.weights.values(), default=0.0)
    wanted = 0.0
    for topic in heard.topics:
        weight = mind.weights.get(topic)
        wanted += dearest if weight is None else weight
        for number in mind.postings.get(topic, ()):
            scores[number] = scores.get(number, 0.0) + (weight or 0.0)
    matched = dict(scores)
    if len(heard.topics) <= 1:
        for topic in before:
            weight = mind.weights.get(topic, 0.0) * _OF_BEFORE
            wanted += weight if not heard.topics else 0.0
            for number in mind.postings.get(topic, ()):
                scores[number] = scores.get(number, 0.0) + weight
                if not heard.topics:
                    matched[number] = matched.get(number, 0.0) + weight
    if but is not None:
        scores = {
            number: score for number, score in scores.items() if mind.facts[number] is not but
        }
    if not scores:
        return None
    best = sorted(scores, key=lambda number: (-scores[number], number))[:_LOOKED_AT]
    ranked = sorted(
        best, key=lambda number: (-_fit(mind.facts[number], scores[number], heard, spoken), number)
    )
    chosen = ranked[0]
    fact = mind.facts[chosen]
    stems = {stem(word) for word in fact.words}
    hits = frozenset(topic for topic in (*heard.topics, *before) if topic in stems)
    coverage = min(1.0, matched.get(chosen, 0.0) / wanted) if wanted else 0.0
    return Found(fact, coverage, hits, is_told(fact, spoken))


def following(mind: Mind, last: str, spoken: str) -> Found | None:
    """The next fact that was not told, after the one that was told last. `last`: what the character said last."""
    at = -1
    most = 0.0
    for number, fact in enumerate(mind.facts):
        share = _share(fact, last)
        if share > most:
            most, at = share, number
    start = at + 1 if most >= 0.5 else 0
    order = [*range(start, len(mind.facts)), *range(start)]
    for number in order:
        if not is_told(mind.facts[number], spoken):
            fact = mind.facts[number]
            longest = max(fact.words, key=len)
            return Found(fact, 1.0, frozenset({stem(longest)}), is_told=False)
    return None


def is_told(fact: Fact, spoken: str) -> bool:
    """Whether the first words of a fact stand in what was said."""
    return _share(fact, spoken) > 0.7


def _share(fact: Fact, spoken: str) -> float:
    if not spoken or not fact.marks:
        return 0.0
    return sum(1 for mark in fact.marks if mark in spoken) / len(fact.marks)


def _fit(fact: Fact, score: float, heard: Heard, spoken: str) -> float:
    if "when" in heard.narrow and any(word.isdigit() for word in fact.words):
        score *= 1.4
    if "why" in heard.narrow and any(word in _REASONS for word in fact.words):
        score *= 1.4
    if "who" in heard.narrow and fact.names:
        score *= 1.2
    if "where" in heard.narrow and any(word in _PLACES for word in fact.words):
        score *= 1.1
    return score * 0.45 if is_told(fact, spoken) else score
