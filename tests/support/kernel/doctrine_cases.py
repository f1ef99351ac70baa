"""What fires each advisory lint, and what does not."""

from __future__ import annotations

from typing import Any

from support.kernel.worlds import (
    atrium,
    base,
    cutscene,
    deed,
    merged,
    mission,
    small_world,
    step,
    templated,
    transition,
    way,
    with_events,
)

# (why, world, path of the finding, or None when the lint stays silent)
Case = tuple[str, Any, str | None]

STRAIGHT = ["don't", "doesn't", "can't", "won't"]
NEGATIVE_WORDS = [
    *("no", "not", "never", "without", "none", "nothing", "NO", "Not", "DON'T", *STRAIGHT),
    *(word.replace("'", "") for word in STRAIGHT),
    *(word.replace("'", "\u2019") for word in STRAIGHT),
]
INNOCENT_WORDS = [
    *("north", "note", "knot", "nor", "another", "nevermore", "notion", "donut", "cannot"),
    *("canto", "want", "isn't", "no_one", "candle"),
]
BRIGHT_WORDS = [
    *("whiteout", "white-out", "Blinding", "blown-white", "blown white", "blownwhite"),
    *("bloom", "bloomed", "blooming", "overexposed", "over-exposed", "washed-out", "washed out"),
]
DIM_WORDS = ["white", "blooms", "bloomers", "whiteouts", "exposed", "blown", "washed", "blind"]
LETHAL_WORDS = [
    *("kill", "kills", "killed", "killing", "shoot", "Shoots", "shooting", "gunned down"),
    *("gun him down", "guns her down", "guns them down", "guns the guard down"),
    *("guns the old night-watchman down", "execute", "executes", "executed", "execution"),
    "lying on the ground",
]
HARMLESS_WORDS = [
    *("dead", "shot", "corpse", "killer", "skill", "gun", "gunned", "executing", "executive"),
    *("offshoot", "guns it down", "lying on the floor"),
]
KEYS = [
    "w",
    "A",
    "s",
    "D",
    "ArrowUp",
    "left",
    "arrow_down",
    "Space",
    " ",
    "Escape",
    "esc",
]
STATE = {"base": "A yard behind the house."}

