"""Batches: the list itself, what is skipped, what is told, and what it costs."""

import pytest

from conjure.kernel import OpError, OpsInvalid
from conjure.kernel.ops import MOST_OPS, OPS, apply, apply_batch, check_ops, summarize
from support.cases import each_of
from support.cost import assert_cheap
from support.kernel.worlds import make_world, rich_world

GOOD = {"op": "set_subject", "subject": "she"}


@each_of(
    ("value", "errors"),
    [
        (None, ["ops must be a list of 1 to 500 ops, but it is null"]),
        ({}, ["ops must be a list of 1 to 500 ops, but it is an object"]),
        ([], ["ops must hold 1 to 500 ops, but it holds 0"]),
        ([GOOD] * 501, ["ops must hold 1 to 500 ops, but it holds 501"]),
        ([GOOD, "fly"], ["ops[1] must be an object, but it is a string"]),
        (
            [GOOD, None, []],
            [
                "ops[1] must be an object, but it is null",
                "ops[2] must be an object, but it is a list",
            ],
        ),
    ],
)
def test_a_list_that_is_no_batch(value, errors):
    with pytest.raises(OpsInvalid) as refusal:
        check_ops(value)

    assert list(refusal.value.errors) == errors


def test_an_unknown_op_is_recorded_with_its_index_and_those_there_are():
    with pytest.raises(OpsInvalid) as refusal:
        check_ops([GOOD, {"op": "fly"}, {}, {"op": 5}, {"op": None}])

    assert list(refusal.value.errors) == [
        f"ops[1].op 'fly' is unknown; one of: {', '.join(OPS)}",
        "ops[2].op is missing",
        "ops[3].op must be a string, but it is a number",
        "ops[4].op must be a string, but it is null",
    ]


def test_members_are_judged_when_they_apply():
    ops = [{"op": "delete_state", "id": 5}, *[GOOD] * (MOST_OPS - 1)]

    assert check_ops(ops) is ops


def test_ops_apply_in_their_order():
    batch = apply_batch(
        rich_world(),
        [
            {"op": "add_state", "id": "attic", "base": "x"},
            {"op": "add_transition", "name": "Climb", "from": "spare", "to": "attic"},
            {"op": "rename_state", "id": "attic", "to": "loft"},
            {"op": "update_event", "name": "Climb", "patch": {"name": "Climb up"}},
        ],
    )

    assert batch.errors == ()
    assert batch.world["scene"]["events"][-1]["to"] == "loft"
    assert batch.applied == (
        "add_state attic",
        "add_transition Climb",
        "rename_state attic → loft",
        "update_event Climb → Climb up",
    )


def test_an_op_that_cannot_apply_is_skipped_and_told():
    batch = apply_batch(
        rich_world(),
        [
            {"op": "update_state", "id": "nowhere", "patch": {"base": "x"}},
            {"op": "update_state", "id": "atrium", "patch": {"base": "x"}},
            {"op": "fly"},
            5,
        ],
    )

    assert batch.world["scene"]["states"]["atrium"]["base"] == "x"
    assert batch.applied == ("update_state atrium",)
    assert batch.errors[0] == (
        "ops[0] update_state: there is no state 'nowhere'; there are 'atrium', 'cellar', 'spare'"
    )
    assert batch.errors[1].startswith("ops[2] fly: op 'fly' is unknown; one of: add_state, ")
    assert batch.errors[2] == "ops[3]: an op must be an object, but it is a number"


def test_a_batch_of_which_nothing_applied_gives_the_same_world():
    world = rich_world()
    batch = apply_batch(world, [{"op": "delete_state", "id": "atrium"}])

    assert batch.world is world
    assert batch.applied == ()


def test_a_batch_on_what_is_no_world_is_refused():
    with pytest.raises(OpError, match="the world is not an object"):
        apply_batch([], [GOOD])


@each_of(
    ("op", "summary"),
    [
        ({"op": "add_state", "id": "attic", "base": "x"}, "add_state attic"),
        ({"op": "add_state", "state": {"id": "attic"}}, "add_state attic"),
        ({"op": "add_event", "event": {"name": "Go"}, "id": "x"}, "add_event Go"),
        ({"op": "set_entrance", "state": "cellar"}, "set_entrance cellar"),
        ({"op": "remove_cutscene", "cutscene": "fall"}, "remove_cutscene fall"),
        ({"op": "rename_state", "from": "a", "to": "b"}, "rename_state a"),
        ({"op": "add_state", "base": "x"}, "add_state"),
        ({"op": "set_narrate", "narrate": 1}, "set_narrate"),
        (
            {"op": "delete_state", "id": "a\nb" + "c" * 999},
            f"delete_state a\\u000ab{'c' * 81}…{'c' * 30}",
        ),
        ({"op": 5}, "nothing"),
        (None, "nothing"),
    ],
)
def test_a_summary_is_short(op, summary):
    assert summarize(op) == summary


