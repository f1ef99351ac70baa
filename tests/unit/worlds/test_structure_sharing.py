"""A document made of another's parts is the same document, and costs the kernel only what differs."""

import copy
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.core import jsondoc
from conjure.kernel import OpError, check, examine, has_errors
from conjure.kernel.ops import apply
from conjure.worlds.model import Snapshot
from conjure.worlds.structure_sharing import shared
from support.kernel.edits import SOUND_OPS
from support.kernel.worlds import make_world, merged

WORLD = merged(
    make_world(states=4),
    {
        "scene": {"states": {"room_1": {"x": {"one": 1, "big": 10**30}}}},
        "kernel": {"templates": {}},
    },
)
# Values that Python takes for equal and JSON does not, and the kernel even less.
ALIKE = st.sampled_from([1, 1.0, True, 0, False, -0.0, 0.0, "1", None, [1], [True], {"a": 1}])


def text(value):
    return json.dumps(value)


@given(st.lists(SOUND_OPS, max_size=4), st.lists(SOUND_OPS, max_size=4))
@settings(max_examples=50, deadline=None)
def test_what_is_shared_is_the_same_document(ops, others):
    def after(world, ops):
        for op in ops:
            try:
                made = apply(world, op).world
            except OpError:
                continue
            if not has_errors(check(made)):
                world = made
        return copy.deepcopy(world)

    earlier, value = after(WORLD, ops), after(WORLD, others)
    before = text(earlier), text(value)
    made = shared(value, earlier)

    assert text(made) == text(value)  # the order of keys too
    assert (text(earlier), text(value)) == before
    assert examine(made, examine(earlier)).findings == check(value)


@given(ALIKE, ALIKE)
def test_equal_is_not_the_same(one, other):
    def world(value):
        return merged(
            make_world(), {"x": {"y": value}, "scene": {"states": {"room_1": {"y": value}}}}
        )

    assert text(shared(world(one), world(other))) == text(world(one))


def test_the_same_document_is_the_same_objects():
    earlier = jsondoc.loads(jsondoc.dumps(make_world(states=4)))
    made = shared(copy.deepcopy(earlier), earlier)

    assert made["scene"]["states"] is earlier["scene"]["states"]
    assert made["scene"]["events"] is earlier["scene"]["events"]


def test_a_snapshot_shares_with_the_one_before_it():
    """As when another process has written the world: the text comes from the store."""
    world = make_world(states=4)
    first = Snapshot("1", jsondoc.dumps(world), world, examine(world))
    op = {"op": "update_state", "id": "room_2", "patch": {"base": "No."}}
    written = jsondoc.dumps(apply(world, op).world)
    # Nobody asks for the value of the second.
    second = Snapshot("2", written, earlier=first)
    third = Snapshot("3", written, earlier=second)

    read = third.value
    states = third.editable["scene"]["states"]
    assert jsondoc.dumps(read) == jsondoc.dumps(third.editable) == written
    assert third.value is third.editable
    assert [states[name] is state for name, state in world["scene"]["states"].items()] == [
        True,
        True,
        False,
        True,
    ]
    assert [d.path for d in examine(third.editable, third.examined).findings] == [
        "state[room_2].base"
    ]
