"""From where a world is seen: what prose and camera make of its point of view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.providers.author.builtin.voice import view as kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class View:
    """`words` tells the model; the others are prose of ours, with the hero where `{hero}` stands.

    The hero may be one or many: none of it has a verb that would have to agree.
    """

    words: str
    static: str
    dynamic: str
    still: str
    going: str
    near: str
    far: str

    def camera(self, hero: str) -> dict[str, str]:
        """How the camera stands, and follows."""
        return {"static": self.static, "dynamic": self.dynamic.format(hero=hero)}

    def movement(self, hero: str) -> dict[str, str]:
        """How the hero stands, and goes."""
        return {"static": self.still.format(hero=hero), "dynamic": self.going.format(hero=hero)}


_VIEWS: Final[Mapping[str, View]] = {
    "behind": View(
        words="third person: the camera is behind the shoulder of the hero, who is seen from behind",
        static="Camera held behind the right shoulder, medium framing, level horizon.",
        dynamic="The camera follows two steps behind {hero}, easing through turns.",
        still="{hero} at rest, breathing gently.",
        going="{hero} at a steady walking pace, seen from behind.",
        near="The camera sinks low and follows close behind.",
        far="The camera rises slowly and draws back to a wide view.",
    ),
    "first": View(
        words="first person: the camera is the eyes of the hero; of the hero at most the hands are seen",
        static="First-person camera at eye level, medium framing, level horizon.",
        dynamic="The camera glides forward at walking pace, horizon level.",
        still="A slight breathing sway at eye level.",
        going="A steady forward pace at eye level.",
        near="The view leans in close at eye level.",
        far="The view lifts slowly and takes in the whole scene.",
    ),
    "above": View(
        words="from above: the camera looks down at a slant, and the hero is a small figure",
        static="High camera looking down at a slant, wide framing, fixed height.",
        dynamic="The camera tracks overhead at a fixed height above {hero}.",
        still="{hero} small in the middle of the picture.",
        going="{hero} at a steady pace across the picture.",
        near="The camera sinks halfway down toward the figure.",
        far="The camera rises slowly to a wide view of everything around.",
    ),
}


def view_of(pov: str) -> View:
    """What a point of view is; any text is one."""
    return _VIEWS[kind_of(pov)]


def told(pov: str) -> dict[str, Any]:
    """The point of view as data of a step."""
    return {"view": view_of(pov).words}
