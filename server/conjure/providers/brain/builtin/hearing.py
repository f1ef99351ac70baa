"""What somebody says: what kind of thing it is, and what it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.builtin.text import fold, stem, words

if TYPE_CHECKING:
    from conjure.providers.brain.builtin.language import Language

MOST_WORDS: Final = 400
"""Of what is said, as far as it is listened to."""

# What somebody says with these is little else; the first that is there is meant.
_PLAIN: Final = (
    *("ask_age", "ask_my_name", "ask_name", "ask_self", "ask_feel", "ask_place", "ask_secret"),
)
# These mean it only where nothing else is said.
_ALONE: Final = (
    *(
        "ask_topics",
        "more",
        "ask_back",
        "apology",
        "thanks",
        "farewell",
        "greeting",
        "laugh",
        "yes",
        "no",
    ),
)
_ABOUT_YOU: Final = ("love", "insult", "compliment")
_NARROW: Final = ("when", "where", "who", "why")


@dataclass(frozen=True, slots=True)
class Heard:
    """`words` as they are spelled and `folded` as they are compared.

    `topics`: the words that it is about, as spelled, by their stems. `narrow`: what is asked for (when, where …).
    `cues`: where each kind of cue ends. `player`: the name that somebody says is theirs.
    """

    kind: str
    words: list[str]
    folded: list[str]
    topics: dict[str, str]
    asks: bool
    narrow: tuple[str, ...] = ()
    cues: dict[str, tuple[int, int]] = field(default_factory=dict)
    player: str | None = None


def hear(text: str, spelled: list[str], folded: list[str], language: Language) -> Heard:
    """Reads a visible text, whose words and folded words these are."""
    cues = _cues(folded, language)
    topics, rest = _topics(spelled, folded, cues, language)
    asks = "?" in text or "¿" in text or _begins_to_ask(folded, cues)
    player = _player(text, spelled, folded, cues, language)
    if player and asks:
        own = {stem(fold(word)) for word in words(player)}
        rest -= sum(stem(word) in own for word in folded)
        topics = {known: word for known, word in topics.items() if known not in own}
    # `I am Ada. What is that reef?` is a question; the name is kept all the same.
    kind = "player_name" if player and not asks else _kind(folded, cues, rest, asks, language)
    narrow = tuple(name for name in _NARROW if name in cues)
    return Heard(kind, spelled, folded, topics, asks, narrow, cues, player)


def name_in(text: str, language: Language) -> str | None:
    """The name that somebody says is theirs."""
    low = text.lower()
    if not any(hint in low for hint in _OF_NAMES):
        return None
    spelled = words(text)[:MOST_WORDS]
    folded = [fold(word) for word in spelled]
    return _player(text, spelled, folded, _cues(folded, language), language)


# One of these is in every sentence that says a name.
_OF_NAMES: Final = (
    *("nam", "nenn", "hei", "call", "appel", "nom", "llam", "llám", "chiam", "cham", "am ", "m "),
    *("bin ", "suis", "est ", "soy", "sono", "sou ", "is "),
)


def cues_in(folded: list[str], language: Language) -> dict[str, tuple[int, int]]:
    """Where each kind of cue stands: its first word, and the one after its last."""
    return _cues(folded, language)


def _cues(folded: list[str], language: Language) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    count = len(folded)
    for start, word in enumerate(folded):
        longest = language.heads.get(word)
        if longest is None:
            continue
        for end in range(start + 1, min(start + longest, count) + 1):
            phrase = word if end == start + 1 else " ".join(folded[start:end])
            for kind in language.cues.get(phrase, ()):
                known = found.get(kind)
                if known is None or (end - start > known[1] - known[0]):
                    found[kind] = (start, end)
    return found


def _topics(
    spelled: list[str], folded: list[str], cues: dict[str, tuple[int, int]], language: Language
) -> tuple[dict[str, str], int]:
    """Words that something is about, and how many words are neither small nor part of a cue."""
    covered: set[int] = set()
    for kind, (start, end) in cues.items():
        if kind in _ALONE or kind in _PLAIN or end - start > 1 or kind == "ask_opinion":
            covered.update(range(start, end))
    topics: dict[str, str] = {}
    rest = 0
    for index, word in enumerate(folded):
        if word in language.stop or len(word) < 2:
            continue
        if index not in covered:
            rest += 1
            topics.setdefault(stem(word), spelled[index])
    return topics, rest


def _begins_to_ask(folded: list[str], cues: dict[str, tuple[int, int]]) -> bool:
    span = cues.get("question")
    return span is not None and (span[0] == 0 or span[1] - span[0] > 1)


def _kind(
    folded: list[str], cues: dict[str, tuple[int, int]], rest: int, asks: bool, language: Language
) -> str:
    to_you = len(folded) <= 3 or any(word in language.you for word in folded)
    for kind in _ABOUT_YOU:
        if kind in cues and to_you and (kind == "love" or not asks or kind == "insult"):
            negated = cues[kind][0] > 0 and folded[cues[kind][0] - 1] in language.negation
            if not negated:
                return kind
    for kind in ("show", "go", "fetch"):
        if kind in cues and not _is_negated(folded, cues[kind][0], language):
            return kind
    for kind in _PLAIN:
        # `Who are you waiting for` is about something else than `What is your name, stranger`.
        if kind in cues and rest <= (1 if cues[kind][1] - cues[kind][0] > 3 else 0):
            return kind
    for kind in ("low", "high"):
        if kind in cues and not asks:
            return kind
    if rest == 0:
        for kind in _ALONE:
            if kind in cues:
                return kind
    if rest <= 1:
        for kind in ("ask_topics", "more"):
            if kind in cues and cues[kind][1] - cues[kind][0] > 1:
                return kind
        for kind in ("apology", "thanks", "farewell", "greeting"):
            if kind in cues and not asks:
                return kind
    if "ask_opinion" in cues:
        return "ask_opinion"
    return "question" if asks else "statement"


def _is_negated(folded: list[str], start: int, language: Language) -> bool:
    """Whether the word before a cue, or the one before that, says no: `don't show me`."""
    return any(word in language.negation for word in folded[max(0, start - 2) : start])


def _player(
    text: str,
    spelled: list[str],
    folded: list[str],
    cues: dict[str, tuple[int, int]],
    language: Language,
) -> str | None:
    span = cues.get("my_name")
    if span is not None and not text.rstrip().endswith("?"):
        return _name(spelled[span[1] : span[1] + 2], folded[span[1] : span[1] + 2], language)
    if (name := _introduced(text, language)) is not None:
        return name
    # `Hello, I am Anna`: a capital, and nothing after it.
    greeting, here = cues.get("greeting"), _I_AM.get(language.code)
    if greeting is None or here is None or "?" in text:
        return None
    for start in range(len(folded) - 1):
        for way in here:
            end = start + len(way)
            if (
                tuple(folded[start:end]) == way
                and 0 < len(folded) - end <= 2
                and spelled[end][:1].isupper()
            ):
                return _name(spelled[end:], folded[end:], language)
    return None


def _introduced(text: str, language: Language) -> str | None:
    """The name in a sentence that says nothing else: `I am Ada`, `My name is Ada`."""
    for sentence in _SENTENCE.split(text)[:_MOST_SENTENCES]:
        spelled = words(sentence)
        if sentence.rstrip().endswith("?") or not 2 <= len(spelled) <= _LONGEST_INTRODUCTION:
            continue
        folded = [fold(word) for word in spelled]
        span = _cues(folded, language).get("my_name")
        if span is not None:
            return _name(spelled[span[1] : span[1] + 2], folded[span[1] : span[1] + 2], language)
        # In German every noun has a capital: `Ich bin Lehrer`.
        for way in () if language.code == "de" else _I_AM.get(language.code, ()):
            said = spelled[len(way) :]
            if (
                tuple(folded[: len(way)]) == way
                and 1 <= len(said) <= 2
                and all(word[:1].isupper() and not word.isupper() for word in said)
                and _PEOPLES.isdisjoint(folded)
            ):
                return _name(said, folded[len(way) :], language)
    return None


_SENTENCE: Final = re.compile(r"(?<=[.!?…;,\n])\s*")
_MOST_SENTENCES: Final = 12
_LONGEST_INTRODUCTION: Final = 8
_PEOPLES: Final = frozenset(
    "american british english irish scottish welsh german austrian swiss dutch french spanish italian portuguese greek "
    "polish russian ukrainian turkish indian chinese japanese korean african asian european canadian mexican brazilian "
    "australian swedish danish norwegian finnish jewish muslim catholic buddhist hindu".split()
)
_I_AM: Final[dict[str, tuple[tuple[str, ...], ...]]] = {
    "en": (("i", "am"), ("i", "m"), ("this", "is")),
    "de": (("ich", "bin"),),
    "fr": (("je", "suis"), ("moi", "c", "est")),
    "es": (("soy",),),
    "it": (("sono",),),
    "pt": (("sou", "o"), ("sou", "a"), ("sou",)),
}


def _name(spelled: list[str], folded: list[str], language: Language) -> str | None:
    """A name of one word, or of two where both have a capital."""
    taken: list[str] = []
    for word, plain in zip(spelled[:2], folded[:2], strict=True):
        if (
            plain in language.function
            or not word.isalpha()
            or len(word) > 24
            or plain.startswith(_NO_NAMES)
        ):
            break
        if taken and not word[:1].isupper():
            break
        taken.append(word[:1].upper() + word[1:])
    return " ".join(taken) or None


_NO_NAMES: Final = (
    "ignor",
    "system",
    "instruct",
    "instruk",
    "anweis",
    "repeat",
    "reveal",
    "forget",
    "admin",
    "develop",
)
