"""What holds for any op on any world: nothing else is raised, nothing else is changed."""

import copy

from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.kernel import OpError, OpsInvalid, Severity, check
from conjure.kernel.ops import FIRST_REGISTER, OPS, apply, apply_batch, check_ops, summarize
from conjure.kernel.schema import violations
from support.cases import each_of
from support.kernel.any_ops import ANY_OPS, SOUND, TIDYING, deep, spoiled
from support.kernel.documents import JSON, mutated_worlds, same
from support.kernel.worlds import rich_world


def refusal(kind, change, *args):
    """What a call raises of a kind; any other exception fails the test."""
    try:
        change(*args)
    except kind as error:
        return error
    return None


@given(st.lists(ANY_OPS, max_size=12))
@settings(max_examples=200, deadline=None)
def test_a_sequence_of_ops_on_a_sound_world(ops):
    world = rich_world()
    before, ops_before = copy.deepcopy(world), copy.deepcopy(ops)
    single, applied, errors = world, [], []
    for at, op in enumerate(ops):
        held, kept = single, copy.deepcopy(single)
        error = refusal(OpError, apply, single, op)
        if error is None:
            single = apply(single, op).world
            applied.append(at)
        else:
            assert 0 < len(str(error)) < 2_000
            errors.append(at)
        assert same(held, kept)

    batch = apply_batch(world, ops)

    assert same(batch.world, single) or sorted_repr(batch.world) == sorted_repr(single)
    assert len(batch.applied) == len(applied)
    assert [int(text[4 : text.index("]")]) for text in batch.errors] == errors
    assert same(world, before)
    assert same(ops, ops_before)
    check(batch.world)


def sorted_repr(value):
    """Like repr, but the order of keys, which means nothing, does not show."""
    if isinstance(value, dict):
        return "{" + ",".join(f"{key!r}:{sorted_repr(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(sorted_repr, value)) + "]"
    return repr(value)


@given(mutated_worlds() | JSON, st.lists(ANY_OPS, max_size=6))
@settings(max_examples=300, deadline=None)
def test_a_sequence_of_ops_on_any_world(world, ops):
    before = copy.deepcopy(world)
    try:
        batch = apply_batch(world, ops)
    except OpError:
        assert not isinstance(world, dict)
    else:
        assert len(batch.applied) + len(batch.errors) == len(ops)
        check(batch.world)
    assert same(world, before)


@given(st.lists(ANY_OPS, max_size=4) | JSON)
@settings(max_examples=200, deadline=None)
def test_any_list_is_a_batch_or_is_refused_with_indexes(value):
    error = refusal(OpsInvalid, check_ops, value)
    if error is None:
        assert check_ops(value) is value
    else:
        assert error.errors
        assert all(text.startswith("ops") for text in error.errors)


@given(ANY_OPS)
@settings(max_examples=200, deadline=None)
def test_any_op_has_a_summary(op):
    assert len(summarize(op)) < 400
    assert len(summarize(op).splitlines()) == 1


@given(st.sampled_from(SOUND))
@settings(max_examples=200, deadline=None)
def test_a_refused_op_leaves_no_trace_in_the_batch(op):
    """Between two ops that apply, a refused one is as if it had never been sent."""
    first = {"op": "add_state", "id": "a", "base": "x"}
    last = {"op": "add_event", "kind": "override", "from": "a"}
    if refusal(OpError, apply, apply(rich_world(), first).world, op) is not None:
        with_it = apply_batch(rich_world(), [first, op, last]).world
        assert same(with_it, apply_batch(rich_world(), [first, last]).world)


# What the gate judges whole: what the first register brings, and missions.
JUDGED_WHOLE = [*(op.name for op in FIRST_REGISTER), "add_mission"]


@given(st.lists(ANY_OPS, max_size=8))
@settings(max_examples=300, deadline=None)
def test_what_a_tool_sets_fits_the_schema_or_is_refused(ops):
    ops = [op for op in ops if isinstance(op, dict) and op.get("op") not in JUDGED_WHOLE]

    assert list(violations(apply_batch(rich_world(), ops).world)) == []


@given(st.lists(TIDYING, max_size=10))
@settings(max_examples=300, deadline=None)
def test_ops_that_tidy_leave_a_sound_world_sound(ops):
    """Names stay unique, references lead somewhere, whatever is renamed and removed in what order."""
    world = rich_world()
    batch = apply_batch(world, ops)

    # A film between rooms that are not there is the one thing among them that is for the gate.
    found = [d for d in check(batch.world) if d.severity is Severity.ERROR]
    assert [d for d in found if not (d.lint == "dangling-ref" and "cutscene[" in d.path)] == []


@each_of("name", OPS)
def test_every_member_of_every_spelling_may_be_gone_or_absurd(name):
    world = rich_world()
    before = copy.deepcopy(world)
    for op in (op for sound in SOUND if sound["op"] == name for op in spoiled(sound)):
        error = refusal(OpError, apply, world, op)
        if error is None:
            assert name in JUDGED_WHOLE or not list(violations(apply(world, op).world))
        else:
            assert 0 < len(str(error)) < 2_000
            assert str(error).isprintable()
    assert same(world, before)


def test_a_million_characters_and_deep_values_are_only_passed_on():
    for value in ("x" * 2**20, deep(100_000)):
        for name in OPS:
            for key in ("id", "state", "patch", "value", "field", "name", "event", "from", "base"):
                op = {"op": name, "id": "atrium", "name": "Step down", key: value}
                assert len(str(refusal(OpError, apply, rich_world(), op))) < 2_000
