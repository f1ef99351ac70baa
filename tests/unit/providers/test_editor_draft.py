"""The draft that editors work on: ops one at a time, what they made worse, and the edit that comes of it."""

import copy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.core import jsondoc
from conjure.core.errors import MalformedRequest
from conjure.kernel import check, has_errors
from conjure.kernel.ops import MOST_OPS, apply_batch
from conjure.providers.editor import Draft, EditorError
from conjure.providers.editor import draft as draft_module
from support.cases import each_of
from support.kernel.any_ops import ANY_OPS
from support.kernel.documents import JSON
from support.kernel.hostile import nested
from support.kernel.worlds import rich_world, small_world

ATTIC = {"op": "add_state", "id": "attic", "base": "A low attic under the roof."}


def test_ops_apply_one_after_the_other():
    world = small_world()
    before = copy.deepcopy(world)
    draft = Draft(world)

    assert draft.apply(ATTIC) is None
    assert draft.apply({"op": "add_transition", "from": "cellar", "to": "attic"}) is None

    assert draft.names == ("attic", "event_1")
    assert draft.world["scene"]["events"][-1]["to"] == "attic"
    assert [op["op"] for op in draft.ops] == ["add_state", "add_transition"]
    assert draft.start is world
    assert world == before


@each_of(
    ("op", "why"),
    [
        ({"op": "explode"}, "unknown"),
        ({"op": "delete_state", "id": "nowhere"}, "there is no state 'nowhere'"),
        ({}, "unknown"),
        (5, "must be an object"),
        (None, "must be an object"),
        ({**ATTIC, "base": float("nan")}, "base is missing"),
        ({**ATTIC, "base": "half a pair: \ud800"}, "nested"),
        ({**ATTIC, "mood": nested(300)}, "nested too deeply"),
        ({**ATTIC, "mood": nested(251)}, "nested too deeply"),
    ],
)
def test_what_cannot_apply_says_why_and_changes_nothing(op, why):
    draft = Draft(small_world())

    assert why in draft.apply(op)

    assert draft.world is draft.start
    assert draft.ops == ()
    assert not draft.is_changed


def test_an_op_is_copied():
    op = copy.deepcopy(ATTIC)
    draft = Draft(small_world())
    draft.apply(op)

    op["base"] = "Another."

    assert draft.world["scene"]["states"]["attic"]["base"] == ATTIC["base"]
    assert draft.ops[0]["base"] == ATTIC["base"]


def test_undoing_takes_back_the_last_ops():
    draft = Draft(small_world())
    draft.apply(ATTIC)
    once = draft.world
    draft.apply({"op": "rename_state", "state": "attic", "to": "loft"})

    draft.undo()
    assert draft.world == once
    assert len(draft.ops) == len(draft.names) == 1

    draft.undo(5)
    assert draft.world is draft.start
    assert draft.ops == ()


def test_there_is_an_end_to_ops():
    draft = Draft(small_world())
    op = {"op": "set_field", "state": "atrium", "field": "base", "value": "A hall."}
    for _ in range(MOST_OPS):
        assert draft.apply(op) is None

    assert str(MOST_OPS) in draft.apply(op)
    assert len(draft.proposed("Done.").ops) == MOST_OPS


def test_there_is_an_end_to_the_size(monkeypatch):
    world = small_world()
    size = len(jsondoc.dumps(world))
    monkeypatch.setattr(draft_module, "MAX_DOCUMENT_BYTES", size + 1_000)
    draft = Draft(world)

    assert "larger" in draft.apply({**ATTIC, "base": "a" * 1_000})
    assert "larger" in draft.apply({**ATTIC, "id": "\x01" * 170})
    assert draft.apply({**ATTIC, "base": "a" * 900}) is None
    assert "larger" in draft.apply({**ATTIC, "id": "loft", "base": "a" * 900})
    assert draft.apply({"op": "delete_state", "id": "attic"}) is None
    assert draft.apply({**ATTIC, "id": "loft"}) is None


def test_findings_are_errors_and_new_warnings():
    world = small_world({"scene": {"states": {"atrium": {"base": "There is no light here."}}}})
    draft = Draft(world)
    assert draft.findings() == draft_module.DraftFindings((), ())

    draft.apply({"op": "update_state", "id": "cellar", "patch": {"ambient": ["Never a sound."]}})
    draft.apply({"op": "update_event", "name": "Step down", "patch": {"to": "nowhere"}})
    found = draft.findings()

    assert [item.lint for item in found.errors] == ["dangling-ref"]
    assert ("negation", "state[cellar].ambient[0]") in {
        (item.lint, item.path) for item in found.warnings
    }
    assert not any(item.path.startswith("state[atrium].base") for item in found.warnings)
    assert not found.passes


def test_what_is_renamed_takes_its_warnings_along():
    draft = Draft(small_world({"scene": {"states": {"atrium": {"base": "There is no light."}}}}))

    draft.apply({"op": "rename_state", "state": "atrium", "to": "hall"})

    assert draft.findings().warnings == ()


def test_a_lock_without_a_key_is_a_new_warning():
    world = small_world({"scene": {"states": {"cellar": {"ending": {"kind": "win"}}}}})
    draft = Draft(world)

    draft.apply({"op": "set_event_requires", "event": "Step down", "requires": ["key"]})

    assert {"softlock", "unreachable-require"} <= {item.lint for item in draft.findings().warnings}


def test_a_draft_that_the_gate_refuses_is_no_edit():
    draft = Draft(small_world())
    draft.apply({"op": "add_transition", "from": "atrium", "to": "nowhere"})

    with pytest.raises(EditorError):
        draft.proposed("Done.")


def test_ops_that_change_nothing_are_no_edit():
    world = small_world()
    draft = Draft(world)
    draft.apply(ATTIC)
    draft.apply({"op": "delete_state", "id": "attic"})
    draft.apply({"op": "update_state", "id": "atrium", "patch": {}})

    assert not draft.is_changed
    assert draft.proposed("Nothing to do.").ops == ()


def test_one_and_one_point_nought_are_a_change():
    draft = Draft(small_world({"scene": {"states": {"atrium": {"mood": 1}}}}))

    draft.apply({"op": "update_state", "id": "atrium", "patch": {"mood": 1.0}})

    assert draft.is_changed


@given(st.lists(ANY_OPS | JSON, max_size=10), st.integers(0, 3))
@settings(max_examples=150, deadline=None)
def test_any_ops(ops, undone):
    world = rich_world()
    before = copy.deepcopy(world)
    draft = Draft(world)
    for op in ops:
        held, kept = draft.world, len(draft.ops)
        why = draft.apply(op)
        assert (why is None) == (len(draft.ops) == kept + 1)
        if why is not None:
            assert draft.world is held
            assert 0 < len(why) < 2_000
    draft.undo(undone)

    found = draft.findings()
    assert found.passes != has_errors(check(draft.world))
    if found.passes:
        edit = draft.proposed("Done.")
        assert edit.ops == (draft.ops if draft.is_changed else ())
        if edit.ops:
            again = apply_batch(before, edit.ops)
            assert not again.errors
            assert jsondoc.canonical(again.world) == jsondoc.canonical(draft.world)
    assert repr(world) == repr(before)


@given(JSON, JSON)
@settings(max_examples=100, deadline=None)
def test_growth_is_about_the_size(before, after):
    try:
        grown = len(jsondoc.dumps({"a": after})) - len(jsondoc.dumps({"a": before}))
    except MalformedRequest:  # lone surrogates: nothing to compare
        return

    assert abs(draft_module._growth({"a": before}, {"a": after}) - grown) <= 60
