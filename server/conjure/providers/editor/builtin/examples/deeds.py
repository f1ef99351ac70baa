"""Examples of the rules about actions and talks."""

from __future__ import annotations

from typing import Final

from conjure.providers.editor.builtin.rule import Example

EXAMPLES: Final = {
    "Add an action": (
        Example(
            "add an action called “Ring the bell” in the hall: She rings the bell.",
            {
                "events.Ring the bell": {
                    "kind": "override",
                    "from": ["hall"],
                    "base": "She rings the bell.",
                    "name": "Ring the bell",
                }
            },
            "The player can “Ring the bell” in “hall” now.",
        ),
        Example(
            "in the throne room the player can look around",
            {
                "events.Look around": {
                    "kind": "override",
                    "from": ["throne_room"],
                    "base": "A girl in a red coat looks around.",
                    "name": "Look around",
                }
            },
            "The player can “Look around” in “throne_room” now.",
        ),
    ),
    "Add somebody to talk to": (
        Example(
            "let the player talk to the cook in the cellar: A cheerful cook.",
            {
                "events.Talk to the cook": {
                    "kind": "terminal",
                    "from": ["cellar"],
                    "terminal": {"persona": "A cheerful cook."},
                    "name": "Talk to the cook",
                }
            },
            "The player can “Talk to the cook” in “cellar” now.",
        ),
    ),
    "Say what somebody is like": (
        Example(
            "change the persona of “Talk to the keeper” to “A grumpy old keeper.”",
            {"events.Talk to the keeper.terminal.persona": "A grumpy old keeper."},
            "“Talk to the keeper” has its new persona.",
        ),
    ),
    "Say how a talk begins": (
        Example(
            "the keeper greets the player with “Who is there?”",
            {"events.Talk to the keeper.terminal.greeting": "Who is there?"},
            "“Talk to the keeper” begins with “Who is there?” now.",
        ),
    ),
    "Add something that can be told": (
        Example(
            "add a fact to “Talk to the keeper”: The brass key is in the cellar.",
            {
                "events.Talk to the keeper.terminal.facts": [
                    {"text": "The brass key is in the cellar."}
                ]
            },
            "“Talk to the keeper” can tell one thing more now.",
        ),
    ),
}
