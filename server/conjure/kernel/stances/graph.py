"""The graph of a character: its stances, the ways between them, and the hidden event `Speaking`.

Any transition that can always be played is a way: it asks for no flag, and may be played again. Those that
are made here are hidden, as no player chooses how a character feels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.character import KIND
from conjure.kernel.names import LONGEST_NAME, unaddressable
from conjure.kernel.stances import prose
from conjure.kernel.values import child, elements, text

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence

    from conjure.kernel.values import JsonObject

SPEAKING: Final = "Speaking"
"""The override that is played while a character speaks, in whatever stance it is."""

MOST_STANCES: Final = 24
"""Stances of a character. Every two are connected, so that their ways grow with the square."""

_LONGEST_LABEL: Final = LONGEST_NAME - 8  # so that a number fits behind it


def stances_of(world: JsonObject) -> list[Any]:
    """The entries of `character.stances`, whatever they are."""
    return elements(child(world, KIND), "stances")


def id_of(entry: Any) -> str | None:
    """The id that an entry of the stances has."""
    return text(entry, "id") if isinstance(entry, dict) else None


def ids_of(entries: Iterable[Any]) -> list[str]:
    """The ids that entries of the stances have, in their order."""
    return [name for entry in entries if (name := id_of(entry)) is not None]


def states_of(world: JsonObject) -> JsonObject:
    """The states of a world, by id."""
    return child(child(world, "scene"), "states")


def events_of(world: JsonObject) -> list[Any]:
    """The events of a world."""
    return elements(child(world, "scene"), "events")


def speaking(stances: Sequence[str]) -> JsonObject:
    """The event `Speaking` of these stances."""
    return {
        "name": SPEAKING,
        "kind": "override",
        "from": list(stances),
        "base": prose.SPEAKS,
        "hidden": True,
    }


def is_speaking(event: Any) -> bool:
    """Whether this is the event `Speaking` as it has to be: a hidden override that can always be played."""
    return (
        isinstance(event, dict)
        and event.get("name") == SPEAKING
        and event.get("kind") == "override"
        and event.get("hidden") is True
        and is_always_possible(event)
    )


def find_speaking(events: Iterable[Any]) -> JsonObject | None:
    """The event of that name, whatever else it is."""
    for event in events:
        if isinstance(event, dict) and event.get("name") == SPEAKING:
            return event
    return None


def is_way(event: Any) -> bool:
    """Whether this is a transition that can always be played."""
    return (
        isinstance(event, dict)
        and event.get("kind") == "transition"
        and isinstance(event.get("to"), str)
        and is_always_possible(event)
    )


def is_always_possible(event: JsonObject) -> bool:
    """Whether an event asks for no flag, and may be played again."""
    return not event.get("requires") and not event.get("oneShot")


def is_hidden_way(event: Any) -> bool:
    """Whether this is a way as they are made for stances."""
    return is_way(event) and event.get("hidden") is True


def reached(events: Iterable[Any]) -> dict[str, set[str]]:
    """By state: from where there is a way to it."""
    found: dict[str, set[str]] = {}
    for event in events:
        if is_way(event):
            sources = [name for name in elements(event, "from") if isinstance(name, str)]
            found.setdefault(event["to"], set()).update(sources)
    return found


def connected(
    events: Sequence[Any],
    stances: Mapping[str, JsonObject],
    is_due: Callable[[str, str], bool] = lambda _source, _to: True,
) -> list[Any]:
    """The events, with ways between all of the stances; `is_due` says for which two one is made.

    `stances` are entries by id. The first hidden way to a stance gets what is missing: so it has one.
    """
    made = list(events)
    ways = reached(events)
    first = {
        event["to"]: place
        for place, event in reversed(list(enumerate(events)))
        if is_hidden_way(event)
    }
    taken = {name for event in events if isinstance(event, dict) and (name := text(event, "name"))}
    for to, entry in stances.items():
        known = ways.get(to, set())
        missing = [
            name for name in stances if name != to and name not in known and is_due(name, to)
        ]
        if not missing:
            continue
        place = first.get(to)
        if place is not None:
            event = made[place]
            made[place] = {**event, "from": [*elements(event, "from"), *missing]}
            continue
        name = free_name(entry, taken)
        taken.add(name)
        made.append(
            {
                "name": name,
                "kind": "transition",
                "from": missing,
                "to": to,
                "base": prose.change(text(entry, "mood")),
                "hidden": True,
            }
        )
    return made


def name_of(stance: JsonObject) -> str:
    """What the way to a stance is called: as the stance, if that can be addressed."""
    label, stance_id = text(stance, "label") or "", text(stance, "id") or ""
    name = next((said for said in (label, stance_id) if unaddressable(said) is None), "Stance")
    return name[:_LONGEST_LABEL]


def free_name(stance: JsonObject, taken: Container[str]) -> str:
    """The same, with a number where it is taken."""
    name = found = name_of(stance)
    number = 1
    while found in taken or found == SPEAKING:
        number += 1
        found = f"{name} {number}"
    return found
