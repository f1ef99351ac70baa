"""Ops on the story, and on cutscenes, sequences and missions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops import fields
from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import (
    CUTSCENE,
    MISSION,
    SEQUENCE,
    Address,
    a_string,
    an_object,
    string,
    strings,
)
from conjure.kernel.wording import listed, quoted

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject


def set_story(draft: Draft, op: JsonObject) -> None:
    """Replaces the story, or members of it, or takes it away."""
    if "story" in op:
        story = op["story"]
        if story is not None:
            _check_logline(an_object(story, "story"))
        draft.set_member("story", story)
        return
    flat = {key: value for key, value in op.items() if key not in {"op", "patch"}}
    patch = flat if op.get("patch") is None else an_object(op["patch"], "patch")
    if not patch:
        raise OpError("story is missing; null removes the story")
    present = draft.member("story")
    story = fields.patched(present if isinstance(present, dict) else {}, patch)
    _check_logline(story)
    draft.set_member("story", story)


def add_story_beat(draft: Draft, op: JsonObject) -> None:
    """Puts a beat at the end of the story."""
    beat = _nested(op, "beat")
    string(beat, "summary")
    if beat.get("states") is not None:
        beat = {**beat, "states": strings(beat["states"], "states")}
    if not isinstance(draft.member("story"), dict):
        raise OpError("the world has no story to add a beat to; use set_story first")
    draft.add("story beat", beat)


def add_cutscene(draft: Draft, op: JsonObject) -> str:
    """Puts a film between states into the world."""
    name, cutscene = CUTSCENE.split(op)
    for key in ("video", "to"):
        string(cutscene, key)
    if cutscene.get("from") is None:
        raise OpError("from is missing")
    strings(cutscene["from"], "from")
    if name is not None and name in draft.states:
        raise OpError(f"the state {quoted(name)} already exists; an event's 'to' could mean either")
    return _add(draft, CUTSCENE, name, cutscene)


def remove_cutscene(draft: Draft, op: JsonObject) -> str:
    """Takes a film away that no event leads to."""
    name = CUTSCENE.required(op)
    place = draft.find("cutscene", name)
    events = draft.readable("event")
    if events is not None:
        users = [events.at(at) for at in events.referring(name)]
        users = [event for event in users if event.get("to") == name]
        if users:
            names = [str(event.get("name")) for event in users]
            raise OpError(
                f"the cutscene {quoted(name)} is where events lead to: {listed(names)}. Point them "
                "elsewhere or remove them first"
            )
    draft.remove("cutscene", place)
    return name


def add_sequence(draft: Draft, op: JsonObject) -> str:
    """Puts a row of states that play by themselves into the world."""
    name, sequence = SEQUENCE.split(op)
    _objects(sequence, "beats")
    return _add(draft, SEQUENCE, name, sequence)


def remove_sequence(draft: Draft, op: JsonObject) -> str:
    """Takes a sequence away that no beat of the story plays."""
    name = SEQUENCE.required(op)
    place = draft.find("sequence", name)
    story = draft.member("story")
    beats = story.get("beats") if isinstance(story, dict) else None
    for at, beat in enumerate(beats if isinstance(beats, list) else ()):
        if isinstance(beat, dict) and beat.get("sequence") == name:
            raise OpError(
                f"the sequence {quoted(name)} is played by the story's beat {at} (the first is 0). "
                "Change that beat first"
            )
    draft.remove("sequence", place)
    return name


def add_mission(draft: Draft, op: JsonObject) -> str:
    """Puts a mission into the world."""
    name, mission = MISSION.split(op)
    _objects(mission, "objectives")
    return _add(draft, MISSION, name, mission)


def _add(draft: Draft, address: Address, name: str | None, entry: JsonObject) -> str:
    if name is not None:
        draft.check_free(address.kind, name)
    made = draft.free_name(address.kind) if name is None else name
    draft.add(address.kind, {**entry, "id": made})
    return made


def _nested(op: JsonObject, key: str) -> JsonObject:
    """A thing without a name: in an object of its own, or flat."""
    if op.get(key) is not None:
        return an_object(op[key], key)
    return {name: value for name, value in op.items() if name not in {"op", key}}


def _check_logline(story: JsonObject) -> None:
    if story.get("logline") is None:
        raise OpError("logline is missing: a story needs one")
    a_string(story["logline"], "logline")


def _objects(owner: JsonObject, key: str) -> None:
    value: Any = owner.get(key, [])
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise OpError(f"{key} must be a list of objects")


SECOND: Final = (
    Op(
        "set_story",
        "sets the story, or members of it",
        {
            "story? or patch?": "`story` replaces it whole, null removes it; `patch`, or flat, "
            "`logline`, `arc`, `beats` replace members, null erases one, but not `logline`"
        },
        {"story": {"logline": "A reader finds the way out.", "arc": ["in", "out"]}},
        set_story,
    ),
    Op(
        "add_story_beat",
        "adds a beat at the end of the story",
        {"beat": "`{summary, arc?, states?, sequence?}`, also flat"},
        {"beat": {"summary": "She goes down.", "states": ["cellar"]}},
        add_story_beat,
    ),
    Op(
        "add_cutscene",
        "adds a film between states",
        {
            "id?": "`cutscene_1`, … when absent; a state's id is refused too",
            "video, from, to": "the film, the states before it and the one after it",
            "…Cutscene": "`label`, `subtitle`, `requires`, flat or in `cutscene`",
        },
        {"video": "https://example.test/down.mp4", "from": "atrium", "to": "cellar"},
        add_cutscene,
    ),
    Op(
        "remove_cutscene",
        "removes a film that no event leads to",
        {"id": "its id"},
        {"id": "fall"},
        remove_cutscene,
    ),
    Op(
        "add_sequence",
        "adds a row of states that play by themselves",
        {
            "id?": "`sequence_1`, … when absent",
            "…Sequence": "`title?`, `beats?` (`[{state, dwell?}]`), flat or in `sequence`",
        },
        {"id": "stroll", "beats": [{"state": "atrium", "dwell": "settle"}]},
        add_sequence,
    ),
    Op(
        "remove_sequence",
        "removes a sequence that no story beat plays",
        {"id": "its id"},
        {"id": "tour"},
        remove_sequence,
    ),
    Op(
        "add_mission",
        "adds a mission",
        {
            "id?": "`mission_1`, … when absent",
            "…Mission": "`title?`, `objectives?`, `complete?`, `verified?`, flat or in `mission`",
        },
        {"id": "escape", "objectives": [{"id": "key", "text": "Find the key."}]},
        add_mission,
    ),
)
