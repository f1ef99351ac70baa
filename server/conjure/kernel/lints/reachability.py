"""Whether every state can be entered, and whether play can end (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.character import is_character
from conjure.kernel.lints.lint import WARNING, Lint
from conjure.kernel.parts import state_path

if TYPE_CHECKING:
    from conjure.kernel.document import World
    from conjure.kernel.findings import Findings

UNREACHABLE_STATE = Lint(
    "unreachable-state",
    WARNING,
    "no chain of `to`, through cutscenes, leads to a state from the entrance",
    {"scene": {"states": {"attic": {"base": "A low attic under the roof."}}}},
)
NO_ENDING = Lint(
    "no-ending",
    WARNING,
    "no state has an `ending`; a character needs none",
    {"scene": {"states": {"atrium": {"ending": None}, "cellar": {"ending": None}}}},
)
LINTS = (UNREACHABLE_STATE, NO_ENDING)


def check(world: World, found: Findings) -> None:
    """Look for an ending, and for states that play cannot get to."""
    if world.states_known and not world.states.has_ending and not is_character(world.raw):
        found.append(
            NO_ENDING.at("scene.states", "has no state with an ending. Give one an 'ending'.")
        )
    # From a wrong entrance, or with an edge that cannot be read, states would look lost that are
    # not: the error about it is enough.
    entrance = world.entrance
    if not world.edges_known or entrance is None or entrance not in world.state_ids:
        return
    found.extend(
        UNREACHABLE_STATE.at(
            state_path(state_id),
            "cannot be reached from the entrance. Lead a transition to it, or remove it.",
        )
        for state_id in world.graph.unreachable(entrance, world.states)
        if not found.omits(UNREACHABLE_STATE.severity)
    )
