"""Missions for property tests: valid ones on sound worlds, and such with places exchanged for any JSON."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from conjure.kernel.ops import OPS
from support.kernel.documents import JSON, places
from support.kernel.worlds import override, small_world, transition

LAMP = "lamp"
"""A flag that an event of every one of these worlds grants, in the entrance."""

NEW_PLACES = ("loft", "yard", "bridge ü🙂")
EXAMPLE: dict[str, Any] = {"op": "add_mission", **OPS["add_mission"].example}

_ROOMS = ("atrium", "hall")  # those of the worlds in which play goes on
_WORDS = st.sampled_from(["A lamp on the oak counter.", "She opens the green door.", "Dust turns."])
_PROSE = _WORDS | st.just({"template": "hall", "fills": {"mood": "calm"}})
_MOTION = _PROSE | st.fixed_dictionaries({}, optional={"static": _PROSE, "dynamic": _PROSE})
_PHASES = st.lists(
    st.fixed_dictionaries({"base": _PROSE, "camera": _MOTION.filter(bool)}), max_size=3
)
_ENDING = st.fixed_dictionaries({}, optional={"title": _WORDS, "subtitle": st.just("No way back.")})
_ABSENT = st.sampled_from([None, "", " "])  # what counts as not sent


def mission_world(**atrium: Any) -> dict[str, Any]:
    """Two rooms with a way there and back, a cellar in which play ends, and a lamp in the first."""
    world = small_world({"scene": {"states": {"hall": {"base": "A hall."}, "atrium": atrium}}})
    world["scene"]["events"] += [
        transition("Walk on", "atrium", "hall"),
        transition("Walk back", "hall", "atrium"),
        override("Take the lamp", "atrium", grants=[LAMP]),
    ]
    return world


@st.composite
def sound_worlds(draw):
    """Such a world, with an entrance that may be hard to copy."""
    world = mission_world()
    templates = {"hall": {"text": "A {mood} hall."}, "shut": {"text": "The door will not open."}}
    world["kernel"] = {"templates": templates}
    atrium = world["scene"]["states"]["atrium"]
    halves = st.sampled_from(
        [
            "She waits and never moves.",
            "She waits.",
            {"template": "shut", "fills": {}},
            {"template": "hall", "fills": {"mood": "quiet"}},
            "",
        ]
    )
    for key in ("camera", "movement"):
        pair = st.fixed_dictionaries({}, optional={"static": halves, "dynamic": halves})
        motion = draw(pair | st.none())
        if motion is None:
            del atrium[key]
        else:
            atrium[key] = motion
    if draw(st.booleans()):
        del world["name"]
        world["name"] = ""
    world["cutscenes"] = [{"id": "fall", "video": "v", "from": "atrium", "to": "cellar"}]
    return world


@st.composite
def objectives(draw, number, is_last, prefix):
    """An objective, in some of the ways in which clients write one."""
    optional = {
        "action": _PROSE,
        "outcome": _PROSE | _ABSENT,
        "phases": _PHASES | st.none(),
        "camera": _MOTION | _ABSENT,
        "movement": _MOTION,
        "lockedHint": _PROSE | _ABSENT,
        "grants": st.sampled_from(
            [None, "", f"{prefix} done {number}", [f"{prefix} flag {number}"]]
        ),
        "grounded": st.fixed_dictionaries(
            {"target": st.sampled_from(["lamp", ""])},
            optional={
                "targetAliases": st.sampled_from([["light"], "light", [], None]),
                "confirm": _WORDS | _ABSENT,
                "confirmAliases": st.sampled_from([["light"], None]),
                "proximity": st.sampled_from([0.3, 1, "near", None]),
            },
        ),
        "fail": st.fixed_dictionaries(
            {},
            optional={
                "name": st.just(f"{prefix} fail {number}") | _ABSENT,
                "action": _PROSE,
                "outcome": _PROSE | _ABSENT,
                "title": _WORDS,
                "subtitle": st.just("No luck."),
            },
        )
        | st.none(),
    }
    made = draw(st.fixed_dictionaries({}, optional=optional))
    grounded = made.get("grounded", {})
    if (grounded.get("confirm") or "").strip():
        grounded["target"] = "lamp"  # a sign is one of something
    where = draw(st.sampled_from([*_ROOMS, *NEW_PLACES, *([None, ""] * 2), "cellar"]))
    if where == "cellar" and not (is_last or made.get("outcome") not in ("", " ", None)):
        where = None  # play would end there
    waits = draw(st.sampled_from(["before", "nothing", "lamp", "first"]))
    requires = {"nothing": [], "lamp": LAMP, "first": [f"{prefix}0", LAMP] if number else None}
    return {
        **made,
        "id": f"{prefix}{number}",
        "text": f"{prefix} do {number}",
        "base": draw(_PROSE),
        **({} if where is None else {"location": where}),
        **({} if waits == "before" else {"requires": requires[waits]}),
    }


@st.composite
def missions(draw, prefix="o"):
    """An op that adds a valid mission to a sound world. Another prefix makes another mission."""
    count = draw(st.integers(1, 6))
    made = [draw(objectives(at, at == count - 1, prefix)) for at in range(count)]
    if made[0].get("grants"):
        made[0]["grants"] = None  # the others may wait for its id
    op = {"op": "add_mission", "id": prefix, "objectives": made}
    win = draw(_ENDING | st.none())
    return {**op, "win": win, "title": "Out", "verified": draw(st.sampled_from([None, ["lamp"]]))}


@st.composite
def hostile_missions(draw):
    """The example with a few places exchanged for any JSON, or gone, or said twice."""
    op = copy.deepcopy(EXAMPLE)
    for place in draw(st.lists(st.sampled_from(list(places(op))[2:]), min_size=1, max_size=3)):
        node = op
        try:
            for key in place[:-1]:
                node = node[key]
            match draw(st.sampled_from(["any", "gone", "template", "again"])):
                case "any":
                    node[place[-1]] = draw(JSON | st.sampled_from(["", "x" * 300, "atrium", "a\0"]))
                case "gone":
                    del node[place[-1]]
                case "template":
                    node[place[-1]] = {"template": draw(st.sampled_from(["hall", "nowhere"]))}
                case _:
                    op["objectives"] = [*op["objectives"], *op["objectives"]]
        except (KeyError, IndexError, TypeError):
            continue  # an earlier change took the place away
    return op
