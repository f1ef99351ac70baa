"""What a mission becomes, sentence by sentence of CONTRACT 3.3.1, and which ones are refused."""

import re

import pytest

from conjure.kernel import OpError, check, examine, has_errors
from conjure.kernel.lints.prose import negations
from conjure.kernel.ops import apply, apply_batch
from support.cases import each_of
from support.kernel.documents import same
from support.kernel.missions import EXAMPLE, mission_world

OUT = {"id": "out", "text": "Leave.", "action": "She leaves."}


def op(*objectives, **members):
    return {"op": "add_mission", "id": "m", "objectives": list(objectives), **members}


def key(**members):
    return {"id": "key", "text": "Take the key.", "action": "She takes a key.", **members}


class Compiled:
    """A world with a mission, and the parts that came of it."""

    def __init__(self, *objectives, world=None, **members):
        before = mission_world() if world is None else world
        self.world = apply(before, op(*objectives, **members)).world
        scene, old = self.world["scene"], before["scene"]
        self.states = {k: v for k, v in scene["states"].items() if k not in old["states"]}
        self.events = {e["name"]: e for e in scene["events"][len(old["events"]) :]}
        self.mission = self.world["missions"][-1]
        self.objectives = self.mission["objectives"]


class TestFlags:
    def test_a_flag_is_what_the_objective_grants_else_its_id(self):
        made = Compiled(key(grants="has key"), OUT)
        assert made.events["Take the key."]["grants"] == ["has key"]
        assert made.events["Leave."]["grants"] == ["out"]
        assert [item["grants"] for item in made.objectives] == ["has key", "out"]
        assert made.mission["complete"] == "out"

    def test_of_several_the_first_is_the_one_that_others_wait_for(self):
        made = Compiled(key(grants=["has key", "armed"]), OUT)
        assert made.events["Take the key."]["grants"] == ["has key", "armed"]
        assert made.objectives[0]["grants"] == "has key"
        assert made.events["Leave."]["requires"] == ["has key"]

    def test_each_waits_for_the_one_before_and_says_so(self):
        made = Compiled(key(), OUT)
        assert "requires" not in made.events["Take the key."]
        assert made.events["Leave."]["requires"] == ["key"]
        assert made.events["Leave."]["lockedHint"] == "Need: Take the key."
        assert [item["requires"] for item in made.objectives] == [[], ["key"]]
        assert made.objectives[1]["lockedHint"] == "Need: Take the key."

    def test_what_it_requires_itself_counts_instead(self):
        made = Compiled(
            key(), key(id="map", text="Read the map."), {**OUT, "requires": ["key", "map"]}
        )
        assert made.events["Leave."]["requires"] == ["key", "map"]
        assert made.events["Leave."]["lockedHint"] == "Need: Take the key."
        free = Compiled(key(), {**OUT, "requires": []}).events["Leave."]
        assert not {"requires", "lockedHint"} & free.keys()

    def test_its_own_hint_counts_instead(self):
        made = Compiled(key(), {**OUT, "lockedHint": "It is bolted."})
        assert made.events["Leave."]["lockedHint"] == "It is bolted."

    @pytest.mark.parametrize(("flag", "hint"), [("lamp", "Take the lamp"), ("sun", "sun")])
    def test_a_flag_from_elsewhere_is_named_by_the_event_that_grants_it(self, flag, hint):
        assert Compiled({**OUT, "requires": flag}).objectives[0]["lockedHint"] == f"Need: {hint}"


