"""What holds for any mission: it can be played to its end, or it is refused and changes nothing."""

import copy

from hypothesis import given, settings

from conjure.kernel import OpError, check, examine, has_errors
from conjure.kernel.ops import apply
from conjure.kernel.play import Game
from support.kernel.documents import mutated_worlds, same
from support.kernel.missions import (
    EXAMPLE,
    LAMP,
    NEW_PLACES,
    hostile_missions,
    mission_world,
    missions,
    sound_worlds,
)


def added(world, op):
    """The world with the mission, or why it was refused; any other exception fails the test."""
    try:
        return apply(world, op).world, None
    except OpError as error:
        return None, str(error)


def leaving(game, situation, name):
    """The situation after an event, which can be played now."""
    moves = {move.name: move for move in game.moves(situation)}
    assert moves[name].is_possible, moves[name].missing
    return game.step(situation, name)


def assert_won(world, op):
    """Plays the objectives in their order. Every fail on the way is a game lost."""
    game = Game(world)
    mission = next(item for item in world["missions"] if item["id"] == op["id"])
    situation = leaving(game, game.start, "Take the lamp")
    for objective in mission["objectives"]:
        assert game.ending(situation) is None
        if "fail" in objective:
            fail = objective["fail"].get("name", f"Fail: {objective['text']}")
            lost = leaving(game, situation, fail)
            assert lost.state == f"{objective['location']}__fail_{objective['id']}"
            assert game.ending(lost)["kind"] == "lose"
        situation = leaving(game, situation, objective["text"])
        assert objective["grants"] in situation.flags
    assert mission["complete"] in situation.flags
    win = {"title": "MISSION COMPLETE", **(op["win"] or {})}
    assert game.ending(situation) == {"kind": "win", **win}


def lints(findings):
    return {item.lint for item in findings}


def found(world):
    """What is found, but for places that an objective makes and does not stop at."""
    passed = {f"state[{name}]" for name in NEW_PLACES}
    return {
        (item.lint, item.path)
        for item in check(world)
        if not (item.lint == "unreachable-state" and item.path in passed)
    }


@given(sound_worlds(), missions(), missions("p"))
@settings(max_examples=100, deadline=None)
def test_any_mission_passes_the_gate_and_can_be_won(world, op, other):
    before, kept, before_op = found(world), copy.deepcopy(world), copy.deepcopy(op)

    after = apply(world, op).world

    assert found(after) <= before
    assert same((world, op), (kept, before_op))
    assert_won(after, op)
    if all(LAMP not in (objective.get("requires") or []) for objective in op["objectives"]):
        # It may be out of reach once a mission has left the room with the lamp.
        assert "softlock" not in lints(examine(after, most_situations=10_000).findings)
    both, refusal = added(after, other)
    # The second may stand where the first one ends play.
    assert refusal is None or "play ends in" in refusal
    if both is not None:
        assert found(both) <= before
        assert_won(both, op)
        assert_won(both, other)


@given(hostile_missions())
@settings(max_examples=200, deadline=None)
def test_any_hostile_mission_is_refused_or_passes_the_gate(op):
    world = mission_world()
    after, refusal = added(world, op)
    assert refusal is None or 0 < len(refusal) < 2_000
    assert not has_errors(check(world if after is None else after))
    assert same(world, mission_world())


@given(mutated_worlds())
@settings(max_examples=100, deadline=None)
def test_a_world_that_is_not_sound_refuses_a_mission_or_keeps_its_faults(world):
    kept = copy.deepcopy(world)
    after, _ = added(world, EXAMPLE)
    assert after is None or after["missions"][-1]["id"] == "escape"
    assert same(world, kept)
