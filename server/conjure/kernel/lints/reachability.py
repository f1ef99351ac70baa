"""Whether every state can be entered, and whether play can end (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.document import state_path
from conjure.kernel.lints.lint import INFO, WARNING, Lint

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
    if world.states_known and not any("ending" in state for state in world.states.values()):
        found.append(
            NO_ENDING.at("scene.states", "has no state with an ending. Give one an 'ending'.")
        )
    # From a wrong entrance, or with an edge that cannot be read, states would look lost that are
    # not: the error about it is enough.
    if not world.edges_known or world.entrance not in world.state_ids:
        return
    reached = _reached(world, world.entrance)
    found.extend(
        UNREACHABLE_STATE.at(
            state_path(state_id),
            "cannot be reached from the entrance. Lead a transition to it, or remove it.",
        )
        for state_id in world.states
        if state_id not in reached
    )


def _reached(world: World, entrance: str) -> set[str]:
    exits: dict[str, list[str]] = {}
    for event in world.events:
        arrival = world.lands(event.to) if event.to is not None else None
        if arrival is not None:
            for source in event.sources:
                exits.setdefault(source, []).append(arrival)
    reached = {entrance}
    frontier = [entrance]
    while frontier:
        for arrival in exits.get(frontier.pop(), ()):
            if arrival not in reached:
                reached.add(arrival)
                frontier.append(arrival)
    return reached