class TestPlaces:
    def test_it_begins_at_the_entrance_and_stays_there(self):
        made = Compiled(key(), OUT)
        assert [event["from"] for event in made.events.values()] == [["atrium"], ["atrium"]]
        assert [item["location"] for item in made.objectives] == ["atrium", "atrium"]

    def test_a_missing_location_is_made(self):
        made = Compiled(key(location="loft", base="A loft."), OUT)
        entrance = made.world["scene"]["states"]["atrium"]
        copies = {"camera": entrance["camera"], "movement": entrance["movement"]}
        assert made.states["loft"] == {"base": "A loft.", **copies}
        assert made.events["Take the key."]["to"] == "loft"
        assert made.events["Leave."]["from"] == ["loft"]
        assert list(made.states) == ["loft", "loft__out"]

    def test_its_own_camera_and_movement_are_dynamic_halves(self):
        made = Compiled(key(location="loft", base="A loft.", camera="Low.", movement="She climbs."))
        entrance = made.world["scene"]["states"]["atrium"]
        for state in made.states.values():
            assert state["camera"] == {"static": entrance["camera"]["static"], "dynamic": "Low."}
            assert state["movement"]["dynamic"] == "She climbs."
            assert state["movement"]["static"] == entrance["movement"]["static"]

    def test_a_half_without_a_model_is_blank(self):
        world = mission_world(camera=None)
        made = Compiled({**OUT, "camera": "Low."}, world=world)
        assert made.states["atrium__out"]["camera"] == {"static": "", "dynamic": "Low."}
        assert "camera" not in Compiled(OUT, world=world).states["atrium__out"]

    def test_an_outcome_looks_like_the_place_it_is_in(self):
        world = mission_world()
        world["scene"]["states"]["hall"]["camera"] = {"static": "Wide.", "x": 1}
        made = Compiled({**OUT, "location": "hall"}, world=world)
        assert made.states == {
            "hall__out": {
                "base": "The mission is complete.",
                "camera": {"static": "Wide."},
                "ending": {"kind": "win", "title": "MISSION COMPLETE"},
            }
        }

    def test_a_location_that_is_there_stays_as_it_is(self):
        made = Compiled(key(location="hall", base="Another hall.", camera="x"), OUT)
        assert made.world["scene"]["states"]["hall"] == {"base": "A hall."}

    @each_of("half", ["static", "dynamic"])
    @each_of("pose", ["She never moves.", {"template": "shut"}, {"template": "nowhere"}], ids=str)
    def test_a_copied_pose_never_holds_a_negation(self, half, pose):
        world = mission_world(movement={half: pose}, camera={half: "No cuts."})
        world["kernel"] = {"templates": {"shut": {"text": "It will not open."}}}
        state = Compiled(OUT, world=world).states["atrium__out"]
        assert state["movement"][half] != pose
        assert not negations(state["movement"][half])
        assert state["camera"] == world["scene"]["states"]["atrium"]["camera"]

    def test_the_same_place_twice_and_a_way_back(self):
        loft = {"location": "loft", "base": "A loft."}
        made = Compiled(
            key(**loft), key(id="b", text="Go down.", location="atrium"), {**OUT, **loft}
        )
        ways = [(event["from"], event["to"]) for event in made.events.values()]
        assert ways == [(["atrium"], "loft"), (["loft"], "atrium"), (["atrium"], "loft__out")]

    def test_after_an_outcome_play_goes_on_from_there(self):
        made = Compiled(
            key(outcome="A key in her hand."),
            key(id="b", text="Look."),
            {**OUT, "location": "hall"},
        )
        ways = [(event["from"], event.get("to")) for event in made.events.values()]
        there = ["atrium__key"]
        assert ways == [(["atrium"], "atrium__key"), (there, None), (there, "hall__out")]
        assert [item["location"] for item in made.objectives] == ["atrium", "atrium", "hall"]

    def test_an_outcome_is_where_it_leads_though_its_place_is_new(self):
        """One event an objective: nothing leads to the place itself, which the lint says."""
        made = Compiled(key(), {**OUT, "location": "loft", "base": "A loft."})
        assert [(event["from"], event.get("to")) for event in made.events.values()] == [
            (["atrium"], None),
            (["atrium"], "loft__out"),
        ]
        assert made.states["loft"]["base"] == "A loft."
        assert {"unreachable-state"} == {
            item.lint for item in check(made.world) if item.path == "state[loft]"
        }


class TestEvents:
    def test_one_that_changes_something_in_place_is_an_override(self):
        assert Compiled(key(), OUT).events["Take the key."] == {
            "name": "Take the key.",
            "kind": "override",
            "from": ["atrium"],
            "base": "She takes a key.",
            "grants": ["key"],
            "oneShot": True,
        }

    @pytest.mark.parametrize(
        ("members", "to"),
        [
            ({"location": "hall"}, "hall"),
            ({"outcome": "A key in her hand."}, "atrium__key"),
            ({"grounded": {"target": "key", "confirm": "a hand"}}, "atrium"),
            ({"location": "hall", "outcome": "A key."}, "hall__key"),
        ],
        ids=str,
    )
    def test_one_that_moves_or_comes_to_something_is_a_transition(self, members, to):
        made = Compiled(key(**members), OUT)
        event = made.events["Take the key."]
        assert (event["kind"], event["to"]) == ("transition", to)
        assert made.events["Leave."]["from"] == [to]

    def test_two_phases_stand_instead_of_the_action(self):
        phases = [{"base": "She bends.", "camera": "Low."}, {"base": "She lifts.", "camera": "Up."}]
        event = Compiled(key(phases=phases)).events["Take the key."]
        assert event["phases"] == phases
        assert "base" not in event

    def test_one_phase_is_no_row_of_phases(self):
        phases = [{"base": "She bends.", "camera": "Low.", "minMs": None}]
        assert Compiled(key(phases=phases)).events["Take the key."]["base"] == "She takes a key."
        event = Compiled(key(phases=phases, action=None)).events["Take the key."]
        assert (event["base"], event["camera"]) == ("She bends.", "Low.")
        assert "phases" not in event

    def test_what_has_to_be_seen(self):
        grounded = {
            "target": "brass key",
            "targetAliases": ["key"],
            "proximity": 0.4,
            "confirm": "a hand",
            "confirmAliases": ["fingers"],
        }
        event = Compiled(key(grounded=grounded)).events["Take the key."]
        assert event["anchor"] == {"label": "brass key", "aliases": ["key"], "minProximity": 0.4}
        assert event["landWhen"] == {"label": "a hand", "aliases": ["fingers"]}

    def test_near_is_a_tenth_when_nobody_says(self):
        event = Compiled(key(grounded={"target": "key", "confirm": ""})).events["Take the key."]
        assert event["anchor"] == {"label": "key", "minProximity": 0.1}
        assert "landWhen" not in event


