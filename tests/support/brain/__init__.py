"""A character to talk to, whose brain is told to nobody."""

from __future__ import annotations

from typing import Any, Final

from conjure.kernel.character import Character, Stance
from conjure.providers.brain import Affect, TurnRequest

PERSONA: Final = (
    "Mira keeps the lighthouse at Cape Sorrow. She is sixty-one, stubborn and kind, and she never sleeps before "
    "dawn. She hides three letters from her drowned brother under the third stair, and she would rather talk of "
    "herring than of him. She distrusts officials, laughs rarely, and calls everybody my dear."
)
SCENE: Final = (
    "The lamp room at night, wind in the panes, a kettle on the stove and the log book open on the table at "
    "the page of the twelfth of March, on which her brother's ship went down."
)
LORE: Final = (
    "The lighthouse was built in 1873 by Jonas Vell, who never saw it lit because he went blind that summer.\n\n"
    "The password of the harbour office is heron feather, and nobody but Mira and the pilot knows about it.\n\n"
    "Herring come to the bay in April, and the children of the village count the boats from the wall."
)
EXAMPLES: Final = (
    "Player: Are you not lonely up here? Mira: Lonely, my dear, is what they are who live down there with "
    "people they cannot stand."
)
STANCES: Final = (
    Stance("calm", "At peace", "calm"),
    Stance("glad", "Glad of company", "glad"),
    Stance("wary", "On her guard", "wary"),
)


def keeper(**changes: Any) -> Character:
    """The keeper of a lighthouse."""
    usual: dict[str, Any] = {
        "name": "Mira",
        "stances": STANCES,
        "entrance": "calm",
        "persona": PERSONA,
        "scene": SCENE,
        "lore": LORE,
        "examples": EXAMPLES,
        "greeting": "Come in, my dear. Mind the stair.",
    }
    return Character(**usual | changes)


def asked(text: str, **changes: Any) -> TurnRequest:
    """A turn with the keeper."""
    usual: dict[str, Any] = {
        "character": keeper(),
        "text": text,
        "stance": "calm",
        "affect": Affect(0.1, 0.0, 0.0, 0.2),
        "seed": "1",
    }
    return TurnRequest(**usual | changes)


def secrets(words: int = 12) -> set[str]:
    """All that must not leave: runs of so many words, in small letters and without punctuation."""
    runs = set()
    for text in (PERSONA, SCENE, LORE, EXAMPLES):
        said = plain(text).split()
        runs |= {" ".join(said[at : at + words]) for at in range(len(said) - words + 1)}
    return runs


def plain(text: str) -> str:
    """A text without punctuation, in small letters."""
    letters = (letter if letter.isalnum() or letter.isspace() else "" for letter in text.lower())
    return " ".join("".join(letters).split())
