"""What the built-in brain knows of a character: made once from its texts, and kept while it is talked to."""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from conjure.core.beside import Readings
from conjure.providers.brain.builtin.choosing import language_of
from conjure.providers.brain.builtin.facts import MOST_CHARS, Fact, facts_of
from conjure.providers.brain.builtin.languages import ENGLISH, LANGUAGES
from conjure.providers.brain.builtin.moods import Feeling, feeling_of_words, tone_of
from conjure.providers.brain.builtin.persons import PRONOUNS
from conjure.providers.brain.builtin.places import place_of
from conjure.providers.brain.builtin.text import fold, folded, stem, visible, words

if TYPE_CHECKING:
    from conjure.kernel.character import Character
    from conjure.providers.brain.builtin.language import Language

RUN: Final = 6
"""As many words in a row as the brain has are never said."""

_MOST_KEPT: Final = 1_000_000
"""Characters of brains that are kept ready, over all characters."""
_QUICK: Final = 1_000
"""Characters of a brain that is read on the event loop: 10 ms at worst."""
_ALWAYS: Final = 2_000
"""Characters that stand for what each takes, beside its texts."""
_LEAST_SMALL: Final = 0.12
"""Of a text in a language, the part that is small words of it."""
_MOST_TOPICS: Final = 24

_CAPITALS: Final = re.compile(
    r"(?<![.!?…] )(?<!^)\b([A-ZÀ-ÖØ-Þ][\w'’-]{2,}(?: (?:[A-ZÀ-ÖØ-Þ][\w'’-]+|of [A-Z][\w-]+)){0,2})"
)
_MONTHS_AND_DAYS: Final = re.compile(
    r"(?:january|february|march|april|may|june|july|august|september|october|november|december"
    r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday|januar|februar|märz|mai|juni|juli|oktober|dezember"
    r"|montag|dienstag|mittwoch|donnerstag|freitag|samstag|sonntag)s?"
)
# Two names at the beginning of a sentence.
_NAMED: Final = re.compile(r"([A-ZÀ-ÖØ-Þ][\w’-]{1,20}) ([A-ZÀ-ÖØ-Þ][\w’-]{2,20})\b")
_ARTICLES: Final = {
    "en": "The|Our",
    "de": "Der|Die|Das",
    "fr": "Le|La|Les|L'|L’",
    "es": "El|La|Los|Las",
    "it": "Il|Lo|La|I|Gli|Le|L'|L’",
    "pt": "O|A|Os|As",
}
_HEADS: Final = {
    code: re.compile(
        rf"\A(?:({articles})\s?)\b([^\W\d_][\w’-]{{2,}})(?:\s([^\W\d_][\w’-]+))?(?:\s(\w+))?"
    )
    for code, articles in _ARTICLES.items()
}


@dataclass(slots=True)
class Mind:
    """A character's texts, ready to think with.

    `runs`: every run of words of the brain that is too long to be said. `unsaid`: words of the brain that stand
    in nothing that may be told; no topic has them. `topics`: what may be
    talked about. `subjects`: for each fact that begins with `she` or `it`, who that is; the character's own name
    where it is meant. `is_foreign`: whether its lore is in none of our languages.
    """

    name: str
    names: frozenset[str]
    facts: list[Fact]
    language: Language
    tone: str | None
    place: dict[str, str] | None
    topics: tuple[str, ...]
    feelings: dict[str, Feeling | None]
    runs: frozenset[str]
    unsaid: frozenset[str]
    is_foreign: bool = False
    subjects: list[str | None] = field(default_factory=list)
    postings: dict[str, list[int]] = field(default_factory=dict)
    weights: dict[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, character: Character) -> Mind:
        """Reads a character's texts, each as far as MOST_CHARS."""
        lore = (character.lore or "")[:MOST_CHARS]
        others = [
            (text or "")[:MOST_CHARS]
            for text in (character.persona, character.scene, character.examples)
        ]
        read = [folded_whole(text) for text in (lore, *others)]
        facts = facts_of(lore, others)
        told = {word for fact in facts for word in fact.words}
        name = " ".join(visible(character.name).split())[:60]
        names = _names(name)
        mind = cls(
            name=name,
            names=names,
            facts=facts,
            language=_spoken(read, character),
            tone=tone_of(read[1]),
            place=place_of(read[2]),
            topics=(),
            feelings={
                stance.id: feeling_of_words(
                    folded(f"{stance.mood or ''} {stance.label} {stance.id}")
                )
                for stance in character.stances
            },
            runs=frozenset(
                " ".join(text[start : start + RUN])
                for text in read
                for start in range(len(text) - RUN + 1)
            ),
            unsaid=frozenset(word for text in read for word in text) - told - names,
        )
        mind.is_foreign = sum(
            word in mind.language.function for word in read[0]
        ) < _LEAST_SMALL * len(read[0])
        mind.facts = [replace(fact, marks=_marks(fact, mind.language, names)) for fact in facts]
        mind.topics = tuple(_topics(facts, mind))
        mind.subjects = _subjects(facts, mind)
        mind._index()
        return mind

    def _index(self) -> None:
        for number, fact in enumerate(self.facts):
            about = folded(self.subjects[number] or "")
            for known in {
                stem(word) for word in (*fact.words, *about) if word not in self.language.stop
            }:
                self.postings.setdefault(known, []).append(number)
        count = len(self.facts)
        self.weights = {
            known: math.log(1 + count / len(found)) for known, found in self.postings.items()
        }

    def may_say(self, text: str) -> bool:
        """Whether a text has no long run of the brain."""
        said = folded(text)
        return not any(
            " ".join(said[start : start + RUN]) in self.runs for start in range(len(said) - RUN + 1)
        )


