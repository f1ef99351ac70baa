"""The graphs that a world can have. A model chooses one and words it; what leads where is ours.

Whatever words stand in it, a graph of these is sound: every state is reached, there is a choice, a lock and
its key, a win and a loss, and from wherever a player stands the key, and with it the win, stays in reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

WIN: Final = "win"
LOSE: Final = "lose"


@dataclass(frozen=True, slots=True)
class Way:
    """A way from one place, or from several, to another. `back`: players have come that way before."""

    key: str
    sources: tuple[str, ...]
    target: str
    is_locked: bool = False
    is_back: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """Places by their part in the story, in the order in which players meet them; endings come last.

    `key_at`, `deed_at` and `guide_at` are where the key lies, where something can be done, and where
    somebody talks.
    """

    name: str
    places: tuple[str, ...]
    ways: tuple[Way, ...]
    key_at: str
    deed_at: str
    guide_at: str

    @property
    def start(self) -> str:
        """The place that play begins in."""
        return self.places[0]

    @property
    def states(self) -> tuple[str, ...]:
        """The places and the endings."""
        return (*self.places, WIN, LOSE)

    @property
    def locked(self) -> Way:
        """The way that wants the key."""
        return next(way for way in self.ways if way.is_locked)

    def ways_from(self, place: str) -> tuple[Way, ...]:
        """The ways that leave a place."""
        return tuple(way for way in self.ways if place in way.sources)


# A path to a crossing; one side holds the key, the other tempts, the third is locked.
_FORK: Final = Layout(
    "fork",
    ("start", "crossing", "shelter", "danger", "beyond"),
    (
        Way("to_crossing", ("start",), "crossing"),
        Way("to_shelter", ("crossing",), "shelter"),
        Way("to_danger", ("crossing",), "danger"),
        Way("back_to_crossing", ("shelter", "danger"), "crossing", is_back=True),
        Way("through_the_lock", ("crossing",), "beyond", is_locked=True),
        Way("to_win", ("beyond",), WIN),
        Way("to_loss", ("danger",), LOSE),
    ),
    key_at="shelter",
    deed_at="start",
    guide_at="crossing",
)
# All of it lies around the beginning.
_HUB: Final = Layout(
    "hub",
    ("start", "shelter", "danger", "beyond"),
    (
        Way("to_shelter", ("start",), "shelter"),
        Way("to_danger", ("start",), "danger"),
        Way("back_to_start", ("shelter", "danger"), "start", is_back=True),
        Way("through_the_lock", ("start",), "beyond", is_locked=True),
        Way("to_win", ("beyond",), WIN),
        Way("to_loss", ("danger",), LOSE),
    ),
    key_at="shelter",
    deed_at="shelter",
    guide_at="start",
)
# A round walk that comes by the key and by the locked way.
_RING: Final = Layout(
    "ring",
    ("start", "shelter", "crossing", "danger", "beyond"),
    (
        Way("to_shelter", ("start",), "shelter"),
        Way("to_crossing", ("shelter",), "crossing"),
        Way("to_danger", ("crossing",), "danger"),
        Way("back_to_start", ("crossing", "danger"), "start", is_back=True),
        Way("through_the_lock", ("crossing",), "beyond", is_locked=True),
        Way("to_win", ("beyond",), WIN),
        Way("to_loss", ("danger",), LOSE),
    ),
    key_at="shelter",
    deed_at="danger",
    guide_at="crossing",
)

LAYOUTS: Final = {layout.name: layout for layout in (_FORK, _HUB, _RING)}
