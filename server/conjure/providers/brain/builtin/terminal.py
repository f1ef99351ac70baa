"""Terminals: devices of a world that answer from a few facts, word for word (CONTRACT 10).

A character keeps what its lore marks as secret, and tells the rest in other words. A terminal is another thing:
what it may tell was decided before it is asked, so a password among its facts is an answer like any other. Here
it is found which facts a question is about, as characters find what of their lore is; manners are theirs too.
"""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core.beside import Beside
from conjure.providers.brain.builtin.choosing import language_of
from conjure.providers.brain.builtin.hearing import MOST_WORDS, hear
from conjure.providers.brain.builtin.moods import tone_of
from conjure.providers.brain.builtin.speech import joined
from conjure.providers.brain.builtin.text import fold, folded, stem, visible, words
from conjure.providers.dice import Dice

if TYPE_CHECKING:
    from conjure.providers.brain.builtin.hearing import Heard
    from conjure.providers.brain.builtin.language import Language

_MOST_CHARS: Final = 40_000
"""Of facts, as far as they are looked at."""
_MOST_FACTS: Final = 2_000
_QUICK: Final = 1_000
"""Bytes that are read on the event loop, of what is asked too: 0.3 ms of prose, some ms at worst. A character may
stand for eighteen (`ﷺ`), so characters say nothing of the time."""
_TONE: Final = 1_000
"""Characters of a persona that are looked at."""
_HEARD: Final = 500
"""Characters of a greeting that are looked at."""
_SHORT: Final = 200
"""Characters of a fact that is kept ready, a KB or two each."""
_SURE: Final = 0.5
"""Of what is asked for, as much as a fact must have to be the answer; with less it is a hint."""
_HINT: Final = 0.25
_AS_GOOD: Final = 0.999
_MOST_TOLD: Final = 3
_MOST_REPLY: Final = 4_000  # characters
# Scripts that put no spaces between words are compared by every two letters.
_WITHOUT_SPACES: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]{2,}"
)
_LATIN: Final = re.compile("[A-Za-z]")
_KEYWORDS: Final = 3
"""So few words that are no question are asked for all the same."""
_GENERAL: Final = frozenset(("ask_topics", "more", "ask_self", "ask_place", "yes"))
"""What asks for nothing in particular: any fact answers it."""


@dataclass(frozen=True, slots=True)
class TerminalRequest:
    """What somebody asks a terminal. `facts`: those that may be told now; of others it knows nothing.

    The same request has the same answer.
    """

    name: str
    text: str
    facts: tuple[str, ...]
    persona: str = ""
    greeting: str = ""


class Terminals:
    """Answers for terminals."""

    def __init__(self) -> None:
        self._beside = Beside()

    async def answer(self, request: TerminalRequest) -> str:
        """Returns what the terminal says."""
        if _is_quick(request):
            return answer(request)
        return await self._beside.run(lambda: answer(request))


def _is_quick(request: TerminalRequest) -> bool:
    """Whether reading it stops nobody else. What takes longer is charged to who asks, as asking is free."""
    read = (request.text, request.persona[:_TONE], request.greeting[:_HEARD], *request.facts)
    return (
        sum(map(len, read)) <= _QUICK
        and sum(len(text.encode(errors="surrogatepass")) for text in read) <= _QUICK
    )


def answer(request: TerminalRequest) -> str:
    """The facts that a question is about, as they are written; else a line that fits."""
    text = visible(request.text)
    spelled = words(text)[:MOST_WORDS]
    plain = [fold(word) for word in spelled]
    facts = _within(request.facts)
    language = _language_of(request, facts)
    if _LATIN.search(text) is not None:  # what looks like words of ours in other scripts is none
        language = language_of(plain[:80], otherwise=language)
    heard = hear(text, spelled, plain, language)
    dice = Dice(f"{request.name}\0{request.text}")
    found, share = _about(_topics(text, heard), facts)
    if share >= _SURE:
        opener = _opener(request, language, dice)
        return joined(opener, *found)[:_MOST_REPLY]
    if share >= _HINT and heard.asks:
        return joined(_line(language, "hedge", dice), *found)[:_MOST_REPLY]
    return _manners(request, heard, language, dice, facts)[:_MOST_REPLY]


