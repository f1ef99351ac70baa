"""`check` as a whole: ordered, total, pure, linear."""

import copy
import json

import orjson
from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.kernel import Severity, advisories, check, errors, has_errors
from support.cases import each_of
from support.cost import assert_cheap, cpu_s
from support.kernel.documents import JSON, mutated_worlds
from support.kernel.hostile import PATHOLOGICAL
from support.kernel.worlds import make_world, merged, override, small_world, with_events


def judge(value):
    """The properties that hold for any document."""
    before = copy.deepcopy(value)
    found = check(value)

    assert repr(before) == repr(value)  # repr, because NaN differs from itself
    assert found == check(value)
    assert len(found) == len({(d.path, d.lint) for d in found})
    ranks = [(list(Severity).index(d.severity), d.path, d.lint) for d in found]
    assert ranks == sorted(ranks)
    orjson.dumps([d.to_json() for d in found])


@given(JSON)
@settings(max_examples=150, deadline=None)
def test_any_json_value_is_judged(value):
    judge(value)


@given(mutated_worlds())
@settings(max_examples=300, deadline=None)
def test_any_mutation_of_a_world_is_judged(world):
    judge(world)


@given(st.dictionaries(st.sampled_from(["entrance", "scene", "cutscenes", "missions", "id"]), JSON))
@settings(max_examples=100, deadline=None)
def test_members_of_any_shape_are_judged(members):
    judge({**small_world(), **members})


def test_a_sound_world_has_no_findings():
    assert check(make_world()) == ()
    assert check(small_world()) == ()


def test_errors_come_first_and_then_paths_in_order():
    world = with_events(
        override("Wave", "atrium", detail="no", hotkey="w", anchor={"label": "hand"}),
        override("Act", "atrium", to="cellar"),
        entrance={"state": "hall"},
    )

    assert [(d.severity, d.path) for d in check(world)] == [
        ("error", "entrance.state"),
        ("error", "event[Act].to"),
        ("warning", "event[Wave].anchor"),
        ("warning", "event[Wave].detail"),
        ("warning", "event[Wave].hotkey"),
    ]


def test_the_gate_splits_errors_from_advice():
    found = check(with_events(override("Wave", "atrium", detail="no", to="cellar")))

    assert [d.lint for d in errors(found)] == ["transition-needs-to"]
    assert [d.lint for d in advisories(found)] == ["negation"]
    assert has_errors(found)
    assert not has_errors(advisories(found))


def test_key_order_means_nothing():
    world = merged(make_world(states=9), {"entrance": {"state": "nowhere else"}})
    turned = json.loads(json.dumps(world, sort_keys=True))

    assert check(world) == check(turned)


def test_one_defect_is_one_finding():
    """A member of the wrong type is named by `schema` alone; nothing else trips over it."""
    for value in (5, None, "x", [], True):
        world = copy.deepcopy(small_world())
        world["scene"]["states"] = value
        assert [d.path for d in check(world)] == ["scene.states"]


@each_of(
    ("entrance", "lint"),
    [
        (None, "no-entrance"),
        ({"image": {"src": "a.jpg"}}, "no-entrance"),
        ({"image": {"src": "a.jpg"}, "state": None}, "no-entrance"),
        ("atrium", "schema"),
        ({"image": {"src": "a.jpg"}, "state": 5}, "schema"),
        ({"image": {"src": "a.jpg"}, "state": "hall"}, "dangling-ref"),
    ],
)
def test_a_wrong_entrance_is_one_error(entrance, lint):
    assert [lint] == [d.lint for d in check({**small_world(), "entrance": entrance})]


def test_names_are_short_and_printable():
    name = "\x1b[31m\ud800" + "x" * 10_000
    world = with_events(override(name, "atrium", to="cellar"), entrance={"state": name})

    for finding in check(world):
        assert finding.message.isprintable()
        assert len(finding.message) < 600


@each_of("make", PATHOLOGICAL.values(), ids=PATHOLOGICAL)
def test_hostile_worlds_stay_cheap(make):
    world = make()

    # Measured: at most 30 yardsticks. What is quadratic takes minutes here: tens of thousands.
    assert_cheap(lambda: check(world), most=500)


def test_findings_about_the_schema_are_capped():
    world = merged(make_world(), {"scene": {"states": {"room_0": {"ambient": [0] * 500}}}})
    found = [d for d in check(world) if d.lint == "schema"]

    assert len(found) == 101
    assert found[-1].path == "world"


def test_the_cost_per_state_does_not_grow_with_the_world():
    """Ten times the states cost ten times as much; quadratic would be a hundred times."""
    small, large = make_world(states=200), make_world(states=2_000)

    ratio = cpu_s(lambda: check(large)) / cpu_s(lambda: check(small))
    assert ratio < 40