def folded_whole(text: str) -> list[str]:
    """The folded words of a long text."""
    return [fold(word) for word in words(visible(text, MOST_CHARS))]


def _names(name: str) -> frozenset[str]:
    """The words that a character is called by: of `Captain Mira of the Rock` only `Mira` and `Rock`."""
    plain = [fold(word) for word in words(name) if word[:1].isupper() or not word.isascii()]
    own = [word for word in plain if len(word) > 2 and word not in _TITLES]
    return frozenset(
        word for word in own if not any(word in language.function for language in LANGUAGES)
    )


_TITLES: Final = frozenset(
    "captain king queen prince princess doctor professor sir lady lord master mister miss mrs saint old young kapitan "
    "konig konigin prinz doktor herr frau meister graf alte alter capitaine roi reine docteur monsieur madame maitre "
    "vieux capitan rey reina doctora senor senora maestro viejo capitano dottore signor signora vecchio capitao rei "
    "rainha doutor senhor senhora mestre velho".split()
)


def _spoken(read: list[list[str]], character: Character) -> Language:
    """The language of the lore; where there is none, of the greeting and the other texts."""
    lore, persona, scene, examples = read
    return language_of(
        lore[:1_000]
        or [*folded(character.greeting or ""), *persona[:300], *scene[:300], *examples[:300]]
    )


