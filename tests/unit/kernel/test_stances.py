"""The graph of a character: what is compiled, and what edits of it come to (CONTRACT 5, 9)."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.kernel import check, ops, unstored
from conjure.kernel.names import unaddressable
from conjure.kernel.stances import (
    MOST_STANCES,
    SPEAKING,
    NewCharacter,
    NewStance,
    compiled,
    completed,
    problems,
    recompiled,
)
from conjure.kernel.stances.graph import reached
from support.cases import each_of
from support.cost import assert_cheap

TRAPS = (
    "never", "No.", "don\u2019t", "washed out", "blinding", "Nothing, without a smile", "white-out",
    "kills", "bloom", "calm", "A level gaze over a mug of tea.", "\x00", " ", "", "\u00a0", "cant",
)  # fmt: skip
words = st.one_of(st.text(max_size=80), st.lists(st.sampled_from(TRAPS), max_size=9).map(" ".join))
long_words = st.tuples(words, st.sampled_from([1, 1, 40])).map(lambda pair: pair[0] * pair[1])
ids = st.sampled_from(["calm", "glad", "Speaking", "Calm", "CALM", "a/b", "é", "e\u0301", "x" * 64])
maybe = st.none() | long_words
new_stances = st.lists(
    st.builds(NewStance, ids, maybe, maybe, maybe),
    min_size=1, max_size=6, unique_by=lambda stance: stance.id,
).map(tuple)  # fmt: skip
characters = st.builds(
    NewCharacter,
    name=words,
    stances=new_stances,
    description=words,
    cover=st.none() | st.just("https://example.com/c.png"),
    members=st.fixed_dictionaries(
        {},
        optional={"persona": long_words, "subject": maybe, "style": maybe, "lore": maybe},
    ),
)


def made(*names: str, **members: Any) -> dict[str, Any]:
    new = NewCharacter("Ada", tuple(map(NewStance, names)), members=members)
    return unstored.completed(compiled(new))


def assert_in_step(world: dict[str, Any]) -> None:
    """Each stance is a state and the other way round, every two are connected, and `Speaking` is from all."""
    names = [stance["id"] for stance in world["character"]["stances"]]
    assert sorted(names) == sorted(world["scene"]["states"])
    assert names
    assert not any("ending" in state for state in world["scene"]["states"].values())
    ways = reached(world["scene"]["events"])
    for name in names:
        assert ways.get(name, set()) >= set(names) - {name}
    [spoken] = [event for event in world["scene"]["events"] if event["name"] == SPEAKING]
    assert spoken["kind"] == "override"
    assert spoken["hidden"] is True
    assert sorted(spoken["from"]) == sorted(names)


@given(characters)
def test_compiled_is_clean(new):
    """Whatever is said of a character, its document has no finding, and holds what was said word for word."""
    world = unstored.completed(compiled(new))
    assert check(world) == ()
    assert_in_step(world)
    said = {name: value for name, value in new.members.items() if value is not None}
    assert {name: world["character"][name] for name in said} == said
    for stance, entry in zip(new.stances, world["character"]["stances"], strict=True):
        assert entry["label"] == (stance.label or stance.id)
        assert (entry.get("mood"), entry.get("expression")) == (stance.mood, stance.expression)
    assert world["entrance"]["state"] == new.stances[0].id
    for event in world["scene"]["events"]:
        assert unaddressable(event["name"]) is None


def test_the_brain_is_in_no_prose():
    """Of persona, scene, lore and examples nothing stands outside of `character`."""
    brain = {name: f"Quillfeather {name}" for name in ("persona", "scene", "lore", "examples")}
    world = made("calm", "glad", **brain)
    assert "Quillfeather" not in str(world | {"character": None})


def test_words_of_stances_make_their_prose():
    """Subject, expression, mood and style are what a video model is told of a stance, without what it draws wrongly."""
    stance = NewStance("calm", "Calm", "quiet, never loud", "A level gaze. She never smiles.")
    world = compiled(
        NewCharacter(
            "Maren", (stance,), members={"subject": "A woman of sixty", "style": "Film still"}
        )
    )
    assert world["scene"]["states"]["calm"]["base"] == (
        "A woman of sixty. A level gaze. The mood is quiet. Film still."
    )


def test_prose_follows_a_name_that_stands_in_for_the_subject():
    """Or it would count as written by hand, and not follow the subject that is said later."""
    world = made("calm")
    assert "A portrait of Ada." in world["scene"]["states"]["calm"]["base"]
    named = recompiled(world, members={"name": "Maren"}, character={}, stances=None)
    assert "A portrait of Maren." in named["scene"]["states"]["calm"]["base"]
    said = recompiled(named, members={}, character={"subject": "An old keeper"}, stances=None)
    assert "An old keeper." in said["scene"]["states"]["calm"]["base"]
    again = recompiled(said, members={"name": "Bea"}, character={}, stances=None)
    assert again["scene"] is said["scene"]
    # As a fork is named.
    forked = world | {"name": "Ada (fork)"}
    said = recompiled(forked, members={}, character={"subject": "An old keeper"}, stances=None)
    assert "An old keeper." in said["scene"]["states"]["calm"]["base"]
    base = world["scene"]["states"]["calm"]["base"].replace("Ada.", "Ada, with a hat.")
    world["scene"]["states"]["calm"]["base"] = base
    kept = recompiled(world, members={}, character={"subject": "An old keeper"}, stances=None)
    assert kept["scene"]["states"]["calm"]["base"] == base


@given(characters, new_stances, maybe, maybe)
def test_recompiled_is_clean(new, stances, subject, style):
    """Other stances and other words make a document as clean, and the same ones none."""
    world = unstored.completed(compiled(new))
    character = {"subject": subject, "style": style}
    again = recompiled(world, members={"name": "Bea"}, character=character, stances=stances)
    assert check(again) == ()
    assert_in_step(again)
    assert [entry["id"] for entry in again["character"]["stances"]] == [s.id for s in stances]
    assert recompiled(again, members={"name": "Bea"}, character=character, stances=stances) is again
    assert ops.in_step(world, again) is again


def test_what_a_stance_has_besides_is_kept():
    """A stance that stays keeps its state and its place; prose by hand gives way only to other words of its own."""
    world = made("calm", "glad", subject="A man")
    states = world["scene"]["states"]
    states["calm"]["ambient"] = ["Rain."]
    states["glad"]["base"] = "By hand."
    changed = recompiled(
        world,
        members={},
        character={"subject": "A woman"},
        stances=[NewStance("glad"), NewStance("calm")],
    )
    now = changed["scene"]["states"]
    assert now["calm"]["ambient"] == ["Rain."]
    assert now["calm"]["base"].startswith("A woman.")
    assert now["glad"]["base"] == "By hand."
    assert changed["entrance"]["state"] == "calm"
    worded = recompiled(
        world, members={}, character={}, stances=[NewStance("glad", expression="A wide smile")]
    )
    assert worded["scene"]["states"]["glad"]["base"] == "A man. A wide smile."
    assert worded["entrance"]["state"] == "glad"


NAMES = ("calm", "glad", "sad", "wary", "Speaking", "odd one")
names = st.sampled_from(NAMES)
events = st.sampled_from((*NAMES, "calm 2", "Other"))
one_op = st.one_of(
    st.builds(lambda n: {"op": "add_state", "id": n, "base": "A face."}, names),
    st.builds(lambda n: {"op": "add_state", "id": n, "base": "A.", "ending": {"kind": "win"}}, names),
    st.builds(lambda n: {"op": "delete_state", "id": n}, names),
    st.builds(lambda a, b: {"op": "rename_state", "state": a, "to": b}, names, names),
    st.builds(lambda n: {"op": "update_state", "id": n, "patch": {"base": "Another."}}, names),
    st.builds(lambda n: {"op": "delete_event", "name": n}, events),
    st.builds(lambda a, b: {"op": "update_event", "name": a, "patch": {"name": b}}, events, events),
    st.builds(lambda n: {"op": "update_event", "name": n, "patch": {"hidden": False}}, events),
    st.builds(lambda n: {"op": "update_event", "name": n, "patch": {"requires": ["f"]}}, events),
    st.builds(lambda a, b: {"op": "update_event", "name": a, "patch": {"from": [b]}}, events, names),
    st.builds(lambda a: {"op": "set_event_kind", "event": a, "kind": "override"}, events),
    st.builds(lambda n: {"op": "set_entrance", "state": n}, names),
    st.builds(lambda n: {"op": "set_state_ending", "state": n, "kind": "win"}, names),
    st.builds(
        lambda a, b: {"op": "add_transition", "name": "Other", "from": [a], "to": b}, names, names
    ),
)  # fmt: skip
batches = st.lists(st.lists(one_op, min_size=1, max_size=4), max_size=8)


@given(st.lists(names, min_size=1, max_size=4, unique=True), batches)
def test_edits_keep_step_or_are_refused(start, edits):
    """After any edits a character is in step: each was kept so, or refused by an op, by us, or by the gate."""
    world = made(*start)
    history = [world]
    for batch in edits:
        try:
            edited = ops.in_step(world, ops.apply_batch(world, batch).world)
        except ops.OpError:
            continue
        if any(finding.severity == "error" for finding in check(edited)):
            continue
        assert_in_step(edited)
        world = edited
        history.append(world)
    # A checkout is a write, too.
    for version in history:
        assert ops.in_step(world, version) is version


def test_a_rename_is_exact():
    """A stance that is renamed keeps label and mood, also when the same batch touches its state or its old id."""
    world = made("calm", "glad")
    world["character"]["stances"][0] |= {"label": "At ease", "mood": "quiet", "extra": [1]}
    batch = [
        {"op": "rename_state", "state": "calm", "to": "still"},
        {"op": "update_state", "id": "still", "patch": {"base": "Another."}},
        {"op": "add_state", "id": "calm", "base": "A face."},
        {"op": "delete_state", "id": "glad"},
    ]
    made_of = ops.apply_batch(world, batch)
    assert made_of.errors == ()
    edited = ops.in_step(world, made_of.world)
    assert edited["character"]["stances"] == [
        {"id": "still", "label": "At ease", "mood": "quiet", "extra": [1]},
        {"id": "calm", "label": "calm"},
    ]
    assert_in_step(edited)
    assert check(edited) == ()


@each_of(
    ("op", "says"),
    [
        ({"op": "delete_event", "name": "Speaking"}, "cannot be deleted or renamed"),
        ({"op": "update_event", "name": "Speaking", "patch": {"name": "Talking"}}, "renamed"),
        ({"op": "update_event", "name": "Speaking", "patch": {"hidden": False}}, "hidden override"),
        ({"op": "update_event", "name": "Speaking", "patch": {"hidden": None}}, "hidden override"),
        ({"op": "update_event", "name": "Speaking", "patch": {"oneShot": True}}, "hidden override"),
        ({"op": "set_event_kind", "event": "Speaking", "kind": "terminal"}, "hidden override"),
        ({"op": "update_event", "name": "Speaking", "patch": {"from": ["calm"]}}, "also from 'glad'"),
        ({"op": "delete_event", "name": "glad"}, "from 'calm' to 'glad'"),
        ({"op": "update_event", "name": "glad", "patch": {"oneShot": True}}, "stay connected"),
        ({"op": "add_state", "id": "x", "base": "A.", "ending": {"kind": "win"}}, "is no ending"),
        ({"op": "set_state_ending", "state": "glad", "kind": "win"}, "is no ending"),
    ],
)  # fmt: skip
def test_what_would_break_step_is_refused(op, says):
    """An edit after which a character could not be in step is refused, and the text says why."""
    world = made("calm", "glad")
    with pytest.raises(ops.OpError, match=says):
        ops.in_step(world, ops.apply(world, op).world)


def test_the_only_stance_is_no_ending_either():
    """No way leads out of it, so the gate has nothing against it."""
    world = made("calm")
    batch = [
        {"op": "set_state_ending", "state": "calm", "kind": "win"},
        {"op": "rename_state", "state": "calm", "to": "done"},
    ]
    for ops_of_it in (batch[:1], batch):
        with pytest.raises(ops.OpError, match="is no ending"):
            ops.in_step(world, ops.apply_batch(world, ops_of_it).world)


def test_a_character_has_a_most_of_stances():
    """Every two stances are connected, so that there is a bound on them."""
    world = made(*(f"s{n}" for n in range(MOST_STANCES)))
    with pytest.raises(ops.OpError, match="at most 24"):
        ops.in_step(world, ops.apply(world, {"op": "add_state", "base": "A."}).world)


def test_the_last_stance_stays():
    """The only stance is the entrance, and is not removed."""
    with pytest.raises(ops.OpError, match="the entrance"):
        ops.apply(made("calm"), {"op": "delete_state", "id": "calm"})


def test_a_stance_that_is_renamed_and_removed_is_gone():
    """In one batch its name is one that was never there."""
    world = made("calm", "glad")
    batch = [
        {"op": "rename_state", "state": "glad", "to": "sad"},
        {"op": "delete_state", "id": "sad"},
    ]
    edited = ops.in_step(world, ops.apply_batch(world, batch).world)
    assert_in_step(edited)
    assert [stance["id"] for stance in edited["character"]["stances"]] == ["calm"]


def test_a_stance_that_is_an_ending_already_is_edited_on():
    """As an import of a world may be: it is renamed, too."""
    world = made("calm")
    ended = ops.apply(world, {"op": "set_state_ending", "state": "calm", "kind": "win"}).world
    assert check(ended) == ()
    for op in (
        {"op": "update_state", "id": "calm", "patch": {"base": "Another."}},
        {"op": "rename_state", "state": "calm", "to": "still"},
    ):
        edited = ops.apply(ended, op).world
        assert ops.in_step(ended, edited) == edited


def test_ways_by_hand_hold_a_stance():
    """What people have added between stances counts as it does in any world: the removal names it."""
    world = made("calm", "glad")
    shown = {"op": "add_transition", "name": "Cheer up", "from": ["calm"], "to": "glad"}
    with pytest.raises(ops.OpError, match="'Cheer up'"):
        ops.apply(ops.apply(world, shown).world, {"op": "delete_state", "id": "glad"})


def test_one_that_never_was_in_step_is_left_alone():
    """Of a character that came as any world only what an edit adds gets a stance, and nothing is refused."""
    world = made("calm", "glad")
    world["scene"]["events"] = [
        {"name": "Go", "kind": "transition", "from": ["calm"], "to": "glad"},
        {"name": SPEAKING, "kind": "transition", "from": ["glad"], "to": "calm"},
    ]
    world["character"] = {"stances": [{"id": "elsewhere"}, 5], "persona": [1]}
    gone = ops.apply(world, {"op": "delete_event", "name": SPEAKING}).world
    assert ops.in_step(world, gone) is gone
    more = ops.in_step(world, ops.apply(world, {"op": "add_state", "id": "x", "base": "A."}).world)
    assert more["character"]["stances"] == [{"id": "elsewhere"}, 5, {"id": "x", "label": "x"}]
    assert more["scene"]["events"] == world["scene"]["events"]
    bare = world | {"character": "Ada"}
    added = ops.apply(bare, {"op": "add_state", "id": "x", "base": "A."}).world
    assert ops.in_step(bare, added) is added
    for op in (
        {"op": "rename_state", "state": "calm", "to": "still"},
        {"op": "update_state", "id": "calm", "patch": {"base": "Another."}},
        {"op": "delete_event", "name": "Go"},
    ):
        edited = ops.apply(world, op).world
        assert ops.in_step(world, edited) is edited
    # What was saved of it comes back as it was.
    assert ops.in_step(world, more, is_restored=True) is more
    assert ops.in_step(more, world, is_restored=True) is world
    plain = made("calm") | {"kind": "world"}
    added = ops.apply(plain, {"op": "add_state", "id": "x", "base": "A."}).world
    assert ops.in_step(plain, added) is added


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "name", "from", "to", "kind", "hidden", "stances", "states", "events", "label"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(json_values, json_values, json_values)
def test_total(character, states, events_):
    """Nothing that a document may hold makes it raise anything but the reason of a refusal."""
    world = made("calm", "glad")
    strange = world | {"character": character, "scene": {"states": states, "events": events_}}
    for before, after in ((world, strange), (strange, world), (strange, strange)):
        with contextlib.suppress(ops.OpError):
            ops.in_step(before, after)
        for op in ("delete_state", "rename_state"):
            with contextlib.suppress(ops.OpError):
                ops.apply(before, {"op": op, "state": "calm", "to": "x"})
    if not problems(strange):
        completed(strange)


def test_an_import_is_made_whole():
    """States get stances, ways and `Speaking` what is missing; all that is there stays."""
    world = made("calm", "glad")
    world["scene"] = {
        "states": world["scene"]["states"] | {"sad": {"base": "Tears."}},
        "events": [{"name": "Cheer up", "kind": "transition", "from": ["calm"], "to": "glad"}],
    }
    world["character"] = {"stances": [{"id": "glad", "label": "Glad", "mine": 1}], "persona": "P"}
    del world["kind"]
    whole = completed(world)
    assert_in_step(whole)
    assert check(whole) == ()
    assert whole["scene"]["events"][0] == world["scene"]["events"][0]
    assert whole["character"]["stances"][0] == {"id": "glad", "label": "Glad", "mine": 1}
    assert completed(whole) == whole


def test_what_is_wrong_with_an_import():
    """Each member of a character that is of the wrong type, too long or names nothing is told by its path."""
    world = made("calm", "glad")
    world["kind"] = "world"
    world["scene"]["states"]["glad"]["ending"] = {"kind": "win"}
    world["scene"]["events"][-1]["kind"] = "terminal"
    world["character"] = {
        "lore": ["a"], "persona": "x" * 8_001, "free": 1, "intro": {"title": 5},
        "stances": [5, {"label": 1}, {"id": "calm", "mood": []}, {"id": "calm"}, {"id": "x"}],
    }  # fmt: skip
    assert problems(world) == [
        "world.kind must be character",
        "world.character.persona must have at most 8000 characters",
        "world.character.lore must be a string",
        "world.character.free must be true or false",
        "world.character.intro.title must be a string",
        "world.character.stances[0] must be an object",
        "world.character.stances[1].label must be a string",
        "world.character.stances[1].id must be a string",
        "world.character.stances[2].mood must be a string",
        "world.character.stances[3].id is the id of an earlier stance",
        "world.character.stances[4].id must be the id of a state of world.scene.states",
        "world.scene.events: the event Speaking must be an override",
        "world.scene.states: the state 'glad' must not have an ending, as every state is a stance",
    ]
    assert problems(world | {"kind": "character", "character": "Ada"}) == [
        "world.character must be an object"
    ]


@pytest.mark.parametrize("member", [{"requires": ["lamp"]}, {"oneShot": True}])
def test_an_import_can_always_speak(member):
    """As `Speaking` of one that is compiled can."""
    world = made("calm", "glad")
    world["scene"]["events"][-1] |= member
    assert problems(world) == [
        "world.scene.events: the event Speaking must not have 'requires' or 'oneShot'"
    ]


def crowd(many: int) -> dict[str, Any]:
    """A character with more stances than are made here, as an import of a world may be."""
    world = made("calm")
    names = [f"s{n}" for n in range(many)]
    world["entrance"]["state"] = "s0"
    world["scene"]["states"] = {name: {"base": "A."} for name in names}
    world["scene"]["events"][-1]["from"] = names
    words = ("no one, not a soul, without a hat, never seen. " * 60)[:2_400]
    world["character"] = {
        "subject": words, "style": words, "stances": [{"id": name, "label": name} for name in names],
    }  # fmt: skip
    return world


def test_an_edit_costs_no_square_of_the_stances():
    world = crowd(20_000)
    op = {"op": "update_event", "name": SPEAKING, "patch": {"base": "B."}}
    edited = ops.apply(world, op).world
    assert assert_cheap(lambda: ops.in_step(world, edited), most=50) is edited


def test_words_of_a_crowd_cost_little():
    """A patch is made on the event loop."""
    world = crowd(2_000)
    patched = assert_cheap(
        lambda: recompiled(world, members={}, character={"style": "red"}, stances=None), most=10
    )
    assert patched["scene"] == world["scene"]
