"""One document made of another's parts, where they are the same.

The kernel knows the parts of a world by the objects that they are. A document that was parsed anew (from
a version, or after another process wrote it) has none in common with the one at hand, though mostly it
says the same: with the parts exchanged for those, only what differs is checked.
"""

from __future__ import annotations

from typing import Any

import orjson


def shared(value: dict[str, Any], earlier: dict[str, Any]) -> dict[str, Any]:
    """The same document, made of the members, states and events of an earlier one that are in it too.

    Neither is changed. Both are documents that have passed the gate.
    """
    made = {name: _shared(item, earlier.get(name)) for name, item in value.items()}
    scene, before = value["scene"], earlier["scene"]
    made["scene"] = {
        **scene,
        "states": _states(scene["states"], before["states"]),
        "events": _events(scene["events"], before["events"]),
    }
    return made


def _states(states: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
    made = {name: _shared(state, before.get(name)) for name, state in states.items()}
    is_all = len(made) == len(before) and all(
        # In the same order too: it is not significant, but kept.
        name == other and made[name] is before[other]
        for name, other in zip(made, before, strict=True)
    )
    return before if is_all else made


def _events(events: list[Any], before: list[Any]) -> list[Any]:
    by_name = {event["name"]: event for event in before}
    made = [_shared(event, by_name.get(event["name"])) for event in events]
    is_all = len(made) == len(before) and all(
        event is other for event, other in zip(made, before, strict=True)
    )
    return before if is_all else made


def _shared(item: Any, known: Any) -> Any:
    """What is known, if it has the same text: `==` would take 1, 1.0 and true for one."""
    if type(item) is not type(known) or not isinstance(item, dict | list):
        return item
    try:
        return known if orjson.dumps(item) == orjson.dumps(known) else item
    except TypeError:  # integers beyond 64 bits
        return item
