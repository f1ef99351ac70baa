"""What ops do beside the obvious: names that are made, references that follow, parts that are shared."""

import json

import pytest

from conjure.kernel import NotThere, OpError
from conjure.kernel.ops import apply, apply_batch
from support.cases import each_of
from support.kernel.worlds import override, rich_world, small_world, transition


def made(*ops, world=None):
    """The names that a row of ops answers with."""
    names = []
    current = rich_world() if world is None else world
    for op in ops:
        current, name = (applied := apply(current, op)).world, applied.name
        names.append(name)
    return names


STATE = {"op": "add_state", "base": "x"}
EVENT = {"op": "add_event", "kind": "override", "from": "atrium"}


def test_the_first_free_name_is_given():
    assert made(STATE, STATE, {"op": "delete_state", "id": "state_1"}, STATE, STATE) == [
        *("state_1", "state_2", "state_1", "state_1", "state_3")
    ]
    assert made(EVENT, EVENT, {"op": "delete_event", "name": "event_2"}, EVENT, EVENT) == [
        *("event_1", "event_2", "event_2", "event_2", "event_3")
    ]


def test_a_batch_gives_the_same_names():
    ops = [
        STATE,
        STATE,
        {"op": "delete_state", "id": "state_1"},
        STATE,
        {**STATE, "base": 5},
        STATE,
    ]

    assert set(apply_batch(rich_world(), ops).world["scene"]["states"]) >= {
        *("state_1", "state_2", "state_3")
    }


def test_states_and_cutscenes_are_not_given_each_others_names():
    film = {"op": "add_cutscene", "video": "v", "from": "atrium", "to": "cellar"}
    rename = {"op": "rename_state", "id": "spare", "to": "cutscene_1"}

    assert made({**film, "id": "state_1"}, STATE) == ["state_1", "state_2"]
    assert made(rename, film) == ["cutscene_1", "cutscene_2"]


def test_everything_that_names_a_state_follows_its_new_name():
    world = rich_world()
    world["scene"]["states"]["atrium"]["note"] = "atrium"
    world["scene"]["events"] += [transition("Turn", "atrium", "atrium"), override("Sit", "atrium")]
    world["scene"]["events"][-1]["from"] = ["atrium", "spare", "atrium"]
    world["cutscenes"].append(
        {"id": "c", "video": "v", "from": ["spare", "atrium"], "to": "atrium"}
    )
    world["sequences"].append({"id": "s", "beats": [{"state": "spare"}, {"state": "atrium"}]})
    world["story"]["beats"].append({"summary": "atrium", "states": ["cellar", "atrium"]})
    world["outro"]["state"] = "atrium"
    objectives = [
        {"id": "atrium", "text": "atrium", "location": "atrium"},
        {"id": "p", "text": "t"},
    ]
    world["missions"] = [{"id": "atrium", "objectives": objectives}]
    text = json.dumps(world)
    for name in ('"id": "atrium"', '"text": "atrium"', '"summary": "atrium"', '"note": "atrium"'):
        text = text.replace(name, name.replace("atrium", "kept"))

    renamed = apply(world, {"op": "rename_state", "from": "atrium", "to": "hall"}).world

    assert json.dumps(renamed, sort_keys=True) == json.dumps(
        json.loads(text.replace('"atrium"', '"hall"').replace("kept", "atrium")), sort_keys=True
    )


def test_what_is_not_there_is_recorded_apart():
    """Endpoints answer 404 for it, and 400 for every other reason."""
    with pytest.raises(NotThere):
        apply(rich_world(), {"op": "delete_state", "id": "attic"})
    with pytest.raises(OpError) as refusal:
        apply(rich_world(), {"op": "delete_state", "id": "atrium"})
    assert not isinstance(refusal.value, NotThere)


def test_a_state_may_go_once_nothing_refers_to_it():
    world = rich_world()
    ops = [
        {"op": "delete_state", "id": "cellar"},
        {"op": "delete_event", "name": "Step down"},
        {"op": "remove_cutscene", "id": "fall"},
        {"op": "set_outro", "outro": None},
        {"op": "delete_state", "id": "cellar"},
    ]

    batch = apply_batch(world, ops)

    assert len(batch.errors) == 1
    assert "cellar" not in batch.world["scene"]["states"]


def test_the_story_and_missions_do_not_hold_a_state():
    """CONTRACT 3.1 counts the entrance, events, cutscenes, sequences and the outro."""
    world = rich_world()
    world["story"]["beats"] = [{"summary": "x", "states": ["spare"]}]
    world["missions"] = [{"id": "m", "objectives": [{"id": "o", "text": "t", "location": "spare"}]}]

    assert (
        "spare" not in apply(world, {"op": "delete_state", "id": "spare"}).world["scene"]["states"]
    )


