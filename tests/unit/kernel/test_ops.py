"""Edits are pure: a new world comes out, the old one stays as it was."""

import copy

import pytest
from hypothesis import given, settings

from conjure.kernel import OpError, check, set_entrance
from support.kernel.documents import JSON, mutated_worlds
from support.kernel.worlds import make_world, small_world


def test_set_entrance_names_the_first_state():
    assert set_entrance(small_world(), "cellar", None)["entrance"]["state"] == "cellar"


def test_without_an_image_the_present_one_stays():
    world = small_world()

    assert set_entrance(world, "cellar", None)["entrance"]["image"] is world["entrance"]["image"]


def test_an_image_replaces_the_present_one_whole():
    world = small_world({"entrance": {"image": {"label": "a hall"}}})

    assert set_entrance(world, "atrium", {"src": "b.jpg"})["entrance"]["image"] == {"src": "b.jpg"}


def test_unknown_members_of_the_entrance_are_kept():
    world = small_world({"entrance": {"fade": [1.0, {"x": None}]}})
    world["entrance"]["fade"] = fade = [1.0, {"x": None}]

    assert fade is set_entrance(world, "cellar", None)["entrance"]["fade"]


@pytest.mark.parametrize("missing", [True, False], ids=["absent", "null"])
def test_a_world_without_entrance_gets_one(missing):
    world = small_world({"entrance": None}) if missing else {**small_world(), "entrance": None}

    assert set_entrance(world, "atrium", None)["entrance"] == {"state": "atrium"}


@pytest.mark.parametrize("entrance", ["atrium", ["atrium"], 1, True])
def test_an_entrance_of_another_type_cannot_be_set(entrance):
    with pytest.raises(OpError, match="entrance is not an object"):
        set_entrance({**small_world(), "entrance": entrance}, "cellar", None)


@pytest.mark.parametrize("world", [None, [], "world", 1])
def test_what_is_no_world_has_no_entrance(world):
    with pytest.raises(OpError, match="world is not an object"):
        set_entrance(world, "cellar", None)


def test_an_unknown_state_is_left_to_the_gate():
    found = check(set_entrance(make_world(), "nowhere", None))

    assert [(d.lint, d.path) for d in found] == [("dangling-ref", "entrance.state")]


@given(mutated_worlds(), JSON)
@settings(max_examples=100, deadline=None)
def test_set_entrance_shares_structure_and_leaves_its_input_alone(world, extra):
    world["extra"] = extra
    before = copy.deepcopy(world)
    try:
        edited = set_entrance(world, "cellar", {"src": "b.jpg"})
    except OpError:
        assert not isinstance(world["entrance"], dict)
        return

    assert repr(before) == repr(world)
    assert edited.keys() == world.keys() | {"entrance"}
    assert all(edited[key] is world[key] for key in world if key != "entrance")
