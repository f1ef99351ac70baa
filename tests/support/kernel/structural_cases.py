"""What fires each structural lint, and what does not."""

from __future__ import annotations

from typing import Any

from support.kernel.worlds import (
    atrium,
    base,
    cutscene,
    deed,
    mission,
    override,
    small_world,
    step,
    transition,
    with_events,
)

# (why, world, path of the finding, or None when the lint stays silent)
Case = tuple[str, Any, str | None]

STRUCTURAL: dict[str, list[Case]] = {
    "schema": [
        ("a base that is a number", base(5), "state[atrium].base"),
        ("a state without base", base(None), "state[atrium].base"),
        ("a world without name", small_world({"name": None}), "name"),
        ("a world without scene", small_world({"scene": None}), "scene"),
        ("states as a list", small_world({"scene": {"states": []}}), "scene.states"),
        ("an entrance that is a string", small_world({"entrance": "atrium"}), "entrance"),
        ("an entrance without image", small_world({"entrance": {"image": None}}), "entrance.image"),
        (
            "an image without src",
            small_world({"entrance": {"image": {"src": None}}}),
            "entrance.image.src",
        ),
        ("an unknown kind of event", deed(kind="gag"), "event[Deed].kind"),
        ("a `from` that is a string", deed(**{"from": "atrium"}), "event[Deed].from"),
        ("a `from` that holds a number", deed(**{"from": ["atrium", 1]}), "event[Deed].from[1]"),
        ("a nameless event goes by its place", deed(name=7), "scene.events[1].name"),
        ("factored prose without template", base({"fills": {}}), "state[atrium].base.template"),
        (
            "a fill that is a number",
            base({"template": "hall", "fills": {"mood": 3}}),
            "state[atrium].base.fills.mood",
        ),
        ("a cutscene without video", cutscene(video=None), "cutscene[fall].video"),
        (
            "a beat with an unknown dwell",
            small_world(
                {"sequences": [{"id": "tour", "beats": [{"state": "atrium", "dwell": "ages"}]}]}
            ),
            "sequence[tour].beats[0].dwell",
        ),
        (
            "an objective without text",
            mission(objectives=[{"id": "found"}]),
            "mission[m].objectives[0].text",
        ),
        ("an intro that is a picture", small_world({"introStatic": "a.jpg"}), "introStatic"),
        ("a list instead of a world", [], "world"),
        ("a string instead of a world", "world", "world"),
        ("members nobody knows, anywhere", atrium(mood={"deep": [None, 1.0]}), None),
        ("factored prose", base({"template": "hall", "fills": {"mood": "calm"}}), None),
        ("a hotkey that is null", with_events(override("Deed", "atrium", hotkey=None)), None),
        (
            "a dwell in milliseconds",
            small_world(
                {
                    "sequences": [
                        {"id": "tour", "beats": [{"state": "atrium", "dwell": {"ms": 900}}]}
                    ]
                }
            ),
            None,
        ),
    ],
    "dangling-ref": [
        ("entrance", small_world({"entrance": {"state": "hall"}}), "entrance.state"),
        ("event from, each", deed(**{"from": ["atrium", "hall"]}), "event[Deed].from[1]"),
        ("event to", step(to="hall"), "event[Step].to"),
        ("cutscene from", cutscene(**{"from": "hall"}), "cutscene[fall].from"),
        ("cutscene to", cutscene(to="hall"), "cutscene[fall].to"),
        ("a cutscene cannot lead to a cutscene", cutscene(to="fall"), "cutscene[fall].to"),
        ("outro", small_world({"outro": {"state": "hall"}}), "outro.state"),
        (
            "sequence beat",
            small_world(
                {"sequences": [{"id": "t", "beats": [{"state": "atrium"}, {"state": "hall"}]}]}
            ),
            "sequence[t].beats[1].state",
        ),
        (
            "an event may lead to a cutscene",
            with_events(
                transition("Fall", "atrium", "fall"),
                cutscenes=[{"id": "fall", "video": "v", "from": "atrium", "to": "cellar"}],
            ),
            None,
        ),
        ("unreadable states say so once, as schema", small_world({"scene": {"states": 1}}), None),
        (
            "a state of the wrong type still exists",
            small_world({"scene": {"states": {"cellar": 1}}}),
            None,
        ),
    ],
    "no-entrance": [
        ("no entrance at all", small_world({"entrance": None}), "entrance"),
        ("entrance is null", {**small_world(), "entrance": None}, "entrance"),
        ("no state in it", small_world({"entrance": {"state": None}}), "entrance.state"),
        ("an entrance of another type is schema", small_world({"entrance": 1}), None),
        ("an entrance", small_world(), None),
    ],
    "duplicate-event": [
        (
            "three of a name are one finding",
            with_events(*[override("Wave", "atrium") for _ in range(3)]),
            "event[Wave#2].name",
        ),
        (
            "names differ by case",
            with_events(override("wave", "atrium"), override("Wave", "atrium")),
            None,
        ),
    ],
    "duplicate-id": [
        ("a cutscene named like a state", cutscene(id="cellar"), "cutscene[cellar].id"),
        (
            "two missions of one id",
            small_world({"missions": [{"id": "m"}, {"id": "m"}]}),
            "mission[m#2].id",
        ),
        (
            "a cutscene and a mission may share one",
            cutscene(id="m") | {"missions": [{"id": "m"}]},
            None,
        ),
    ],
    "transition-needs-to": [
        (
            "a transition without to",
            with_events({"name": "Go", "kind": "transition", "from": ["atrium"]}),
            "event[Go].to",
        ),
        ("an override with to", deed(to="cellar"), "event[Deed].to"),
        ("a terminal with to", deed(kind="terminal", to="cellar"), "event[Deed].to"),
        ("a `to` of the wrong type is schema", step(to=5), None),
        ("a transition with to", step(), None),
    ],
    "orphan-event": [
        ("from is empty", deed(**{"from": []}), "event[Deed].from"),
        ("from is missing: schema", deed(**{"from": None}), None),
        ("one state is enough", deed(), None),
    ],
    "ending-has-exits": [
        (
            "a transition leaves an ending",
            with_events(transition("Back", "cellar", "atrium")),
            "state[cellar].ending",
        ),
        ("an override may happen in an ending", with_events(override("Wave", "cellar")), None),
    ],
}