def test_many_users_are_told_in_short():
    events = [transition(f"Go {number}", "atrium", "cellar") for number in range(30)]
    world = small_world({"scene": {"events": events}})

    with pytest.raises(OpError) as refusal:
        apply(world, {"op": "delete_state", "id": "cellar"})

    assert "'Go 0', 'Go 1', 'Go 2', 'Go 3', 'Go 4', 'Go 5' and 24 more" in str(refusal.value)


def test_a_cutscene_that_an_event_leads_to_stays():
    world = apply(
        rich_world(), {"op": "set_event_field", "name": "Step down", "field": "to", "value": "fall"}
    ).world

    with pytest.raises(OpError, match="where events lead to: 'Step down'"):
        apply(world, {"op": "remove_cutscene", "id": "fall"})


def test_a_sequence_that_the_story_plays_stays():
    world = rich_world()
    world["story"]["beats"].append({"summary": "x", "sequence": "tour"})

    with pytest.raises(OpError, match="played by the story's beat 1"):
        apply(world, {"op": "remove_sequence", "id": "tour"})


def test_a_beat_begins_a_story_where_there_is_none():
    beat = {"op": "add_story_beat", "summary": "x"}
    made = apply_batch(small_world(), [beat, beat]).world["story"]

    assert made == {"logline": "The old library", "beats": [{"summary": "x"}, {"summary": "x"}]}
    with pytest.raises(OpError, match="use set_story first"):
        apply({**small_world(), "name": 5}, beat)


def test_beats_go_into_the_story_that_is_there_then():
    ops = [
        {"op": "add_story_beat", "summary": "old"},
        {
            "op": "set_story",
            "story": {"logline": "new", "beats": [{"summary": "a", "states": ["atrium"]}]},
        },
        {"op": "add_story_beat", "summary": "b", "states": ["atrium"]},
        {"op": "rename_state", "id": "atrium", "to": "hall"},
        {"op": "set_story", "arc": [1]},
    ]

    assert apply_batch(rich_world(), ops).world["story"] == {
        "logline": "new",
        "arc": [1],
        "beats": [{"summary": "a", "states": ["hall"]}, {"summary": "b", "states": ["hall"]}],
    }


def test_what_an_op_does_not_touch_is_shared():
    world = rich_world()
    changed = apply(world, {"op": "update_state", "id": "atrium", "patch": {"base": "x"}}).world

    assert changed["scene"]["events"] is world["scene"]["events"]
    assert changed["scene"]["states"]["cellar"] is world["scene"]["states"]["cellar"]
    assert (
        changed["scene"]["states"]["atrium"]["camera"]
        is world["scene"]["states"]["atrium"]["camera"]
    )
    assert changed["missions" if "missions" in world else "story"] is world["story"]


@pytest.mark.parametrize(
    "op",
    [
        {"op": "update_state", "id": "atrium", "patch": {}},
        {"op": "rename_state", "id": "atrium", "to": "atrium"},
        {"op": "set_subject", "subject": None},
        {"op": "update_event", "name": "Step down", "patch": {}},
    ],
)
def test_an_op_that_changes_nothing_gives_the_same_world(op):
    world = rich_world()

    assert apply(world, op).world is world


@each_of(
    ("world", "reason"),
    [
        (None, "the world is not an object"),
        ({}, "scene must be an object, but it is null"),
        ({"scene": []}, "scene must be an object, but it is a list"),
        ({"scene": {}}, "scene.states must be an object, but it is null; fix that first"),
        ({"scene": {"states": {"a": 5}}}, "there is no state 'atrium'; there are 'a'"),
        ({"scene": {"states": {}}}, "there is no state 'atrium'; there is none at all"),
        ({"scene": {"states": {"atrium": 5}}}, "the state 'atrium' must be an object"),
    ],
)
def test_a_world_that_is_none_refuses(world, reason):
    with pytest.raises(OpError, match=reason):
        apply(world, {"op": "update_state", "id": "atrium", "patch": {"base": "x"}})


def test_events_that_are_no_list_refuse():
    with pytest.raises(OpError, match=r"scene\.events must be a list, but it is a number"):
        apply({"scene": {"states": {}, "events": 5}}, EVENT)


def test_an_event_among_what_is_none_is_found():
    world = small_world()
    world["scene"]["events"] = [None, 5, {"name": 5}, {"name": "Go"}, {"name": "Go", "kind": "x"}]

    assert apply(world, {"op": "delete_event", "name": "Go"}).world["scene"]["events"] == [
        *(None, 5, {"name": 5}, {"name": "Go", "kind": "x"})
    ]
