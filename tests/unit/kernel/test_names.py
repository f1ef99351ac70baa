"""What things may be called: the same rule for what ops make and for what an import brings in."""

import copy

import pytest

from conjure.kernel import OpError, check, examine, has_errors
from conjure.kernel.names import (
    LONGEST_NAME,
    LONGEST_WORLD_NAME,
    unaddressable,
    with_suffix,
    world_name_problem,
)
from conjure.kernel.ops import apply
from support.cases import each_of
from support.kernel.worlds import merged, override, rich_world, transition

UNADDRESSABLE = ["", " ", "\t\n", "\N{NO-BREAK SPACE}", ".", "..", "\0", "a\0b"]
ADDRESSABLE = ["a", "...", ".a", "Step outside/in", "%2e", "?", "#", "\n.", "\N{SNOWMAN}"]
LONGEST, TOO_LONG = "x" * LONGEST_NAME, "x" * (LONGEST_NAME + 1)

NEW = {
    "state": lambda name: {"op": "add_state", "id": name, "base": "x"},
    "event": lambda name: {"op": "add_event", **override("Wave", "atrium"), "name": name},
    "renamed state": lambda name: {"op": "rename_state", "id": "spare", "to": name},
    "renamed event": lambda name: {
        "op": "update_event",
        "name": "Step down",
        "patch": {"name": name},
    },
    "cutscene": lambda name: {
        "op": "add_cutscene",
        "id": name,
        "video": "v",
        "from": "atrium",
        "to": "cellar",
    },
    "sequence": lambda name: {"op": "add_sequence", "id": name},
    "mission": lambda name: {
        "op": "add_mission",
        "id": name,
        "objectives": [{"id": "o", "text": "Leave."}],
    },
}


def brought_in(name):
    """A sound world but for a state and an event of that name."""
    world = rich_world()
    world["scene"]["states"][name] = {"base": "A yard."}
    world["scene"]["events"].append(transition(name, "atrium", name))
    world["missions"] = [{"id": "m", "objectives": [{"id": "o", "text": "t", "location": name}]}]
    return world


@each_of("name", UNADDRESSABLE, ids=ascii)
@each_of("make", NEW.values(), ids=NEW)
def test_nothing_new_is_called_what_no_address_can_name(make, name):
    assert unaddressable(name)
    with pytest.raises(OpError, match=r"cannot be empty|could not be addressed"):
        apply(rich_world(), make(name))


@each_of("make", NEW.values(), ids=NEW)
def test_a_new_name_may_have_256_characters(make):
    assert apply(rich_world(), make(LONGEST)).name == LONGEST
    with pytest.raises(OpError, match="257 characters; 256 are the limit"):
        apply(rich_world(), make(TOO_LONG))


@each_of("name", UNADDRESSABLE, ids=ascii)
def test_one_that_was_brought_in_is_found_and_can_be_renamed(name):
    """A warning: the world is stored, and ops name what the API's addresses cannot."""
    world = brought_in(name)
    found = [item for item in check(world) if item.lint == "unaddressable-name"]

    assert len(found) == 2
    assert {item.severity for item in found} == {"warning"}
    assert not has_errors(check(world))

    renamed = apply(world, {"op": "rename_state", "state": name, "to": "yard"}).world
    renamed = apply(renamed, {"op": "update_event", "name": name, "patch": {"name": "Leave"}}).world

    assert not has_errors(check(renamed))
    assert [item for item in check(renamed) if item.lint == "unaddressable-name"] == []
    assert renamed["scene"]["events"][-1]["to"] == "yard"
    assert renamed["missions"][0]["objectives"][0]["location"] == "yard"


@each_of("name", [*ADDRESSABLE, LONGEST], ids=ascii)
def test_any_other_name_is_fine(name):
    assert unaddressable(name) is None
    assert {item.lint for item in check(brought_in(name))} == {
        "unreachable-state",  # `spare`, as in the world it is brought into
        "objective-unreachable",
    }


@each_of("what", ["cutscenes", "sequences", "missions", "events", "states"])
def test_a_longer_one_is_an_error_wherever_it_comes_from(what):
    world = rich_world()
    entry = {"id": TOO_LONG, "video": "v", "from": "atrium", "to": "cellar"}
    if what == "states":
        world["scene"]["states"][TOO_LONG] = {"base": "x"}
    elif what == "events":
        world["scene"]["events"].append(override(TOO_LONG, "atrium"))
    else:
        world[what] = [entry]

    errors = [item for item in check(world) if item.severity == "error"]

    assert [item.lint for item in errors] == ["schema"]
    assert "must have at most 256 characters, but it has 257." in errors[0].message
    assert len(errors[0].path) < 200


def test_a_long_name_is_seen_beside_parts_that_are_known():
    """The only rule of the schema about a state that is not in the state."""
    world = rich_world()
    before = examine(world)
    scene = world["scene"]
    longer = merged(world, {})
    longer["scene"] = {**scene, "states": {**scene["states"], TOO_LONG: {"base": "x"}}}

    found = examine(longer, before).findings

    assert found == check(copy.deepcopy(longer))
    assert has_errors(found)


def test_a_state_is_renamed_in_all_that_refers_to_it():
    """CONTRACT 3.3.1: by `from` as well, and in missions too."""
    world = rich_world()
    world["missions"] = [
        {"id": "m", "objectives": [{"id": "o", "text": "t", "location": "atrium"}, "atrium", 5]},
        {"id": "n", "objectives": "atrium"},
    ]

    applied = apply(world, {"op": "rename_state", "from": "atrium", "to": "great hall"})

    assert applied.name == "great hall"
    assert applied.world["entrance"]["state"] == "great hall"
    assert applied.world["missions"][0]["objectives"][0]["location"] == "great hall"
    assert world["missions"][0]["objectives"][0]["location"] == "atrium"
    assert "'atrium'" not in repr({**applied.world, "missions": []})


def test_a_taken_name_and_an_empty_one_are_refused_in_the_words_of_the_contract():
    with pytest.raises(OpError, match="already exists"):
        apply(rich_world(), {"op": "rename_state", "from": "atrium", "to": "cellar"})
    with pytest.raises(OpError, match="cannot be empty"):
        apply(rich_world(), {"op": "rename_state", "from": "atrium", "to": " "})


@pytest.mark.parametrize("name", ["x", "x" * LONGEST_WORLD_NAME, f" {'x' * LONGEST_WORLD_NAME} "])
def test_the_name_of_a_world(name):
    assert world_name_problem(name) is None


@pytest.mark.parametrize("name", ["", " ", "x" * (LONGEST_WORLD_NAME + 1)])
def test_what_is_no_name_of_a_world(name):
    assert world_name_problem(name) == "name must have 1 to 200 characters"


@each_of("length", [1, 192, 193, 194, 200, 300])
def test_a_name_with_words_behind_it_is_one_again(length):
    name = with_suffix("x" * length, " (fork)")

    assert name == f"{'x' * min(length, 193)} (fork)"
    assert world_name_problem(name) is None
