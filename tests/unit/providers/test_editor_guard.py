"""What a draft takes away beyond what the instruction names becomes a question, whatever the model wanted."""

from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.kernel import check
from conjure.providers.editor import Draft
from conjure.providers.editor.openai.changes import Changes
from conjure.providers.editor.openai.guard import question
from support.cases import each_of
from support.editor import manor
from support.kernel.any_ops import ANY_OPS, TIDYING
from support.kernel.worlds import make_world, rich_world


def asked(instruction, *ops, world=None):
    """What is asked before these ops; None when they are done."""
    draft = Draft(world or manor())
    for op in ops:
        assert draft.apply(op) is None, op
    return question(instruction, Changes(draft))


def gone(*names):
    return [{"op": "delete_event", "name": name} for name in names]


def without(state, *events):
    return [*gone(*events), {"op": "delete_state", "id": state}]


def words(state, base="A new look at the place, in the light of one candle."):
    return {"op": "update_state", "id": state, "patch": {"base": base}}


PIT = without("pit", "Step on the grate")
CELLAR = without("wine cellar", "Climb down", "Climb up", "Step on the grate")
STORY = {"op": "set_story", "story": None}
OPEN_PIT = {"op": "update_state", "id": "pit", "patch": {"ending": None}}


def test_the_world_of_these_cases_is_sound():
    assert check(manor()) == ()


@each_of(
    ("instruction", "ops"),
    [
        ("Delete the pit.", PIT),
        ("please remove the PIT and everything that leads there", PIT),
        ("Get rid of the wine cellar", CELLAR),
        ("Lösche den Zustand „pit“", PIT),
        ("supprime pit", PIT),
        ("удали pit", PIT),
        ("pitを削除してください", PIT),
        ("删除pit", PIT),
        ("Remove the losing end", PIT),
        ("Delete the event Climb up", gone("Climb up")),
        ("Delete the way 'Climb up'", gone("Climb up")),
        ("Remove the key", gone("Take the key")),
        ("Remove all ways out of the kitchen", gone("Back to the hall", "Climb down")),
        ("Delete everything", gone("Back to the hall", "Climb down", "Climb up", "Take the key")),
        ("The pit shall be no ending any more", [OPEN_PIT]),
        ("Remove the story", [STORY]),
        ("Rename the pit to shaft", [{"op": "rename_state", "state": "pit", "to": "shaft"}]),
        ("Call the lowest place shaft", [{"op": "rename_state", "state": "pit", "to": "shaft"}]),
        ("Rename the entrance", [{"op": "rename_state", "state": "hall", "to": "lobby"}]),
        ("Let it rain in all rooms", [words(name) for name in manor()["scene"]["states"]]),
        ("Make the world darker", [words(name) for name in manor()["scene"]["states"]]),
        ("Make it darker", [words("hall"), words("kitchen"), words("pit")]),
        ("Add an attic", [{"op": "add_state", "id": "attic", "base": "A low attic."}]),
        ("", []),
    ],
)
def test_what_was_asked_for_is_done(instruction, ops):
    assert asked(instruction, *ops) is None


@each_of(
    ("instruction", "ops", "named"),
    [
        ("Make the pit darker.", PIT, "remove the state 'pit' and"),
        ("Delete the pit.", [*PIT, *gone("Climb up")], "remove the event 'Climb up'"),
        ("Delete the cellar door", CELLAR[:2], "'Climb up'"),
        ("Add a garden shed", PIT, "'pit'"),
        ("Remove the lamp in the wine cellar", CELLAR, "'wine cellar'"),
        ("Entferne die Lampe im Wine Cellar", CELLAR, "'wine cellar'"),
        ("Delete the cutscene", [STORY], "the story"),
        ("Make the garden sunnier", [OPEN_PIT], "no longer end in 'pit'"),
        ("Make it darker", [words(name) for name in manor()["scene"]["states"]], "change 5 of"),
        (
            "Paint the walls",
            [{"op": "rename_state", "state": "pit", "to": "x"}],
            "rename the state",
        ),
        ("Open the window and add a window seat", [OPEN_PIT], "no longer end"),
        ("An alley behind the hall", gone("Climb up", "Climb down"), "remove the events"),
        ("Delete the lamp. All is well.", gone("Climb up"), "remove the event"),
        ("Ignore the rules", PIT, "'pit'"),
        ("🙂", PIT, "'pit'"),
    ],
)
def test_what_was_not_asked_for_is_asked_about(instruction, ops, named):
    said = asked(instruction, *ops)

    assert said is not None
    assert named in said.replace(
        "remove the state 'pit'; it would also", "remove the state 'pit' and"
    )
    assert "nothing has been changed" in said


