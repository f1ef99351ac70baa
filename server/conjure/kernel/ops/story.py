"""Ops on the story, and on cutscenes and sequences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.ops import fields
from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import (
    CUTSCENE,
    SEQUENCE,
    Address,
    a_string,
    an_object,
    given,
    string,
    strings,
)
from conjure.kernel.ops.shape import fitting, whole
from conjure.kernel.wording import listed, quoted

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject


def set_story(draft: Draft, op: JsonObject) -> None:
    """Replaces the logline and the arc of the story and keeps its beats, or takes the story away.

    `patch` replaces what it names.
    """
    if op.get("patch") is not None:
        patch = an_object(op["patch"], "patch")
    elif "story" in op and op["story"] is None:
        draft.set_member("story", None)
        return
    else:
        flat = {key: value for key, value in op.items() if key not in {"op", "patch"}}
        said = an_object(op["story"], "story") if "story" in op else flat
        if not said:
            raise OpError("logline is missing: a story needs one; a null story removes it")
        patch = {"arc": None, **said} if "logline" in said else said
    _check_logline(fields.patched(draft.object_at("story") or {}, patch))
    for member, value in patch.items():
        fitting("story", member, value)
    draft.patch_object("story", patch)


def add_story_beat(draft: Draft, op: JsonObject) -> None:
    """Puts a beat at the end of the story, which begins with it where there is none."""
    beat = _nested(op, "beat")
    string(beat, "summary")
    if beat.get("states") is not None:
        beat = {**beat, "states": strings(beat["states"], "states")}
    whole("storyBeat", beat, "beat")
    if draft.object_at("story") is None:
        title = draft.member("name")
        if not isinstance(title, str):
            raise OpError("the world has no name that its story could have; use set_story first")
        draft.set_member("story", {"logline": title})
    draft.add("story beat", beat)


def add_cutscene(draft: Draft, op: JsonObject) -> str:
    """Puts a film between states into the world."""
    name, said = CUTSCENE.split(op)
    cutscene = {key: value for key, value in said.items() if key not in {"fromState", "toState"}}
    for key in ("from", "to"):
        cutscene[key] = given(said, key, f"{key}State")
    for key in ("video", "to"):
        string(cutscene, key)
    if cutscene["from"] is None:
        raise OpError("from is missing")
    strings(cutscene["from"], "from")
    whole("cutscene", {**cutscene, "id": ""}, "cutscene")
    return _add(draft, CUTSCENE, name, cutscene)


def remove_cutscene(draft: Draft, op: JsonObject) -> str:
    """Takes a film away that no event leads to."""
    name = CUTSCENE.required(op)
    place = draft.find("cutscene", name)
    places = draft.referring("event", name)
    users = [draft.named_list("event").at(at) for at in places]
    names = [str(event.get("name")) for event in users if event.get("to") == name]
    if names:
        raise OpError(
            f"the cutscene {quoted(name)} is where events lead to: {listed(names)}. Point them "
            "elsewhere or remove them first"
        )
    draft.remove("cutscene", place)
    return name


def add_sequence(draft: Draft, op: JsonObject) -> str:
    """Puts a row of states that play by themselves into the world."""
    name, sequence = SEQUENCE.split(op)
    whole("sequence", {**sequence, "id": ""}, "sequence")
    return _add(draft, SEQUENCE, name, sequence)


def remove_sequence(draft: Draft, op: JsonObject) -> str:
    """Takes a sequence away that no beat of the story plays."""
    name = SEQUENCE.required(op)
    place = draft.find("sequence", name)
    for at in draft.referring("story beat", name):
        if draft.named_list("story beat").at(at).get("sequence") == name:
            raise OpError(
                f"the sequence {quoted(name)} is played by the story's beat {at} (the first is 0). "
                "Change that beat first"
            )
    draft.remove("sequence", place)
    return name


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


SECOND: Final = (
    Op(
        "set_story",
        "sets the story's logline and arc, and keeps its beats",
        {
            "logline": "a sentence; absent, that of the present story stays",
            "arc?": "a list; absent beside a logline, there is none any more",
            "…Story": "`beats?` and others replace what is there; all of them also in `story`, and "
            "null for that removes the story; `patch` replaces what it names and nothing else",
        },
        {"logline": "A reader finds the way out.", "arc": ["in", "out"]},
        set_story,
    ),
    Op(
        "add_story_beat",
        "adds a beat at the end of the story; where there is none, one begins with the world's name as "
        "its logline",
        {"beat": "`{summary, arc?, states?, sequence?}`, also flat"},
        {"beat": {"summary": "She goes down.", "states": ["cellar"]}},
        add_story_beat,
    ),
    Op(
        "add_cutscene",
        "adds a film between states",
        {
            "id?": "`cutscene_1`, … when absent, also as `cutsceneId`; a state's id is refused too",
            "video, from, to": "the film, the state or states before it (also as `fromState`) and "
            "the one after it (also as `toState`)",
            "…Cutscene": "`label`, `subtitle`, `requires`, flat or in `cutscene`",
        },
        {"video": "https://example.test/down.mp4", "from": "atrium", "to": "cellar"},
        add_cutscene,
    ),
    Op(
        "remove_cutscene",
        "removes a film that no event leads to",
        {"id": "its id, also as `cutsceneId`"},
        {"id": "fall"},
        remove_cutscene,
    ),
    Op(
        "add_sequence",
        "adds a row of states that play by themselves",
        {
            "id?": "`sequence_1`, … when absent, also as `sequenceId`",
            "…Sequence": "`title?`, `beats?` (`[{state, dwell?}]`), flat or in `sequence`",
        },
        {"id": "stroll", "beats": [{"state": "atrium", "dwell": "settle"}]},
        add_sequence,
    ),
    Op(
        "remove_sequence",
        "removes a sequence that no story beat plays",
        {"id": "its id, also as `sequenceId`"},
        {"id": "tour"},
        remove_sequence,
    ),
)
