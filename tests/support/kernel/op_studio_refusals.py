"""Why the ops refuse what a studio may send (CONTRACT 3.3.1): members of the wrong type, absent, null."""

from __future__ import annotations

from typing import Any

from support.kernel.op_first_cases import LONG

STEP = "Step down"
FIELDS = "field must be base, camera.static, camera.dynamic, movement.static or movement.dynamic"

# (op, what the refusal says)
STUDIO_REFUSES: dict[str, list[tuple[dict[str, Any], str]]] = {
    "remove_state": [
        ({"state": "attic"}, "there is no state 'attic'"),
        ({}, "id is missing: say which state it is about, by state, stateId or id"),
        ({"state": None}, "id is missing"),
        ({"state": 5}, "state must be a string, but it is a number"),
        ({"state": {"id": "spare"}}, "state must be a string, but it is an object"),
        ({"state": "atrium"}, "the entrance, the events 'Step down', 'Wait', the cutscene 'fall'"),
        ({"state": "cellar"}, "the event 'Step down', the cutscene 'fall', the outro"),
    ],
    "remove_event": [
        ({"event": "Go"}, "there is no event 'Go'"),
        ({}, "name is missing: say which event it is about, by event, eventName or name"),
        ({"event": {"name": STEP}}, "event must be a string, but it is an object"),
        ({"name": []}, "name must be a string"),
    ],
    "rename_state": [
        ({"from": "atrium", "to": "cellar"}, "already exists"),
        ({"state": "atrium", "to": " "}, "cannot be empty"),
        ({"state": "atrium", "to": None}, "to is missing: the new id of a state cannot be empty"),
        ({"state": "atrium", "to": "fall"}, "the cutscene 'fall' already exists"),
        ({"state": "atrium", "to": ".."}, "could not be addressed"),
        ({"from": 5, "to": "x"}, "from must be a string"),
        ({"to": "x"}, "id is missing: say which state it is about, by state, stateId, id or from"),
    ],
    "set_field": [
        (
            {"state": "atrium", "field": "narration", "value": "x"},
            f"{FIELDS}, but it is 'narration'",
        ),
        (
            {"state": "atrium", "field": "ambient[0]", "value": "x"},
            f"{FIELDS}, but it is 'ambient[0]'",
        ),
        ({"state": "atrium", "field": "camera", "value": {}}, f"{FIELDS}, but it is 'camera'"),
        ({"state": "atrium", "field": "camera.static.x", "value": "x"}, FIELDS),
        ({"state": "atrium", "field": "id", "value": "x"}, FIELDS),
        ({"state": "atrium", "value": "x"}, f"{FIELDS}, but it is null"),
        ({"state": "atrium", "field": ["base", 0], "value": "x"}, f"{FIELDS}, but it is a list"),
        ({"state": "atrium", "field": {}, "value": "x"}, f"{FIELDS}, but it is an object"),
        ({"state": "atrium", "field": LONG, "value": "x"}, f"{FIELDS}, but it is 'xxx"),
        (
            {"state": "atrium", "field": "camera.static", "value": 5},
            "camera.static must be a string",
        ),
        (
            {"state": "atrium", "field": "camera.static", "value": {"fills": {}}},
            "camera.static.template is required",
        ),
        (
            {"state": "atrium", "field": "base", "value": {"template": 5}},
            "base.template must be a string",
        ),
        ({"field": "base", "value": "x"}, "id is missing"),
    ],
    "set_event_field": [
        ({"event": STEP, "field": "base", "value": 5}, "base must be a string or an object"),
        ({"event": STEP, "field": "from", "value": [5]}, "from must be a string or a list"),
        ({"event": STEP, "field": "to", "value": 5}, "to must be a string"),
        ({"event": STEP, "field": "name", "value": ""}, "cannot be empty"),
        ({"event": STEP, "field": "base"}, "value is missing"),
        ({"field": "base", "value": "x"}, "name is missing"),
        ({"event": STEP, "field": "phases[0].base", "value": 5}, "phases[0].base must be a string"),
    ],
    "set_event_anchor": [
        ({"event": STEP}, "label is missing"),
        ({"event": STEP, "aliases": ["x"]}, "label is missing"),
        ({"event": STEP, "label": 5}, "anchor.label must be a string"),
        (
            {"event": STEP, "label": "x", "aliases": 5},
            "aliases must be a string or a list of strings",
        ),
        (
            {"event": STEP, "label": "x", "aliases": [5]},
            "aliases must be a string or a list of strings",
        ),
        (
            {"event": STEP, "label": "x", "minProximity": []},
            "anchor.minProximity must be a number or a string",
        ),
        (
            {"event": STEP, "label": "x", "expectedAspect": 1.5},
            "anchor.expectedAspect must be an object",
        ),
        (
            {"event": STEP, "label": "x", "expectedAspect": {"min": "1"}},
            "anchor.expectedAspect.min must be a number",
        ),
        ({"label": "x"}, "name is missing"),
        ({"event": "Go", "label": "x"}, "there is no event 'Go'"),
    ],
    "set_event_drive": [
        (
            {"event": STEP, "movement": "up"},
            "drive.movement must be 'forward', 'back', 'strafe_left' or 'strafe_right', but it is 'up'",
        ),
        ({"event": STEP, "lookHorizontal": "up"}, "drive.lookHorizontal must be 'left' or 'right'"),
        ({"event": STEP, "lookVertical": []}, "drive.lookVertical must be 'up' or 'down'"),
        ({"event": STEP, "movement": ""}, "drive.movement must be"),
        ({"event": STEP, "movement": "back", "pulseMs": "5"}, "drivePulseMs must be a number"),
        ({"event": STEP, "movement": "back", "pulseMs": True}, "drivePulseMs must be a number"),
        ({"movement": "back"}, "name is missing"),
    ],
    "set_event_locked_hint": [
        ({"event": STEP}, "hint is missing; null removes"),
        ({"event": STEP, "hint": 5}, "lockedHint must be a string"),
        ({"event": STEP, "hint": {"x": 1}}, "lockedHint.template is required"),
    ],
    "set_event_phases": [
        ({"event": STEP, "phases": [{}]}, "phases[0].base is required"),
        (
            {"event": STEP, "phases": [{"base": "x", "minMs": "1"}]},
            "phases[0].minMs must be a number",
        ),
    ],
    "set_state_ending": [
        (
            {"state": "atrium", "title": "x"},
            "kind is missing: win or lose; null removes the ending",
        ),
        ({"state": "atrium", "kind": "draw"}, "ending.kind must be win or lose, but it is 'draw'"),
        ({"state": "atrium", "kind": 5}, "ending.kind must be win or lose, but it is a number"),
        ({"state": "atrium", "kind": "win", "title": 5}, "ending.title must be a string"),
        ({"state": "atrium", "kind": "win", "subtitle": {}}, "ending.subtitle must be a string"),
        ({"state": "atrium", "ending": {}}, "kind is missing"),
        ({"kind": "win"}, "id is missing"),
    ],
    "add_transition": [
        ({"from": "atrium", "to": "spare", "hotkey": 5}, "event.hotkey must be a string or null"),
        ({"from": "atrium", "to": "spare", "requires": "key"}, "event.requires must be a list"),
        ({"from": "atrium", "to": "spare", "detail": None}, "event.detail must be a string"),
        ({"from": 5, "to": "spare"}, "from must be a string or a list"),
    ],
    "add_override": [
        ({"from": "atrium", "base": {}}, "event.base.template is required"),
        ({"from": "atrium", "anchor": {"label": 5}}, "event.anchor.label must be a string"),
        ({"from": None}, "from is missing"),
    ],
    "add_state": [({"id": "fall", "base": "x"}, "the cutscene 'fall' already exists")],
    "add_cutscene": [
        ({"video": "v", "fromState": 5, "to": "cellar"}, "from must be a string or a list"),
        ({"video": "v", "fromState": "atrium", "toState": 5}, "to must be a string"),
        ({"video": 5, "from": "atrium", "to": "cellar"}, "video must be a string"),
        ({"cutsceneId": 5, "video": "v", "from": "atrium", "to": "cellar"}, "cutsceneId must be"),
        (
            {"cutsceneId": "fall", "video": "v", "from": "atrium", "to": "cellar"},
            "the cutscene 'fall' already exists",
        ),
        (
            {"video": "v", "from": "atrium", "to": "cellar", "requires": "key"},
            "cutscene.requires must be a list",
        ),
    ],
    "remove_cutscene": [
        ({"cutsceneId": "rise"}, "there is no cutscene 'rise'"),
        ({"cutsceneId": 5}, "cutsceneId must be a string"),
    ],
    "add_sequence": [
        ({"sequenceId": "tour"}, "the sequence 'tour' already exists"),
        ({"beats": [{}]}, "sequence.beats[0].state is required"),
        ({"beats": [{"state": "atrium", "dwell": 5}]}, "sequence.beats[0].dwell must be"),
    ],
    "remove_sequence": [({"sequenceId": {}}, "sequenceId must be a string")],
    "set_subject": [({"styleTail": 5}, "styleTail must be a string or an object")],
    "set_story": [
        ({"logline": None}, "logline is missing"),
        ({"logline": "x", "arc": "a"}, "arc must be a list"),
        ({"logline": "x", "beats": [{}]}, "beats[0].summary is required"),
    ],
    "add_story_beat": [
        ({"summary": 5}, "summary must be a string"),
        ({"summary": None}, "summary is missing"),
        ({"summary": "x", "sequence": 5}, "beat.sequence must be a string"),
    ],
    "set_outro": [
        ({"video": 5}, "outro.video must be a string"),
        ({"stateId": 5}, "outro.state must be a string"),
        ({"flag": []}, "outro.flag must be a string"),
    ],
    "set_intro": [({"static": "yes"}, "introStatic must be true or false")],
    "set_variant_field": [
        (
            {"state": "atrium", "label": "night", "field": "base", "value": "x"},
            "no variant 'night'",
        ),
        ({"state": "atrium", "field": "base", "value": "x"}, "say which variant"),
        (
            {"state": "atrium", "label": "dusk", "field": "base", "value": 5},
            "base must be a string",
        ),
        (
            {"state": "atrium", "label": "dusk", "field": "label", "value": 5},
            "label must be a string",
        ),
        ({"state": "atrium", "label": "dusk", "field": "base"}, "value is missing"),
        ({"state": "atrium", "label": "dusk", "value": 5}, "field must be a path"),
    ],
    "add_variant": [({"state": "atrium", "variant": None}, "label is missing")],
}
