"""A world while it is being written: what was decided, and the words so far."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conjure.providers.author.openai.layouts import LAYOUTS, LOSE, WIN
from conjure.providers.author.openai.prose import sentence
from conjure.providers.author.openai.views import View, view_of
from conjure.providers.author.openai.wording import definite, indefinite, person

if TYPE_CHECKING:
    from conjure.providers.author.openai.layouts import Layout, Way

Words = dict[str, str]


@dataclass(slots=True)
class Draft:
    """The words by step; each is there when its step is done."""

    premise: str
    pov: str
    plan: Words
    places: dict[str, Words] = field(default_factory=dict)
    lock: Words = field(default_factory=dict)
    life: Words = field(default_factory=dict)
    states: dict[str, Words] = field(default_factory=dict)
    ways: dict[str, Words] = field(default_factory=dict)

    @property
    def layout(self) -> Layout:
        """What leads where."""
        return LAYOUTS[self.plan["layout"]]

    @property
    def view(self) -> View:
        """From where it is seen."""
        return view_of(self.pov)

    @property
    def hero(self) -> str:
        """Who is seen, after the first time."""
        return person(self.plan["hero"])

    def place(self, key: str) -> Words:
        """The words of a place."""
        return self.places[key]

    def seen_way(self, way: Way) -> str:
        """What a way looks like from where it begins."""
        return self.lock["barrier"] if way.is_locked else self.places[way.target]["way"]

    def told_plan(self) -> Words:
        """What a step has to know of the plan."""
        told = ("name", "description", "hero", "goal", "style", "mood")
        return {member: self.plan[member] for member in told}

    def told_place(self, key: str) -> Words:
        """What a step has to know of a place."""
        return {member: self.places[key][member] for member in ("name", "look")}

    def told_state(self, key: str) -> dict[str, Any]:
        """What is to be seen in a place."""
        told: dict[str, Any] = self.told_place(key)
        if key in {WIN, LOSE}:
            return told | {"ending": self.places[key]["subtitle"]}
        if seen := self.found_in(key):
            told["also_there"] = seen
        return told

    def found_in(self, key: str) -> list[str]:
        """What there is to take, to do and to talk to in a place, each in a sentence."""
        layout, found = self.layout, []
        if key == layout.key_at:
            found.append(sentence(self.lock["lies"]))
        if key == layout.deed_at:
            found.append(f"Within reach: {indefinite(self.life['thing'])}.")
        if key == layout.guide_at:
            found.append(f"Close at hand: {indefinite(self.life['guide'])}.")
        return found

    def plain_state(self, key: str) -> str:
        """A place in sentences of ours, for when those of the model are of no use."""
        place = self.places[key]
        look, name = sentence(place["look"]), definite(place["name"])
        return (
            f"The view opens on {name}. {look} Soft {self.plan['mood']} light lies over the scene."
        )
