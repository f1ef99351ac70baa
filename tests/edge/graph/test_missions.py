"""`add_mission` over REST: what it compiles is stored, passes every lint, and is played to its end (CONTRACT 3.3.1)."""

from __future__ import annotations

from conjure.kernel.ops import OPS
from conjure.kernel.play import Game
from support.edge.graph import Graph
from support.rest import assert_error

EXAMPLE = {"op": "add_mission", **OPS["add_mission"].example}
OBJECTIVES = EXAMPLE["objectives"]


async def found(graph: Graph) -> list[dict[str, str]]:
    answer = await graph.call("POST", "lint", body={})
    assert answer.status_code == 200, answer.text
    diagnostics: list[dict[str, str]] = answer.json()["diagnostics"]
    return diagnostics


async def test_a_mission_is_compiled_linted_and_won(rest, app):
    graph = await Graph.of(rest, app.secret)
    before = await found(graph)
    body = await graph.applied(EXAMPLE)
    assert body["applyErrors"] == []
    # The world had no ending; otherwise nothing is found that was not there before.
    assert await found(graph) == [item for item in before if item["lint"] != "no-ending"]

    mission = body["world"]["missions"][0]
    assert [item["location"] for item in mission["objectives"]] == ["hall", "passage", "passage"]
    assert mission["complete"] == "door"

    game = Game(body["world"])
    situation = game.step(game.start, OBJECTIVES[0]["text"])
    situation = game.step(situation, OBJECTIVES[1]["text"])
    assert game.ending(game.step(situation, "Force the lock.")) == {
        "kind": "lose",
        "title": "FAILED",
    }
    situation = game.step(situation, OBJECTIVES[2]["text"])
    assert game.ending(situation) == {"kind": "win", **EXAMPLE["win"]}


async def test_a_mission_that_cannot_be_changes_nothing(rest, app):
    graph = await Graph.of(rest, app.secret)
    circle = [{**OBJECTIVES[0], "requires": ["passage"]}, OBJECTIVES[1]]
    for op, reason in (
        (EXAMPLE | {"objectives": circle}, "which only objectives[1] grants"),
        (EXAMPLE | {"objectives": [{**OBJECTIVES[1], "text": "Wave"}]}, "'Wave' already exists"),
        (EXAMPLE | {"objectives": [{**OBJECTIVES[1], "location": "atic", "base": None}]}, "atic"),
    ):
        async with graph.unchanged():
            errors = assert_error(await graph.call("POST", "ops", body={"ops": [op]}), 400)[
                "errors"
            ]
            assert errors[0].startswith("ops[0] add_mission: objectives[0]: ")
            assert reason in errors[0]


async def test_half_a_mission_is_never_stored(rest, app):
    """Skipped between two ops that apply, it leaves no state and no event behind."""
    graph = await Graph.of(rest, app.secret)
    late = [*OBJECTIVES, {"id": "more", "text": "Go on.", "action": 5}]
    ops = [{"op": "set_subject", "subject": n} for n in "ab"]
    body = await graph.applied(ops[0], EXAMPLE | {"objectives": late}, ops[1])
    assert len(body["applyErrors"]) == 1
    assert set(body["world"]["scene"]["states"]) == {"hall", "cellar", "spare"}
    assert len(body["world"]["scene"]["events"]) == 3
    assert "missions" not in body["world"]


async def test_a_mission_of_hundreds_of_objectives_is_compiled(rest, app):
    """It is too much for the event loop, so a heavy worker makes it; the caller does not see that."""
    graph = await Graph.of(rest, app.secret)
    steps = [
        {"id": f"o{n}", "text": f"Do {n}.", "location": f"place {n}", "base": "A place."}
        for n in range(300)
    ]
    body = await graph.applied({"op": "add_mission", "id": "long", "objectives": steps})
    assert body["applyErrors"] == []
    assert len(body["world"]["scene"]["states"]) == 3 + 300 + 1
