"""What the kernel's check costs per state, and how much it finds to say: targets that need no server."""

from __future__ import annotations

import time
from typing import Any

import orjson

from conjure.kernel import check, examine
from support.kernel.hostile import HOSTILE, full


def per_state() -> float:
    """CPU of the kernel's check per state, at 10,000 states and 20,000 events over 100 and 200."""
    return _check_per_state(10_000, 1) / _check_per_state(100, 60)


def findings_ratio() -> tuple[float, str]:
    """Bytes of the findings over bytes of the world, of the worst world of 1 MiB that is known; which one."""
    return max((_findings_ratio(full(make)), name) for name, make in HOSTILE.items())


def _findings_ratio(world: Any) -> float:
    found = [item.to_json() for item in examine(world).findings]
    return len(orjson.dumps(found)) / len(orjson.dumps(world))


def _check_per_state(states: int, times: int) -> float:
    world = _playable(states)
    best = float("inf")
    for _ in range(3):
        before = time.process_time()
        for _ in range(times):
            check(world)
        best = min(best, time.process_time() - before)
    return best / times / states


def _playable(states: int) -> dict[str, Any]:
    """A ring of states that can be walked both ways: two events a state."""
    names = [f"room_{index}" for index in range(states)]
    following = [*names[1:], names[0]]
    prose = "A wide hall of grey stone with tall windows and a long table in the middle of it."
    there = [
        {"name": f"Go from {a} to {b}", "kind": "transition", "from": [a], "to": b, "base": prose}
        for a, b in zip(names, following, strict=True)
    ]
    back = [
        {"name": f"Back from {b} to {a}", "kind": "transition", "from": [b], "to": a, "base": prose}
        for a, b in zip(names, following, strict=True)
    ]
    return {
        "id": "3b0c6f0e-6c0f-4c57-9c8e-3f5f7f0a9f10",
        "name": "A ring",
        "entrance": {"state": names[0]},
        "scene": {
            "states": {name: {"base": prose, "camera": {"static": prose}} for name in names},
            "events": there + back,
        },
    }
