"""What the ops of the second register do to the rich world, under all names."""

from __future__ import annotations

from typing import Any

from support.kernel.op_first_cases import HALL

_GOAL = [{"id": "o", "text": "Leave."}]

# (op, path, what stands there then, the name that the op answers with)
SECOND_DOES: dict[str, list[tuple[dict[str, Any], str, Any, str | None]]] = {
    "rename_state": [
        ({"id": "atrium", "to": "hall"}, "states.atrium", None, "hall"),
        ({"id": "atrium", "to": "hall"}, "entrance.state", "hall", "hall"),
        ({"id": "atrium", "to": "hall"}, "Step down.from", ["hall"], "hall"),
        ({"id": "cellar", "newId": "vault"}, "Step down.to", "vault", "vault"),
        ({"id": "atrium", "to": "hall"}, "cutscenes[0].from", "hall", "hall"),
        ({"id": "cellar", "to": "vault"}, "cutscenes[0].to", "vault", "vault"),
        ({"id": "cellar", "to": "vault"}, "outro.state", "vault", "vault"),
        ({"id": "atrium", "to": "hall"}, "sequences[0].beats", [{"state": "hall"}], "hall"),
        ({"id": "atrium", "to": "hall"}, "story.beats[0].states", ["hall"], "hall"),
        ({"id": "spare", "to": "spare"}, "states.spare.base", HALL, "spare"),
    ],
    "set_field": [
        (
            {"id": "atrium", "field": "camera.static", "value": "x"},
            "states.atrium.camera.static",
            "x",
            "atrium",
        ),
        ({"id": "spare", "field": "base", "value": "x"}, "states.spare.base", "x", "spare"),
    ],
    "set_state_ending": [
        ({"id": "atrium", "ending": "win"}, "states.atrium.ending", {"kind": "win"}, "atrium"),
        (
            {"id": "atrium", "ending": {"title": "x"}},
            "states.atrium.ending",
            {"title": "x"},
            "atrium",
        ),
        ({"id": "cellar", "ending": None}, "states.cellar.ending", None, "cellar"),
    ],
    "set_variant_field": [
        (
            {"id": "atrium", "index": 0, "field": "base", "value": "x"},
            "states.atrium.variants[0].base",
            "x",
            "atrium",
        ),
        (
            {"id": "atrium", "variant": "dusk", "field": "camera.static", "value": "x"},
            "states.atrium.variants[0].camera",
            {"static": "x"},
            "atrium",
        ),
    ],
    "set_event_field": [
        (
            {"name": "Step down", "field": "landWhen.hits", "value": 9},
            "Step down.landWhen.hits",
            9,
            "Step down",
        ),
        ({"event": "Step down", "field": "name", "value": "Go"}, "Go.to", "cellar", "Go"),
        (
            {"name": "Step down", "field": "from", "value": "spare"},
            "Step down.from",
            ["spare"],
            "Step down",
        ),
        (
            {"name": "Step down", "field": "from[1]", "value": "spare"},
            "Step down.from",
            ["atrium", "spare"],
            "Step down",
        ),
        (
            {"name": "Step down", "field": "landWhen", "value": None},
            "Step down.landWhen",
            None,
            "Step down",
        ),
    ],
    "add_transition": [
        ({"from": "atrium", "to": "spare"}, "event_1.kind", "transition", "event_1"),
        ({"event": {"name": "Go", "from": ["atrium"], "to": "fall"}}, "Go.to", "fall", "Go"),
        (
            {"name": "Go", "kind": "transition", "from": "atrium", "to": "spare"},
            "Go.from",
            ["atrium"],
            "Go",
        ),
    ],
    "add_override": [
        ({"from": "atrium", "base": "x"}, "event_1.kind", "override", "event_1"),
        ({"name": "Nod", "from": "atrium", "to": None}, "Nod.to", None, "Nod"),
    ],
    "set_event_kind": [
        ({"name": "Step down", "kind": "override"}, "Step down.to", None, "Step down"),
        ({"name": "Step down", "kind": "transition"}, "Step down.to", "cellar", "Step down"),
        (
            {"name": "Step down", "kind": "transition", "to": "fall"},
            "Step down.to",
            "fall",
            "Step down",
        ),
    ],
    "set_event_drive": [
        (
            {"name": "Step down", "drive": {"movement": "back"}},
            "Step down.drive.movement",
            "back",
            "Step down",
        ),
        ({"name": "Step down", "drive": None}, "Step down.drive", None, "Step down"),
    ],
    "set_event_hotkey": [
        ({"name": "Step down", "hotkey": "f"}, "Step down.hotkey", "f", "Step down"),
        ({"name": "Step down", "hotkey": None}, "Step down.hotkey", None, "Step down"),
    ],
    "set_event_phases": [
        (
            {"name": "Step down", "phases": [{"base": "x"}]},
            "Step down.phases[0].base",
            "x",
            "Step down",
        )
    ],
    "set_event_anchor": [
        (
            {"name": "Step down", "anchor": "door"},
            "Step down.anchor",
            {"label": "door"},
            "Step down",
        ),
        (
            {"name": "Step down", "value": {"label": "x"}},
            "Step down.anchor.label",
            "x",
            "Step down",
        ),
    ],
    "set_event_grants": [
        ({"name": "Step down", "grants": "key"}, "Step down.grants", ["key"], "Step down")
    ],
    "set_event_requires": [
        ({"name": "Step down", "requires": ["a", "b"]}, "Step down.requires[1]", "b", "Step down")
    ],
    "set_event_locked_hint": [
        ({"name": "Step down", "locked_hint": "x"}, "Step down.lockedHint", "x", "Step down"),
        ({"name": "Step down", "lockedHint": HALL}, "Step down.lockedHint", HALL, "Step down"),
    ],
    "set_story": [
        ({"story": {"logline": "x", "beats": None}}, "story", {"logline": "x"}, None),
        ({"story": None}, "story", None, None),
        ({"logline": "x"}, "story.beats[0].summary", "In.", None),
        ({"patch": {"beats": None}}, "story", {"logline": "Out."}, None),
    ],
    "add_story_beat": [
        ({"beat": {"summary": "x"}}, "story.beats[1].summary", "x", None),
        ({"summary": "x", "states": "atrium"}, "story.beats[1].states", ["atrium"], None),
    ],
    "add_cutscene": [
        (
            {"video": "v", "from": ["atrium"], "to": "cellar"},
            "cutscenes[1].id",
            "cutscene_1",
            "cutscene_1",
        ),
        (
            {"cutscene": {"id": "rise", "video": "v", "from": "cellar", "to": "atrium"}},
            "cutscenes[1].to",
            "atrium",
            "rise",
        ),
    ],
    "remove_cutscene": [
        ({"id": "fall"}, "cutscenes", [], "fall"),
        ({"cutscene": "fall"}, "cutscenes", [], "fall"),
    ],
    "add_sequence": [
        ({"title": "Again"}, "sequences[1].id", "sequence_1", "sequence_1"),
        (
            {"id": "walk", "beats": [{"state": "spare"}]},
            "sequences[1].beats[0].state",
            "spare",
            "walk",
        ),
    ],
    "remove_sequence": [({"id": "tour"}, "sequences", [], "tour")],
    "add_mission": [
        ({"mission": {"id": "m", "objectives": _GOAL}}, "missions[0].complete", "o", "m"),
        ({"objectives": _GOAL}, "missions[0].id", "mission_1", "mission_1"),
    ],
    "set_narrate": [
        ({"narrate": False}, "narrate", False, None),
        ({"narrate": None}, "narrate", None, None),
    ],
    "set_intro": [
        ({"introVideo": "v"}, "introVideo", "v", None),
        ({"intro": {"video": "v", "static": False}}, "introStatic", False, None),
        ({"intro": None}, "introVideo", None, None),
    ],
    "set_outro": [
        ({"outro": {"video": "v"}}, "outro", {"video": "v"}, None),
        ({"outro": None}, "outro", None, None),
        ({"flag": "done"}, "outro.state", "cellar", None),
    ],
    "set_subject": [({"subject": {"who": "she"}}, "subject.who", "she", None)],
    "set_slot_fill": [
        (
            {"id": "spare", "slot": "mood", "fill": "dark"},
            "states.spare.base.fills.mood",
            "dark",
            "spare",
        ),
        ({"id": "spare", "slot": "mood", "fill": None}, "states.spare.base.fills", {}, "spare"),
        (
            {"name": "Step down", "field": "lockedHint", "slot": "mood", "fill": "x"},
            "Step down.lockedHint.fills.mood",
            "x",
            "Step down",
        ),
        (
            {"field": "styleTail", "slot": "mood", "fill": "x"},
            "styleTail.fills",
            {"mood": "x"},
            None,
        ),
    ],
}
