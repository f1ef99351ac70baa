"""The world of the examples on the page of the grammar."""

from __future__ import annotations

from typing import Any


def demo_world() -> dict[str, Any]:
    """A small world without findings: a new one each time, so that it may be changed."""
    return {
        "id": "7d1d1d1e-0000-4000-8000-000000000001",
        "name": "The old house",
        "pov": "third_person_shoulder",
        "subject": "a girl in a red coat",
        "styleTail": "Soft light, film grain.",
        "entrance": {"state": "hall", "image": {"src": "https://example.test/hall.jpg"}},
        "scene": {
            "states": {
                "hall": {
                    "base": "A long hall. A hatch in the floor, a gate of iron, a tall door.",
                    "camera": {"static": "Eye height, a still frame.", "dynamic": "Follows close."},
                    "movement": {"static": "Calm breathing.", "dynamic": "An even pace."},
                    "ambient": ["Dust turns in the light."],
                    "narration": "You wake up in a long hall.",
                    "variants": [{"label": "dusk", "base": "The hall in blue dusk."}],
                },
                "cellar": {"base": "A cellar full of barrels.", "arriveLabel": "Barrel"},
                "throne_room": {"base": "A throne of oak under a tall window."},
                "garden": {
                    "base": "A walled garden in the sun.",
                    "ending": {"kind": "win", "title": "Out"},
                },
                "cliff": {
                    "base": "The foot of a cliff.",
                    "ending": {"kind": "lose", "title": "Fallen"},
                },
            },
            "events": [
                {"name": "Climb down", "kind": "transition", "from": ["hall"], "to": "cellar"},
                {"name": "Climb up", "kind": "transition", "from": ["cellar"], "to": "hall"},
                {
                    "name": "Open the door",
                    "kind": "transition",
                    "from": ["hall"],
                    "to": "throne_room",
                    "hotkey": "o",
                    "anchor": {"label": "tall door", "minProximity": 0.3},
                },
                {
                    "name": "Leave the throne room",
                    "kind": "transition",
                    "from": ["throne_room"],
                    "to": "hall",
                    "oneShot": True,
                },
                {"name": "Sit down", "kind": "override", "from": ["throne_room"], "hidden": True},
                {"name": "Go back", "kind": "transition", "from": ["throne_room"], "to": "hall"},
                {
                    "name": "Open the gate",
                    "kind": "transition",
                    "from": ["hall"],
                    "to": "garden",
                    "requires": ["gate_key"],
                    "lockedHint": "The gate is locked.",
                },
                {"name": "Jump", "kind": "transition", "from": ["hall", "cellar"], "to": "cliff"},
                {
                    "name": "Take the brass key",
                    "kind": "override",
                    "from": ["cellar"],
                    "grants": ["brass_key"],
                },
                {
                    "name": "Take the gate key",
                    "kind": "override",
                    "from": ["hall"],
                    "grants": ["gate_key"],
                },
                {"name": "Take the lamp", "kind": "override", "from": ["hall", "cellar"]},
                {
                    "name": "Talk to the keeper",
                    "kind": "terminal",
                    "from": ["hall"],
                    "anchor": {"label": "keeper", "minProximity": 0.3},
                    "terminal": {"persona": "An old keeper.", "greeting": "Good day."},
                },
            ],
        },
        "cutscenes": [
            {"id": "fall", "video": "https://example.test/fall.mp4", "from": "hall", "to": "cellar"}
        ],
        "sequences": [{"id": "tour", "beats": [{"state": "hall", "dwell": "settle"}]}],
        "outro": {"video": "https://example.test/outro.mp4"},
        "story": {"logline": "A girl finds her way out of an old house.", "beats": []},
    }


def changes(before: Any, after: Any, place: str = "") -> dict[str, Any]:
    """What one world says otherwise than another, by where: what is new as a whole, None for what is gone.

    Things in lists stand under their names, and `scene` is left out.
    """
    old, new = _keyed(before), _keyed(after)
    if not isinstance(old, dict) or not isinstance(new, dict):
        return {} if before == after else {place: after}
    found: dict[str, Any] = {}
    for member in [*new, *(member for member in old if member not in new)]:
        where = f"{place}.{member}" if place and place != "scene" else str(member)
        if member not in old:
            found[where] = new[member]
        elif member not in new:
            found[where] = None
        else:
            found |= changes(old[member], new[member], where)
    return found


def _keyed(value: Any) -> Any:
    """A list of things as an object, by their names."""
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        return {
            item.get("name") or item.get("id") or item.get("label") or str(at): item
            for at, item in enumerate(value)
        }
    return value
