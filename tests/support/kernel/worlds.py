"""Worlds to test on: the smallest sound one, and sound ones of any size."""

from __future__ import annotations

from typing import Any

World = dict[str, Any]

_BASE = (
    "A wide stone atrium with tall windows; dust drifts in the afternoon light, and a long oak "
    "counter runs along the north wall. Room {number} of the old library, seen at eye level."
)
_DETAIL = (
    "She crosses the room at a walking pace, pushes the heavy door and steps through; "
    "the light turns warmer as the next room comes into view."
)


def state(number: int = 0, **members: Any) -> World:
    """A state as an author writes one: camera locks say 'no' and 'never', which is fine there."""
    return {
        "base": _BASE.format(number=number),
        "camera": {
            "static": "The camera never cuts; no zoom, eye height.",
            "dynamic": "It follows one step behind the walker without passing her.",
        },
        "movement": {
            "static": "She shifts her weight and looks around.",
            "dynamic": "She walks at an even pace, boots on stone.",
        },
        "ambient": ["Dust turns in the light.", "A clock ticks on the far wall."],
        **members,
    }


def transition(name: str, source: str, to: str, /, **members: Any) -> World:
    return {
        "name": name,
        "kind": "transition",
        "from": [source],
        "to": to,
        "base": "The door at the end of the room swings open.",
        "detail": _DETAIL,
        "hotkey": None,
        "landWhen": {"label": "an open door", "minExtent": 0.2, "hits": 3, "timeoutMs": 9000},
        **members,
    }


def override(name: str, source: str, /, **members: Any) -> World:
    return {
        "name": name,
        "kind": "override",
        "from": [source],
        "base": "She lifts the brass lamp and turns it in her hands.",
        "detail": "Light slides over the shelves and settles on the counter.",
        "hotkey": "f",
        "anchor": {"label": "brass lamp", "aliases": ["lamp"], "minProximity": 0.3},
        **members,
    }


def make_world(*, states: int = 3, events_per_state: int = 2, **members: Any) -> World:
    """A sound world: a chain of rooms, each with a way on and changes in place; the last one ends it."""
    rooms = {f"room_{number}": state(number) for number in range(states)}
    last = f"room_{states - 1}"
    rooms[last]["ending"] = {"kind": "win", "title": "Out", "subtitle": "The garden is open."}
    events = []
    for number in range(states):
        here = f"room_{number}"
        if number + 1 < states:
            events.append(transition(f"Go on {number}", here, f"room_{number + 1}"))
        else:
            events.append(override(f"Look back {number}", here))
        events += [override(f"Lift lamp {number}.{n}", here) for n in range(events_per_state - 1)]
    return {
        "id": "0198c5d6-6a1e-7c3b-9f55-0d7a4e1b2c33",
        "name": "The old library",
        "description": "A library after closing time.",
        "cover": "https://example.test/cover.jpg",
        "entrance": {"state": "room_0", "image": {"src": "https://example.test/cover.jpg"}},
        "scene": {"states": rooms, "events": events},
        **members,
    }


def small_world(patch: World | None = None) -> World:
    """A sound world of two rooms, `atrium` and `cellar`, with a merge patch laid over it."""
    world = make_world(states=2, events_per_state=1)
    rooms = world["scene"]["states"]
    world["scene"]["states"] = {"atrium": rooms["room_0"], "cellar": rooms["room_1"]}
    world["scene"]["events"] = [transition("Step down", "atrium", "cellar")]
    world["entrance"]["state"] = "atrium"
    return merged(world, patch or {})


def with_events(*events: World, **members: Any) -> World:
    """The small world; these events stand beside the one that keeps its cellar reachable."""
    return small_world(
        {"scene": {"events": [transition("Step down", "atrium", "cellar"), *events]}, **members}
    )


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396: objects merge, null removes, anything else replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value)
    return result


def base(words: Any, **members: Any) -> World:
    return small_world({"scene": {"states": {"atrium": {"base": words, **members}}}})


def atrium(**members: Any) -> World:
    return small_world({"scene": {"states": {"atrium": members}}})


def way(name: str, source: str, to: str, **land_when: Any) -> World:
    return transition(name, source, to, landWhen=land_when)


def deed(**members: Any) -> World:
    return with_events(merged(override("Deed", "atrium"), members))


def step(**members: Any) -> World:
    return with_events(merged(transition("Step", "atrium", "cellar"), members))


def mission(**members: Any) -> World:
    grant = override("Lift", "atrium", grants=["found"])
    return with_events(grant, missions=[{"id": "m", **members}])


def cutscene(**members: Any) -> World:
    film = {"id": "fall", "video": "https://x.test/f.mp4", "from": "atrium", "to": "cellar"}
    return small_world({"cutscenes": [{**film, **members}]})


def templated(templates: Any, name: Any, /, **fills: Any) -> World:
    """The small world; the atrium's base, and nothing else in it, is made from a template."""
    world = base({"template": name, "fills": fills}, camera=None, movement=None, ambient=None)
    return {**world, "kernel": {"templates": templates}}


def rich_world() -> World:
    """The world that the examples on the page of ops apply to."""
    world = small_world(
        {
            "scene": {
                "states": {
                    "atrium": {
                        "variants": [{"label": "dusk", "base": "The atrium, red with dusk."}]
                    },
                    "spare": {"base": {"template": "hall", "fills": {"mood": "calm"}}},
                }
            },
            "cutscenes": [{"id": "fall", "video": "v.mp4", "from": "atrium", "to": "cellar"}],
            "sequences": [{"id": "tour", "title": "Tour", "beats": [{"state": "atrium"}]}],
            "story": {"logline": "Out.", "beats": [{"summary": "In.", "states": ["atrium"]}]},
            "kernel": {"templates": {"hall": {"text": "A {mood} hall."}}},
        }
    )
    world["outro"] = {"video": "o.mp4", "state": "cellar"}
    return world
