"""Examples of the rules about locks and keys."""

from __future__ import annotations

from typing import Final

from conjure.providers.editor.builtin.rule import Example

EXAMPLES: Final = {
    "Lock a way or an action": (
        Example(
            "lock the door until the player has the brass key",
            {"events.Open the door.requires": ["brass_key"]},
            "“Open the door” needs “brass_key” now.",
        ),
        Example(
            "lock the throne room until the player has the brass key and say “It takes a brass key.”",
            {
                "events.Open the door.requires": ["brass_key"],
                "events.Open the door.lockedHint": "It takes a brass key.",
            },
            "“throne_room” needs “brass_key” now. The locked event is “Open the door”.",
        ),
        Example(
            "require the brass key for “Climb down”",
            {"events.Climb down.requires": ["brass_key"]},
            "“Climb down” needs “brass_key” now.",
        ),
        Example(
            "lock the way from the hall to the cellar until the player has the gate key",
            {"events.Climb down.requires": ["gate_key"]},
            "“Climb down” needs “gate_key” now.",
        ),
        Example(
            "lock the door until “Take the lamp” is done",
            {
                "events.Open the door.requires": ["take_lamp"],
                "events.Take the lamp.grants": ["take_lamp"],
            },
            "“Take the lamp” gives “take_lamp” now. “Open the door” needs “take_lamp” now.",
        ),
        Example(
            "lock the door until the player has the moon",
            {},
            "No event gives “the moon” yet. Which event gives it? For example: “Talk to the keeper” gives the moon. Nothing is changed.",
        ),
    ),
    "Lock something without saying what opens it": (
        Example(
            "lock the door",
            {},
            "What opens “Open the door”? Say: lock “Open the door” until the player has … and name what the player has to get. Nothing is changed.",
        ),
    ),
    "Unlock": (
        Example(
            "unlock the gate",
            {"events.Open the gate.requires": None, "events.Open the gate.lockedHint": None},
            "“Open the gate” is not locked any more.",
        ),
    ),
    "Let something not be needed any more": (
        Example(
            "the gate no longer needs the gate key",
            {"events.Open the gate.requires": None, "events.Open the gate.lockedHint": None},
            "“Open the gate” does not need “gate_key” any more.",
        ),
    ),
    "Say what is shown while it is locked": (
        Example(
            "change the hint of the gate to “It takes a key of iron.”",
            {"events.Open the gate.lockedHint": "It takes a key of iron."},
            "“Open the gate” has its hint now.",
        ),
    ),
    "Let an event not give a key any more": (
        Example(
            "“Take the brass key” no longer gives the brass key",
            {"events.Take the brass key.grants": None},
            "“Take the brass key” does not give “brass_key” any more.",
        ),
    ),
    "Let an event give a key": (
        Example(
            "make “Take the lamp” grant has_lamp",
            {"events.Take the lamp.grants": ["has_lamp"]},
            "“Take the lamp” gives “has_lamp” now.",
        ),
        Example(
            "taking the lamp gives the lantern",
            {"events.Take the lamp.grants": ["lantern"]},
            "“Take the lamp” gives “lantern” now.",
        ),
    ),
}
