"""What is kept of a conversation: who somebody is, what was spoken of and promised; never whole sentences."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from conjure.providers.brain.builtin.attempts import asks_for_brain
from conjure.providers.brain.builtin.hearing import cues_in, name_in
from conjure.providers.brain.builtin.languages import LANGUAGES
from conjure.providers.brain.builtin.text import fold, folded, stem, visible, words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjure.providers.brain.builtin.language import Language
    from conjure.providers.brain.builtin.mind import Mind
    from conjure.providers.brain.port import Line

_LISTS: Final = ("from", "is", "has", "likes", "promised", "talked", "told")
_CUES: Final = {
    "from": "i_from",
    "is": "i_am",
    "has": "i_have",
    "likes": "i_like",
    "promised": "i_promise",
}
_MOST: Final = {"from": 2, "is": 3, "has": 12, "likes": 12, "promised": 8, "talked": 24, "told": 24}
_MOST_WORDS: Final = 5
_MOST_ITEM: Final = 60
_MOST_READ: Final = 600
"""Characters of what was said once, as far as it is noted."""
_STOPS: Final = re.compile(r"[.,;:!?¿¡()\"“”«»\n]| - | – ")
_ITEM: Final = re.compile(r"[^\w'’ -]+")
_END: Final = re.compile(r"(?<=[.!?…])\s+")
_LABELS: Final = {
    label: (key, language) for language in LANGUAGES for key, label in language.memory.items()
}


@dataclass(slots=True)
class Memory:
    """What is known of a player. `earlier`: what another brain wrote of them, as it is."""

    name: str | None = None
    lists: dict[str, list[str]] = field(default_factory=lambda: {key: [] for key in _LISTS})
    earlier: str = ""

    @classmethod
    def of(cls, summary: str | None) -> Memory:
        """Reads a summary, of any brain."""
        memory = cls()
        rest = []
        for line in (summary or "").splitlines():
            label, colon, value = line.partition(": ")
            key, _ = _LABELS.get(label.strip(), ("", None)) if colon else ("", None)
            value = value.strip().removesuffix(".")
            if key == "name":
                memory.name = value or None
            elif key in memory.lists:
                memory.lists[key] = [item.strip() for item in value.split(";") if item.strip()]
            elif line.strip():
                rest.append(value if key == "earlier" else line.strip())
        prose = [
            piece
            for piece in _END.split(" ".join(rest))
            if not asks_for_brain(piece, folded(piece))
        ]
        memory.earlier = " ".join(prose)
        return memory

    def add(self, key: str, item: str) -> None:
        """Notes something; what was noted before is newer then."""
        known = self.lists[key]
        same = fold_all(item)
        known[:] = [old for old in known if fold_all(old) != same]
        known.append(item)
        del known[: -_MOST[key]]

    def written(self, language: Language, most: int) -> str:
        """As text of at most so many characters: small talk goes first, and the oldest of it."""
        kept = Memory(
            self.name, {key: list(items) for key, items in self.lists.items()}, self.earlier
        )
        while True:
            text = kept._text(language)
            if len(text) <= most:
                return text
            if not kept._drop(len(text) - most):
                return text[:most].rsplit(" ", 1)[0] if " " in text[:most] else ""

    def sayable(self, language: Language, most: int, mind: Mind) -> str:
        """The same, without what has a long run of the character's texts."""
        text = self.written(language, most)
        if mind.may_say(text):
            return text
        # Another brain's words are all that can be that long; else a list of topics happens to be one.
        self.earlier = ""
        text = self.written(language, most)
        while not mind.may_say(text) and (text := text.rpartition("\n")[0]):
            pass
        return text

    def _text(self, language: Language) -> str:
        labels = language.memory
        lines = [f"{labels['name']}: {self.name}."] if self.name else []
        lines += [
            f"{labels[key]}: {'; '.join(items)}." for key, items in self.lists.items() if items
        ]
        if self.earlier:
            lines.append(f"{labels['earlier']}: {self.earlier}")
        return "\n".join(lines)

    def _drop(self, over: int) -> bool:
        """Forgets the least important thing."""
        for key in ("told", "talked"):
            if len(self.lists[key]) > 4:
                del self.lists[key][0]
                return True
        if len(self.earlier) > 0:
            short = self.earlier[over + 1 :]
            # Whole words, and what is newest.
            self.earlier = short.partition(" ")[2] if over < len(self.earlier) else ""
            return True
        for key in ("told", "talked", "likes", "is", "has", "promised", "from"):
            if self.lists[key]:
                del self.lists[key][0]
                return True
        if self.name:
            self.name = None
            return True
        return False


