"""Factored prose in words: what it says, and what is told about it."""

import copy
import json

from hypothesis import given, settings

from conjure.kernel import Loc, check, has_errors, resolve
from support.cases import each_of
from support.kernel.documents import JSON, mutated_worlds
from support.kernel.worlds import base, deed, make_world, rich_world, small_world, templated


def words(templates, name="hall", /, **fills):
    """What the atrium's base says, or the object that it still is."""
    return resolve(templated(templates, name, **fills))["scene"]["states"]["atrium"]["base"]


@each_of(
    ("text", "says"),
    [
        ("A {mood} hall.", "A calm hall."),
        ("{mood}{mood}", "calmcalm"),
        ("{mood}", "calm"),
        ("{mood} and {light}", "calm and unlit"),
        ("{>door} and {mood}", "a calm door and calm"),
        ("{} {>} }{ {mood}}", "{} {>} }{ calm}"),
        ("{mood", "{mood"),
        ("", ""),
    ],
)
def test_a_template_says(text, says):
    hall = {"text": text, "slots": {"light": {"default": "unlit"}}}
    door = {"text": "a {mood} door"}
    fills = {"mood": "calm"} if "{mood}" in text else {}

    assert words({"hall": hall, "door": door}, **fills) == says


def test_a_fill_goes_before_the_default_and_reaches_the_includes():
    templates = {
        "hall": {"text": "{mood} {>door}", "slots": {"mood": {"default": "calm"}}},
        "door": {"text": "{mood}", "slots": {"mood": {"default": "wide"}}},
    }

    assert words(templates) == "calm wide"  # each template has its own default
    assert words(templates, mood="dark") == "dark dark"


def test_braces_in_a_fill_mean_nothing():
    assert words({"hall": {"text": "{a} {b}"}}, a="{b}", b="{>hall}") == "{b} {>hall}"


def test_names_of_templates_and_slots_are_any_words():
    assert (
        words(
            {"Great hall/ü": {"text": "{light source}."}},
            "Great hall/ü",
            **{"light source": "lamp"},
        )
        == "lamp."
    )


def test_prose_is_resolved_wherever_it_may_stand():
    hall = {"template": "hall"}
    world = deed(
        base=hall,
        detail=hall,
        lockedHint=hall,
        narration=hall,
        camera=hall,
        movement={"static": hall, "dynamic": "x"},
        phases=[{"base": hall, "camera": hall, "detail": hall}],
    )
    world["scene"]["states"]["atrium"] = {
        "base": hall,
        "camera": {"static": hall, "dynamic": hall},
        "movement": {"static": hall},
        "ambient": ["x", hall],
        "narration": hall,
        "variants": [{"label": "dark", "base": hall, "ambient": [hall]}],
    }
    objective = {"id": "o", "text": "t", "base": hall, "outcome": hall, "fail": {"outcome": hall}}
    world |= {"styleTail": hall, "missions": [{"id": "m", "objectives": [objective]}]}
    world["kernel"] = {"templates": {"hall": {"text": "A hall."}}}
    before = json.dumps(world)

    resolved = resolve(world)

    assert '{"template": "hall"}' not in json.dumps(resolved)
    assert json.dumps(resolved) == before.replace('{"template": "hall"}', '"A hall."')
    assert json.dumps(world) == before
    assert not has_errors(check(world))


def test_what_is_not_prose_stays():
    world = rich_world()
    world["mood"] = world["scene"]["states"]["atrium"]["mood"] = {"template": "hall"}

    assert resolve(world)["mood"] == {"template": "hall"}
    assert resolve(world)["scene"]["states"]["atrium"]["mood"] == {"template": "hall"}


def test_a_world_without_factored_prose_is_itself():
    for world in (small_world(), small_world({"kernel": {"templates": {"a": {"text": "x"}}}})):
        assert resolve(world) is world


@each_of("value", [None, 1, "x", [], {}])
def test_what_is_no_world_is_itself(value):
    assert resolve(value) is value