def test_a_made_name_is_in_the_summary():
    batch = apply_batch(rich_world(), [{"op": "add_state", "base": "x"}, GOOD])

    assert batch.applied == ("add_state state_1", "set_subject")


MANY = {
    "add states without names": lambda _: {"op": "add_state", "base": "x"},
    "add and delete": lambda n: (
        {"op": "add_state", "base": "x"} if n % 2 else {"op": "delete_state", "id": "state_1"}
    ),
    "update": lambda n: {"op": "update_state", "id": f"room_{n}", "patch": {"base": "x"}},
    "delete what is in use": lambda n: {"op": "delete_state", "id": f"room_{n}"},
    "rename": lambda n: {"op": "rename_state", "id": f"room_{n}", "to": f"hall {n}"},
    "rename one again and again": lambda n: {
        "op": "rename_state",
        "id": f"hall {n}" if n else "room_0",
        "to": f"hall {n + 1}",
    },
    "delete events": lambda n: {"op": "delete_event", "name": f"Go on {n}"},
    "rename events": lambda n: {
        "op": "update_event",
        "name": f"Go on {n}",
        "patch": {"name": f"{n}"},
    },
    "name what is not there": lambda n: {"op": "update_event", "name": f"Go {n}", "patch": {}},
    "add events": lambda n: {"op": "add_override", "from": f"room_{n}"},
    "add beats and set the story": lambda n: (
        {"op": "add_story_beat", "summary": "x", "states": [f"room_{n}"]}
        if n % 2
        else {"op": "set_story", "logline": "x"}
    ),
    "set the story and rename": lambda n: (
        {"op": "rename_state", "from": f"room_{n}", "to": f"hall {n}"}
        if n % 2
        else {"op": "set_story", "logline": "x"}
    ),
    "add and remove sequences": lambda n: {
        "op": "remove_sequence" if n % 2 else "add_sequence",
        "sequenceId": "walk",
    },
    "add cutscenes": lambda n: {
        "op": "add_cutscene",
        "cutsceneId": f"film {n}",
        "video": "v",
        "fromState": f"room_{n}",
        "toState": "room_0",
    },
    "set the words of one state": lambda n: {
        "op": "set_field",
        "state": "room_0",
        "field": "camera.static",
        "value": f"{n}",
    },
    "set the anchors of events": lambda n: {
        "op": "set_event_anchor",
        "event": f"Go on {n}",
        "label": "door",
    },
}


@each_of("make", MANY.values(), ids=MANY)
def test_500_ops_cost_little_more_than_a_look_at_each_state(make):
    world = make_world(states=10_000, events_per_state=2)
    beats = [{"summary": "x", "states": [f"room_{n}"]} for n in range(10_000)]
    world["story"] = {"logline": "x", "beats": beats}
    ops = check_ops([make(n) for n in range(MOST_OPS)])

    # Measured: at most 3 yardsticks. A copy of the world's lists for each op takes hundreds.
    assert_cheap(lambda: apply_batch(world, ops), most=40)


HUGE = {
    "a state of very many members": (
        {"states": {"atrium": {"base": "x", **{f"m{n}": 1 for n in range(100_000)}}}},
        {"op": "update_state", "id": "atrium", "patch": {"base": "y"}},
    ),
    "a state of very many variants": (
        {
            "states": {
                "atrium": {"base": "x", "variants": [{"label": f"{n}"} for n in range(100_000)]}
            }
        },
        {"op": "set_variant_field", "state": "atrium", "label": "99999", "field": "x", "value": 1},
    ),
    "a state that is named very often": (
        {
            "states": {"atrium": {"base": "x"}},
            "events": [{"name": "Go", "from": ["atrium"] * 100_000}],
        },
        {"op": "rename_state", "from": "atrium", "to": "hall"},
    ),
}


@pytest.mark.parametrize(("scene", "op"), HUGE.values(), ids=HUGE)
def test_a_batch_goes_through_so_much_and_refuses_the_rest(scene, op):
    """Measured for twice as much of it: up to 55 s when every op was made."""
    world = {"name": "x", "scene": {"events": [], **scene}}
    back = {"op": "rename_state", "from": "hall", "to": "atrium"}
    ops = [back if n % 2 and op["op"] == "rename_state" else op for n in range(MOST_OPS)]
    # Measured: 130 yardsticks.
    batch = assert_cheap(lambda: apply_batch(world, ops), most=1_000)

    assert batch.is_beyond
    assert 5 < len(batch.applied) < 60
    assert len(batch.applied) + len(batch.errors) == MOST_OPS
    assert all("send it in a batch of its own" in error for error in batch.errors)
    assert apply(batch.world, ops[len(batch.applied)])


WIDE = {f"m{n}": 1 for n in range(100_000)}
IN_WIDE = {
    "outro": {"op": "set_outro", "flag": 5},
    "story": {"op": "set_story", "arc": 5},
    "camera": {"op": "set_field", "state": "hall", "field": "camera.static", "value": 5},
}


