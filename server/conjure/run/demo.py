"""What `conjure dev` makes to play with: a world and a character, as a client would, over REST."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

import httpx

from conjure.run.child import ChildFailed

if TYPE_CHECKING:
    from collections.abc import Mapping

_CHARACTER: Final[dict[str, Any]] = {
    "name": "Maren",
    "description": "The keeper of the lighthouse at Skarn Head.",
    "persona": (
        "Maren has kept the light at Skarn Head for thirty years. She is dry, patient and kind, and"
        " she hates small talk. Whoever comes in out of the rain gets tea first and questions"
        " afterwards."
    ),
    "scene": "The kitchen at the foot of the tower, at night. Rain on the panes, a radio that mumbles.",
    "greeting": "You are wet through. Sit by the stove, and mind the cat.",
    "lore": (
        "The lamp of Skarn Head turns once in twelve seconds and is seen for nineteen miles. Twenty"
        " years ago the Gudrun broke on the reef that people call the Teeth. Eleven were brought"
        " ashore in a boat called the Petrel. The supply boat comes on the first Monday of the month."
        " The cat is called Fresnel. A door in the cellar leads down below the sea."
    ),
    "stances": [
        {
            "id": "calm",
            "label": "Calm",
            "mood": "quiet",
            "expression": "A level gaze over a mug of tea.",
        },
        {
            "id": "glad",
            "label": "Glad",
            "mood": "warm",
            "expression": "Half a smile, and crow's feet.",
        },
        {"id": "wary", "label": "Wary", "mood": "guarded", "expression": "Chin up, arms folded."},
        {
            "id": "sad",
            "label": "Sad",
            "mood": "grieving",
            "expression": "She looks out at the reef.",
        },
    ],
    "subject": "A woman of sixty in a navy jersey, grey hair in a knot.",
    "free": True,
}


@dataclass(frozen=True, slots=True)
class Demo:
    """A world with the ids of its states, and a character."""

    world_id: str
    edition: str
    """Which demo world it is: a later release may have another one, which is then imported beside it."""
    states: list[str]
    character_id: str


@cache
def _world() -> tuple[dict[str, Any], str]:
    """The demo world, written by hand to show what a player can do, and its edition."""
    text = files(__package__).joinpath("demo_world.json").read_bytes()
    return json.loads(text), hashlib.sha256(text).hexdigest()[:16]


async def made_demo(facts: Mapping[str, Any], known: Mapping[str, Any]) -> Demo:
    """Finds those of an earlier start in `known`, or makes them; it shows that all parts work together.

    `facts` has where and with which key. Raises ChildFailed.
    """
    headers = {"authorization": f"Bearer {facts['secretKey']}"}
    async with httpx.AsyncClient(
        base_url=facts["restUrl"], headers=headers, timeout=20, trust_env=False
    ) as client:

        async def there(path: str) -> httpx.Response | None:
            found = await client.get(path)
            return found if found.status_code == httpx.codes.OK else None

        async def made(what: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
            answer = await client.post(path, json=body)
            if answer.status_code != httpx.codes.OK:
                raise ChildFailed(f"the demo {what} could not be made: {answer.text}")
            members: dict[str, Any] = answer.json()
            return members

        world, edition = _world()
        world_id = known.get("worldId") if known.get("worldEdition") == edition else None
        scene = await there(f"/v1/worlds/{world_id}/scene") if isinstance(world_id, str) else None
        if scene is None:
            world_id = (await made("world", "/v1/worlds", {"world": world}))["worldId"]
            scene = await client.get(f"/v1/worlds/{world_id}/scene")
        character_id = known.get("characterId")
        if not isinstance(character_id, str) or not await there(f"/v1/characters/{character_id}"):
            character_id = (await made("character", "/v1/characters", _CHARACTER))["id"]
        return Demo(str(world_id), edition, list(scene.json()["states"]), character_id)
