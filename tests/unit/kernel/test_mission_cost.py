"""Missions of any size cost what is in them, and a short op makes no world that nobody can store."""

import json

import pytest

from conjure.kernel import OpError, check, has_errors
from conjure.kernel.ops import MOST_OPS, apply, apply_batch
from conjure.kernel.play import Game
from support.cost import assert_cheap
from support.kernel.missions import mission_world
from support.kernel.worlds import make_world


def chain(count, place="place {}", **members):
    """A mission of many objectives, each with an outcome, a place of its own and a way to fail."""
    objectives = [
        {
            "id": f"o{at}",
            "text": f"Do {at}.",
            "location": place.format(at),
            "base": "A place.",
            "outcome": "Done.",
            "requires": [f"o{n}" for n in range(max(0, at - 3), at)],
            "fail": {},
            **members,
        }
        for at in range(count)
    ]
    return {"op": "add_mission", "id": "long", "objectives": objectives}


def test_a_thousand_objectives():
    op = chain(1_000)
    world = apply(mission_world(), op).world

    assert len(world["scene"]["states"]) == 3_003
    assert not has_errors(check(world))
    game = Game(world)
    situation = game.start
    for objective in op["objectives"]:
        situation = game.step(situation, objective["text"])
    assert game.ending(situation)["kind"] == "win"
    # Measured: 4 yardsticks. A look at every objective for each one takes hundreds.
    assert_cheap(lambda: apply(mission_world(), op), most=40)


def test_a_thousand_names_of_which_only_the_middle_differs():
    place = f"{'x' * 99}{{}}{'x' * 99}"

    assert_cheap(lambda: apply(mission_world(), chain(1_000, place)), most=40)


@pytest.mark.parametrize(
    "members",
    [{}, {"outcome": {"template": "hall"}}, {"location": "nowhere"}],
    ids=str,
)
def test_a_batch_of_missions_costs_little_more_than_a_look_at_the_world(members):
    world = make_world(states=10_000, events_per_state=2)
    world["kernel"] = {"templates": {"hall": {"text": "A {mood} hall. " * 4_000}}}
    goals = [{"id": f"o{at}", "text": f"Do {at}.", **members} for at in range(MOST_OPS)]
    ops = [{"op": "add_mission", "objectives": [goal]} for goal in goals]

    # Measured: at most 5 yardsticks. Templates that are read for each mission take hundreds.
    assert_cheap(lambda: apply_batch(world, ops), most=50)


@pytest.mark.parametrize("key", ["camera", "movement"])
@pytest.mark.parametrize(
    "pose", ["She waits. " * 10_000, {"template": "hall", "fills": {"mood": "x" * 60_000}}]
)
def test_a_long_pose_is_not_copied_endlessly(key, pose):
    world = mission_world(**{key: {"static": pose}})
    world["kernel"] = {"templates": {"hall": {"text": "A {mood} hall."}}}
    objectives = chain(200)["objectives"]
    op = {"op": "add_mission", "objectives": objectives}
    goals = [{"id": f"o{at}", "text": f"Do {at}.", "fail": {}} for at in range(MOST_OPS)]

    few = apply(world, {**op, "objectives": objectives[:3]}).world
    batch = apply_batch(world, [{**op, "objectives": [goal]} for goal in goals])

    assert len(json.dumps(few)) < 2**21
    with pytest.raises(OpError, match="goes through more than is left"):
        apply(world, op)
    assert "goes through more than is left" in batch.errors[0]
    assert "went through everything" in batch.errors[1]
    assert len(json.dumps(batch.world)) < 2**24
