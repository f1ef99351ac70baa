"""Worlds to play: what matters to where play can go, and nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import strategies as st

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

    from conjure.kernel.play import Game, Situation

World = dict[str, Any]


def world(*events: World, endings: tuple[str, ...] = ("end",), **members: Any) -> World:
    """A sound world of these events that begins in `a`; its states are those that the events name."""
    names = dict.fromkeys(["a", *endings])
    cutscenes = {cutscene["id"]: cutscene for cutscene in members.get("cutscenes", ())}
    for cutscene in cutscenes.values():
        names |= dict.fromkeys([*cutscene["from"], cutscene["to"]])
    for event in events:
        names |= dict.fromkeys(event["from"])
        if "to" in event and event["to"] not in cutscenes:
            names[event["to"]] = None
    states: dict[str, World] = {
        name: {"base": f"Room {name}, seen at eye level."} for name in names
    }
    for name in endings:
        states[name]["ending"] = {"kind": "win", "title": "Out"}
    return {
        "id": "7b1f3c1e-0000-4000-8000-000000000001",
        "name": "Rooms",
        "cover": "data:,",
        "entrance": {"state": "a", "image": {"src": "data:,"}},
        "scene": {"states": states, "events": list(events)},
        **members,
    }


def shortest_ways(game: Game) -> dict[Situation, list[str]]:
    """Every situation that play can come to, with the events of a shortest way there; the nearest first."""
    ways: dict[Situation, list[str]] = {game.start: []}
    for situation in (line := [game.start]):
        for move in game.moves(situation):
            if move.is_possible and (after := game.step(situation, move.name)) not in ways:
                ways[after] = [*ways[situation], move.name]
                line.append(after)
    return ways


def go(name: str, source: str, to: str, /, **members: Any) -> World:
    """A transition."""
    return {"name": name, "kind": "transition", "from": [source], "to": to, **members}


def do(name: str, source: str, /, **members: Any) -> World:
    """An override."""
    return {"name": name, "kind": "override", "from": [source], **members}


@st.composite
def worlds(draw: DrawFn) -> World:
    """Small worlds with locks, keys and one-shot events; an ending may be out of reach."""
    rooms = "abcd"[: draw(st.integers(1, 4))]
    flags = st.lists(st.sampled_from("xyz"), max_size=2, unique=True)
    events = []
    for number in range(draw(st.integers(1, 9))):
        members: World = {"requires": draw(flags)} if draw(st.booleans()) else {}
        if draw(st.booleans()):
            members["grants"] = draw(flags)
        if draw(st.booleans()):
            members["oneShot"] = True
        source = draw(st.sampled_from(rooms))
        to = draw(st.sampled_from([None, *rooms, "end", "film"]))
        made = do(f"e{number}", source) if to is None else go(f"e{number}", source, to)
        events.append({**made, **members})
    film = {
        "id": "film",
        "video": "v",
        "from": list(rooms),
        "to": draw(st.sampled_from([*rooms, "end"])),
    }
    if draw(st.booleans()):
        film["requires"] = draw(flags)
    return world(*events, cutscenes=[film])


def nearest_dead_end(game: Game) -> tuple[int, frozenset[Situation]] | None:
    """How far the nearest situation is from which no ending can be reached, and all at that distance.

    The plain way: every situation there is, one by one. None when there is none.
    """
    distance = {game.start: 0}
    frontier = [game.start]
    before: dict[Situation, list[Situation]] = {}
    for here in frontier:  # it grows on the way
        for move in game.moves(here):
            if not move.is_possible:
                continue
            there = game.step(here, move.name)
            before.setdefault(there, []).append(here)
            if there not in distance:
                distance[there] = distance[here] + 1
                frontier.append(there)
    live = {situation for situation in distance if game.ending(situation) is not None}
    onward = list(live)
    for situation in onward:
        for earlier in before.get(situation, ()):
            if earlier not in live:
                live.add(earlier)
                onward.append(earlier)
    dead = [situation for situation in distance if situation not in live]
    if not dead:
        return None
    least = min(distance[situation] for situation in dead)
    return least, frozenset(s for s in dead if distance[s] == least)
