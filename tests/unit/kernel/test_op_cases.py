"""Every op: what it does, under which names it takes things, and why it refuses."""

import copy
import re

import pytest

from conjure.kernel import OpError, check, has_errors
from conjure.kernel.ops import FIRST_REGISTER, OPS, SECOND_REGISTER, apply
from conjure.kernel.ops.fields import found, parsed
from support.cases import each_of
from support.kernel.op_cases import DOES, REFUSES
from support.kernel.worlds import override, rich_world

# CONTRACT section 3.3.
FIRST = """add_state update_state delete_state add_event update_event delete_event set_entrance
    add_variant remove_variant"""
SECOND = """remove_state remove_event rename_state set_field set_event_field add_transition add_override set_state_ending
    set_event_kind set_event_drive set_event_hotkey set_event_phases set_event_anchor
    set_event_grants set_event_requires set_event_locked_hint set_variant_field set_story
    add_story_beat add_cutscene remove_cutscene add_sequence remove_sequence add_mission set_narrate
    set_intro set_outro set_subject set_slot_fill"""


def world():
    """The rich world with one more event, which gives input, and some factored prose."""
    made = rich_world()
    driven = {"drive": {"movement": "forward", "lookVertical": "down"}, "drivePulseMs": 250}
    made["scene"]["events"].append(override("Wait", "atrium", **driven))
    made["scene"]["events"][0]["lockedHint"] = {"template": "hall", "fills": {"mood": "calm"}}
    made["styleTail"] = {"template": "hall"}
    return made


def at(world, path):
    """What stands at a path like `states.attic.base` or `Step down.to`; None when nothing does."""
    events = {event["name"]: event for event in world["scene"]["events"]}
    return found({**world, **events, "states": world["scene"]["states"]}, parsed(path))


def cases(table):
    return [
        pytest.param(name, *case, id=f"{name} {number}")
        for name, listed in table.items()
        for number, case in enumerate(listed)
    ]


@each_of(("name", "members", "path", "value", "answer"), cases(DOES))
def test_does(name, members, path, value, answer):
    before, op = world(), {"op": name, **members}
    kept, kept_op = copy.deepcopy(before), copy.deepcopy(op)

    applied = apply(before, op)

    assert at(applied.world, path) == value
    assert type(at(applied.world, path)) is type(value)
    assert applied.name == answer
    assert (before, op) == (kept, kept_op)


@each_of(("name", "members", "reason"), cases(REFUSES))
def test_refuses(name, members, reason):
    before = world()

    with pytest.raises(OpError, match=re.escape(reason)):
        apply(before, {"op": name, **members})

    assert before == world()


def test_the_registers_are_the_contract():
    assert [op.name for op in FIRST_REGISTER] == FIRST.split()
    assert sorted(op.name for op in SECOND_REGISTER) == sorted(SECOND.split())


def test_every_op_has_a_case_of_both_sorts():
    assert list(OPS) == [name for name in OPS if DOES.get(name) and REFUSES.get(name)]


def test_the_world_of_the_page_of_ops_is_sound():
    assert not has_errors(check(rich_world()))


@each_of("op", OPS.values(), ids=OPS)
def test_the_documented_example_applies_and_leaves_a_sound_world(op):
    found = check(apply(rich_world(), {"op": op.name, **op.example}).world)

    assert not has_errors(found)


@each_of("op", OPS.values(), ids=OPS)
def test_the_documented_parameters_are_those_of_the_example(op):
    documented = " ".join([*op.parameters, *op.parameters.values()])

    assert [
        key for key in op.example if key not in documented and key not in {"base", "name"}
    ] == []
