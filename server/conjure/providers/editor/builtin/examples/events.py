"""Examples of the rules about how events show."""

from __future__ import annotations

from typing import Final

from conjure.providers.editor.builtin.rule import Example

EXAMPLES: Final = {
    "Put an event on a key": (
        Example(
            "bind “Take the lamp” to e",
            {"events.Take the lamp.hotkey": "e"},
            "“Take the lamp” is on the key “e” now.",
        ),
        Example(
            "bind “Jump” to w",
            {"events.Jump.hotkey": "w"},
            "“Jump” is on the key “w” now. Note: The key of “Jump” is one that steers: choose another one.",
        ),
    ),
    "Take the key of an event away": (
        Example(
            "unbind “Open the door”",
            {"events.Open the door.hotkey": None},
            "“Open the door” has no key any more.",
        ),
    ),
    "Hang an event on a thing in the picture": (
        Example(
            "anchor “Take the lamp” to the brass lamp",
            {"events.Take the lamp.anchor": {"minProximity": 0.25, "label": "brass lamp"}},
            "“Take the lamp” hangs on “brass lamp” in the picture now.",
        ),
        Example(
            "lock “Take the lamp” to the object brass lamp",
            {"events.Take the lamp.anchor": {"minProximity": 0.25, "label": "brass lamp"}},
            "“Take the lamp” hangs on “brass lamp” in the picture now.",
        ),
    ),
    "Hang an event on nothing": (
        Example(
            "remove the anchor from “Open the door”",
            {"events.Open the door.anchor": None},
            "“Open the door” hangs on nothing in the picture any more.",
        ),
    ),
    "Let something be done only once": (
        Example(
            "“Take the lamp” can only be done once",
            {"events.Take the lamp.oneShot": True},
            "“Take the lamp” can be done only once now.",
        ),
    ),
    "Let something be done again and again": (
        Example(
            "“Leave the throne room” can be done again and again",
            {"events.Leave the throne room.oneShot": None},
            "“Leave the throne room” can be done again and again now.",
        ),
    ),
    "Hide an event": (
        Example("hide “Jump”", {"events.Jump.hidden": True}, "“Jump” is hidden now."),
    ),
    "Show an event": (
        Example("show “Sit down”", {"events.Sit down.hidden": None}, "“Sit down” is shown now."),
    ),
    "Say what follows an action": (
        Example(
            "set the detail of “Take the lamp” to “The lamp stays in her hand.”",
            {"events.Take the lamp.detail": "The lamp stays in her hand."},
            "“Take the lamp” has its new detail.",
        ),
    ),
}
