"""Wording the states."""

import re
from typing import Any

from conjure.providers.author.builtin.places import Place
from conjure.providers.author.builtin.plan import Plan
from conjure.providers.author.builtin.premise import Noun
from conjure.providers.author.builtin.text import capital
from conjure.providers.author.builtin.voice import Voice

# Longer prose only blurs the picture. What carries play (ways, things to take) always stays.
_COMFORT_CHARS = 480

# The premise's nouns stand here behind a preposition or as an object: any noun, one or many,
# known or unknown, then reads as English.
_MOTIFS = {
    "open": (
        "A flat stone nearby is carved with {a}.",
        "A painted sign on a post shows {a}.",
        "Someone has scratched the outline of {a} into a boulder.",
        "A small clay figure of {a} stands on a stone.",
        "A scrap of cloth stitched with {a} flutters from a stick.",
    ),
    "room": (
        "A small painting of {a} hangs in a crooked frame.",
        "A pencil sketch pinned up at eye level shows {a}.",
        "A carved model of {a} stands on a ledge.",
        "A faded postcard shows {a}.",
        "A woven hanging pictures {a}.",
    ),
    "dark": (
        "Chalk lines on the wall draw {a}.",
        "The lamplight finds a scratched picture of {a}.",
        "An old mosaic of {a} glints at knee height.",
        "Faint paint on the wall shows {a}.",
    ),
    "deep": (
        "A toppled slab is carved with {a}.",
        "Shells on the ground are laid out in the shape of {a}.",
        "A bronze plate engraved with {a} gleams in the silt.",
        "Old mosaic tiles picture {a}.",
    ),
    "stars": (
        "A worn mission patch shows {a}.",
        "A small steel plate nearby is engraved with {a}.",
        "Someone has stencilled {a} in yellow paint.",
        "A taped-up photograph shows {a}.",
    ),
}
# What is legible there, in whatever language.
_INSCRIPTIONS = {
    "open": "Letters painted on a board read “{text}”.",
    "room": "Gilded letters over the doorway read “{text}”.",
    "dark": "Letters scratched into the wall read “{text}”.",
    "deep": "Letters cut into a leaning slab read “{text}”.",
    "stars": "Stencilled letters on a steel plate read “{text}”.",
}
_SIDES = {
    1: ("Ahead",),
    2: ("On the left", "on the right"),
    3: ("On the left", "ahead", "on the right"),
    4: ("On the left", "ahead", "on the right", "farther back"),
}
_SKY = re.compile(r"\b(?:sky|horizon|hangs|stars|cloud)\b")
_STIR = {"room": "small shadows shift with the light", "dark": "the edge of the light wavers"}


def _ways(plan: Plan, node: str) -> str:
    """Say what the ways on look like, so that what an event is anchored to is in the picture."""
    seen: list[str] = []
    for step in plan.shape.steps:
        if step.source == node:
            lock = next((key for key in step.locks if key >= 0), None)
            way = plan.places[step.target].way if lock is None else plan.keys[lock].lock
            if way not in seen:
                seen.append(way)
    sides = _SIDES[min(len(seen), 4)]
    return "; ".join(f"{side}, {way}" for side, way in zip(sides, seen, strict=False)) + "."


def _found(plan: Plan, node: str) -> list[str]:
    """What there is to take, to do, to talk to."""
    found = [key.seen for key, at in zip(plan.keys, plan.shape.keys, strict=True) if at == node]
    if plan.shape.act == node:
        found.append(plan.act.seen)
    if plan.shape.guide == node:
        found.append(plan.guide.seen)
    return found


def _where(plan: Plan) -> str:
    """The phrase that places the thing, unless the thing is that place."""
    place = plan.premise.place
    return f" {plan.premise.where}" if place is not plan.thing and plan.premise.where else ""


