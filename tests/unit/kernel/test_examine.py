"""`examine` with what an earlier revision lends finds exactly what `check` finds without."""

import copy
from functools import partial

from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.kernel import OpError, check, examine
from conjure.kernel.ops import apply, apply_batch
from conjure.kernel.templates import MOST_IN_MEMBER, MOST_IN_WORLD
from support.cost import cpu_s
from support.kernel.any_ops import ANY_OPS, NAMES
from support.kernel.documents import JSON, RICH, mutated_worlds, same
from support.kernel.edits import SOUND_OPS
from support.kernel.worlds import make_world, merged, override, rich_world, transition


def edited(world, op):
    """The world after an op, or after something else that can come between two revisions."""
    if "templates" in op:
        return {**world, "kernel": {"templates": op["templates"]}}
    scene = world["scene"]
    if "reordered" in op:
        turned = {
            "states": dict(reversed(scene["states"].items())),
            "events": scene["events"][::-1],
        }
        return {**world, "scene": turned}
    if "copied" in op:  # the same object twice, and so the same name
        events = [event for event in scene["events"] if event.get("name") == op["copied"]]
        return {**world, "scene": {**scene, "events": [*scene["events"], *events]}}
    try:
        return apply(world, op).world
    except OpError:
        return world


def follow(world, ops, edit):
    """Examines each revision with what the last one lends, and with what the first one does."""
    first = last = examine(world)
    for op in ops:
        world = edit(world, op)
        before = copy.deepcopy(world)
        found = check(before)  # other objects all over: nothing can be known of them
        assert examine(world, first).findings == found
        last = examine(world, last)
        assert last.findings == found
        assert same(world, before)


@given(st.lists(SOUND_OPS, max_size=12))
@settings(max_examples=80, deadline=None)
def test_every_revision_is_judged_as_if_it_were_the_first(ops):
    follow(merged(RICH, {"scene": {"states": {"spare": {"base": "A."}}}}), ops, edited)


@given(st.lists(SOUND_OPS, max_size=12))
@settings(max_examples=50, deadline=None)
def test_so_is_one_with_templates(ops):
    follow(rich_world(), ops, edited)


@given(mutated_worlds() | JSON, st.lists(ANY_OPS, max_size=4))
@settings(max_examples=40, deadline=None)
def test_so_is_any_world_after_any_ops(world, ops):
    def edit(world, op):
        try:
            return apply(world, op).world
        except OpError:
            return world

    follow(world, ops, edit)


@given(mutated_worlds() | JSON, mutated_worlds() | JSON)
@settings(max_examples=50, deadline=None)
def test_what_another_world_lends_does_no_harm(one, other):
    """Two mutations of one document: they share no objects, or by chance all of a part."""
    before = examine(one)
    assert examine(other, before).findings == check(other)
    assert examine(one, before).findings == before.findings


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_a_part_exchanged_for_anything_is_seen(data):
    """States and events that are none, or not of their type, beside ones that are known."""
    world = rich_world() if data.draw(st.booleans()) else copy.deepcopy(RICH)
    before = examine(world)
    states, events = dict(world["scene"]["states"]), list(world["scene"]["events"])
    for _ in range(data.draw(st.integers(1, 3))):
        if data.draw(st.booleans()):
            states[data.draw(NAMES)] = data.draw(JSON)
        else:
            place = data.draw(st.integers(0, len(events)))
            events[place : place + data.draw(st.integers(0, 1))] = [data.draw(JSON)]
    turned = {**world, "scene": {"states": states, "events": events}}
    assert examine(turned, before).findings == check(copy.deepcopy(turned))


