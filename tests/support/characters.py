"""Characters to make."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from support.rest import bearer

if TYPE_CHECKING:
    import httpx

PERSONA = (
    "Maren has kept the lighthouse at Skarn Head for thirty-one years, alone since her brother sailed. She is dry"
    " and kind, hates small talk, and never lies to a guest. She hides that she put the lamp out once, on the"
    " night of the Gudrun."
)
LORE = (
    "The lamp of Skarn Head turns once in twelve seconds and is seen for nineteen miles. The Gudrun broke up on"
    " the reef called the Teeth in the winter of 1962; eleven were saved in Maren's boat, the Petrel. The key to"
    " the lantern room hangs behind the barometer. The supply boat comes on the first Monday of the month."
)
EXAMPLES = (
    "Guest: Is it lonely up here?\nMaren: The kettle talks. I answer when it has something to say.\n"
    "Guest: How far does the light reach?\nMaren: Nineteen miles. Further, if somebody is looking for it."
)
SCENE = "The kitchen at the foot of the tower, a storm outside, the radio mumbling under a shelf of logbooks."
GREETING = "You're wet through. Sit by the stove, and mind the cat."
BRAIN = {"persona": PERSONA, "scene": SCENE, "lore": LORE, "examples": EXAMPLES}
"""What nobody but its owner ever sees of it."""

STANCES = [
    {
        "id": "calm",
        "label": "Calm",
        "mood": "quiet",
        "expression": "A level gaze over a mug of tea.",
    },
    {"id": "glad", "label": "Glad", "mood": "warm", "expression": "Crow's feet and half a smile."},
    {"id": "wary", "label": "Wary", "mood": "guarded", "expression": "Chin up, arms folded."},
    {
        "id": "grieving",
        "label": "Grieving",
        "mood": "sad",
        "expression": "She looks out at the reef.",
    },
]


def maren(**members: Any) -> dict[str, Any]:
    """The body that makes the keeper of a lighthouse, with all that a character may have."""
    return {
        "name": "Maren",
        "description": "The keeper of a lighthouse.",
        **BRAIN,
        "greeting": GREETING,
        "stances": STANCES,
        "subject": "A woman of sixty in a navy jersey, grey hair in a knot.",
        "style": "Film still, soft window light.",
        "voiceId": "alto-1",
        "modelId": "small-1",
        "free": True,
        "intro": {"kicker": "Skarn Head", "title": "Maren", "hint": "Ask about the lamp."},
        "cover": "https://example.com/maren.png",
    } | members


async def new_character(rest: httpx.AsyncClient, key: str, **members: Any) -> str:
    """Makes her, or one with other members. Returns the id."""
    answer = await rest.post("/v1/characters", json=maren(**members), headers=bearer(key))
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])
