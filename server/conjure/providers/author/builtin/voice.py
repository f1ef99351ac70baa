"""Who is seen, and from where: the wording that depends on the point of view."""

import re
from typing import Literal

from conjure.providers.author.builtin.places import Place
from conjure.providers.author.builtin.plan import Plan
from conjure.providers.author.builtin.text import capital, third_person, word_set
from conjure.providers.dice import Dice

View = Literal["first", "above", "side", "behind"]

_WORDS = re.compile(r"[^\W_]+")
_VIEWS: tuple[tuple[View, frozenset[str], tuple[str, ...]], ...] = (
    ("first", word_set("fpv fps 1p ego subjective 1st"), ("first",)),
    (
        "above",
        word_set("top iso overhead above aerial drone god"),
        ("bird", "isometric", "topdown"),
    ),
    ("side", word_set("side profile lateral platformer 2d"), ("sidescroll", "sideview")),
)


def view(pov: str) -> View:
    """Sort a point of view into those that are worded differently; one that says nothing is from behind."""
    words = _WORDS.findall(pov.lower())
    for found, whole, begins in _VIEWS:
        if any(word in whole or word.startswith(begins) for word in words):
            return found
    return "behind"


class Voice:
    """Sentences about the hero."""

    def __init__(self, plan: Plan) -> None:
        self.view = view(plan.pov)
        self._hero = plan.hero
        self._frames: list[int] = []  # ways to open a state that are still unused
        self._afloat = plan.family.realm == "deep"

    @property
    def shows_hero(self) -> bool:
        """Whether the hero is in the picture."""
        return self.view != "first"

    def _verb(self, singular: str, plural: str) -> str:
        return plural if self._hero.plural else singular

    def frame(self, place: Place, dice: Dice) -> str:
        """Open a state: where the picture is taken from."""
        hero = self._hero.the
        if self.view == "first":
            return dice.pick(
                (f"First-person view {place.spot}.", f"The view opens at eye level {place.spot}.")
            )
        if self.view == "above":
            return f"Seen from high above, {hero} {self._verb('pauses', 'pause')} {place.spot}."
        if self.view == "side":
            return f"Seen from the side, {hero} {self._verb('stands', 'stand')} {place.spot}."
        shoulder = self._verb("shoulder", "shoulders")
        self._frames = self._frames or dice.deal(range(3))
        return (
            f"{capital(hero)} {self._verb('stands', 'stand')} {place.spot}, seen from behind.",
            f"Over the {shoulder} of {hero}, the view opens {place.spot}.",
            f"Seen from just behind, {hero} {self._verb('pauses', 'pause')} {place.spot}.",
        )[self._frames.pop()]

    def moves(self, step: str) -> str:
        """Turn "Climb the stair" into what the picture does."""
        if self.view == "first":
            return f"The view {third_person(step)}."
        return f"{capital(self._hero.the)} {third_person(step, plural=self._hero.plural)}."

    def handles(self, deed: str) -> str:
        """Turn "Take the key" into what the picture shows."""
        if self.view == "first":
            return f"An outstretched hand {third_person(deed)}."
        return self.moves(deed)

    def camera(self, light: str) -> dict[str, str]:
        """How the camera stands and follows."""
        framing = {"open": "wide framing", "room": "medium framing"}.get(light, "close framing")
        hero = self._hero.the
        if self.view == "first":
            return {
                "static": f"First-person camera at eye level, {framing}, level horizon.",
                "dynamic": "The camera glides forward at walking pace, horizon level.",
            }
        if self.view == "above":
            return {
                "static": f"High camera looking down at a slant, {framing}, fixed height.",
                "dynamic": f"The camera tracks overhead at a fixed height above {hero}.",
            }
        if self.view == "side":
            return {
                "static": f"Camera held level at the side, {framing}, the ground along the lower edge.",
                "dynamic": f"The camera slides sideways beside {hero} at a fixed distance.",
            }
        return {
            "static": f"Camera held behind the right shoulder, {framing}, level horizon.",
            "dynamic": f"The camera follows two steps behind {hero}, easing through turns.",
        }

    def finish(self) -> tuple[str, str]:
        """How the camera plays the last step, in two takes."""
        return {
            "first": (
                "The view leans in at eye level.",
                "The view lifts its gaze slowly to a wide outlook.",
            ),
            "above": (
                "The high camera drops a little lower.",
                "The high camera climbs slowly to a wide view.",
            ),
            "side": (
                "The camera slides closer from the side.",
                "The camera draws back slowly to a wide view from the side.",
            ),
            "behind": (
                "The camera sinks low and follows close.",
                "The camera rises slowly and draws back to a wide view.",
            ),
        }[self.view]

    def movement(self, place: Place) -> dict[str, str]:
        """How the hero stands and goes."""
        going = ("swims", "swim") if self._afloat else ("walks", "walk")
        if self.view == "first":
            return {
                "static": f"A slight breathing sway above {place.ground}.",
                "dynamic": f"A steady forward pace over {place.ground}.",
            }
        who = capital(self._hero.the)
        return {
            "static": f"{who} {self._verb('shifts', 'shift')} weight gently on {place.ground}.",
            "dynamic": f"{who} {self._verb(*going)} at a steady pace over {place.ground}.",
        }
