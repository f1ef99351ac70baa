"""`conjure world play` and `conjure world draw`: real processes, as a person or a script runs them."""

from __future__ import annotations

import asyncio
import json

import pytest
from rich.cells import cell_len

from conjure.kernel.picture import draw
from conjure.kernel.play import Game
from support.cli import Conjure
from support.kernel.plays import do, go, shortest_ways
from support.kernel.plays import world as rooms
from support.rest import bearer, import_world

PREMISE = "A lighthouse keeper who finds a door under the sea"

HOUSE = rooms(
    go("Go in", "a", "b", base="You go in.", narration="The door creaks."),
    go("Leave", "b", "end", requires=["key"], lockedHint="The door wants a key."),
    do("Take the key", "b", base="It is cold.", grants=["key"], oneShot=True),
    go("Go back", "b", "a"),
    go("Fall", "a", "fall"),
    cutscenes=[{"id": "fall", "video": "v", "from": ["a"], "to": "b", "label": "A long fall"}],
)
HOUSE["scene"]["states"]["b"]["narration"] = {"template": "cell", "fills": {"light": "a lamp"}}
HOUSE["scene"]["states"]["end"]["ending"]["subtitle"] = "Daylight at last."
HOUSE["kernel"] = {
    "templates": {"cell": {"text": "A cell lit by {light}.", "slots": {"light": {}}}}
}


@pytest.fixture
def conjure(stack, tmp_path) -> Conjure:
    return Conjure(stack, tmp_path)


@pytest.fixture
def played(conjure, tmp_path):
    """Plays a world in a file with these lines as input, and returns what was printed."""

    async def run(world, *lines, **variables):
        (tmp_path / "world.json").write_text(json.dumps(world))
        typed = "".join(f"{line}\n" for line in lines).encode("utf-8", "surrogateescape")
        code, output, errors = await conjure(
            "world", "play", "world.json", stdin=typed, **variables
        )
        assert (code, errors) == (0, "")
        return output

    return run


def way_to_an_ending(game: Game, kind: str) -> list[str]:
    """The names of the events of a shortest play that ends so."""
    for situation, way in shortest_ways(game).items():
        if (ending := game.ending(situation)) is not None and ending["kind"] == kind:
            return way
    raise AssertionError("it cannot be won")


async def test_a_world_from_a_premise_is_played_to_its_end(conjure, stack, rest, app):
    made = await rest.post("/v1/worlds", json={"premise": PREMISE}, headers=bearer(app.secret))
    world_id = made.json()["worldId"]
    stored = (await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))).json()
    way = way_to_an_ending(Game(stored), "win")
    code, output, _ = await conjure.cold(
        "world", "play", world_id, "--target", stack.server_target, "--key", app.secret,
        stdin="\n".join(way).encode(),
    )  # fmt: skip
    assert code == 0
    assert output.startswith(stored["name"])
    assert len(way) > 2
    (ending,) = [
        state["ending"] for state in stored["scene"]["states"].values()
        if state.get("ending", {}).get("kind") == "win"
    ]  # fmt: skip
    assert output.endswith("You have won.\n\n")
    assert f"*** {ending['title']} ***" in output


PLAY = """\
Rooms

== a ==

Room a, seen at eye level.

1. Go in
2. Fall

> go in

The door creaks.

== b ==

A cell lit by a lamp.

1. Leave [locked: The door wants a key.]
2. Take the key
3. Go back

> 1

The door wants a key.

1. Leave [locked: The door wants a key.]
2. Take the key
3. Go back

> 2

It is cold.

[now you hold key]

1. Leave
2. Go back

> flags

You hold: key.

1. Leave
2. Go back

> map

a
- Go in -> b
- Fall -> b
here: b
- Leave -> ?
- Go back -> a

1. Leave
2. Go back

> back

== b ==

A cell lit by a lamp.

1. Leave [locked: The door wants a key.]
2. Take the key
3. Go back

> back

== a ==

Room a, seen at eye level.

1. Go in
2. Fall

> 2

[cutscene: A long fall]

== b ==

A cell lit by a lamp.

1. Leave [locked: The door wants a key.]
2. Take the key
3. Go back

> 2

It is cold.

[now you hold key]

1. Leave
2. Go back

> 1

== end ==

Room end, seen at eye level.

*** Out ***

Daylight at last.

You have won.

"""


