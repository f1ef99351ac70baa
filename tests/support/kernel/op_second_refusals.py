"""Why the ops of the second register refuse."""

from __future__ import annotations

from typing import Any

from support.kernel.op_first_cases import LONG

# (op, what the refusal says)
SECOND_REFUSES: dict[str, list[tuple[dict[str, Any], str]]] = {
    "rename_state": [
        ({"id": "attic", "to": "hall"}, "there is no state 'attic'"),
        ({"id": "atrium"}, "to is missing"),
        ({"id": "atrium", "to": "cellar"}, "the state 'cellar' already exists"),
        ({"id": "atrium", "to": ""}, "the id of a new state cannot be empty"),
        ({"id": "atrium", "to": LONG}, "256 are the limit"),
        ({"id": "atrium", "to": 5}, "to must be a string"),
    ],
    "set_field": [
        ({"id": "atrium", "field": "base", "value": None}, "base cannot be erased"),
        ({"id": "atrium", "field": "base", "value": 5}, "base must be a string"),
        ({"id": "atrium", "field": "base"}, "value is missing; null removes"),
    ],
    "set_state_ending": [
        ({"id": "atrium", "ending": "draw"}, "ending.kind must be win or lose, but it is 'draw'"),
        ({"id": "atrium", "ending": 5}, "ending must be an object"),
        ({"id": "atrium"}, "kind is missing: win or lose; null removes"),
    ],
    "set_variant_field": [
        ({"id": "atrium", "index": 0, "field": "label", "value": None}, "label cannot be erased"),
        ({"id": "atrium", "index": 0, "field": "base", "value": None}, "base cannot be erased"),
        ({"id": "atrium", "index": 7, "field": "base", "value": "x"}, "no variant 7"),
    ],
    "set_event_field": [
        ({"name": "Step down", "field": "kind", "value": None}, "kind cannot be erased"),
        (
            {"name": "Step down", "field": "name", "value": "Wait"},
            "the event 'Wait' already exists",
        ),
        ({"name": "Go", "field": "base", "value": "x"}, "there is no event 'Go'"),
        ({"name": "Step down", "value": 1}, "field must be a path"),
        ({"name": "Step down", "field": "a..b", "value": 1}, "field must be a path"),
        ({"name": "Step down", "field": "[0]", "value": 1}, "field must be a path"),
        ({"name": "Step down", "field": ["a", -1], "value": 1}, "field must be a path"),
        (
            {"name": "Step down", "field": ".".join("abcdefghi"), "value": 1},
            "at most 8 levels",
        ),
        (
            {"name": "Step down", "field": "base.x", "value": 1},
            "base is a string, so it has no member 'x'",
        ),
        (
            {"name": "Step down", "field": "landWhen[0]", "value": 1},
            "landWhen is an object, so it has no item 0",
        ),
        (
            {"name": "Step down", "field": "from[2]", "value": "x"},
            "from has 1 items, so it has no item 2",
        ),
        (
            {"name": "Step down", "field": "from[1]", "value": None},
            "from has 1 items, so it has no item 1",
        ),
        (
            {"name": "Step down", "field": "landWhen.hits", "value": 0.5},
            "landWhen.hits must be a whole",
        ),
        ({"name": "Step down", "field": "hidden", "value": "yes"}, "hidden must be true or false"),
    ],
    "add_transition": [
        ({"from": "atrium"}, "to is missing"),
        ({"to": "spare"}, "from is missing"),
        ({"from": "atrium", "to": 5}, "to must be a string"),
        ({"from": "atrium", "to": "spare", "kind": "override"}, "kind must be transition"),
        ({"name": "Wait", "from": "atrium", "to": "spare"}, "the event 'Wait' already exists"),
    ],
    "add_override": [
        ({"from": "atrium", "kind": "terminal"}, "kind must be override"),
        ({}, "from is missing"),
    ],
    "set_event_kind": [
        ({"name": "Wait", "kind": "transition"}, "a transition leads somewhere: give 'to'"),
        ({"name": "Wait", "kind": "override", "to": "spare"}, "an override stays where it is"),
        ({"name": "Wait", "kind": "terminal", "to": "spare"}, "a terminal stays where it is"),
        ({"name": "Wait", "kind": "gag"}, "kind must be transition, override or terminal"),
        ({"name": "Wait"}, "kind is missing"),
        ({"name": "Wait", "kind": "transition", "to": 5}, "to must be a string"),
    ],
    "set_event_drive": [
        ({"name": "Step down", "drive": "back"}, "drive must be an object"),
    ],
    "set_event_hotkey": [({"name": "Step down", "hotkey": 5}, "hotkey must be a string")],
    "set_event_phases": [
        (
            {"name": "Step down", "phases": {"base": "x"}},
            "phases must be a list, but it is an object",
        ),
        ({"name": "Step down", "phases": ["x"]}, "phases[0] must be an object"),
    ],
    "set_event_anchor": [
        ({"name": "Step down", "anchor": {}}, "label is missing"),
        ({"name": "Step down", "anchor": 5}, "anchor must be an object"),
    ],
    "set_event_grants": [
        ({"name": "Step down", "grants": [5]}, "grants must be a string or a list")
    ],
    "set_event_requires": [({"name": "Step down", "requires": {}}, "requires must be a string or")],
    "set_event_locked_hint": [
        ({"name": "Step down", "lockedHint": 5}, "lockedHint must be a string"),
        ({"name": "Go", "lockedHint": "x"}, "there is no event 'Go'"),
    ],
    "set_story": [
        ({}, "logline is missing"),
        ({"story": {}}, "logline is missing"),
        ({"story": 5}, "story must be an object"),
        ({"patch": {"logline": None}}, "logline is missing"),
        ({"logline": 5}, "logline must be a string"),
    ],
    "add_story_beat": [
        ({}, "summary is missing"),
        ({"beat": 5}, "beat must be an object"),
        ({"summary": "x", "states": 5}, "states must be a string or a list"),
    ],
    "add_cutscene": [
        ({"from": "atrium", "to": "cellar"}, "video is missing"),
        ({"video": "v", "from": "atrium"}, "to is missing"),
        ({"video": "v", "to": "cellar"}, "from is missing"),
        (
            {"id": "fall", "video": "v", "from": "atrium", "to": "cellar"},
            "the cutscene 'fall' already exists",
        ),
        (
            {"id": "spare", "video": "v", "from": "atrium", "to": "cellar"},
            "the state 'spare' already exists",
        ),
        ({"id": LONG, "video": "v", "from": "atrium", "to": "cellar"}, "256 are the limit"),
    ],
    "remove_cutscene": [({"id": "rise"}, "there is no cutscene 'rise'"), ({}, "id is missing")],
    "add_sequence": [
        ({"id": "tour"}, "the sequence 'tour' already exists"),
        ({"beats": ["atrium"]}, "sequence.beats[0] must be an object"),
    ],
    "remove_sequence": [({"id": "walk"}, "there is no sequence 'walk'")],
    "add_mission": [({"objectives": 5}, "objectives must be a list of objects")],
    "set_narrate": [({}, "narrate is missing; null removes")],
    "set_intro": [
        ({}, "give introVideo, introStatic or both"),
        ({"intro": 5}, "intro must be an object"),
    ],
    "set_outro": [
        ({}, "outro is missing"),
        ({"outro": 5}, "outro must be an object"),
        ({"state": 5}, "state must be a string"),
    ],
    "set_subject": [({}, "give subject, styleTail or both; null removes")],
    "set_slot_fill": [
        ({"id": "atrium", "slot": "mood", "fill": "x"}, "base is no factored prose"),
        ({"id": "spare", "fill": "x"}, "slot is missing"),
        ({"id": "spare", "slot": "mood"}, "fill is missing; null removes"),
        ({"id": "spare", "slot": "mood", "fill": 5}, "fill must be a string"),
        ({"id": "attic", "slot": "mood", "fill": "x"}, "there is no state 'attic'"),
        ({"field": "scene.states", "slot": "mood", "fill": "x"}, "say which state by its id"),
        ({"slot": "mood", "fill": "x"}, "base is no factored prose"),
    ],
}
