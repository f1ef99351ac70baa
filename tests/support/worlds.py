"""Worlds to send."""

from __future__ import annotations

import random
from typing import Any


def small_world(**members: Any) -> dict[str, Any]:
    """Two rooms and a way between them and back; the kernel finds nothing but `no-ending`."""
    return {
        "name": "Two rooms",
        "description": "A hall and a cellar.",
        "cover": "https://example.com/cover.png",
        "entrance": {"state": "hall", "image": {"src": "https://example.com/hall.png"}},
        "scene": {
            "states": {
                "hall": {"base": "A wide hall of grey stone, lit by tall windows."},
                "cellar": {"base": "A low cellar with barrels along the wall."},
            },
            "events": [
                {"name": "Go down", "kind": "transition", "from": ["hall"], "to": "cellar"},
                {"name": "Go up", "kind": "transition", "from": ["cellar"], "to": "hall"},
            ],
        },
    } | members


def prose_world(size: int, **members: Any) -> dict[str, Any]:
    """A world of about `size` bytes whose prose compresses as prose does; always the same one."""
    dice = random.Random(size)
    words = ["".join(dice.choices("etaoinshrdlu", k=dice.randint(2, 9))) for _ in range(2_000)]
    names = [f"room {n}" for n in range(max(2, size // 1_000))]
    states = {name: {"base": " ".join(dice.choices(words, k=145))} for name in names}
    events = [
        {"name": f"Go to {b}", "kind": "transition", "from": [a], "to": b}
        for a, b in zip(names, [*names[1:], names[0]], strict=True)
    ]
    entrance = {"state": names[0], "image": {"src": "https://example.com/hall.png"}}
    return small_world(entrance=entrance, scene={"states": states, "events": events}) | members
