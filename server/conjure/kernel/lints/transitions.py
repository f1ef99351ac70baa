"""What kinds of events may and must carry, and endings that end nothing (CONTRACT section 9)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.kernel.lints.lint import ERROR, Lint
from conjure.kernel.parts import state_path
from conjure.kernel.wording import listed

if TYPE_CHECKING:
    from conjure.kernel.document import World
    from conjure.kernel.findings import Findings
    from conjure.kernel.parts import Event

TRANSITION_NEEDS_TO = Lint(
    "transition-needs-to",
    ERROR,
    "a transition has no `to`, or an override or a terminal has one",
    {"scene": {"events": [{"name": "Leave", "kind": "transition", "from": ["atrium"]}]}},
)
ORPHAN_EVENT = Lint(
    "orphan-event",
    ERROR,
    "an event's `from` is empty",
    {"scene": {"events": [{"name": "Wave", "kind": "override", "from": []}]}},
)
ENDING_HAS_EXITS = Lint(
    "ending-has-exits",
    ERROR,
    "a transition leaves a state that has an `ending`",
    {
        "scene": {
            "states": {"atrium": {"ending": {"kind": "win"}}},
            "events": [{"name": "Go on", "kind": "transition", "from": ["atrium"], "to": "cellar"}],
        }
    },
)
LINTS = (TRANSITION_NEEDS_TO, ORPHAN_EVENT, ENDING_HAS_EXITS)


def check_event(event: Event, found: Findings) -> None:
    """Look at an event's own members."""
    raw, kind = event.raw, event.kind
    if kind == "transition":
        if "to" not in raw:
            found.append(
                TRANSITION_NEEDS_TO.at(
                    f"{event.path}.to",
                    "is missing: a transition leads somewhere. Name a state or a cutscene, or "
                    "make the event an override.",
                )
            )
    elif "to" in raw and kind in {"override", "terminal"}:
        found.append(
            TRANSITION_NEEDS_TO.at(
                f"{event.path}.to",
                f"leads away, but a {kind} stays where it is. Remove 'to', or make the event a "
                "transition.",
            )
        )
    if raw.get("from") == []:
        found.append(
            ORPHAN_EVENT.at(
                f"{event.path}.from",
                "is empty, so the event can never happen. Name at least one state.",
            )
        )


def check(world: World, found: Findings) -> None:
    """Collect the transitions that leave an ending."""
    endings = world.states.endings & world.events.routes.left_by_transitions
    if not endings:
        return
    exits: dict[str, dict[str, None]] = {}
    for event in world.events.parts:
        if event.kind == "transition":
            for source in event.sources:
                if source in endings:
                    exits.setdefault(source, {})[event.name or event.path] = None
    for state_id, names in exits.items():
        found.append(
            ENDING_HAS_EXITS.at(
                f"{state_path(state_id)}.ending",
                f"ends play, but transitions leave the state: {listed(names)}. Remove the ending, "
                "or the state from their 'from'.",
            )
        )
