"""Whether every state can be entered, and whether play can end (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.lints.lint import INFO, WARNING, Lint
from conjure.kernel.parts import state_path

if TYPE_CHECKING:
    from conjure.kernel.diagnostics import Diagnostic
    from conjure.kernel.document import World

UNREACHABLE_STATE = Lint(
    "unreachable-state",
    WARNING,
    "no chain of `to`, through cutscenes, leads to a state from the entrance",
    {"scene": {"states": {"attic": {"base": "A low attic under the roof."}}}},
)
NO_ENDING = Lint(
    "no-ending",
    INFO,
    "no state has an `ending`",
    {"scene": {"states": {"atrium": {"ending": None}, "cellar": {"ending": None}}}},
)
LINTS = (UNREACHABLE_STATE, NO_ENDING)


def check(world: World, found: list[Diagnostic]) -> None:
    """Walk the graph from the entrance, each edge once."""
    if world.states_known and not world.states.has_ending:
        found.append(
            NO_ENDING.at("scene.states", "has no state with an ending. Give one an 'ending'.")
        )
    # From a wrong entrance, or with an edge that cannot be read, states would look lost that are
    # not: the error about it is enough.
    if not world.edges_known or world.entrance not in world.state_ids:
        return
    if world.reached is None or not world.reached.holds(world):
        world.reached = Reached(world, world.entrance)
    found.extend(world.reached.findings)


class Reached:
    """Which states cannot be reached, and all that this depends on."""

    __slots__ = ("_destinations", "_entrance", "_names", "_routes", "findings")

    def __init__(self, world: World, entrance: str) -> None:
        self._entrance = entrance
        self._names = world.states.names
        self._routes = world.events.routes
        self._destinations = world.destinations
        reached = _reached(world, entrance)
        self.findings = [
            UNREACHABLE_STATE.at(
                state_path(state_id),
                "cannot be reached from the entrance. Lead a transition to it, or remove it.",
            )
            for state_id in world.states.parts
            if state_id not in reached
        ]

    def holds(self, world: World) -> bool:
        """Whether it is so in this world too."""
        return (
            self._routes is world.events.routes
            and self._names is world.states.names
            and self._entrance == world.entrance
            and self._destinations == world.destinations
        )


def _reached(world: World, entrance: str) -> set[str]:
    exits, states, destinations = world.events.routes.exits, world.state_ids, world.destinations
    reached = {entrance}
    frontier = [entrance]
    while frontier:
        for to in exits.get(frontier.pop(), ()):
            if to in reached:
                continue
            arrival = to if to in states else destinations.get(to)  # as `World.lands`
            if arrival is not None and arrival not in reached:
                reached.add(arrival)
                frontier.append(arrival)
    return reached
