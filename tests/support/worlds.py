"""Worlds to send."""

from __future__ import annotations

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
