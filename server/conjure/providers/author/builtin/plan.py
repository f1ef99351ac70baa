"""Deciding what a world is made of, before a word of it is written."""

import hashlib
from dataclasses import dataclass

from conjure.providers.author.builtin import lexicon as lex
from conjure.providers.author.builtin.moods import MOODS, Mood
from conjure.providers.author.builtin.places import FAMILIES, Act, Family, Guide, Key, Place
from conjure.providers.author.builtin.premise import Noun, Premise
from conjure.providers.author.builtin.text import slug
from conjure.providers.author.builtin.topology import SHAPES, Shape
from conjure.providers.dice import Dice
from conjure.providers.pictures.frames import Frame
from conjure.providers.pictures.reading import Reading

_UNDER = ("under ", "beneath ", "below ", "underneath ")
_CLEAR = 3  # its place, or some of its words
_WATER = frozenset({"sea", "ocean", "lake", "water", "waves", "tide", "river"})


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that was decided; the prose only words it."""

    premise: Premise
    dice: Dice
    family: Family
    mood: Mood
    shape: Shape
    places: dict[str, Place]  # by node letter of the shape, W and L among them
    keys: tuple[Key, ...]
    act: Act
    guide: Guide
    hero: Noun
    thing: Noun
    goal: str  # "Find the door"
    pov: str
    look: Reading | None = None  # of the frame that shows the entrance

    def state(self, node: str) -> str:
        """The id of the state at a node."""
        return slug(self.places[node].label)

    def flag(self, key: int) -> str:
        """The flag that a key grants; GOAL is that of the goal itself."""
        return "goal_reached" if key < 0 else f"has_{slug(self.keys[key].item)}"


def _singular(word: str) -> str:
    return word[:-1] if len(word) > 3 and word.endswith("s") else word


def _wanted(words: frozenset[str], premise: Premise) -> int:
    """How much a premise asks for a set of words: its place most, then who it is about."""
    score = 0
    for noun, weight in ((premise.place, 3), (premise.hero, 1), (premise.thing, 1)):
        if noun is not None:
            parts = noun.words.lower().split()
            score += weight * sum(part in words or _singular(part) in words for part in parts)
    score += sum(word in words or _singular(word) in words for word in premise.words)
    # Scripts that put no spaces between words, or bend their ends: look for the stem inside.
    if not premise.text.isascii():
        text = premise.text.lower()
        stems = (word[:-1] if len(word) > 3 else word for word in words if not word.isascii())
        score += 2 * sum(stem in text for stem in stems)
    return score


def _family(premise: Premise, look: Reading | None, dice: Dice) -> Family:
    """Where it happens: as the premise has it, else as the picture looks, else anywhere."""
    scores = {family.key: _wanted(family.words, premise) for family in FAMILIES}
    if premise.where.startswith(_UNDER) and _WATER & set(premise.where.split()):
        scores["deep"] += 4
    best = max(scores.values())
    if best == 0:
        return dice.pick(FAMILIES if look is None else _alike(look))
    return next(family for family in FAMILIES if scores[family.key] == best)


def shown(premise: Premise, besides: Family) -> Family:
    """The family that a text clearly shows, as a part of a world that is of another; else that one."""
    scores = {family.key: _wanted(family.words, premise) for family in FAMILIES}
    best = max(FAMILIES, key=lambda family: scores[family.key])
    is_clear = scores[best.key] >= _CLEAR and scores[best.key] > scores[besides.key]
    return best if is_clear else besides


def light_of(premise: Premise, family: Family, dice: Dice) -> Mood:
    """The light of a family's places, as a premise has it."""
    return _mood(premise, family, None, dice)


def _alike(look: Reading) -> list[Family]:
    """The families that a picture may show, by its colours."""
    nearest = {key: at for at, key in enumerate(look.palettes)}
    realm = min(MOODS, key=lambda mood: nearest[mood.key]).realm
    return [family for family in FAMILIES if family.key in look.scenes] or [
        family for family in FAMILIES if family.realm == realm
    ]


def _mood(premise: Premise, family: Family, look: Reading | None, dice: Dice) -> Mood:
    """The light of the picture, which is there to be seen; else as the premise has it."""
    fitting = [mood for mood in MOODS if mood.realm == family.realm]
    if look is not None:
        fit = {mood.key: mood for mood in fitting if family.key not in mood.unfit}
        return fit[next(key for key in look.palettes if key in fit)]
    asked = {mood.key: _wanted(mood.words, premise) for mood in fitting}
    best = max(asked.values())
    if best:
        return next(mood for mood in fitting if asked[mood.key] == best)
    return dice.pick([mood for mood in fitting if family.key not in mood.unfit])


def _route(premise: Premise, family: Family, shape: Shape, dice: Dice) -> dict[str, Place]:
    """Lay places out on the nodes: those the premise names first, the start never in the dark."""
    named = {word for phrase in premise.words for word in (phrase, _singular(phrase))}
    dealt = dice.deal(family.places)
    dealt.sort(key=lambda place: not named & set(place.label.split()))
    # Of all that were dealt: where most places are dark, those that fit may all be.
    start = next(at for at, place in enumerate(dealt) if place.light != "dark")
    dealt.insert(0, dealt.pop(start))
    chosen = dealt[: len(shape.nodes)]
    if len(chosen) > 2:
        chosen[1:] = dice.deal(chosen[1:])
    route = dict(zip(shape.nodes, chosen, strict=True))
    return route | {"W": dice.pick(family.wins), "L": dice.pick(family.losses)}


def frame_id(frame: Frame) -> str:
    """Names a frame by what is seen in it."""
    return hashlib.sha256(frame.picture.content).hexdigest()


def make(
    premise: Premise, pov: str, frame: Frame | None = None, look: Reading | None = None
) -> Plan:
    """Decide on a world. Premise and picture alone seed it: another name or view keeps the world."""
    dice = Dice(premise.text if frame is None else f"{premise.text}\0{frame_id(frame)}")
    family = _family(premise, look, dice.fork("family"))
    shape = dice.fork("shape").pick(SHAPES)
    hero = premise.hero or Noun(dice.fork("hero").pick(family.heroes))
    thing = premise.thing or Noun(dice.fork("thing").pick(family.things))
    return Plan(
        premise=premise,
        dice=dice,
        family=family,
        mood=_mood(premise, family, look, dice.fork("mood")),
        shape=shape,
        places=_route(premise, family, shape, dice.fork("route")),
        keys=tuple(dice.fork("keys").deal(family.keys, len(shape.keys))),
        act=dice.fork("act").pick(family.acts),
        guide=family.guide,
        hero=hero,
        thing=thing,
        goal=premise.goal or f"Walk up to {thing.the}",
        pov=pov,
        look=look,
    )


def wears(plan: Plan) -> str:
    """The hero as the picture shows them: what they are, and what they wear."""
    if plan.hero.head in lex.ANIMALS:
        return f"{plan.hero.a} with a small red scarf"
    if plan.hero.plural:
        return f"{plan.hero.a}, each {plan.family.attire}"
    return f"{plan.hero.a} {plan.family.attire}"
