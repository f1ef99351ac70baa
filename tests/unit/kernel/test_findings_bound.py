"""Findings are bounded: each message, each path, and the JSON of all of them together."""

import copy

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conjure.kernel import Severity, check, examine, has_errors
from conjure.kernel.diagnostics import MOST_IN_MESSAGE, MOST_IN_PATH
from conjure.kernel.findings import MOST_BYTES, MOST_KEPT, json_bytes
from support.cases import each_of
from support.kernel.documents import JSON, mutated_worlds
from support.kernel.hostile import HOSTILE, LETTERS, MIB, PATHOLOGICAL, ambients, events, full
from support.kernel.worlds import make_world, merged, transition


def assert_bounded(found):
    """What holds for the findings of any world."""
    assert len(orjson.dumps([item.to_json() for item in found])) <= MOST_BYTES
    for item in found:
        assert len(item.path) <= MOST_IN_PATH
        assert len(item.message) <= MOST_IN_MESSAGE
        assert item.message.startswith(f"{item.path} ")
        assert len(orjson.dumps(item.to_json())) <= json_bytes(item)


@each_of("make", HOSTILE.values(), ids=HOSTILE)
def test_findings_of_a_hostile_world_of_a_megabyte_are_bounded(make):
    """Four times the bytes of the world at most (ARCHITECTURE 5); ours have room for the world beside."""
    world = full(make)
    size = len(orjson.dumps(world))
    assert size > MIB // 2

    examined = examine(world)

    assert_bounded(examined.findings)
    assert len(orjson.dumps([item.to_json() for item in examined.findings])) <= 4 * size
    assert sum(examined.counts.values()) >= len(examined.findings)
    assert has_errors(examined.findings) is bool(examined.counts[Severity.ERROR])


@each_of("make", PATHOLOGICAL.values(), ids=PATHOLOGICAL)
def test_so_are_those_of_larger_ones(make):
    assert_bounded(check(make()))


LONG_TEXT = st.builds(
    lambda letter, count: letter * count, st.sampled_from(LETTERS), st.integers(0, 400)
)


@given(st.data())
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_findings_of_any_world_are_bounded(data):
    """Any mutation of a sound world, repeated until it is large."""
    world = data.draw(mutated_worlds())
    times = data.draw(st.sampled_from([1, 40, 4_000]))
    scene = world.get("scene")
    if isinstance(scene, dict):
        if isinstance(scene.get("events"), list):
            name = data.draw(LONG_TEXT)
            scene["events"] = [
                {**event, "name": f"{name}{at}"} if isinstance(event, dict) else event
                for at in range(times)
                for event in scene["events"]
            ]
        if isinstance(scene.get("states"), dict):
            scene["states"] |= {f"{data.draw(LONG_TEXT)}{at}": data.draw(JSON) for at in range(5)}
    assert_bounded(check(world))


def dangling(n):
    return events(*[transition(f"Leave {at}", "atrium", "nowhere") for at in range(n)])


def test_the_list_says_how_many_findings_are_not_in_it():
    examined = examine(dangling(MOST_KEPT + 7))
    last = examined.findings[-1]
    errors = [item for item in examined.findings if item.severity is Severity.ERROR]

    assert (last.lint, last.severity, last.path) == ("more-findings", "info", "world")
    assert examined.counts[Severity.ERROR] == MOST_KEPT + 7
    assert examined.counts[Severity.INFO] == 1
    assert examined.omitted == MOST_KEPT + 7 - len(errors)
    assert f"{MOST_KEPT + 7 - len(errors):,} errors" in last.message


def test_the_counts_of_a_short_list_are_those_of_its_findings():
    examined = examine(dangling(7))

    assert examined.counts == {Severity.ERROR: 7}
    assert examined.omitted == 0
    assert [item.lint for item in examined.findings] == ["dangling-ref"] * 7


def test_no_number_of_warnings_displaces_an_error():
    """The lints of states come before those of references, and fill their room alone."""
    world = {**ambients(5 * MOST_KEPT), "outro": {"state": "nowhere"}}

    found = check(world)

    assert found[0].path == "outro.state"
    assert has_errors(found)


def test_a_thousand_findings_are_listed_whole():
    """What a person could still work through is never cut."""
    assert len(check(dangling(MOST_KEPT))) == MOST_KEPT == 1_000


def test_of_a_world_that_is_hardly_one_only_that_is_told():
    """It is refused for that; what else there is to say would mostly follow from it."""
    misfits = [{"name": f"e{at}", "kind": 5, "from": ["nowhere"]} for at in range(101)]
    few = {
        **make_world(states=3),
        "scene": {**make_world(states=3)["scene"], "events": misfits[1:]},
    }
    many = {**few, "scene": {**few["scene"], "events": [*misfits, misfits[7]]}}

    some, all_lints = check(many), {item.lint for item in check(few)}

    assert {"schema", "dangling-ref"} <= all_lints
    assert {item.lint for item in some} == {"schema"}
    assert has_errors(some)
    assert len(some) == 101
    assert "event[e7].kind" in {item.path for item in some}
    assert "nothing else was looked at" in next(i.message for i in some if i.path == "world")


@pytest.mark.parametrize("number", [MOST_KEPT - 1, MOST_KEPT, MOST_KEPT + 1, 3 * MOST_KEPT])
def test_a_revision_of_a_world_with_too_many_findings_is_checked_as_the_first(number):
    """What is left out is not remembered in the parts, and counted again each time."""
    half = number // 2
    world = merged(
        make_world(states=3),
        {
            "scene": {
                "states": {
                    "room_0": {"ambient": ["nothing"] * half},
                    "room_1": {"ambient": ["nothing"] * (number - half)},
                }
            }
        },
    )
    before = examine(world)
    scene = world["scene"]
    room = {**scene["states"]["room_2"], "base": "Never."}
    after = {**world, "scene": {**scene, "states": {**scene["states"], "room_2": room}}}

    again, whole = examine(after, before), examine(copy.deepcopy(after))

    assert again.findings == whole.findings
    assert again.counts == whole.counts
    assert again.counts[Severity.WARNING] == number + 3  # the two are over the budget, too