async def test_a_play_reads_like_one(played):
    typed = ("go in", "1", "2", "flags", "map", "back", "back", "2", "2", "1", "never read")
    assert await played(HOUSE, *typed) == PLAY


async def test_whatever_is_typed_play_goes_on_until_it_is_left(played):
    odd = ("", "0", "9" * 50, "²", "-1", "1.5", "\x1b[2J", "\udcff\udcfe", "x" * 5_000, "help", "?")
    output = await played(HOUSE, *odd, "look", "back", "quit")
    assert output.count("A number or the name of an event plays it.") >= len(odd) - 1
    assert "This is where it began." in output
    assert output.endswith("> quit\n\n")
    assert "\x1b" not in output


async def test_nothing_in_a_world_steers_the_terminal(played):
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m\u202eback\u2066\r\x00\x08 word " + "long" * 5_000
    world = rooms(
        go(f"go{evil}"[:250], "a", "b", base=evil, grants=[evil], lockedHint=evil),
        go("locked", "b", "end", requires=[evil, "other"], lockedHint=evil),
        name=f"Name {evil}"[:200],
        story={"logline": evil},
    )
    world["scene"]["states"]["b"] |= {
        "base": f"{evil}\n\u4e2d\u6587\n\ud83d\ude00",
        "narration": evil,
    }
    output = await played(world, "1", "1", "flags", "map", "back", COLUMNS="40")
    assert not [letter for letter in set(output) if not letter.isprintable() and letter != "\n"]
    assert max(map(cell_len, output.splitlines())) <= 40
    assert "word" in output


async def test_ctrl_c_ends_a_play_without_a_word_of_ours(conjure, tmp_path):
    (tmp_path / "world.json").write_text(json.dumps(HOUSE))
    async with conjure.running("world", "play", "world.json") as command:
        while not (await command.line()).startswith("2. Fall"):
            pass
        command.interrupt()
        code, _, errors = await command.ended(None)
    assert (code, errors) == (130, "")


@pytest.mark.parametrize(
    "broken", [{"entrance": {"state": "x", "image": {"src": "y"}}}, {"scene": 1}]
)
async def test_what_does_not_pass_the_gate_is_not_played(conjure, tmp_path, broken):
    (tmp_path / "world.json").write_text(json.dumps(HOUSE | broken))
    code, output, errors = await conjure("world", "play", "world.json")
    assert (code, output) == (2, "")
    assert len(errors.splitlines()) == 1


async def test_a_play_needs_its_input_for_itself(conjure):
    code, _, errors = await conjure("world", "play", "-", stdin=json.dumps(HOUSE).encode())
    assert code == 2
    assert "standard input is for what you type" in errors


async def test_a_world_is_drawn_as_the_server_draws_it(conjure, stack, rest, app, tmp_path):
    world_id = await import_world(rest, app.secret)
    remote = ("--target", stack.server_target, "--key", app.secret)
    code, drawn, _ = await conjure("world", "draw", world_id, *remote)
    served = await rest.get(f"/v1/worlds/{world_id}/graph.svg", headers=bearer(app.secret))
    assert (code, drawn) == (0, served.text)
    (tmp_path / "world.json").write_text(json.dumps(HOUSE))
    drawing = ("world", "draw", "world.json", "--format")
    (_, printed, _), written, (code, _, errors) = await asyncio.gather(
        conjure(*drawing, "dot"),
        conjure(*drawing, "mermaid", "-o", "house.mmd"),
        conjure(*drawing, "svg", "-o", "no/such/folder"),
    )
    assert printed == draw(HOUSE, "dot")
    assert written == (0, "", "")
    assert (tmp_path / "house.mmd").read_text() == draw(HOUSE, "mermaid")
    assert (code, len(errors.splitlines())) == (2, 1)
