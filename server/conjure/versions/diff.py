"""What differs from one world to another: states by key, events by name (CONTRACT 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjure.core import jsondoc

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Changes:
    """Names: only in the second, only in the first, in both and not equal as canonical JSON."""

    added: list[str]
    removed: list[str]
    changed: list[str]


def compare(a: dict[str, Any], b: dict[str, Any]) -> tuple[Changes, Changes]:
    """Returns what differs in the states and in the events of two worlds."""
    return (
        _changes(a["scene"]["states"], b["scene"]["states"]),
        _changes(_by_name(a["scene"]["events"]), _by_name(b["scene"]["events"])),
    )


def _by_name(events: list[dict[str, Any]]) -> dict[str, Any]:
    return {event["name"]: event for event in events}


def _changes(a: Mapping[str, Any], b: Mapping[str, Any]) -> Changes:
    return Changes(
        added=[name for name in b if name not in a],
        removed=[name for name in a if name not in b],
        # Not `==`: to Python 1, 1.0 and true are equal.
        changed=[
            name
            for name, value in b.items()
            if name in a and jsondoc.canonical(a[name]) != jsondoc.canonical(value)
        ],
    )
