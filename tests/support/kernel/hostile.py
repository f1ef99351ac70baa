"""Worlds that are made to cost more than they weigh."""

from __future__ import annotations

import orjson

from support.kernel.worlds import make_world, merged, override, small_world, transition


def nested(levels):
    value = 1
    for _ in range(levels):
        value = [value]
    return value


PATHOLOGICAL = {
    "one string of 1 MiB": lambda: merged(
        make_world(), {"scene": {"states": {"room_0": {"base": "gun the no don " * 70_000}}}}
    ),
    "one word of 1 MiB": lambda: merged(
        make_world(),
        {"scene": {"events": [override("A", "room_0", base="gun the " + "a" * 2**20)]}},
    ),
    "blanks of 1 MiB": lambda: merged(
        make_world(), {"scene": {"events": [override("A", "room_0", base="gun" + " " * 2**20)]}}
    ),
    "20,000 events of one name": lambda: merged(
        make_world(), {"scene": {"events": [override("A", "room_0")] * 20_000}}
    ),
    "20,000 dangling references": lambda: merged(
        make_world(),
        {"scene": {"events": [transition(f"{n}", "a" * 500, "room_O") for n in range(10_000)]}},
    ),
    "100,000 ambients": lambda: merged(
        make_world(), {"scene": {"states": {"room_0": {"ambient": ["no rain"] * 100_000}}}}
    ),
    "200,000 ambients of the wrong type": lambda: merged(
        make_world(), {"scene": {"states": {"room_0": {"ambient": [0] * 200_000}}}}
    ),
    "10,000 round trips between two states": lambda: merged(
        make_world(),
        {
            "scene": {
                "events": [
                    transition(f"{n}", *way, landWhen={"minLuminance": 0.1, "maxLuminance": 0.2})
                    for n in range(5_000)
                    for way in (("room_0", "room_1"), ("room_1", "room_0"))
                ]
            }
        },
    ),
    "200 levels": lambda: make_world(extra=nested(200)),
    "100,000 levels": lambda: make_world(extra=nested(100_000)),
    "100,000 levels where an object belongs": lambda: make_world(scene=nested(100_000)),
}

MIB = 2**20

# What a name can be made of that is long in a message: letters, four bytes each, escapes.
LETTERS = ["x", "\N{GRINNING FACE}", "\x01", '"', "\\", "\u2028", "\N{CJK UNIFIED IDEOGRAPH-4E16}"]


def full(make, *, size=MIB):
    """`make(n)` for an n of which the JSON has nearly `size` bytes, and not more."""
    n, world = 1, make(1)
    for _ in range(20):
        length = len(orjson.dumps(world))
        if 0.8 * size < length <= size:
            return world
        # A small one is hardly of its n yet; then a step or two, as they grow evenly.
        n = max(1, int(n * min(64, 0.95 * size / length)))
        world = make(n)
    raise AssertionError(f"no n of {make} has {size} bytes")


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