class _Writer:
    def __init__(self, plan: Plan, voice: Voice) -> None:
        self._plan = plan
        self._voice = voice
        self._dice = plan.dice.fork("states")
        self._told = self._assign()
        self._motifs: dict[str, list[str]] = {}
        self._turns: dict[str, int] = {}

    def _assign(self) -> dict[str, list[Noun]]:
        """Give each noun of the premise a state in which it is seen."""
        plan = self._plan
        nouns = list(plan.premise.extras)
        if plan.premise.place is not None and plan.premise.place is not plan.thing:
            nouns.insert(0, plan.premise.place)
        if plan.premise.hero is not None and not self._voice.shows_hero:
            nouns.append(plan.premise.hero)
        # One clue to the thing itself, and the rest spread over what is left.
        told: dict[str, list[Noun]] = {node: [] for node in plan.shape.nodes}
        order = list(plan.shape.nodes)
        told[order[1]].append(plan.thing)
        for at, noun in enumerate(nouns):
            told[order[(at * (2 if len(order) % 2 else 3)) % len(order)]].append(noun)
        return told

    def _kind(self, place: Place) -> str:
        realm = self._plan.family.realm
        return place.light if realm not in {"deep", "stars"} else realm

    def _motif(self, place: Place, noun: Noun) -> str:
        kind = self._kind(place)
        if not self._motifs.get(kind):
            self._motifs[kind] = self._dice.deal(_MOTIFS[kind])
        return self._motifs[kind].pop().format(a=noun.a)

    def _light(self, place: Place) -> str:
        """The light here; lines take turns, so that neighbours differ, and none is said three times."""
        mood = self._plan.mood
        lines = {"open": mood.open, "room": mood.room, "dark": mood.dark}[place.light]
        if self._voice.view == "above":  # where no sky is in the picture
            lines = tuple(line for line in lines if not _SKY.search(line)) or lines
        turn = self._turns[place.light] = self._turns.get(place.light, -1) + 1
        return lines[turn % len(lines)] if turn < 2 * len(lines) else ""

    def base(self, node: str) -> str:
        plan = self._plan
        place = plan.places[node]
        opens = plan.shape.nodes[0] == node
        seen = plan.look.sentences if plan.look is not None and opens else ()
        parts = [self._voice.frame(place, self._dice), *seen, place.look, *_found(plan, node)]
        if plan.shape.goal == node:
            parts.append(f"The light gathers on {plan.thing.the}{_where(plan)}.")
        if opens and plan.premise.place not in {None, plan.thing}:
            view = plan.premise.place.the if plan.premise.place else ""
            through = {"open": "A wide view of", "room": "Through the nearest opening, a view of"}
            parts.append(f"{through[place.light]} {view} fills the background.")
            motifs = self._told[node][1:]
        else:
            motifs = self._told[node]
        parts += [self._motif(place, noun) for noun in motifs]
        if plan.shape.nodes[1] == node and plan.premise.inscription:
            inscription = _INSCRIPTIONS[self._kind(place)]
            parts.append(inscription.replace("{text}", plan.premise.inscription))
        parts.append(_ways(plan, node))
        # Every other state holds a clue to what it is all about.
        spare = not motifs and not seen and plan.shape.nodes.index(node) % 2 == 0
        clue = self._motif(place, plan.thing) if spare else ""
        if clue and len(" ".join(parts)) + len(clue) < _COMFORT_CHARS:
            parts.insert(-1, clue)
        light = self._light(place)
        if light and not seen and len(" ".join(parts)) + len(light) < _COMFORT_CHARS:
            parts.insert(2, light)
        return " ".join(parts)

    def ending(self, node: str) -> str:
        plan = self._plan
        place = plan.places[node]
        parts = [self._voice.frame(place, self._dice), place.look]
        if light := self._light(place):
            parts.append(light)
        if node == "W":
            parts.append(
                f"At the centre of the picture, all light gathers on "
                f"{plan.thing.the}{_where(plan)}."
            )
        else:
            parts.append(f"A fading glimmer far away recalls {plan.thing.the}.")
        return " ".join(parts)

    def state(self, node: str) -> dict[str, Any]:
        plan = self._plan
        place = plan.places[node]
        stir = plan.mood.ambient if place.light == "open" else _STIR[place.light]
        state: dict[str, Any] = {
            "base": self.ending(node) if node in "WL" else self.base(node),
            "camera": self._voice.camera(place.light),
            "movement": self._voice.movement(place),
            "ambient": [place.ambient, stir],
            "arriveLabel": capital(place.label),
            "autopilot": {"keepCentered": {"label": place.marker, "aliases": list(place.also)}},
        }
        if node in "WL":
            subtitle = place.subtitle.format(hero=plan.hero.the, the=plan.thing.the)
            state["ending"] = {
                "kind": "win" if node == "W" else "lose",
                "title": place.title,
                "subtitle": capital(subtitle),
            }
        if plan.shape.act == node:
            state["variants"] = [
                {
                    "label": f"after: {plan.act.do.lower()}",
                    "base": state["base"].replace(plan.act.seen, plan.act.result),
                }
            ]
        return state


def write(plan: Plan, voice: Voice) -> dict[str, dict[str, Any]]:
    """Write all states, by id, in the order in which they are met."""
    writer = _Writer(plan, voice)
    return {plan.state(node): writer.state(node) for node in (*plan.shape.nodes, "W", "L")}
