"""What fires each lint of factored prose, and what does not."""

from __future__ import annotations

from typing import Any

from support.kernel.worlds import atrium, base, deed, merged, mission, small_world, templated

# (why, world, path of the finding, or None when the lint stays silent)
Case = tuple[str, Any, str | None]

HALL = {"text": "A {mood} hall, {light}.", "slots": {"light": {"default": "unlit"}}}
CHOICE = {"text": "A {mood} hall.", "slots": {"mood": {"fills": ["calm", "dark"]}}}
CALM = {"template": "hall", "fills": {"mood": "calm"}}
BARE = {"template": "hall"}


def templates(**raw: Any) -> Any:
    return small_world({"kernel": {"templates": raw}})


def with_hall(world: Any, hall: Any = HALL) -> Any:
    return merged(world, {"kernel": {"templates": {"hall": hall}}})


FACTORED: dict[str, list[Case]] = {
    "kernel-cycle": [
        ("one includes itself", templates(hall={"text": "{>hall}"}), "template[hall].text"),
        (
            "a circle of three is told once, at the first by name",
            templates(c={"text": "{>b}"}, b={"text": "{>a}"}, a={"text": "{>c}"}),
            "template[a].text",
        ),
        (
            "also when it is used",
            templated({"hall": {"text": "{>hall}"}}, "hall"),
            "template[hall].text",
        ),
        (
            "one that leads into a circle is not in it",
            templates(a={"text": "{>b}"}, b={"text": "{>c}"}, c={"text": "{>b}"}),
            "template[b].text",
        ),
        (
            "the same template twice is no circle",
            templates(hall={"text": "{>door}{>door}"}, door={"text": "x"}),
            None,
        ),
        (
            "two ways to one template are no circle",
            templates(
                a={"text": "{>b}{>c}"}, b={"text": "{>d}"}, c={"text": "{>d}"}, d={"text": "x"}
            ),
            None,
        ),
        (
            "a fill is not searched for includes",
            templated({"hall": HALL}, "hall", mood="{>hall}"),
            None,
        ),
    ],
    "slot-unknown": [
        (
            "a fill for a slot that is not there",
            templated({"hall": HALL}, "hall", mood="calm", moood="dark"),
            "state[atrium].base",
        ),
        ("a template that is not there", base(BARE), "state[atrium].base"),
        (
            "an include that is not there",
            templates(hall={"text": "{>door}"}),
            "template[hall].text",
        ),
        (
            "in camera prose",
            with_hall(atrium(camera={"static": {"template": "hal"}})),
            "state[atrium].camera.static",
        ),
        (
            "in ambient",
            with_hall(atrium(ambient=["x", {"template": "hal"}])),
            "state[atrium].ambient[1]",
        ),
        (
            "in a variant",
            with_hall(atrium(variants=[{"label": "dark", "base": {"template": "hal"}}])),
            "state[atrium].variants[0].base",
        ),
        ("in an event", with_hall(deed(detail={"template": "hal"})), "event[Deed].detail"),
        (
            "as the camera of an event",
            with_hall(deed(camera={"template": "hal"})),
            "event[Deed].camera",
        ),
        (
            "in a phase of an event",
            with_hall(deed(phases=[{"base": {"template": "hal"}}])),
            "event[Deed].phases[0].base",
        ),
        (
            "in the failure of an objective",
            with_hall(
                mission(
                    objectives=[
                        {"id": "found", "text": "x", "fail": {"outcome": {"template": "hal"}}}
                    ]
                )
            ),
            "mission[m].objectives[0].fail.outcome",
        ),
        ("in the world itself", small_world({"styleTail": {"template": "hal"}}), "styleTail"),
        (
            "a slot of an included template is there",
            templated({"hall": {"text": "{>door}"}, "door": HALL}, "hall", mood="calm"),
            None,
        ),
        (
            "a slot that `slots` does not mention is there",
            templated({"hall": {"text": "A {mood} hall."}}, "hall", mood="calm"),
            None,
        ),
        ("an object that is no prose", atrium(mood={"template": "hal"}), None),
        ("motion is no factored prose", deed(camera={"static": "x", "mood": "hal"}), None),
        (
            "a template that is ill-typed is schema",
            templated({"hall": {"text": 5}}, "hall", mood="calm"),
            None,
        ),
    ],
    "slot-missing": [
        ("neither fill nor default", templated({"hall": HALL}, "hall"), "state[atrium].base"),
        (
            "of an included template",
            templated({"hall": {"text": "{>door}"}, "door": HALL}, "hall"),
            "state[atrium].base",
        ),
        (
            "several in one member are one finding",
            templated({"hall": {"text": "{a} {b}"}}, "hall"),
            "state[atrium].base",
        ),
        ("a default is enough", templated({"hall": HALL}, "hall", mood="calm"), None),
        ("an empty fill is a fill", templated({"hall": HALL}, "hall", mood=""), None),
        (
            "a slot that the text does not name",
            templated({"hall": {"text": "x", "slots": {"mood": {}}}}, "hall"),
            None,
        ),
        (
            "braces around nothing",
            templated({"hall": {"text": "{} {>} {a} }{"}}, "hall", a="x"),
            None,
        ),
    ],
    "slot-fill": [
        (
            "a fill outside the list",
            templated({"hall": CHOICE}, "hall", mood="loud"),
            "state[atrium].base",
        ),
        (
            "nothing is allowed",
            templated({"hall": {"text": "{a}", "slots": {"a": {"fills": []}}}}, "hall", a="x"),
            "state[atrium].base",
        ),
        (
            "a list of an included template counts",
            templated({"hall": {"text": "{>door}"}, "door": CHOICE}, "hall", mood="loud"),
            "state[atrium].base",
        ),
        (
            "a default outside the list",
            templates(hall={"text": "x", "slots": {"a": {"fills": ["b"], "default": "c"}}}),
            "template[hall].slots.a.default",
        ),
        ("a fill in the list", templated({"hall": CHOICE}, "hall", mood="dark"), None),
        (
            "without a list every fill may stand",
            templated({"hall": HALL}, "hall", mood="anything"),
            None,
        ),
    ],
}
