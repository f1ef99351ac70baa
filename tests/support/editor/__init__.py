"""A world to edit in words."""

from __future__ import annotations

from typing import Any

from support.kernel.worlds import small_world, transition


def manor() -> dict[str, Any]:
    """A hall, a kitchen, a wine cellar behind a lock, a garden (won) and a pit (lost); nothing is wrong with it."""
    rooms = {
        "hall": "A wide hall of grey stone, lit by tall windows in the morning.",
        "kitchen": "A warm kitchen with copper pans above a long oak table.",
        "wine cellar": "A vaulted cellar with barrels along both walls and one lamp.",
        "garden": "A walled garden in the evening sun, its gate wide open.",
        "pit": "A deep shaft of wet stone, a circle of sky far above.",
    }
    states: dict[str, Any] = {name: {"base": base} for name, base in rooms.items()}
    states["garden"]["ending"] = {"kind": "win", "title": "Out"}
    states["pit"]["ending"] = {"kind": "lose", "title": "Trapped"}
    ways = [
        ("Enter the kitchen", "hall", "kitchen"),
        ("Back to the hall", "kitchen", "hall"),
        ("Climb down", "kitchen", "wine cellar"),
        ("Climb up", "wine cellar", "kitchen"),
        ("Push the gate", "hall", "garden"),
        ("Step on the grate", "wine cellar", "pit"),
    ]
    events = [
        transition(name, source, to, landWhen={"label": to, "hits": 2}) for name, source, to in ways
    ]
    key = {"name": "Take the key", "kind": "override", "from": ["kitchen"], "grants": ["key"]}
    events.append({**key, "base": "She lifts an iron key from its hook.", "oneShot": True})
    events[2] |= {"requires": ["key"], "lockedHint": "The hatch is bolted."}
    world = small_world({"name": "The manor", "entrance": {"state": "hall"}})
    world["scene"] = {"states": states, "events": events}
    world["story"] = {
        "logline": "A cook wants to leave the manor.",
        "beats": [{"summary": "She wakes."}],
    }
    return world