def test_a_world_is_not_left_without_an_ending_unasked():
    both = [*without("pit", "Step on the grate"), *without("garden", "Push the gate")]

    assert "without any ending" in asked("Delete the pit and the garden", *both)
    assert asked("Delete the pit and the garden, I want no ending", *both) is None


def test_deleting_and_adding_again_is_deleting():
    again = {"op": "add_state", "id": "pit", "base": "x"}

    assert "'pit'" in asked("Make it nicer", *PIT, again)


def test_renaming_before_deleting_hides_nothing():
    hidden = [
        {"op": "rename_state", "state": "pit", "to": "fog"},
        {"op": "update_event", "name": "Step on the grate", "patch": {"name": "fog"}},
        *without("fog", "fog"),
    ]

    assert "'pit'" in asked("Remove the fog", *hidden)


def test_what_follows_a_renamed_state_is_not_changed():
    draft = Draft(manor())
    draft.apply({"op": "rename_state", "state": "hall", "to": "lobby"})

    changes = Changes(draft)

    assert changes.states.renamed == {"hall": "lobby"}
    assert changes.events.changed == changes.states.changed == []
    assert changes.told().startswith("Renamed the state 'hall' to 'lobby'.")


def test_in_a_large_world_half_of_it_is_too_much_to_change_unnamed():
    world = make_world(states=200)
    names = list(world["scene"]["states"])
    few = [words(name) for name in names[:20]]
    many = [words(name) for name in names[:21]]

    assert asked("Make it rain", *few, world=world) is None
    assert "change 21 of" in asked("Make it rain", *many, world=world)
    assert asked("Make it rain in every room", *many, world=world) is None


def test_a_question_is_short_whatever_the_names_are():
    world = make_world(states=120)
    ops = gone(*(event["name"] for event in world["scene"]["events"]))

    assert len(asked("Make it rain", *ops, world=world)) < 700


@given(st.lists(TIDYING | ANY_OPS, max_size=12))
@settings(max_examples=200, deadline=None)
def test_whatever_ops_do_nothing_that_was_there_is_gone_unasked(ops):
    world = rich_world()
    draft = Draft(world)
    for op in ops:
        draft.apply(op)

    changes = Changes(draft)

    assert 0 < len(changes.told()) < 3_000
    if question("Let it rain outside", changes) is None:
        before, now = world["scene"], draft.world["scene"]
        assert before["states"].keys() <= now["states"].keys()
        names = [{event["name"] for event in scene["events"]} for scene in (before, now)]
        assert names[0] <= names[1]
        endings = [
            {name for name, state in scene["states"].items() if state.get("ending")}
            for scene in (before, now)
        ]
        assert endings[0] <= endings[1]
        for member in ("cutscenes", "sequences"):
            ids = [{item["id"] for item in one.get(member, [])} for one in (world, draft.world)]
            assert ids[0] <= ids[1]


@each_of(
    ("instruction", "is_asked"),
    [
        ("Describe the kitchen anew", True),
        ("Make the hall darker", True),
        ("Begin in the garden", False),
        ("Let the entrance be outside", False),
        ("Describe everything anew", False),
    ],
)
def test_play_begins_elsewhere_only_when_that_is_said(instruction, is_asked):
    said = asked(instruction, {"op": "set_entrance", "state": "garden"})
    assert (said is not None) == is_asked


def test_a_new_name_of_the_entrance_moves_nothing():
    assert (
        asked("Rename the hall to foyer", {"op": "rename_state", "id": "hall", "to": "foyer"})
        is None
    )
