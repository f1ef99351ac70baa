"""A document that is to become a character: what is wrong with it, and what it lacks (CONTRACT 5)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.character import KIND
from conjure.kernel.stances.graph import (
    MOST_STANCES,
    SPEAKING,
    connected,
    events_of,
    find_speaking,
    id_of,
    is_always_possible,
    speaking,
    stances_of,
    states_of,
)
from conjure.kernel.values import child
from conjure.kernel.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.kernel.values import JsonObject

TEXTS: Final = {
    "persona": 8_000,
    "scene": 8_000,
    "lore": 64_000,
    "examples": 16_000,
    "greeting": 1_000,
    "subject": 1_000,
    "style": 500,
    "voiceId": 200,
    "modelId": 200,
}
"""Members of `character` that are text, with the most characters of each."""

INTRO: Final = {"kicker": 200, "title": 200, "hint": 500}
"""Members of `character.intro`, in the same way."""

OF_A_STANCE: Final = {"label": 200, "mood": 200, "expression": 1_000}
"""Members of a stance, in the same way."""

LONGEST_ID: Final = 64
_MOST_PROBLEMS: Final = 100


def problems(world: JsonObject) -> list[str]:
    """What keeps a document from being a character, by member; the gate says what else is wrong."""
    found: list[str] = []
    kind = world.get("kind")
    if kind is not None and kind != KIND:
        found.append("world.kind must be character")
    said = world.get(KIND)
    if said is not None and not isinstance(said, dict):
        return [*found, "world.character must be an object"]
    found += islice(_of_character(said or {}, states_of(world)), _MOST_PROBLEMS)
    found += islice(_of_graph(world), _MOST_PROBLEMS)
    return found[:_MOST_PROBLEMS]


def completed(world: JsonObject) -> JsonObject:
    """A character without problems, with what it lacks: stances of states, ways between them, `Speaking`."""
    said, states = child(world, KIND), states_of(world)
    entries = {entry["id"]: entry for entry in stances_of(world)}
    # In the order of the document where it says nothing: whoever looks first sees the entrance.
    for state_id in states:
        entries.setdefault(state_id, {"id": state_id, "label": state_id})
    made = {**world, "kind": KIND, KIND: {**said, "stances": list(entries.values())}}
    scene = made.get("scene")
    if not isinstance(scene, dict) or not isinstance(scene.get("events"), list):
        return made  # the gate says so
    events, spoken = connected(events_of(world), entries), speaking(list(entries))
    if find_speaking(events) is None:
        return {**made, "scene": {**scene, "events": [*events, spoken]}}
    owned = {"from": spoken["from"], "hidden": True}
    events = [{**event, **owned} if _is_named_speaking(event) else event for event in events]
    return {**made, "scene": {**scene, "events": events}}


def _is_named_speaking(event: Any) -> bool:
    return isinstance(event, dict) and event.get("name") == SPEAKING


def _of_graph(world: JsonObject) -> Iterator[str]:
    spoken = find_speaking(events_of(world))
    if spoken is not None and spoken.get("kind") != "override":
        yield f"world.scene.events: the event {SPEAKING} must be an override"
    elif spoken is not None and not is_always_possible(spoken):
        yield f"world.scene.events: the event {SPEAKING} must not have 'requires' or 'oneShot'"
    for name, state in states_of(world).items():
        if isinstance(state, dict) and state.get("ending") is not None:
            yield (
                f"world.scene.states: the state {quoted(name)} must not have an ending, as every state"
                " is a stance"
            )


def _of_character(said: JsonObject, states: JsonObject) -> Iterator[str]:
    at = f"world.{KIND}"
    for name, most in TEXTS.items():
        yield from _text(said.get(name), f"{at}.{name}", most)
    if said.get("free") is not None and not isinstance(said["free"], bool):
        yield f"{at}.free must be true or false"
    intro = said.get("intro")
    if intro is not None and not isinstance(intro, dict):
        yield f"{at}.intro must be an object"
    elif intro:
        for name, most in INTRO.items():
            yield from _text(intro.get(name), f"{at}.intro.{name}", most)
    stances = said.get("stances")
    if stances is not None and not isinstance(stances, list):
        yield f"{at}.stances must be an array"
        return
    if len(stances or ()) > MOST_STANCES or len(states) > MOST_STANCES:
        yield f"{at}.stances: a character has at most {MOST_STANCES} stances, each a state"
        return
    seen: set[str] = set()
    for place, entry in enumerate(stances or ()):
        yield from _stance(entry, f"{at}.stances[{place}]", states, seen)


def _stance(entry: Any, at: str, states: JsonObject, seen: set[str]) -> Iterator[str]:
    if not isinstance(entry, dict):
        yield f"{at} must be an object"
        return
    for name, most in OF_A_STANCE.items():
        yield from _text(entry.get(name), f"{at}.{name}", most)
    stance_id = id_of(entry)
    if stance_id is None:
        yield f"{at}.id must be a string"
    elif stance_id in seen:
        yield f"{at}.id is the id of an earlier stance"
    elif stance_id not in states:
        yield f"{at}.id must be the id of a state of world.scene.states"
    else:
        seen.add(stance_id)


def _text(value: Any, at: str, most: int) -> Iterator[str]:
    if value is None:
        return
    if not isinstance(value, str):
        yield f"{at} must be a string"
    elif len(value) > most:
        yield f"{at} must have at most {most} characters"
