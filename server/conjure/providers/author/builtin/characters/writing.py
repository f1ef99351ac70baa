"""Wording a character: its brain, its stances, what is seen of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from conjure.providers.author.bar import folded
from conjure.providers.author.builtin import lexicon as lex
from conjure.providers.author.builtin.characters import facts, who
from conjure.providers.author.builtin.characters.stances import STANCES
from conjure.providers.author.builtin.moods import STYLE_WORDS, STYLES
from conjure.providers.author.builtin.premise import Noun
from conjure.providers.author.builtin.text import capital, is_plural, word_set
from conjure.providers.author.character import NEUTRAL, CharacterParts
from conjure.providers.author.port import AuthoredStance
from conjure.providers.pictures import PictureRequest

if TYPE_CHECKING:
    from conjure.providers.author.builtin.characters.who import Who
    from conjure.providers.author.builtin.plan import Plan
    from conjure.providers.author.port import CharacterRequest
    from conjure.providers.pictures.reading import Reading

_LONGEST_WORD: Final = 22  # letters: longer ones are codes
_MOST_THING: Final = 40
_UNTOLD: Final = word_set("secret secrets private hidden password")
"""What brains take for a mark of what is to be kept."""
_SHORT: Final = re.compile(r" (?:that|of) ")
_LEAST_ECHO: Final = 15
_HOME: Final = word_set("in on at under beneath below inside aboard within beyond behind atop near")
"""What places somebody where they live."""


def written(request: CharacterRequest, look: Reading | None) -> CharacterParts:
    """Writes a character; the same request gives the same words."""
    somebody = who.read(request, look)
    return _Writer(somebody, look).parts()


class _Writer:
    def __init__(self, somebody: Who, look: Reading | None) -> None:
        self._who = somebody
        self._look = look
        self._plan: Plan = somebody.plan
        self._temper = somebody.temperament
        dice = somebody.dice
        self._home = self._plan.places["a"]
        self._thing = _thing(self._plan, somebody)
        self._is_young = bool(set(somebody.kind.lower().split()) & facts.YOUNG)
        years = facts.YEARS_OF_THE_YOUNG if self._is_young else facts.YEARS
        place = f"the {self._home.label}"
        self._words = {
            "name": somebody.name,
            "friend": somebody.friend,
            "Friend": somebody.friend,
            "role": _told_role(somebody),
            "thing": self._thing.the,
            "Thing": capital(self._thing.the),
            "was": "were" if self._thing.plural else "was",
            "it": "them" if self._thing.plural else "it",
            "place": place,
            "Place": capital(place),
            "This_is": "These are" if is_plural(self._home.label) else "This is",
            "years": dice.fork("years").pick(years),
            "ambient": self._plan.mood.ambient,
        }

    def parts(self) -> CharacterParts:
        subject, style = self._subject(), self._style()
        return CharacterParts(
            name=self._who.name,
            description=self._description(),
            persona=self._persona(),
            scene=self._scene(),
            greeting=self._one("greetings", self._temper.greetings),
            facts=self._facts(),
            secrets=self._secrets(),
            examples=self._examples(),
            stances=self._stances(),
            subject=subject,
            style=style,
            cover=PictureRequest(
                prompt=f"A portrait of {subject[:1].lower()}{subject[1:]}",
                style=style,
                title=self._who.name,
                scene=self._plan.family.key,
                palette=self._plan.mood.key,
            ),
        )

    def _filled(self, text: str, **more: str) -> str:
        return text.format_map(self._words | more)

    def _one(self, name: str, texts: tuple[str, ...]) -> str:
        return self._filled(self._who.dice.fork(name).pick(texts))

    def _where(self) -> str:
        place = self._plan.premise.place
        if place is None or place.words in {self._thing.words, self._who.kind}:
            return ""
        where = self._plan.premise.where
        is_home = where.partition(" ")[0] in _HOME and _is_sayable(place)
        return f" {where}" if is_home else ""

    def _description(self) -> str:
        adjective = "" if self._who.is_called_so else f", {self._temper.adjective} by nature"
        hook = self._one("hook", self._temper.hooks)
        about = self._one("about", facts.ABOUT)
        return f"{self._who.name} is {self._who.role}{self._where()}{adjective}. {hook} {about}"

    def _persona(self) -> tuple[str, ...]:
        goal = self._plan.premise.goal
        want = self._one("want", self._temper.wants)
        if goal and self._thing is self._plan.premise.thing:
            tail = self._who.dice.fork("goal").pick(facts.GOALS)
            want = f"to {self._filled(tail, goal=goal[:1].lower() + goal[1:])}"
        home = self._home.spot
        return (
            f"You are {self._who.name}, {self._who.role}{self._where()}, at home {home}.",
            self._one("temper", self._temper.tempers),
            f"More than anything you want {want}.",
            f"You fear {self._one('fear', self._temper.fears)}.",
            self._one("habit", self._temper.habits),
        )

    def _scene(self) -> str:
        seen = (
            self._look.sentences[:2]
            if self._look is not None
            else (self._plan.mood.open if self._home.light == "open" else self._plan.mood.room)[:1]
        )
        area = facts.AREAS[self._plan.family.key]
        first = f"{self._who.name} is at home {self._home.spot}, {area}. {self._home.look}"
        return " ".join((first, *seen, "A guest has just arrived."))

    def _facts(self) -> tuple[str, ...]:
        plan, dice = self._plan, self._who.dice.fork("facts")
        told = [dice.pick(self._past())]
        for place in [plan.places[node] for node in plan.shape.nodes[1:3]]:
            look = place.look.partition(". ")[0].rstrip(".")
            verb = "are" if is_plural(place.label) else "is"
            told.append(f"The {place.label} {verb} close by: {look[:1].lower()}{look[1:]}.")
        told += dice.deal(facts.THING, 2)
        extra = next((noun for noun in plan.premise.extras if _is_sayable(noun)), None)
        if extra is not None:
            told.append(dice.pick(facts.EXTRA))
        told.append(f"Your neighbour is {_lower(plan.guide.persona)}")
        told.append(plan.keys[0].hint)
        told.append(dice.pick(facts.WEATHER))
        told.append(dice.pick(facts.FRIEND[self._who.body]))
        told += dice.deal(facts.LIFE[self._who.body], 3)
        more = {"extra": extra.the if extra is not None else ""}
        return tuple(self._filled(text, **more) for text in told)

    def _past(self) -> tuple[str, ...]:
        if self._who.is_one_of_many:
            return facts.PAST_OF_MANY
        if self._is_young:
            return facts.PAST_OF_THE_YOUNG
        if self._who.body == "animal":
            return facts.PAST_OF_ANIMALS
        if self._who.body == "machine":
            return facts.PAST_OF_MACHINES
        # Of the last of its kind, and of a name, one does not say that one became it.
        is_one = self._who.role.startswith(("a ", "an ")) and not self._who.is_proper
        return facts.PAST if is_one else facts.PAST[1:2]

    def _secrets(self) -> tuple[str, ...]:
        dice = self._who.dice.fork("secrets")
        verb = self._plan.premise.goal.partition(" ")[0].lower()
        first = facts.SECRETS_OF_GOALS if verb else facts.SECRETS
        if self._thing is not self._plan.premise.thing:
            first = facts.SECRETS
        elif verb in facts.TAKERS:
            first = facts.SECRETS_OF_TAKERS
        further = {
            "person": facts.FURTHER_SECRETS,
            "animal": facts.FURTHER_OF_ANIMALS,
            "machine": facts.FURTHER_OF_MACHINES,
        }[self._who.body]
        # In few words: what says the same as a secret in most of its words is kept as well.
        thing = Noun(_SHORT.split(self._thing.words)[0], fixed=self._thing.fixed).the
        return self._filled(dice.pick(first), thing=thing), self._filled(dice.pick(further))

    def _examples(self) -> tuple[tuple[str, str], ...]:
        temper, thing = self._temper, self._thing.the
        return (
            ("Where are we?", self._one("on_place", temper.on_place)),
            (f"What can you tell me about {thing}?", self._one("on_thing", temper.on_thing)),
            ("Is there something that you leave out?", self._one("on_secret", temper.on_secret)),
        )

    def _stances(self) -> tuple[AuthoredStance, ...]:
        dice = self._who.dice.fork("stances")
        count = 4 + dice.below(2)
        chosen = dice.deal(self._temper.stances, count)
        ids = (NEUTRAL, *sorted(chosen, key=self._temper.stances.index))
        return tuple(
            AuthoredStance(
                id=each,
                label=STANCES[each].label,
                mood=STANCES[each].mood,
                expression=dice.pick(STANCES[each].looks(self._who.body)),
            )
            for each in ids
        )

    def _subject(self) -> str:
        features = facts.FEATURES[self._who.body]
        if self._is_young and self._who.body == "person":
            features = facts.FEATURES_OF_THE_YOUNG
        feature = self._who.dice.fork("feature").pick(features)
        wears = f"{self._plan.family.attire}, with"
        if self._who.body == "animal":
            wears = "with a small red scarf,"
        shown = "a person" if self._who.is_proper else Noun(self._who.kind).a
        return f"{capital(shown)} {wears} {feature}, {self._home.spot}"

    def _style(self) -> str:
        """As the premise asks for one, in the colours of picture or mood."""
        words = self._plan.premise.words
        asked = next((STYLE_WORDS[word] for word in words if word in STYLE_WORDS), None)
        style = asked or self._who.dice.fork("style").pick(STYLES)
        colours = " and ".join(self._look.colours[:2]) if self._look else self._plan.mood.tint
        return f"{style}, {colours} palette"


def _thing(plan: Plan, somebody: Who) -> Noun:
    """What it is about: as the premise has it, unless that is the character, or cannot be said."""
    thing = plan.premise.thing
    if thing is not None and _is_sayable(thing) and thing.words.lower() != somebody.kind.lower():
        is_all = len(thing.words) >= _LEAST_ECHO and folded(thing.words) == folded(
            plan.premise.text
        )
        if not is_all:
            return thing
    return Noun(plan.dice.fork("thing").pick(plan.family.things))


def _told_role(somebody: Who) -> str:
    """The role as lore has it: that a detective is a private one is no secret."""
    words = somebody.kind.split()
    plain = [word for word in words if word.lower() not in _UNTOLD]
    is_same = len(plain) == len(words) or somebody.is_one_of_many or not plain
    return somebody.role if is_same else Noun(" ".join(plain)).a


def _is_sayable(noun: Noun) -> bool:
    """Whether a noun of a premise can stand in prose of ours: signs, and codes, cannot."""
    words = noun.words.split()
    return (
        len(noun.words) <= _MOST_THING
        and noun.words.isascii()
        and all(len(word) <= _LONGEST_WORD for word in words)
        and any(word.isalpha() for word in words)
        and not set(words) <= lex.EMPTY
        and not _UNTOLD & set(words)
    )


def _lower(sentence: str) -> str:
    return sentence if sentence[:2] == "I " else sentence[:1].lower() + sentence[1:]