@pytest.mark.parametrize("op", IN_WIDE.values(), ids=IN_WIDE)
def test_ops_that_are_refused_count_as_well(op):
    state = {"base": "x", "camera": WIDE}
    world = {
        "name": "x",
        "scene": {"states": {"hall": state}, "events": []},
        "outro": WIDE,
        "story": {"logline": "x", **WIDE},
    }

    # Measured: at most 20 yardsticks. It was 200 to 600: what an op copied before it was refused did not count.
    assert_cheap(lambda: apply_batch(world, [op] * MOST_OPS), most=60)


REFERRED = {
    "renamed in many beats": (
        {"story": {"logline": "x", "beats": [{"summary": "x", "states": ["hall 0"]}] * 50_000}},
        lambda n: [{"op": "rename_state", "id": f"hall {n}", "to": f"hall {n + 1}"}],
    ),
    "renamed when a long list was made anew": (
        {"sequences": [{"id": "walk", "beats": [{"state": "atrium"}] * 100_000}]},
        lambda n: [
            {"op": "add_sequence"},
            {"op": "set_slot_fill", "field": "sequences.x", "slot": "x", "fill": "x"},  # flushes
            {"op": "rename_state", "id": f"hall {n}", "to": f"hall {n + 1}"},
        ],
    ),
}


@pytest.mark.parametrize(("members", "make"), REFERRED.values(), ids=REFERRED)
def test_what_refers_to_a_state_counts_as_touched(members, make):
    """Measured: 40 and 20 yardsticks. The first took 180; of the second nothing counted."""
    world = {"name": "x", "scene": {"states": {"hall 0": {"base": "x"}}, "events": []}, **members}
    ops = [op for n in range(166) for op in make(n)]

    assert assert_cheap(lambda: apply_batch(world, ops), most=80).is_beyond


def test_a_rename_that_is_too_much_for_a_batch_is_refused_before_it_begins():
    """A light worker leaves it to a heavy one: it must not have done the work already."""
    event = {"name": "Go", "kind": "override", "from": ["atrium"] * 50_000}
    world = {"name": "x", "scene": {"states": {"atrium": {"base": "x"}}, "events": [event]}}
    ops = [{"op": "rename_state", "state": "atrium", "to": "hall"}]
    batch = apply_batch(world, ops, most_touched=30_000)

    assert batch.is_beyond
    assert batch.world is world
    assert apply_batch(world, ops).world["scene"]["events"][0]["from"] == ["hall"] * 50_000


def test_a_field_is_held_to_the_schema_without_what_stands_beside_it():
    facts = [{"text": "The door is shut.", "requires": ["key"]}] * 80_000
    event = {"name": "Ask", "kind": "terminal", "from": [], "terminal": {"facts": facts}}
    world = {"name": "x", "scene": {"states": {}, "events": [event]}}
    op = {"op": "set_event_field", "event": "Ask", "field": "terminal.persona", "value": "A guard."}

    assert apply_batch(world, [op]).errors == ()
    # Measured: less than 1 yardstick. With a look at every fact it was 300.
    assert_cheap(lambda: apply_batch(world, [op] * MOST_OPS), most=20)


def test_a_long_list_of_flags_is_held_to_the_schema_in_no_time():
    op = {"op": "set_event_requires", "event": "Step down", "requires": ["key"] * 1_000_000}

    # Measured: 3 yardsticks. Flag by flag in Python it was 60.
    assert_cheap(lambda: apply(rich_world(), op), most=30)


@each_of(
    ("field", "value", "error"),
    [
        ("anchor.minProximity", 1, "anchor.label is required, but it is missing. Add it"),
        ("anchor.label", 5, "anchor.label must be a string, but it is a number"),
        ("phases[0].minMs", 1, "phases[0].base is required, but it is missing. Add it"),
        ("grants[0]", 5, "grants[0] must be a string, but it is a number"),
        ("detail.fills.light", 5, "detail.fills.light must be a string, but it is a number"),
        ("hidden.x", 5, "hidden must be true or false, but it is an object"),
    ],
)
def test_a_field_and_all_that_leads_to_it_fit_the_schema(field, value, error):
    op = {"op": "set_event_field", "event": "Say hello", "field": field, "value": value}
    event = {"name": "Say hello", "kind": "override", "from": [], "detail": {"template": "hall"}}

    with pytest.raises(OpError) as refusal:
        apply({"name": "x", "scene": {"states": {}, "events": [event]}}, op)
    assert str(refusal.value) == error


def test_a_batch_is_what_its_ops_are_one_by_one():
    ops = [make(n) for n in range(40) for make in MANY.values()]
    world = single = make_world(states=60)
    errors = 0
    for op in ops:
        try:
            single = apply(single, op).world
        except OpError:
            errors += 1
    batch = apply_batch(world, ops)

    assert not batch.is_beyond
    assert batch.world == single
    assert len(batch.errors) == errors