DOCTRINE: dict[str, list[Case]] = {
    "negation": [
        *(
            (f"{word!r} in a base", base(f"A hall, {word}."), "state[atrium].base")
            for word in NEGATIVE_WORDS
        ),
        *((f"{word!r} is no negation", base(f"A {word} hall."), None) for word in INNOCENT_WORDS),
        (
            "in movement",
            atrium(movement={"dynamic": "never runs"}),
            "state[atrium].movement.dynamic",
        ),
        ("in one ambient", atrium(ambient=["rain", "sun", "no wind"]), "state[atrium].ambient[2]"),
        ("in an event's base", deed(base="Nothing moves."), "event[Deed].base"),
        ("in an event's detail", step(detail="without a sound"), "event[Step].detail"),
        ("in a terminal's base", deed(kind="terminal", base="no"), "event[Deed].base"),
        (
            "camera prose is exempt",
            atrium(camera={"static": "no zoom", "dynamic": "never cuts"}),
            None,
        ),
        (
            "an event's camera and movement are not content",
            deed(camera="no zoom", movement="no"),
            None,
        ),
        ("phases are not the event", deed(phases=[{"base": "no"}]), None),
        (
            "variants are not the state",
            atrium(variants=[{"label": "dark", "base": "no light"}]),
            None,
        ),
        (
            "words that a template writes",
            templated({"hall": {"text": "A hall without chairs."}}, "hall"),
            "state[atrium].base",
        ),
        (
            "words that a fill brings",
            templated({"hall": {"text": "A {mood} hall."}}, "hall", mood="not so calm"),
            "state[atrium].base",
        ),
        (
            "a template that nobody uses",
            small_world({"kernel": {"templates": {"hall": {"text": "no"}}}}),
            None,
        ),
        (
            "prose that is in error has no words",
            base({"template": "no", "fills": {"a": "no"}}),
            None,
        ),
    ],
    "whiteout": [
        *(
            (f"{word!r}", step(detail=f"A {word} light."), "event[Step].detail")
            for word in BRIGHT_WORDS
        ),
        *((f"{word!r} is fine", step(detail=f"A {word} light."), None) for word in DIM_WORDS),
        ("in a base", step(base="A blinding light."), "event[Step].base"),
        ("overrides may", deed(detail="A blinding light."), None),
    ],
    "lethal-override": [
        *(
            (f"{word!r}", deed(detail=f"They {word}."), "event[Deed].detail")
            for word in LETHAL_WORDS
        ),
        *((f"{word!r} is fine", deed(detail=f"A {word}."), None) for word in HARMLESS_WORDS),
        ("in a base", deed(base="He kills the light."), "event[Deed].base"),
        (
            "words of two fields are not one phrase",
            deed(base="lying on", detail="the ground"),
            None,
        ),
        ("transitions may", step(detail="He shoots."), None),
    ],
    "budget": [
        (
            "1,901 characters",
            base("x" * 1901, camera=None, movement=None, ambient=None),
            "state[atrium]",
        ),
        (
            "1,901 characters from a template",
            templated({"hall": {"text": "{x}"}}, "hall", x="x" * 1901),
            "state[atrium]",
        ),
        ("1,900 exactly", base("x" * 1900, camera=None, movement=None, ambient=None), None),
        (
            "fields are joined by one space",
            base(
                "x" * 1000,
                camera={"static": "y" * 900, "dynamic": None},
                movement=None,
                ambient=None,
            ),
            "state[atrium]",
        ),
        (
            "empty fields take no space",
            base(
                "x" * 1000,
                camera={"static": "y" * 899, "dynamic": ""},
                movement={"static": "", "dynamic": None},
                ambient=[""],
            ),
            None,
        ),
        (
            "variants have a budget of their own",
            atrium(variants=[{"label": "long", "base": "x" * 1901}]),
            None,
        ),
    ],
    "auto-needs-pixels": [
        (
            "auto alone",
            with_events(way("Go", "atrium", "cellar", auto=True)),
            "event[Go].landWhen.auto",
        ),
        ("with motion", with_events(way("Go", "atrium", "cellar", auto=True, maxMotion=0.1)), None),
        ("auto is false", with_events(way("Go", "atrium", "cellar", auto=False)), None),
    ],
    "luminance-overlap": [
        *(
            (
                why,
                small_world(
                    {
                        "scene": {
                            "states": {"cellar": {"ending": None}, "atrium": {"ending": None}},
                            "events": [
                                way("Up", "cellar", back, minLuminance=least),
                                way("Down", "atrium", "cellar", maxLuminance=0.5),
                            ],
                        }
                    }
                ),
                path,
            )
            for why, back, least, path in (
                ("bands touch", "atrium", 0.5, "event[Up].landWhen.minLuminance"),
                ("bands overlap", "atrium", 0.1, "event[Up].landWhen.minLuminance"),
                ("bands apart", "atrium", 0.6, None),
                ("no round trip", "cellar", 0.1, None),
            )
        ),
        (
            "a way from a state to itself is no round trip",
            with_events(
                way("Stay", "atrium", "atrium", minLuminance=0.1),
                way("Wait", "atrium", "atrium", maxLuminance=0.5),
            ),
            None,
        ),
        (
            "through a cutscene",
            with_events(
                way("Down", "atrium", "fall", maxLuminance=0.5),
                way("Up", "cellar", "atrium", minLuminance=0.5),
                cutscenes=[{"id": "fall", "video": "v", "from": "atrium", "to": "cellar"}],
            ),
            "event[Up].landWhen.minLuminance",
        ),
    ],
    "unreachable-require": [
        ("an event", deed(requires=["key"]), "event[Deed].requires[0]"),
        (
            "a fact of a terminal",
            deed(
                kind="terminal",
                terminal={"persona": "x", "facts": [{"text": "y", "requires": ["z"]}]},
            ),
            "event[Deed].terminal.facts[0].requires[0]",
        ),
        ("a cutscene", cutscene(requires=["key"]), "cutscene[fall].requires[0]"),
        (
            "an objective",
            mission(objectives=[{"id": "found", "text": "x", "requires": ["key"]}]),
            "mission[m].objectives[0].requires[0]",
        ),
        ("granted by an event", deed(requires=["key"], grants=["key"]), None),
        ("grants that cannot be read are schema", deed(requires=["key"], grants="key"), None),
    ],
    "objective-unreachable": [
        (
            "by its id",
            mission(objectives=[{"id": "lost", "text": "x"}]),
            "mission[m].objectives[0].id",
        ),
        (
            "by its grants",
            mission(objectives=[{"id": "found", "text": "x", "grants": "lost"}]),
            "mission[m].objectives[0].grants",
        ),
        ("its id is granted", mission(objectives=[{"id": "found", "text": "x"}]), None),
        (
            "its flag is granted",
            mission(objectives=[{"id": "o", "text": "x", "grants": "found"}]),
            None,
        ),
    ],
    "objective-ungrounded": [
        (
            "the target was not verified",
            mission(
                verified=["lamp"],
                objectives=[{"id": "found", "text": "x", "grounded": {"target": "clock"}}],
            ),
            "mission[m].objectives[0].grounded.target",
        ),
        (
            "verified, by name or by label",
            mission(
                verified=["lamp", {"label": " The Clock"}],
                objectives=[
                    {"id": "found", "text": "x", "grounded": {"target": target}}
                    for target in ("lamp", " LAMP ", "the clock")
                ],
            ),
            None,
        ),
        (
            "nothing was verified",
            mission(objectives=[{"id": "found", "text": "x", "grounded": {"target": "clock"}}]),
            None,
        ),
    ],
    "reserved-hotkey": [
        *((f"{key!r}", deed(hotkey=key), "event[Deed].hotkey") for key in KEYS),
        *(
            (f"{key!r} is free", deed(hotkey=key), None)
            for key in ("f", "q", "E", "KeyQ", "1", "Tab", "Enter", "")
        ),
    ],
    "unreachable-state": [
        (
            "an island",
            small_world({"scene": {"states": {"attic": {"base": "An attic."}}}}),
            "state[attic]",
        ),
        (
            "through a cutscene",
            small_world(
                {
                    "scene": {"events": [transition("Fall", "atrium", "fall")]},
                    "cutscenes": [{"id": "fall", "video": "v", "from": "atrium", "to": "cellar"}],
                }
            ),
            None,
        ),
        ("from an entrance that is not there", small_world({"entrance": {"state": "hall"}}), None),
        (
            "an edge that cannot be read",
            small_world({"scene": {"events": [step(to=1)["scene"]["events"][1]]}}),
            None,
        ),
    ],
    "sliver-evidence": [
        (
            "no minProximity",
            deed(anchor={"label": "lamp", "minProximity": None}),
            "event[Deed].anchor",
        ),
        ("minProximity", deed(anchor={"label": "lamp", "minProximity": 0.2}), None),
    ],
    "shared-phase-camera": [
        (
            "one of two lacks a camera",
            deed(phases=[{"base": "x", "camera": "close"}, {"base": "y"}]),
            "event[Deed].phases",
        ),
        (
            "in an objective",
            mission(objectives=[{"id": "found", "text": "x", "phases": [{"base": "x"}] * 2}]),
            "mission[m].objectives[0].phases",
        ),
        *(
            (
                f"a camera that is {camera!r} is none",
                deed(phases=[{"base": "x", "camera": "close"}, {"base": "y", "camera": camera}]),
                "event[Deed].phases",
            )
            for camera in ("", " \t", {}, {"static": ""}, {"static": " ", "dynamic": "\n"})
        ),
        (
            "half a camera is one",
            deed(phases=[{"base": "x", "camera": {"dynamic": "It follows."}}] * 2),
            None,
        ),
        ("each has its own", deed(phases=[{"base": "x", "camera": {"static": "close"}}] * 2), None),
        ("one phase alone", deed(phases=[{"base": "x"}]), None),
    ],
    "more-findings": [
        ("a thousand and one", atrium(ambient=["no"] * 1_001), "world"),
        ("a thousand", atrium(ambient=["no"] * 999), None),
    ],
    "unaddressable-name": [
        *(
            (f"a state {name!a}", small_world({"scene": {"states": {name: STATE}}}), path)
            for name, path in (("..", "state[..]"), (" ", "state[ ]"), ("\0", "state[\\u0000]"))
        ),
        ("an event", with_events(transition(".", "atrium", "cellar")), "event[.].name"),
        ("three dots", with_events(transition("...", "atrium", "cellar")), None),
        (
            "what no address names anyway",
            small_world({"sequences": [{"id": "..", "beats": []}]}),
            None,
        ),
    ],
    "softlock": [
        (
            "a room without a way out",
            merged(
                with_events(transition("Fall", "atrium", "pit")),
                {"scene": {"states": {"pit": STATE}}},
            ),
            "state[pit]",
        ),
        ("none is found", small_world(), None),
        (
            "the world has no ending",
            small_world({"scene": {"states": {"cellar": {"ending": None}}}}),
            None,
        ),
    ],
    "no-ending": [
        (
            "no state ends",
            small_world({"scene": {"states": {"cellar": {"ending": None}}}}),
            "scene.states",
        ),
        ("one does", small_world(), None),
    ],
}
