"""Examples of the rules about names."""

from __future__ import annotations

from typing import Final

from conjure.providers.editor.builtin.rule import Example

EXAMPLES: Final = {
    "Rename a place or an event": (
        Example(
            "rename the throne room to “hall of oak”",
            {
                "states.hall_of_oak": {"base": "A throne of oak under a tall window."},
                "states.throne_room": None,
                "events.Open the door.to": "hall_of_oak",
                "events.Leave the throne room.from": ["hall_of_oak"],
                "events.Sit down.from": ["hall_of_oak"],
                "events.Go back.from": ["hall_of_oak"],
            },
            "Renamed “throne_room” to “hall of oak”.",
        ),
        Example(
            "rename “Climb down” to “Descend”",
            {
                "events.Descend": {
                    "name": "Descend",
                    "kind": "transition",
                    "from": ["hall"],
                    "to": "cellar",
                },
                "events.Climb down": None,
            },
            "Renamed “Climb down” to “Descend”.",
        ),
    ),
    "Delete a place and its events": (
        Example(
            "delete the cliff and its events",
            {"states.cliff": None, "events.Jump": None},
            "Deleted the place “cliff” and “Jump”.",
        ),
    ),
    "Delete the ending … (not clear)": (
        Example(
            "delete the ending cliff",
            {},
            "Shall the place “cliff” go, or shall play only go on there? Say: delete the place “cliff”, or: remove the ending from “cliff”. Nothing is changed.",
        ),
    ),
    "Delete a place, an event, a cutscene or a sequence": (
        Example(
            "delete the event “Take the lamp”",
            {"events.Take the lamp": None},
            "Deleted the event “Take the lamp”.",
        ),
        Example(
            "delete the cliff",
            {},
            "“cliff” is used by “Jump”. Shall they go too? Then say: delete “cliff” and its events. Nothing is changed.",
        ),
        Example(
            "delete the hall",
            {},
            "Play starts in “hall”. Where shall it start instead? Say that first. Nothing is changed.",
        ),
        Example(
            "remove the cutscene fall", {"cutscenes.fall": None}, "Deleted the cutscene “fall”."
        ),
    ),
}
