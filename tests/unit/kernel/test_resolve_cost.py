"""What templates may cost: growth is refused before it happens, and the rest is linear."""

import pytest

from conjure.kernel import check, resolve
from conjure.kernel.templates import MOST_IN_MEMBER, MOST_IN_WORLD
from support.cases import each_of
from support.cost import assert_cheap, cpu_s
from support.kernel.worlds import make_world, merged, templated


def doubling(levels, text="x"):
    """Templates that each include the next one twice: 2 ** levels times the text in the end."""
    steps = {f"t{n}": {"text": f"{{>t{n + 1}}}{{>t{n + 1}}}"} for n in range(levels)}
    return {**steps, f"t{levels}": {"text": text}}


def chain(length):
    steps = {f"t{n}": {"text": f"{{>t{n + 1}}}"} for n in range(length)}
    return {**steps, f"t{length}": {"text": "x"}}


def used_by_all(templates, names, states):
    world = make_world(states=states, events_per_state=1)
    for state, name in zip(world["scene"]["states"].values(), names, strict=False):
        state["base"] = {"template": name}
    return {**world, "kernel": {"templates": templates}}


def refused(world):
    return [d.path for d in check(world) if d.severity == "error"]


@pytest.mark.parametrize("text", ["x", "", "{a}"])
def test_an_exponential_template_is_refused_before_it_is_written(text):
    world = templated(doubling(2_000, text), "t0", a="")
    (path,) = refused(world)

    assert path.startswith("template[t19")
    assert_cheap(lambda: refused(world), most=50)


def test_a_template_that_is_refused_is_a_schema_error_with_the_limit_in_it():
    (finding,) = [d for d in check(templated(doubling(40), "t0")) if d.lint == "schema"]

    assert f"more than {MOST_IN_MEMBER:,} characters" in finding.message
    assert finding.loc.template == finding.path[9:-6]


def test_a_member_that_fills_swell_is_refused():
    hall = {"hall": {"text": "{a}" * 100}}

    assert refused(templated(hall, "hall", a="x" * (MOST_IN_MEMBER // 100))) == []
    assert refused(templated(hall, "hall", a="x" * (MOST_IN_MEMBER // 100 + 1))) == [
        "state[atrium].base"
    ]


def test_a_world_that_templates_swell_is_refused_once():
    most = MOST_IN_WORLD // 60_000
    hall = {"hall": {"text": "x" * 60_000}}

    assert refused(used_by_all(hall, ["hall"] * most, most)) == []
    assert refused(used_by_all(hall, ["hall"] * 2 * most, 2 * most)) == ["kernel.templates"]


HOSTILE = {
    "a chain of 50,000 includes": lambda: used_by_all(chain(50_000), ["t0", "t9", "t49999"], 3),
    "a circle of 50,000": lambda: used_by_all(
        chain(50_000) | {"t50000": {"text": "{>t0}"}}, ["t0"], 3
    ),
    "10,000 uses of 20,000 slots that stay empty": lambda: used_by_all(
        {"hall": {"text": "{a}" * 20_000, "slots": {"a": {"default": ""}}}},
        ["hall"] * 10_000,
        10_000,
    ),
    "10,000 uses of a template with 10,000 missing slots": lambda: used_by_all(
        {"hall": {"text": "".join(f"{{{n}}}" for n in range(10_000))}}, ["hall"] * 10_000, 10_000
    ),
    "10,000 unknown templates": lambda: used_by_all({}, [f"t{n}" for n in range(10_000)], 10_000),
    "10,000 templates that include one with 10,000 slots": lambda: used_by_all(
        {"leaf": {"text": "x", "slots": {f"s{n}": {} for n in range(10_000)}}}
        | {f"t{n}": {"text": "{>leaf}"} for n in range(10_000)},
        [f"t{n}" for n in range(10_000)],
        10_000,
    ),
    "1 MiB of open braces": lambda: used_by_all({"hall": {"text": "{" * 2**20}}, ["hall"], 3),
    "1 MiB of half-open marks": lambda: used_by_all(
        {"hall": {"text": "{>a" * 350_000}}, ["hall"], 3
    ),
    "100,000 levels in a fill": lambda: templated(
        {"hall": {"text": "{a}"}}, "hall", a=nested(100_000)
    ),
}


def nested(levels):
    value = 1
    for _ in range(levels):
        value = [value]
    return value


@each_of("make", HOSTILE.values(), ids=HOSTILE)
def test_hostile_templates_stay_cheap(make):
    world = make()

    def work():
        check(world)
        resolve(world)

    # Measured: at most 130 yardsticks. What is quadratic takes minutes here: tens of thousands.
    assert_cheap(work, most=1_000)


def factored_world(states):
    """A sound world in which every base and detail is made from templates."""
    world = make_world(states=states, events_per_state=2)
    for number, state in enumerate(world["scene"]["states"].values()):
        state["base"] = {"template": "room", "fills": {"number": str(number)}}
    for event in world["scene"]["events"]:
        event["detail"] = {"template": "step"}
    templates = {
        "room": {
            "text": "Room {number} of {>place}. {light}",
            "slots": {"light": {"default": "Dim."}},
        },
        "place": {"text": "the old library"},
        "step": {"text": "She crosses the room and steps through {>place}."},
    }
    return merged(world, {"kernel": {"templates": templates}})


def test_a_large_factored_world_is_linear():
    """10,000 states and 20,000 events cost ten times what 1,000 and 2,000 do."""
    small, large = factored_world(1_000), factored_world(10_000)
    assert check(large) == ()
    assert resolve(large)["scene"]["states"]["room_9999"]["base"] == (
        "Room 9999 of the old library. Dim."
    )

    def cost(world, rounds):
        return cpu_s(lambda: (check(world), resolve(world)), rounds=rounds)

    ratio = cost(large, 1) / cost(small, 3)
    assert ratio < 40, "quadratic would be a hundred"