def test_what_did_not_change_is_shared():
    world = rich_world()
    resolved = resolve(world)

    assert resolved["scene"]["states"]["spare"] == {"base": "A calm hall."}
    assert resolved["scene"]["states"]["atrium"] is world["scene"]["states"]["atrium"]
    assert resolved["scene"]["events"] is world["scene"]["events"]
    assert resolved["kernel"] is world["kernel"]


def test_prose_in_error_stays_as_it_was_written():
    member = {"template": "hall", "fills": {"moood": "calm"}}

    assert words({"hall": {"text": "{mood}"}}, moood="calm") == member


@given(mutated_worlds())
@settings(max_examples=200, deadline=None)
def test_resolving_twice_is_resolving_once(world):
    before = repr(world)
    resolved = resolve(world)

    assert repr(world) == before
    assert resolve(resolved) == resolved or "nan" in before


@given(JSON, JSON)
@settings(max_examples=200, deadline=None)
def test_any_templates_and_members_are_judged(templates, member):
    world = {**base("x"), "kernel": {"templates": templates}}
    for name in ("base", "narration"):
        world["scene"]["states"]["atrium"][name] = copy.deepcopy(member)
    resolved = resolve(world)

    if not has_errors(check(world)):
        assert all(
            isinstance(resolved["scene"]["states"]["atrium"][n], str) for n in ("base", "narration")
        )


def only(world, lint):
    found = [d for d in check(world) if d.lint == lint]
    assert len(found) == 1
    return found[0]


def test_a_finding_says_where_in_the_template_it_lies():
    choice = {"text": "A {mood} hall.", "slots": {"mood": {"fills": ["calm", "dark"]}}}
    here = "state[atrium].base"

    finding = only(templated({"hall": choice}, "hall", mood="loud"), "slot-fill")
    assert finding.loc == Loc(field="base", template="hall", slot="mood", fill="loud")
    assert finding.message == (
        f"{here} fills 'mood' with 'loud', which the template 'hall' does not allow. For 'mood' "
        "choose one of: 'calm', 'dark'."
    )
    finding = only(templated({"hall": choice}, "hall", moood="x", mood="dark"), "slot-unknown")
    assert finding.loc == Loc(field="base", template="hall", slot="moood", fill="x")
    assert finding.message == (f"{here} fills 'moood', but the template 'hall' has only 'mood'.")
    finding = only(templated({"hall": choice}, "hall"), "slot-missing")
    assert finding.loc == Loc(field="base", template="hall", slot="mood")
    assert finding.message == (
        f"{here} leaves 'mood' of the template 'hall' empty. Fill every slot, or give the slots a "
        "default."
    )
    finding = only(templated({"hall": choice}, "hal", mood="dark"), "slot-unknown")
    assert finding.loc == Loc(field="base", template="hal")
    assert finding.message == (
        f"{here} uses the template 'hal', but the world has no such template. Did you mean 'hall'? "
        "Otherwise add template 'hal' first."
    )
    finding = only(
        small_world({"kernel": {"templates": {"a": {"text": "{>b}"}, "b": {"text": "{>a}"}}}}),
        "kernel-cycle",
    )
    assert finding.loc == Loc(field="text", template="a")
    assert finding.message == (
        "template[a].text is in a circle of includes with 'b', so it never ends. Remove an include."
    )


def test_one_defect_of_a_template_is_one_finding_however_often_it_is_used():
    world = make_world(states=50)
    for state in world["scene"]["states"].values():
        state["base"] = {"template": "hall"}
    world["kernel"] = {"templates": {"hall": {"text": "{>door}"}}}

    assert [d.path for d in check(world)] == ["template[hall].text"]


def test_key_order_means_nothing():
    templates = {"b": {"text": "{>c}"}, "c": {"text": "{>b}"}, "hall": {"text": "{y} {x}"}}
    world = templated(templates, "hall", q="1", p="2")
    turned = json.loads(json.dumps(world, sort_keys=True))

    assert check(world) == check(turned)