def test_templates_that_come_to_too_much_only_together():
    """No part is wrong by itself: only their sum is."""
    text = "x" * (MOST_IN_MEMBER - 1)
    fit = MOST_IN_WORLD // len(text)
    world = merged(
        make_world(states=fit + 2),
        {"kernel": {"templates": {"long": {"text": text}, "none": {"text": ""}}}},
    )
    examined = examine(world)
    for number in range(fit + 1):
        op = {"op": "update_state", "id": f"room_{number}", "patch": {"base": {"template": "long"}}}
        world = apply(world, op).world
        examined = examine(world, examined)
        if number >= fit - 1:
            assert examined.findings == check(copy.deepcopy(world))
        else:
            assert {d.lint for d in examined.findings} == {"budget"}
    assert [d.lint for d in examined.findings if d.severity == "error"] == ["schema"]


def test_prose_of_an_empty_template_follows_the_template():
    world = merged(
        make_world(),
        {
            "kernel": {"templates": {"hall": {"text": ""}}},
            "scene": {"states": {"room_1": {"base": {"template": "hall"}}}},
        },
    )
    before = examine(world)
    changed = {**world, "kernel": {"templates": {"hall": {"text": "No door."}}}}

    assert before.findings == ()
    assert [d.path for d in examine(changed, before).findings] == ["state[room_1].base"]


def test_an_ending_that_is_left_by_a_change_of_kind():
    """The event leads from and to the same as before; only what it is has changed."""
    world = make_world(states=3)
    before = examine(world)
    kind = {"op": "update_event", "name": "Look back 2", "patch": {"kind": "transition"}}
    changed = apply(world, kind).world

    assert before.findings == ()
    assert [d.lint for d in examine(changed, before).findings] == [
        "transition-needs-to",
        "ending-has-exits",
    ]


def test_a_state_that_is_lost_by_a_cutscene_that_leads_elsewhere():
    """Neither the events nor the states nor the entrance have changed."""
    film = {"id": "fall", "video": "v", "from": "room_0", "to": "room_1"}
    world = make_world(states=2, cutscenes=[film])
    world["scene"]["events"][0]["to"] = "fall"
    before = examine(world)
    changed = {**world, "cutscenes": [{**film, "to": "room_0"}]}

    assert before.findings == ()
    assert [d.path for d in examine(changed, before).findings] == ["state[room_1]"]


def test_a_part_that_did_not_change_is_not_judged_again():
    """What the whole is for: the findings of a shared part are the same objects."""
    world = merged(make_world(states=50), {"scene": {"states": {"room_7": {"base": "No."}}}})
    before = examine(world)
    after = examine(
        apply(world, {"op": "update_state", "id": "room_8", "patch": {"base": "B."}}).world, before
    )

    assert [d.path for d in after.findings] == ["state[room_7].base"]
    assert after.findings[0] is before.findings[0]


def test_a_batch_is_one_revision():
    world = make_world(
        states=30, extra=1, cutscenes=[{"id": "c", "video": "v", "from": "room_0", "to": "room_2"}]
    )
    before = examine(world)
    ops = [
        {"op": "update_state", "id": f"room_{n}", "patch": {"base": "Never."}} for n in range(9)
    ] + [
        {"op": "add_event", **transition("Fall", "room_0", "c")},
        {"op": "add_event", **override("Wave", "room_29", detail="no")},
        {"op": "delete_event", "name": "Go on 12"},
    ]
    made = apply_batch(world, ops).world

    assert examine(made, before).findings == check(copy.deepcopy(made))
    assert len(examine(made, before).findings) == 10 + 17


def test_an_edit_of_a_large_world_costs_a_fraction_of_a_check():
    """Measured: a thirtieth to a fiftieth. A write that checks the whole again takes all of it."""
    world = make_world(states=1_000)
    before = examine(world)
    edits = [
        {"op": "set_entrance", "state": "room_1"},
        {"op": "update_state", "id": "room_5", "patch": {"base": "A low hall."}},
        {"op": "update_event", "name": "Go on 7", "patch": {"detail": "She goes on."}},
    ]
    worlds = [apply(world, op).world for op in edits]

    whole = cpu_s(lambda: check(world))
    for op, changed in zip(edits, worlds, strict=True):
        part = cpu_s(partial(examine, changed, before), rounds=7)
        assert part < whole / 3, op["op"]
