"""Examples of the rules about ways between places."""

from __future__ import annotations

from typing import Final

from conjure.providers.editor.builtin.rule import Example

EXAMPLES: Final = {
    "Connect one place to another": (
        Example(
            "connect the cellar to the throne room with “Slip through the crack”",
            {
                "events.Slip through the crack": {
                    "from": ["cellar"],
                    "to": "throne_room",
                    "kind": "transition",
                    "name": "Slip through the crack",
                }
            },
            "“Slip through the crack” leads from “cellar” to “throne_room” now.",
        ),
        Example(
            "connect the cellar to the garden",
            {
                "events.Go to the garden": {
                    "from": ["cellar"],
                    "to": "garden",
                    "base": "A girl in a red coat goes to the garden.",
                    "kind": "transition",
                    "name": "Go to the garden",
                }
            },
            "“Go to the garden” leads from “cellar” to “garden” now.",
        ),
        Example(
            "let the player go from the hall to the throne room by opening the hatch",
            {
                "events.Open the hatch": {
                    "from": ["hall"],
                    "to": "throne_room",
                    "base": "A girl in a red coat opens the hatch.",
                    "anchor": {"minProximity": 0.25, "label": "hatch"},
                    "kind": "transition",
                    "name": "Open the hatch",
                }
            },
            "“Open the hatch” leads from “hall” to “throne_room” now.",
        ),
        Example(
            "add a way from the throne room to the cellar called “Slide down”: She slides down the chute.",
            {
                "events.Slide down": {
                    "from": ["throne_room"],
                    "to": "cellar",
                    "base": "She slides down the chute.",
                    "kind": "transition",
                    "name": "Slide down",
                }
            },
            "“Slide down” leads from “throne_room” to “cellar” now.",
        ),
    ),
    "Connect two places both ways": (
        Example(
            "connect the cellar and the throne room",
            {
                "events.Go to the throne room": {
                    "from": ["cellar"],
                    "to": "throne_room",
                    "base": "A girl in a red coat goes to the throne room.",
                    "kind": "transition",
                    "name": "Go to the throne room",
                },
                "events.Go to the cellar": {
                    "from": ["throne_room"],
                    "to": "cellar",
                    "base": "A girl in a red coat goes to the cellar.",
                    "kind": "transition",
                    "name": "Go to the cellar",
                },
            },
            "“cellar” and “throne_room” are connected both ways now, by “Go to the throne room” and “Go to the cellar”.",
        ),
        Example(
            "connect the cellar and the garden",
            {},
            "Play ends in “garden”, so nothing can lead on from it. Say first that “garden” is no longer an ending. Nothing is changed.",
        ),
    ),
    "Disconnect two places": (
        Example(
            "disconnect the hall from the cellar",
            {"events.Climb down": None, "events.Climb up": None},
            "“hall” and “cellar” are not connected any more. Deleted “Climb down”. Deleted “Climb up”. Note: Nothing leads to “cellar”.",
        ),
    ),
    "Take a way away in one direction": (
        Example(
            "remove the way from the cellar to the cliff",
            {"events.Jump.from": ["hall"]},
            "Nothing leads from “cellar” to “cliff” any more. Elsewhere “Jump” can still be played.",
        ),
    ),
    "Say where an event leads": (
        Example(
            "make “Climb down” lead to the throne room",
            {"events.Climb down.to": "throne_room"},
            "“Climb down” leads to “throne_room” now. Note: Nothing leads to “cellar”.",
        ),
        Example(
            "“Sit down” should lead to the cliff",
            {"events.Sit down.kind": "transition", "events.Sit down.to": "cliff"},
            "“Sit down” leads to “cliff” now.",
        ),
    ),
    "Make an event possible in one more place": (
        Example(
            "make “Take the lamp” available in the throne room too",
            {"events.Take the lamp.from": ["hall", "cellar", "throne_room"]},
            "“Take the lamp” is possible in “throne_room” too now.",
        ),
    ),
    "Make an event possible in one place only": (
        Example(
            "“Take the lamp” is only available in the cellar",
            {"events.Take the lamp.from": ["cellar"]},
            "“Take the lamp” is possible only in “cellar” now.",
        ),
    ),
    "Make an event impossible in a place": (
        Example(
            "“Take the lamp” is no longer available in the hall",
            {"events.Take the lamp.from": ["cellar"]},
            "“Take the lamp” is not possible in “hall” any more.",
        ),
        Example(
            "make “Sit down” unavailable in the throne room",
            {},
            "“Sit down” is possible nowhere else than in “throne_room”. Shall it go altogether? Then say: delete “Sit down”. Nothing is changed.",
        ),
    ),
}