def fold_all(text: str) -> str:
    """A text as it is compared."""
    return " ".join(folded(text))


def noted(memory: Memory, turns: Sequence[Line], mind: Mind, language: Language) -> None:
    """Notes what players said of themselves, and what was spoken about."""
    topics = {topic: stem(folded(topic)[-1]) for topic in mind.topics}
    for turn in turns:
        text = visible(turn.text, _MOST_READ)
        spelled = words(text)[:400]
        plain = [fold(word) for word in spelled]
        if turn.role == "user":
            if not asks_for_brain(text, plain):
                _note_player(memory, text, language)
                _note_topics(memory, "talked", topics, plain)
        else:
            _note_topics(memory, "told", topics, plain)


def _note_player(memory: Memory, text: str, language: Language) -> None:
    memory.name = name_in(text, language) or memory.name
    for sentence in _STOPS.split(text):
        said = folded(sentence)
        cues = cues_in(said, language)
        for key, cue in _CUES.items():
            if cue not in cues:
                continue
            named = words(sentence)[cues[cue][1] :]
            if key == "has" and not _is_thing(named):
                continue
            if (item := _item(named, language)) is not None:
                memory.add(key, item)


def _note_topics(memory: Memory, key: str, topics: dict[str, str], plain: Iterable[str]) -> None:
    """Those of which the last word, which is the noun, is among the words; they have it as a stem."""
    named = {stem(word) for word in plain}
    for topic, noun in topics.items():
        if noun in named:
            memory.add(key, topic)


def _is_thing(spelled: list[str]) -> bool:
    """Whether somebody is said to have a thing, an animal or a person: not `to go`, nor an idea."""
    plain = [fold(word) for word in spelled[:3]]
    return (
        len(plain) > 1
        and (plain[0] in _A or plain[0].isdigit())
        and _NO_THINGS.isdisjoint(plain[1:])
    )


def _item(spelled: list[str], language: Language) -> str | None:
    """A few words, as a thing: nothing that reads as a sentence to a later reader."""
    taken = spelled[:_MOST_WORDS]
    for index in range(1, len(taken) - 1):
        # `Berlin and I work` is two things.
        if fold(taken[index]) in _JOINS and fold(taken[index + 1]) in language.function:
            taken = taken[:index]
            break
    while taken and fold(taken[-1]) in language.function:
        taken.pop()
    while taken and fold(taken[0]) in language.articles:
        taken.pop(0)
    item = _ITEM.sub("", " ".join(taken)).strip()[:_MOST_ITEM].strip()
    plain = folded(item)
    if not plain or asks_for_brain(item, plain) or any(word.startswith(_ORDERS) for word in plain):
        return None
    return item


_A: Final = frozenset(
    "a an one two three four five six seven ein eine einen zwei drei vier funf sechs sieben un une deux trois quatre "
    "cinq sept una dos tres cuatro cinco siete uno due tre quattro cinque sei sette um uma dois duas quatro".split()
)
_NO_THINGS: Final = frozenset(
    "question questions idea feeling moment minute problem request lot bit few word frage fragen idee gefuhl problem "
    "bitte moment idee sentiment probleme peu pregunta idea momento problema poco duda domanda domande pergunta ideia "
    "pouco".split()
)
_JOINS: Final = frozenset(
    "and but because so und aber weil et mais car y pero porque e ma perche".split()
)
_ORDERS: Final = (
    *(
        "ignor",
        "disregard",
        "forget",
        "reveal",
        "instruct",
        "prompt",
        "system",
        "assistant",
        "must",
        "always",
        "never",
    ),
    *(
        "vergiss",
        "immer",
        "niemals",
        "anweis",
        "oubli",
        "toujours",
        "olvid",
        "siempre",
        "dimentic",
        "sempre",
        "esquec",
    ),
)
