"""Findings are bounded: each message, each path, and the JSON of all of them together."""

import copy

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conjure.kernel import Severity, check, examine, has_errors
from conjure.kernel.diagnostics import MOST_IN_MESSAGE, MOST_IN_PATH
from conjure.kernel.findings import MOST_BYTES, MOST_KEPT, json_bytes
from unit.kernel.test_check import JSON, PATHOLOGICAL, mutated_worlds
from unit.kernel.worlds import make_world, merged, override, small_world, transition

MIB = 2**20
# What a name can be made of that is long in a message: letters, four bytes each, escapes.
LETTERS = ["x", "\N{GRINNING FACE}", "\x01", '"', "\\", "\u2028", "\N{CJK UNIFIED IDEOGRAPH-4E16}"]


def full(make, *, size=MIB):
    """`make(n)` for the largest n of which the JSON is not above `size`."""
    low, high = 1, 2
    while len(orjson.dumps(make(high))) <= size:
        low, high = high, high * 2
    while high - low > max(1, low // 50):
        middle = (low + high) // 2
        low, high = (middle, high) if len(orjson.dumps(make(middle))) <= size else (low, middle)
    return make(low)


def events(*made):
    return small_world({"scene": {"events": [transition("Step down", "atrium", "cellar"), *made]}})


def ambients(n, word="no", name="atrium"):
    return small_world({"scene": {"states": {name: {"base": "x", "ambient": [word] * n}}}})


def templates(name, slot, n):
    fills = {f"{slot}{at}": "x" for at in range(n)}
    uses = {f"s{at}": {"base": {"template": name, "fills": {slot: "f"}}} for at in range(n)}
    slots = {f"{slot}{at}": {"fills": [], "default": "y"} for at in range(n)}
    return small_world(
        {
            "kernel": {"templates": {name: {"text": "a {b}", "slots": slots}}},
            "scene": {"states": {**uses, "all": {"base": {"template": name, "fills": fills}}}},
        }
    )


HOSTILE = {
    "one event that requires much": lambda n: events(override("A", "atrium", requires=["k"] * n)),
    "many flags, all other ones": lambda n: events(
        override("A", "atrium", requires=[f"{at}" for at in range(n)])
    ),
    "many events that require": lambda n: events(
        *[{"name": f"{at}", "kind": "override", "from": [], "requires": ["k"]} for at in range(n)]
    ),
    "short events that lead nowhere": lambda n: events(
        *[{"name": f"{at}", "kind": "transition", "from": ["a"]} for at in range(n)]
    ),
    "one event from many places": lambda n: events(
        {"name": "A", "kind": "override", "from": ["a"] * n}
    ),
    "events of one name": lambda n: events(*[override("A", "atrium", to="b")] * n),
    "events without names": lambda n: events(*[{"kind": "override", "to": "x"}] * n),
    "events that are none": lambda n: events(*[0] * n),
    "negations": ambients,
    "prose of the wrong type": lambda n: ambients(n, 0),
    "lonely states": lambda n: small_world(
        {"scene": {"states": {f"{at}": {"base": ""} for at in range(n)}}}
    ),
    "lonely states without a base": lambda n: small_world(
        {"scene": {"states": {f"{at}": {} for at in range(n)}}} | {"entrance": {"state": "x"}}
    ),
    "cutscenes": lambda n: small_world(
        {"cutscenes": [{"id": "c", "video": "", "from": ["a"] * 9, "to": "b"}] * n}
    ),
    "sequences": lambda n: small_world(
        {"sequences": [{"id": "c", "beats": [{"state": "a"}] * 100}] * n}
    ),
    "missions": lambda n: small_world(
        {
            "missions": [
                {
                    "id": "m",
                    "verified": [],
                    "objectives": [{"id": "o", "text": "", "grounded": {"target": "t"}}] * n,
                }
            ]
        }
    ),
    "facts of a terminal": lambda n: events(
        {
            "name": "A",
            "kind": "terminal",
            "from": ["atrium"],
            "terminal": {"persona": "", "facts": [{"text": "", "requires": ["k"]}] * n},
        }
    ),
    "events that say everything": lambda n: events(
        *[
            {
                "name": f"{at}",
                "kind": "override",
                "from": [],
                "to": "",
                "base": "no, I kill",
                "detail": "no, I kill",
                "hotkey": "w",
                "anchor": {"label": ""},
                "landWhen": {"auto": True},
                "phases": [{"base": ""}] * 2,
                "requires": ["k"],
            }
            for at in range(n)
        ]
    ),
    "templates": lambda n: templates("hall", "s", n),
    "templates that include nothing": lambda n: small_world(
        {"kernel": {"templates": {f"{at}": {"text": "{>x}{>y}"} for at in range(n)}}}
    ),
    "templates in circles": lambda n: small_world(
        {"kernel": {"templates": {f"{at}": {"text": f"{{>{at}}}"} for at in range(n)}}}
    ),
}
for letter in LETTERS:
    long = letter * 200
    HOSTILE |= {
        f"a long event of {letter!a}": lambda n, long=long: events(
            override(long, "atrium", requires=[long] * (n // 100 + 1), phases=[{"base": ""}] * n)
        ),
        f"long names of {letter!a}": lambda n, long=long: events(
            *[transition(f"{long}{at}", long, long, requires=[long]) for at in range(n)]
        ),
        f"a long state of {letter!a}": lambda n, long=long: ambients(n, name=long),
        f"a long template of {letter!a}": lambda n, long=long: templates(long, long, n),
        f"one huge template of {letter!a}": lambda n, letter=letter: templates(
            letter * (MIB // 50), "s", n // 100 + 1
        ),
    }


def assert_bounded(found):
    """What holds for the findings of any world."""
    assert len(orjson.dumps([item.to_json() for item in found])) <= MOST_BYTES
    for item in found:
        assert len(item.path) <= MOST_IN_PATH
        assert len(item.message) <= MOST_IN_MESSAGE
        assert item.message.startswith(f"{item.path} ")
        assert len(orjson.dumps(item.to_json())) <= json_bytes(item)


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_findings_of_a_hostile_world_of_a_megabyte_are_bounded(make):
    """Four times the bytes of the world is the aim (DESIGN 5); ours have room for the world beside."""
    world = full(make)
    assert len(orjson.dumps(world)) > MIB // 2

    examined = examine(world)

    assert_bounded(examined.findings)
    assert sum(examined.counts.values()) >= len(examined.findings)
    assert has_errors(examined.findings) is bool(examined.counts[Severity.ERROR])


@pytest.mark.parametrize("make", PATHOLOGICAL.values(), ids=PATHOLOGICAL)
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
    assert f"{MOST_KEPT + 7 - len(errors):,} errors" in last.message


def test_the_counts_of_a_short_list_are_those_of_its_findings():
    examined = examine(dangling(7))

    assert examined.counts == {Severity.ERROR: 7}
    assert [item.lint for item in examined.findings] == ["dangling-ref"] * 7


def test_no_number_of_warnings_displaces_an_error():
    """The lints of states come before those of references, and fill their room alone."""
    world = {**ambients(5 * MOST_KEPT), "outro": {"state": "nowhere"}}

    found = check(world)

    assert found[0].path == "outro.state"
    assert has_errors(found)


def test_thousands_of_findings_are_listed_whole():
    """What a person could still work through is never cut."""
    assert len(check(dangling(3_000))) == 3_000


@pytest.mark.parametrize("number", [MOST_KEPT - 1, MOST_KEPT, MOST_KEPT + 1, 3 * MOST_KEPT])
def test_a_revision_of_a_world_with_too_many_findings_is_checked_as_the_first(number):
    """What is left out is not remembered in the parts, and counted again each time."""
    half = number // 2
    world = merged(
        make_world(states=3),
        {
            "scene": {
                "states": {
                    "room_0": {"ambient": ["no"] * half},
                    "room_1": {"ambient": ["no"] * (number - half)},
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
