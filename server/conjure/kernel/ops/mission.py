"""The op that adds a mission, which is compiled: it becomes states, events, flags and endings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.mission_parts import compile_mission
from conjure.kernel.ops.mission_reading import read
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import MISSION
from conjure.kernel.values import text

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject


def add_mission(draft: Draft, op: JsonObject) -> str:
    """Puts a mission into the world, with all that it takes to play it."""
    name, members = MISSION.split(op)
    if name is not None:
        draft.check_free("mission", name)
    way_in = draft.member("entrance")
    entrance = text(way_in, "state") if isinstance(way_in, dict) else None
    if entrance is None:
        raise OpError("the world has no entrance for a mission to begin at; use set_entrance first")
    made = draft.free_name("mission") if name is None else name
    mission = read(draft, made, members, entrance)
    parts = compile_mission(draft, mission, entrance)
    for state_id, state in parts.states.items():
        draft.set_state(state_id, state)
    for event in parts.events.values():
        draft.add("event", event)
    draft.add("mission", mission.stored)
    return made


_MORE: Final = """\
An objective becomes one event that grants its flag, once (`oneShot`). It is a transition when the objective
has an outcome, another location than the one before, or a `confirm`; else an override. It leaves from the
state in which the one before landed, the first from the entrance. So none may stand in an ending, and none
may wait for a flag that only it or a later one grants.

States that are made copy camera and movement, but no `movement` that holds a negation: a neutral one stands
for it. `fail` requires what the objective requires. An objective with an outcome lands in that, not in its
location: let one without an outcome lead to a new location first, or nothing does (`unreachable-state`)."""

SECOND: Final = (
    Op(
        "add_mission",
        "compiles a mission: its objectives become states, events, flags and endings, in their order, "
        "from the entrance on. All of it applies or nothing",
        {
            "id?": "`mission_1`, … when absent; a taken one is refused",
            "title?, verified?, …Mission": "flat or in `mission`, stored as they are. `complete` is "
            "always the flag of the last objective",
            "win?": "`{title?, subtitle?}` of the ending that the last objective leads to; "
            "`MISSION COMPLETE` without a title",
            "objectives": "one or more, in the order in which they are done. Each has the members below; "
            "null and blank words count as absent",
            "objectives[].id, .text": "`id` is unique in the mission; `text` is what a player reads, and "
            "the name of the event, so no event may have it",
            ".grants?": "the flag that says it is done, `id` when absent; a list grants more than one, the "
            "first is its own",
            ".requires?": "flags, or one: of earlier objectives, or of other events. Absent: the flag of "
            "the objective before; `[]`: none",
            ".lockedHint?": "absent: `Need: ` and the text of the objective that grants the first "
            "required flag",
            ".location?": "where it is done, a state's id; absent: where the one before was. A missing one "
            "is made from `base`, which it then needs",
            ".camera?, .movement?": "the dynamic halves in states that are made for it; the rest is copied "
            "from the entrance, or for an outcome from the location",
            ".outcome?": "what is seen afterwards: makes the state `<location>__<id>`, where play then is. "
            "The last objective always has one",
            ".action? or .phases?": "what is played: `base` of the event, or its `phases` when there are "
            "two or more",
            ".grounded?": "`target`, `targetAliases?`, `proximity?` (0.1) become the `anchor`; `confirm?`, "
            "`confirmAliases?` the `landWhen`",
            ".fail?": "`{name?, action?, outcome?, title?, subtitle?}`: a way from the same place into "
            "`<location>__fail_<id>`, an ending that is lost",
        },
        {
            "id": "escape",
            "title": "The way out",
            "win": {"title": "Out", "subtitle": "The garden is open."},
            "objectives": [
                {
                    "id": "key",
                    "text": "Take the brass key.",
                    "action": "She lifts a brass key from its hook.",
                    "grounded": {"target": "brass key", "proximity": 0.2},
                },
                {
                    "id": "passage",
                    "text": "Enter the passage.",
                    "location": "passage",
                    "base": "A narrow passage that ends at a green door.",
                },
                {
                    "id": "door",
                    "text": "Open the garden door.",
                    "action": "She turns the key, and the door swings open.",
                    "outcome": "A walled garden in the evening sun.",
                    "fail": {"name": "Force the lock.", "outcome": "The key lies broken."},
                },
            ],
        },
        add_mission,
        _MORE,
    ),
)
