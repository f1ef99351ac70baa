"""What the ops do as the studio spells them (CONTRACT 3.3.1), where that is not in the other tables."""

from __future__ import annotations

from typing import Any

from support.kernel.op_first_cases import HALL

STEP = "Step down"
CAMERA = {"static": "The camera never cuts; no zoom, eye height.", "dynamic": "x"}
ANCHOR = {"label": "door", "aliases": ["gate"], "minProximity": 0.2, "expectedAspect": {"min": 1}}
FILM = {"video": "v", "from": "atrium", "to": "cellar"}

# (op, path, what stands there then, the name that the op answers with)
STUDIO_DOES: dict[str, list[tuple[dict[str, Any], str, Any, str | None]]] = {
    "remove_state": [
        ({"state": "spare"}, "states.spare", None, "spare"),
        ({"id": "spare"}, "states.spare", None, "spare"),
        ({"stateId": "spare"}, "states.spare", None, "spare"),
    ],
    "remove_event": [
        ({"event": STEP}, STEP, None, STEP),
        ({"name": STEP}, STEP, None, STEP),
        ({"eventName": STEP}, STEP, None, STEP),
    ],
    "rename_state": [
        ({"state": "atrium", "to": "hall"}, "entrance.state", "hall", "hall"),
        ({"from": "atrium", "to": "hall"}, "Step down.from", ["hall"], "hall"),
        ({"stateId": "cellar", "to": "vault"}, "Step down.to", "vault", "vault"),
        ({"state": "spare", "from": "atrium", "to": "x"}, "entrance.state", "atrium", "x"),
        ({"from": "spare", "to": "ü🙂/'"}, "states.ü🙂/'.base", HALL, "ü🙂/'"),
    ],
    "set_field": [
        ({"state": "atrium", "field": "base", "value": "x"}, "states.atrium.base", "x", "atrium"),
        ({"state": "spare", "field": "base", "value": HALL}, "states.spare.base", HALL, "spare"),
        (
            {"state": "spare", "field": "camera.static", "value": "x"},
            "states.spare.camera",
            {"static": "x", "dynamic": ""},
            "spare",
        ),
        (
            {"state": "spare", "field": "movement.dynamic", "value": "x"},
            "states.spare.movement",
            {"static": "", "dynamic": "x"},
            "spare",
        ),
        (
            {"state": "atrium", "field": "camera.dynamic", "value": "x"},
            "states.atrium.camera",
            CAMERA,
            "atrium",
        ),
        (
            {"state": "spare", "field": ["camera", "static"], "value": ""},
            "states.spare.camera",
            {"static": "", "dynamic": ""},
            "spare",
        ),
        (
            {"state": "spare", "field": "camera.static", "value": HALL},
            "states.spare.camera.static",
            HALL,
            "spare",
        ),
        (
            {"state": "atrium", "field": "camera.dynamic", "value": None},
            "states.atrium.camera",
            {"static": CAMERA["static"]},
            "atrium",
        ),
        (
            {"state": "spare", "field": "camera.dynamic", "value": None},
            "states.spare",
            {"base": HALL},
            "spare",
        ),
    ],
    "set_event_field": [
        ({"event": STEP, "field": "base", "value": "x"}, "Step down.base", "x", STEP),
        ({"eventName": STEP, "field": "oneShot", "value": True}, "Step down.oneShot", True, STEP),
        ({"event": STEP, "field": "detail", "value": None}, "Step down.detail", None, STEP),
        ({"event": STEP, "name": "x", "field": "base", "value": "y"}, "Step down.base", "y", STEP),
        ({"event": STEP, "field": "note", "value": [1]}, "Step down.note", [1], STEP),
    ],
    "set_event_anchor": [
        ({"event": STEP, **ANCHOR}, "Step down.anchor", ANCHOR, STEP),
        ({"name": STEP, "anchor": ANCHOR}, "Step down.anchor", ANCHOR, STEP),
        (
            {"event": STEP, "label": "door", "aliases": None, "minProximity": "near"},
            "Step down.anchor",
            {"label": "door", "minProximity": "near"},
            STEP,
        ),
        (
            {"event": STEP, "label": "d", "aliases": "gate"},
            "Step down.anchor.aliases",
            ["gate"],
            STEP,
        ),
        ({"event": "Wait", "label": "door"}, "Wait.anchor", {"label": "door"}, "Wait"),
        ({"event": "Wait", "label": None}, "Wait.anchor", None, "Wait"),
        ({"event": "Wait", "label": None, "aliases": ["x"]}, "Wait.anchor", None, "Wait"),
        ({"event": "Wait", "anchor": {"label": None}}, "Wait.anchor", None, "Wait"),
        ({"event": "Wait", "anchor": None}, "Wait.anchor", None, "Wait"),
    ],
    "set_event_drive": [
        (
            {
                "event": STEP,
                "movement": "forward",
                "lookHorizontal": "left",
                "lookVertical": "up",
                "pulseMs": 400,
            },
            "Step down.drive",
            {"movement": "forward", "lookHorizontal": "left", "lookVertical": "up"},
            STEP,
        ),
        (
            {"event": STEP, "movement": "back", "pulseMs": 400},
            "Step down.drivePulseMs",
            400,
            STEP,
        ),
        ({"event": STEP, "movement": "back", "pulseMs": 400}, "Step down.pulseMs", None, STEP),
        ({"event": "Wait", "movement": "back"}, "Wait.drivePulseMs", 250, "Wait"),
        ({"event": "Wait", "movement": "back"}, "Wait.drive", {"movement": "back"}, "Wait"),
        ({"event": "Wait", "movement": "back", "pulseMs": None}, "Wait.drivePulseMs", None, "Wait"),
        ({"event": "Wait", "lookVertical": "up"}, "Wait.drive", {"lookVertical": "up"}, "Wait"),
        ({"event": "Wait"}, "Wait.drive", None, "Wait"),
        ({"event": "Wait"}, "Wait.drivePulseMs", None, "Wait"),
        ({"event": "Wait", "pulseMs": 100}, "Wait.drivePulseMs", None, "Wait"),
        ({"event": "Wait", "movement": None, "pulseMs": 1}, "Wait.drive", None, "Wait"),
        ({"event": "Wait", "drive": {}}, "Wait.drivePulseMs", None, "Wait"),
        ({"event": "Wait", "drive": None}, "Wait.drivePulseMs", None, "Wait"),
        (
            {"event": STEP, "drive": {"movement": "back", "pulseMs": 90}},
            "Step down.drivePulseMs",
            90,
            STEP,
        ),
        (
            {"event": STEP, "drive": {"movement": "back", "pulseMs": 90}},
            "Step down.drive",
            {"movement": "back"},
            STEP,
        ),
        (
            {"event": STEP, "drive": {"movement": "back"}, "pulseMs": 7},
            "Step down.drivePulseMs",
            7,
            STEP,
        ),
    ],
    "set_event_kind": [({"event": STEP, "kind": "override"}, "Step down.to", None, STEP)],
    "set_event_hotkey": [({"event": STEP, "hotkey": "f"}, "Step down.hotkey", "f", STEP)],
    "set_event_phases": [
        ({"event": STEP, "phases": [{"base": HALL}]}, "Step down.phases", [{"base": HALL}], STEP),
        ({"event": STEP, "phases": []}, "Step down.phases", [], STEP),
        ({"event": STEP, "phases": None}, "Step down.phases", None, STEP),
    ],
    "set_event_grants": [({"event": STEP, "grants": ["a"]}, "Step down.grants", ["a"], STEP)],
    "set_event_requires": [({"event": STEP, "requires": []}, "Step down.requires", [], STEP)],
    "set_event_locked_hint": [
        ({"event": STEP, "hint": "Bolted."}, "Step down.lockedHint", "Bolted.", STEP),
        ({"event": STEP, "hint": "Bolted."}, "Step down.hint", None, STEP),
        ({"event": STEP, "hint": HALL}, "Step down.lockedHint", HALL, STEP),
        ({"event": STEP, "hint": None}, "Step down.lockedHint", None, STEP),
    ],
    "set_state_ending": [
        (
            {"state": "spare", "kind": "win", "title": "Out", "subtitle": "Air."},
            "states.spare.ending",
            {"kind": "win", "title": "Out", "subtitle": "Air."},
            "spare",
        ),
        (
            {"state": "cellar", "kind": "lose"},
            "states.cellar.ending",
            {"kind": "lose"},
            "cellar",
        ),
        (
            {"id": "spare", "kind": "lose", "title": None},
            "states.spare.ending",
            {"kind": "lose"},
            "spare",
        ),
        ({"state": "cellar", "kind": None}, "states.cellar.ending", None, "cellar"),
        ({"state": "cellar", "kind": None, "title": "x"}, "states.cellar.ending", None, "cellar"),
        ({"state": "cellar", "ending": {"kind": None}}, "states.cellar.ending", None, "cellar"),
    ],
    "add_transition": [
        ({"event": "Go", "from": "atrium", "to": "spare"}, "Go.to", "spare", "Go"),
        ({"eventName": "Go", "from": ["atrium"], "to": "spare"}, "Go.eventName", None, "Go"),
    ],
    "add_override": [
        ({"name": "Nod", "from": "atrium", "to": "cellar"}, "Nod.to", None, "Nod"),
        ({"event": "Nod", "from": "atrium", "to": 5}, "Nod.to", None, "Nod"),
        ({"event": {"name": "Nod", "from": "atrium", "to": "atrium"}}, "Nod.to", None, "Nod"),
    ],
    "add_cutscene": [
        ({"id": "rise", **FILM}, "cutscenes[1]", {"id": "rise", **FILM}, "rise"),
        ({"cutsceneId": "rise", **FILM}, "cutscenes[1]", {"id": "rise", **FILM}, "rise"),
        (
            {"cutsceneId": "rise", "video": "v", "fromState": "atrium", "toState": "cellar"},
            "cutscenes[1]",
            {"id": "rise", **FILM},
            "rise",
        ),
        (
            {"video": "v", "fromState": ["atrium", "spare"], "to": "cellar", "subtitle": "s"},
            "cutscenes[1].from",
            ["atrium", "spare"],
            "cutscene_1",
        ),
        (
            {"from": None, "fromState": "atrium", "toState": "cellar", "video": "v", "label": "l"},
            "cutscenes[1].label",
            "l",
            "cutscene_1",
        ),
        (
            {
                "cutscene": {
                    "cutsceneId": "rise",
                    "video": "v",
                    "fromState": "atrium",
                    "to": "cellar",
                }
            },
            "cutscenes[1]",
            {"id": "rise", **FILM},
            "rise",
        ),
    ],
    "remove_cutscene": [({"cutsceneId": "fall"}, "cutscenes", [], "fall")],
    "add_sequence": [
        ({"sequenceId": "walk", "title": "t"}, "sequences[1]", {"title": "t", "id": "walk"}, "walk")
    ],
    "remove_sequence": [
        ({"sequenceId": "tour"}, "sequences", [], "tour"),
        ({"sequence": "tour"}, "sequences", [], "tour"),
    ],
    "set_subject": [
        ({"subject": "she", "styleTail": "grain"}, "subject", "she", None),
        ({"subject": "she", "styleTail": "grain"}, "styleTail", "grain", None),
        ({"subject": "she"}, "styleTail", {"template": "hall"}, None),
        ({"styleTail": "grain"}, "styleTail", "grain", None),
        ({"styleTail": HALL}, "styleTail", HALL, None),
        ({"styleTail": None}, "styleTail", None, None),
    ],
    "set_story": [
        (
            {"logline": "x", "arc": ["a"]},
            "story",
            {"logline": "x", "arc": ["a"], "beats": [{"summary": "In.", "states": ["atrium"]}]},
            None,
        ),
        (
            {"story": {"logline": "x", "arc": ["a"]}},
            "story.beats[0].summary",
            "In.",
            None,
        ),
        ({"logline": "x", "arc": None}, "story.arc", None, None),
    ],
    "add_story_beat": [
        (
            {"summary": "x", "arc": "a", "states": ["atrium"], "sequence": "tour"},
            "story.beats[1]",
            {"summary": "x", "arc": "a", "states": ["atrium"], "sequence": "tour"},
            None,
        )
    ],
    "set_outro": [
        ({"video": None}, "outro", None, None),
        ({"video": None, "flag": "x"}, "outro", None, None),
        ({"outro": {"video": None}}, "outro", None, None),
        ({"patch": {"video": None}}, "outro", None, None),
        ({"video": "v"}, "outro", {"video": "v", "state": "cellar"}, None),
        (
            {"video": "v", "flag": "f", "stateId": "spare"},
            "outro",
            {"video": "v", "state": "spare", "flag": "f"},
            None,
        ),
        ({"state": None}, "outro", {"video": "o.mp4"}, None),
    ],
    "set_intro": [
        ({"video": "v", "static": True}, "introVideo", "v", None),
        ({"video": "v", "static": True}, "introStatic", True, None),
        ({"video": "v", "static": True}, "video", None, None),
        ({"video": None}, "introVideo", None, None),
        ({"static": False}, "introStatic", False, None),
    ],
    "add_variant": [
        (
            {"state": "spare", "variant": {"label": "dark", "base": "x"}},
            "states.spare.variants",
            [{"label": "dark", "base": "x"}],
            "spare",
        )
    ],
    "remove_variant": [
        ({"state": "atrium", "label": "dusk"}, "states.atrium.variants", None, "atrium")
    ],
    "set_variant_field": [
        (
            {"state": "atrium", "label": "dusk", "field": "base", "value": "x"},
            "states.atrium.variants",
            [{"label": "dusk", "base": "x"}],
            "atrium",
        ),
        (
            {"state": "atrium", "label": "dusk", "field": "label", "value": "night"},
            "states.atrium.variants[0].label",
            "night",
            "atrium",
        ),
        (
            {"stateId": "atrium", "label": "dusk", "field": "ambient[0]", "value": "x"},
            "states.atrium.variants[0].ambient",
            ["x"],
            "atrium",
        ),
    ],
    "set_slot_fill": [
        (
            {"state": "spare", "slot": "mood", "fill": "dark"},
            "states.spare.base.fills.mood",
            "dark",
            "spare",
        ),
        (
            {"event": STEP, "field": "lockedHint", "slot": "mood", "fill": "x"},
            "Step down.lockedHint.fills.mood",
            "x",
            STEP,
        ),
    ],
    "add_state": [({"state": "attic", "base": "x"}, "states.attic", {"base": "x"}, "attic")],
    "set_entrance": [({"state": "cellar"}, "entrance.state", "cellar", "cellar")],
}