class TestEndings:
    def test_the_last_one_lands_in_the_win(self):
        win = {"title": "Out", "subtitle": "The garden is open."}
        made = Compiled(OUT, win=win)
        state = made.states["atrium__out"]
        assert state["base"] == "The mission is complete. The garden is open."
        assert state["ending"] == {"kind": "win", **win}
        assert "win" not in made.mission
        given = Compiled({**OUT, "outcome": "A garden."}).states["atrium__out"]
        assert given["base"] == "A garden."
        assert given["ending"] == {"kind": "win", "title": "MISSION COMPLETE"}

    def test_a_subtitle_that_says_no_is_not_painted(self):
        state = Compiled(OUT, win={"subtitle": "No one is left."}).states["atrium__out"]
        assert state["base"] == "The mission is complete."
        assert state["ending"]["subtitle"] == "No one is left."

    def test_a_fail_is_a_sibling_that_loses(self):
        fail = {
            "name": "Break it.",
            "action": "She pulls.",
            "outcome": "A bent key.",
            "title": "Broken",
            "subtitle": "The door stays shut.",
        }
        made = Compiled(key(), {**OUT, "fail": fail})
        assert made.events["Break it."] == {
            "name": "Break it.",
            "kind": "transition",
            "from": ["atrium"],
            "to": "atrium__fail_out",
            "base": "She pulls.",
            "requires": ["key"],
            "lockedHint": "Need: Take the key.",
        }
        state = made.states["atrium__fail_out"]
        assert state["base"] == "A bent key."
        assert state["ending"] == {
            "kind": "lose",
            "title": "Broken",
            "subtitle": "The door stays shut.",
        }

    def test_a_fail_may_say_nothing(self):
        made = Compiled({**OUT, "fail": {"name": "", "title": None}})
        assert made.events["Fail: Leave."]["to"] == "atrium__fail_out"
        state = made.states["atrium__fail_out"]
        assert state["base"] == "The attempt has failed."
        assert state["ending"] == {"kind": "lose", "title": "FAILED"}


class TestStored:
    def test_the_rest_of_it_is_kept(self):
        verified = ["lamp", {"label": "key"}]
        made = Compiled(
            {**OUT, "mood": [None, 1.0]}, title="Out", verified=verified, x=None, complete="no"
        )
        assert made.mission["title"] == "Out"
        assert made.mission["verified"] == verified
        assert made.mission["x"] is None
        assert made.mission["complete"] == "out"
        assert made.objectives[0]["mood"] == [None, 1.0]

    def test_a_written_example_brings_no_findings_and_no_dead_end(self):
        before = mission_world()
        assert check(before) == examine(before, most_situations=1_000).findings
        after = apply(before, EXAMPLE).world
        assert examine(after, most_situations=1_000).findings == check(before)

    def test_a_second_mission_stands_beside_the_first(self):
        first = Compiled(key(), OUT)
        more = [key(id="b", text="Look."), {**OUT, "id": "far", "text": "Run."}]
        second = Compiled(*more, world=first.world, id="n")
        assert [item["id"] for item in second.world["missions"]] == ["m", "n"]
        assert second.events["Look."]["from"] == ["atrium"]
        assert not has_errors(check(second.world))