class Minds:
    """The minds of characters that were talked to last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Character, Mind] = OrderedDict()
        self._size = 0
        self._readings: Readings[Character, Mind] = Readings(
            Mind.of, known=self._known, keep=self._keep, is_quick=_is_quick
        )

    async def of(self, character: Character) -> Mind:
        """Returns the one of a character with these texts; reading large ones takes up to half a second."""
        return await self._readings.of(character)

    def _known(self, character: Character) -> Mind | None:
        mind = self._kept.get(character)
        if mind is not None:
            self._kept.move_to_end(character)
        return mind

    def _keep(self, character: Character, mind: Mind) -> None:
        if character not in self._kept:
            self._kept[character] = mind
            self._size += _size_of(character)
        while self._size > _MOST_KEPT and len(self._kept) > 1:
            old, _ = self._kept.popitem(last=False)
            self._size -= _size_of(old)


def _is_quick(character: Character) -> bool:
    return _size_of(character) <= _QUICK + _ALWAYS


def _size_of(character: Character) -> int:
    """Characters of it that stay in memory, and something for what always does."""
    texts = (character.persona, character.scene, character.lore, character.examples)
    return _ALWAYS + sum(len(text or "") for text in texts)


def _topics(facts: list[Fact], mind: Mind) -> list[str]:
    """What sentences begin with, and names in them: `the lighthouse`, `Captain Voss`."""
    counts: dict[str, int] = {}
    shown: dict[str, str] = {}
    for fact in facts:
        for phrase in _phrases(fact.text, mind.language):
            key = " ".join(folded(phrase))
            said = set(key.split())
            if said & mind.names or said & mind.unsaid or len(phrase) > 40:
                continue
            counts[key] = counts.get(key, 0) + 1
            shown.setdefault(key, phrase)
    order = sorted(counts, key=lambda key: -counts[key])
    # `Voss` goes where `Captain Voss` is.
    whole = [
        key
        for key in order
        if not any(f" {key} " in f" {other} " and key != other for other in order)
    ]
    return [shown[key] for key in whole[:_MOST_TOPICS]]


def _marks(fact: Fact, language: Language, names: frozenset[str]) -> tuple[str, ...]:
    """The first words of a fact that are said whenever it is told."""
    kept = [
        word.lower()
        for word in words(fact.text)
        if fold(word) not in language.function
        and fold(word) not in language.swaps
        and len(word) > 2
    ]
    return tuple(mark for mark in dict.fromkeys(kept) if fold(mark) not in names)[:4]


def _subjects(facts: list[Fact], mind: Mind) -> list[str | None]:
    """For facts that begin with a pronoun, what the one before it in the same line is about."""
    found: list[str | None] = []
    subject: str | None = None
    line = -1
    for fact in facts:
        first = fact.words[0]
        if first in PRONOUNS[mind.language.code]:
            # A line that begins with `she` is about the character itself.
            found.append(subject if fact.line == line else mind.name or None)
        else:
            found.append(None)
            phrases = _phrases(fact.text, mind.language)
            about_self = first in mind.names or first in SELF
            # `Goblins live in the hills. They trade in iron.`
            plural = (
                fact.text.split(maxsplit=1)[0]
                if mind.language is ENGLISH and first.endswith("s")
                else None
            )
            begins = next(
                (phrase for phrase in phrases if fact.text.lower().startswith(phrase.lower())),
                plural,
            )
            subject = mind.name if about_self else begins or (phrases[0] if phrases else None)
        line = fact.line
    return found


SELF: Final = frozenset("you du tu eres sei voce".split())
"""Words that a sentence about the character begins with."""


def _phrases(text: str, language: Language) -> list[str]:
    found = []
    named = _NAMED.match(text)
    if (
        named is not None
        and fold(named[1]) not in language.stop
        and not _MONTHS_AND_DAYS.fullmatch(named[2].lower())
    ):
        found.append(named[0])
    head = _HEADS[language.code].match(text)
    if head is not None:
        article, noun, second, third = head.groups()
        between = "" if article.endswith(("'", "’")) else " "
        start = f"{article.lower()}{between}{noun}"
        long = f"{start} {second}"
        is_name = (second or "")[:1].isupper()
        if language.code == "de":
            # Nouns have capitals: `der Turm`, `der alte Turm`.
            found += [start] if noun[:1].isupper() and not is_name else [long] if is_name else []
        elif language is not ENGLISH:
            follows = is_name or (fold(noun) in _ADJECTIVES and second is not None)
            found.append(long if follows else start)
        elif noun.endswith("st"):
            pass  # `The largest` of what?
        elif third in _BEING and second not in language.function:
            found.append(long)  # `The front steps are`: those are no verb.
        elif _ends_phrase(second, language):
            found.append(start)
        elif _ends_phrase(third, language) or is_name:
            found.append(long)
    # In German every noun has a capital.
    if language.code != "de":
        names = [
            f"the {name}" if f"the {name}" in text else name for name in _CAPITALS.findall(text)
        ]
        found += [
            name
            for name in names
            if fold(name) not in language.function and not _MONTHS_AND_DAYS.fullmatch(name.lower())
        ]
    return found


_BEING: Final = frozenset(("is", "are", "was", "were"))
# Adjectives that stand before their nouns where most do not.
_ADJECTIVES: Final = frozenset(
    "vieux vieil vieille petit petite grand grande gros grosse jeune beau belle bon bonne nouveau nouvelle ancien ancienne "
    "dernier premier pauvre viejo vieja gran buen buena mal nuevo nueva joven antiguo antigua primer ultimo pequeno pobre "
    "vecchio vecchia grosso piccolo piccola bel bella buon buona nuovo nuova antico antica primo povero velho velha pequena "
    "bom boa novo nova jovem".split()
)


def _ends_phrase(word: str | None, language: Language) -> bool:
    """Whether a noun may end before a word: a small one, or most likely a verb."""
    if word is None:
        return True
    plain = fold(word)
    return plain in language.function or (
        language is ENGLISH and len(plain) > 3 and plain.endswith(("ed", "s"))
    )
