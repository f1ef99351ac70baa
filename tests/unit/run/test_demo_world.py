"""The demo world of `conjure dev`: it shows all that a player can do, it is won and lost, and no lint minds it."""

from __future__ import annotations

import json
from importlib.resources import files

from conjure.kernel import examine, unstored
from conjure.kernel.play import Game
from conjure.kernel.values import child, children
from support.cases import each_of
from support.kernel.plays import shortest_ways

WORLD = json.loads(files("conjure.run").joinpath("demo_world.json").read_text(encoding="utf-8"))
GAME = Game(WORLD)
EVENTS = [event for _, event in children(child(GAME.world, "scene"), "events")]


def test_no_lint_finds_anything():
    assert examine(unstored.completed(WORLD), most_situations=10_000).findings == ()


@each_of(
    "member",
    [
        "narration", "hotkey", "hidden", "oneShot", "requires", "grants", "lockedHint", "autoAfterMs", "minPlayMs",
        "phases", "drive", "waypoint", "anchor", "landWhen", "terminal",
    ],
)  # fmt: skip
def test_an_event_shows_each_thing_that_a_player_can_do(member):
    assert any(event.get(member) for event in EVENTS)


def test_the_rest_is_there_too():
    states = WORLD["scene"]["states"].values()
    for member in ("narration", "variants", "ambient", "camera", "movement", "autopilot"):
        assert any(state.get(member) for state in states), member
    assert WORLD["missions"][0]["objectives"]
    assert WORLD["sequences"][0]["beats"]
    assert any(beat.get("sequence") for beat in WORLD["story"]["beats"])
    assert WORLD["kernel"]["templates"]
    assert "cover" not in WORLD, "it is drawn, so that nothing is fetched from elsewhere"


def test_hotkeys_are_one_each_where_they_meet():
    for name in GAME.world["scene"]["states"]:
        keys = [
            event["hotkey"] for event in EVENTS if name in event["from"] and event.get("hotkey")
        ]
        assert len(keys) == len(set(keys)), name


def test_it_is_won_in_six_choices_and_lost_in_two():
    ends: dict[str | None, int] = {}
    for situation, way in shortest_ways(GAME).items():
        ending = GAME.ending(situation)
        if ending is not None:
            kind = ending.get("kind")
            ends[kind] = min(len(way), ends.get(kind, len(way)))
    assert ends == {"win": 6, "lose": 2}