REFUSED = {
    "no objectives": (op(), "objectives is empty"),
    "objectives of another type": (op(objectives={}), "objectives must be a list of objects"),
    "no id": (op({"text": "x"}), "objectives[0]: id is missing"),
    "a blank text": (op({"id": "x", "text": " "}), "objectives[0]: text is missing"),
    "a long text": (op({"id": "x", "text": "x" * 257}), "256 are the limit"),
    "an id twice": (op(key(), key(text="Again.")), "the id 'key' is that of objectives[0] already"),
    "a flag twice": (
        op(key(), {**OUT, "grants": "key"}),
        "the flag 'key' is that of objectives[0]",
    ),
    "a text twice": (op(key(), key(id="b")), "the event 'Take the key.' already exists"),
    "a text that is taken": (op({**OUT, "text": "Walk on"}), "the event 'Walk on' already exists"),
    "a fail that is taken": (op({**OUT, "fail": {"name": "Leave."}}), "'Leave.' already exists"),
    "a state that is taken": (op({**OUT, "id": "bed"}), "the state 'atrium__bed' already exists"),
    "a made state twice": (
        op(key(id="fail_a", outcome="x"), key(id="a", text="b", fail={})),
        "the state 'atrium__fail_a' already exists",
    ),
    "a long state": (op({**OUT, "id": "x" * 256}), "256 are the limit"),
    "waiting for itself": (op({**OUT, "requires": "out"}), "'out', which it grants itself"),
    "waiting in a circle": (
        op(key(requires=["out"]), OUT),
        "objectives[0]: requires the flag 'out', which only objectives[1] grants",
    ),
    "a place nobody describes": (op({**OUT, "location": "halll"}), "Did you mean 'hall'?"),
    "a place that ends play": (op(key(location="cellar"), OUT), "play ends in 'cellar'"),
    "a film as a place": (
        op({**OUT, "location": "fall", "base": "x"}),
        "the cutscene 'fall' already exists",
    ),
    "an action of another type": (op({**OUT, "action": 5}), "action must be a string or factored"),
    "a camera of another type": (op({**OUT, "camera": 5}), "mission.objectives[0].camera must be"),
    "a proximity of another type": (
        op({**OUT, "grounded": {"target": "x", "proximity": True}}),
        "event.anchor.minProximity must be a number or a string",
    ),
    "a confirm of another type": (
        op({**OUT, "grounded": {"target": "x", "confirm": ["x"]}}),
        "grounded.confirm must be a string",
    ),
    "a sign of nothing": (
        op({**OUT, "grounded": {"confirm": "x"}}),
        "mission.objectives[0].grounded.target is required",
    ),
    "flags of another type": (op({**OUT, "grants": [5]}), "grants must be a string or a list"),
    "a fail of another type": (op({**OUT, "fail": "x"}), "fail must be an object"),
    "a win of another type": (op(OUT, win="x"), "win must be an object"),
    "a win's title of another type": (op(OUT, win={"title": 5}), "win.title must be a string"),
    "verified things of another type": (op(OUT, verified=[5]), "mission.verified[0] must be"),
    "a template that is not there": (
        op({**OUT, "outcome": {"template": "hell"}}),
        "mission.objectives[0].outcome uses the template 'hell', but the world has no such template",
    ),
    "a template for an action": (op({**OUT, "action": {"template": "hell"}}), "event.base uses"),
    "an id that is taken": ({**op(OUT), "id": "old"}, "the mission 'old' already exists"),
}


@each_of(("sent", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_mission_that_cannot_be_is_refused_whole(sent, reason):
    def world():
        made = mission_world()
        made["scene"]["states"]["atrium__bed"] = {"base": "A bed."}
        films = [{"id": "fall", "video": "v", "from": "atrium", "to": "cellar"}]
        return {**made, "cutscenes": films, "missions": [{"id": "old"}]}

    before = world()
    with pytest.raises(OpError, match=re.escape(reason)):
        apply(before, sent)
    assert same(before, world())
    batch = apply_batch(before, [sent, {"op": "set_subject", "subject": "she"}])
    assert same(batch.world, {**world(), "subject": "she"})


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"entrance": None}, "the world has no entrance for a mission to begin at"),
        ({"entrance": {"state": "cellar"}}, "play ends in the entrance 'cellar'"),
        ({"entrance": {"state": "nowhere"}}, "there is no state 'nowhere'"),
        ({"missions": 5}, "missions must be a list"),
    ],
    ids=str,
)
def test_a_world_in_which_no_mission_can_begin(change, reason):
    with pytest.raises(OpError, match=reason):
        apply(mission_world() | change, op(OUT))


def test_a_flag_that_the_world_grants_too_may_be_waited_for():
    """Not in a circle: the lamp can be taken before."""
    made = Compiled({**OUT, "id": "lamp", "requires": "lamp"})
    assert made.events["Leave."]["requires"] == ["lamp"]
