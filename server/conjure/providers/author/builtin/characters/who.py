# ruff: noqa: RUF001 (premises come in many scripts, and so do their marks)
"""Who a premise is about: what they are, what they are called and how they are."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.providers.author.builtin import lexicon as lex
from conjure.providers.author.builtin import plan, premise
from conjure.providers.author.builtin.characters import names
from conjure.providers.author.builtin.characters.temperaments import TEMPERAMENTS
from conjure.providers.author.builtin.premise import Noun
from conjure.providers.author.builtin.text import is_plural, tidy, word_set
from conjure.providers.dice import Dice

if TYPE_CHECKING:
    from conjure.providers.author.builtin.characters.parts import Temperament
    from conjure.providers.author.builtin.characters.stances import Body
    from conjure.providers.author.builtin.plan import Plan
    from conjure.providers.author.port import CharacterRequest
    from conjure.providers.pictures.reading import Reading

_NAME_CHARS: Final = 80
_READ_CHARS: Final = 700
# A few words of Latin letters: what else a premise may be about cannot stand in prose of ours.
_CALLABLE: Final = re.compile(r"(?=.{2,40}\Z)[A-Za-zÀ-ÿ'’-]{1,20}(?: [A-Za-zÀ-ÿ'’-]{1,20}){0,6}")
_WORD: Final = re.compile(r"[^\W_]+")
_MACHINES: Final = word_set("robot android cyborg ai computer machine automaton golem droid")
_BEASTS: Final = lex.ANIMALS | {"kraken", "phoenix", "griffin", "unicorn"}
_NOBODY: Final = lex.PLACES | lex.NOT_PEOPLE - lex.PEOPLE | {"answer", "prompt", "system"}
_SINGULAR: Final = {
    "children": "child", "men": "man", "women": "woman", "mice": "mouse", "people": "person",
    "geese": "goose", "police": "police officer", "twins": "twin", "wolves": "wolf", "thieves": "thief",
    "elves": "elf", "dwarves": "dwarf", "witches": "witch", "foxes": "fox", "princesses": "princess",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Who:
    """Who is written.

    `role` has its article: "a grumpy lighthouse keeper", "one of two sisters"; `kind` is one of them, without
    it: "sister".
    """

    plan: Plan
    dice: Dice
    name: str
    friend: str
    role: str
    kind: str
    is_one_of_many: bool
    body: Body
    temperament: Temperament
    is_proper: bool = False
    """Whether the premise has but a name for them."""

    @property
    def is_called_so(self) -> bool:
        """Whether the role says already how they are."""
        return bool(_asked(self.temperament.words, self.kind))


def read(request: CharacterRequest, look: Reading | None) -> Who:
    """Reads a request. Total: any text gives somebody."""
    text = tidy(request.premise, _READ_CHARS)
    said_name, rest = names.named(text)
    if said_name is None and names.is_name(text):
        known = [word for word in text.lower().split() if word in lex.PEOPLE]
        said_name, rest = text, " ".join(known[:1])
    read_premise = premise.read(rest)
    made = plan.make(read_premise, "", request.frame, look)
    dice = Dice(f"{made.premise.text}\0{said_name or ''}").fork("character")
    if request.frame is not None:
        dice = dice.fork(plan.frame_id(request.frame))
    hero = _hero(made)
    is_many = hero.plural
    kind = _one(hero.words) if is_many else hero.words
    words = kind.lower().split()
    body: Body = "person"
    if set(words) & _MACHINES:
        body = "machine"
    elif words[-1] in _BEASTS:
        body = "animal"
    code = names.language(text, is_foreign=bool(read_premise.inscription))
    asked_name = tidy(request.name or "", _NAME_CHARS)
    name = (
        asked_name
        or said_name
        or _proper(hero)
        or names.invented(code, body, kind, dice.fork("name"))
    )
    return Who(
        plan=made,
        dice=dice,
        name=name,
        friend=names.friend(code, name, dice.fork("friend")),
        role=_role(hero, is_many=is_many),
        kind=kind,
        is_one_of_many=is_many,
        body=body,
        temperament=_temperament(text, words, dice.fork("temperament")),
        is_proper=hero.fixed,
    )


def _hero(made: Plan) -> Noun:
    """Who it is about: of `a cheerful ghost` the parser thinks that it is sought."""
    found = made.premise
    words = found.text.lower().split()
    is_somebody = not found.inscription and (len(words) <= 3 or words[0] in lex.DETERMINERS)
    thing = found.thing if is_somebody and not found.goal else None
    candidates = (found.hero, None if thing is None or thing.plural else thing)
    for noun in candidates:
        if noun is not None and noun.head not in _NOBODY and _CALLABLE.fullmatch(noun.words):
            return noun
    return Noun(made.dice.fork("hero").pick(made.family.heroes))


def _proper(hero: Noun) -> str | None:
    return hero.words if hero.fixed else None


def _role(hero: Noun, *, is_many: bool) -> str:
    if hero.fixed:
        return "a stranger to most and a friend to a few"
    if not is_many:
        return hero.a
    numbered = hero.words.split()[0].lower() in lex.NUMBERS
    return f"one of {hero.words if numbered else hero.the}"


def _one(words: str) -> str:
    """One of many: `two sisters`, `goblins`."""
    parts = [word for word in words.split() if word.lower() not in lex.NUMBERS] or words.split()
    last = parts[-1].lower()
    if last in _SINGULAR:
        one = _SINGULAR[last]
    elif last.endswith("ies") and len(last) > 4:
        one = f"{last[:-3]}y"
    else:
        one = last.removesuffix("s") if is_plural(last) else last
    return " ".join([*parts[:-1], one])


def _temperament(text: str, words: list[str], dice: Dice) -> Temperament:
    """As the premise has it, else as such people mostly are, else any."""
    asked = [_asked(each.words, text) for each in TEMPERAMENTS]
    if any(asked):
        return TEMPERAMENTS[asked.index(max(asked))]
    fitting = [each for each in TEMPERAMENTS if set(words) & set(each.roles.split())]
    return dice.pick(fitting or TEMPERAMENTS)


def _asked(stems: str, text: str) -> int:
    """How many words begin so; scripts without spaces have them anywhere."""
    plain = _plain(text)
    words = _WORD.findall(plain)
    return sum(
        any(word.startswith(stem) for word in words) if stem < "\u0590" else stem in plain
        for stem in _plain(stems).split()
    )


def _plain(text: str) -> str:
    """Small letters without accents, as people type who are in a hurry."""
    apart = unicodedata.normalize("NFKD", text).lower()
    return "".join(letter for letter in apart if not "\u0300" <= letter <= "\u036f")