def _manners(
    request: TerminalRequest, heard: Heard, language: Language, dice: Dice, facts: list[str]
) -> str:
    """What is said where no fact is asked for."""
    greeting = " ".join(request.greeting.split())
    if not heard.folded:
        return _line(language, "nonsense", dice)
    if heard.kind in {"greeting", "player_name"}:
        return greeting or _line(language, "greeting", dice)
    if heard.kind == "ask_name":
        return _line(language, "name", dice, name=" ".join(request.name.split()))
    if heard.kind == "ask_feel":
        return dice.pick(language.feelings["mid"])
    is_general = heard.kind in _GENERAL or (heard.asks and not heard.topics)
    if is_general:
        return dice.pick(facts) if facts else greeting or _line(language, "unknown_plain", dice)
    if heard.kind in _SAID_BACK:
        return _line(language, heard.kind, dice)
    if heard.kind == "statement" and len(heard.folded) > _KEYWORDS:
        return _line(language, "acknowledge", dice)
    return _line(language, "unknown_plain", dice)


_SAID_BACK: Final = frozenset(
    ("farewell", "thanks", "apology", "compliment", "insult", "low", "high", "no", "laugh")
)


def _line(language: Language, kind: str, dice: Dice, **filled: str) -> str:
    lines = [line for line in language.lines[kind] if all(f"{{{name}}}" in line for name in filled)]
    if not filled:
        lines = [line for line in lines if "{" not in line]
    line = dice.pick(lines or language.lines["unknown_plain"])
    for name, text in filled.items():
        line = line.replace(f"{{{name}}}", text)
    return line


def _opener(request: TerminalRequest, language: Language, dice: Dice) -> str | None:
    """How it begins, sometimes: in the tone of what it is said to be."""
    openers = language.openers.get(tone_of(folded(request.persona[:_TONE])) or "", ())
    return dice.pick(openers) if openers and dice.unit() < 0.3 else None


def _within(facts: tuple[str, ...]) -> list[str]:
    found, left = [], _MOST_CHARS
    for fact in facts[:_MOST_FACTS]:
        said = " ".join(fact[:left].split())
        if said:
            found.append(said)
        left -= len(fact)
        if left <= 0:
            break
    return found


def _language_of(request: TerminalRequest, facts: list[str]) -> Language:
    """The one of what it may say."""
    return language_of(folded(" ".join((request.greeting[:_HEARD], *facts[:5]))[:2_000])[:200])


def _topics(text: str, heard: Heard) -> frozenset[str]:
    """What is asked about: stems, and pairs of letters where words are not told apart."""
    pairs = _pairs(text)
    own = (known for known in heard.topics if not _WITHOUT_SPACES.search(known))
    return frozenset(own) | pairs


def _pairs(text: str) -> frozenset[str]:
    return frozenset(
        run[at : at + 2] for run in _WITHOUT_SPACES.findall(text) for at in range(len(run) - 1)
    )


def _about(topics: frozenset[str], facts: list[str]) -> tuple[list[str], float]:
    """The facts that have most of what is asked for, and how much that is (0..1); rare words count for more."""
    if not topics or not facts:
        return [], 0.0
    stems = [_known(fact) if len(fact) <= _SHORT else _stems(fact) for fact in facts]
    counts = Counter(topic for known in stems for topic in topics & known)
    rarest = math.log(1 + len(facts))
    weights = {
        topic: math.log(1 + len(facts) / counts[topic]) if counts[topic] else rarest
        for topic in topics
    }
    whole = sum(weights.values())
    scores = [sum(weights[topic] for topic in topics & known) / whole for known in stems]
    most = max(scores)
    if most <= 0.0:
        return [], 0.0
    best = [fact for fact, score in zip(facts, scores, strict=True) if score >= most * _AS_GOOD]
    return best[:_MOST_TOLD], most


def _stems(fact: str) -> frozenset[str]:
    return frozenset(map(stem, folded(fact))) | _pairs(visible(fact))


# Players ask again and again, with other flags mostly the same facts.
_known = functools.lru_cache(maxsize=4_096)(_stems)
