"""Ops on members of the world itself, and on the fills of factored prose."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.ops import fields
from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import EVENT, STATE, a_string, an_object, string, value_of
from conjure.kernel.ops.shape import WORLD, fitting
from conjure.kernel.wording import quoted

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.ops.op import Run
    from conjure.kernel.values import JsonObject

_INTRO = {"introVideo": "video", "introStatic": "static"}


def set_intro(draft: Draft, op: JsonObject) -> None:
    """Replaces what is shown before play, or takes it away."""
    source = op if op.get("intro") is None else an_object(op["intro"], "intro")
    members = {
        member: source.get(member, source.get(short))
        for member, short in _INTRO.items()
        if member in source or short in source
    }
    if not members and "intro" in op and op["intro"] is None:
        members = dict.fromkeys(_INTRO)
    if not members:
        raise OpError("give introVideo, introStatic or both; null removes one")
    for member, value in members.items():
        fitting(WORLD, member, value)
    for member, value in members.items():
        draft.set_member(member, value)


def set_subject(draft: Draft, op: JsonObject) -> None:
    """Replaces whom the world is about, its style, or both, or takes them away."""
    members = {key: op[key] for key in ("subject", "styleTail") if key in op}
    if "value" in op:
        members.setdefault("subject", op["value"])
    if not members:
        raise OpError("give subject, styleTail or both; null removes one")
    for member, value in members.items():
        fitting(WORLD, member, value)
    for member, value in members.items():
        draft.set_member(member, value)


def set_outro(draft: Draft, op: JsonObject) -> None:
    """Replaces what is shown after play, or members of it, or takes it away."""
    if "outro" in op:
        said = outro = None if op["outro"] is None else an_object(op["outro"], "outro")
    else:
        others = {"op", "patch", *STATE.names}
        flat = {key: value for key, value in op.items() if key not in others}
        states = [op[key] for key in STATE.names if key in op]
        if states:
            flat["state"] = states[0]
        said = flat if op.get("patch") is None else an_object(op["patch"], "patch")
        if not said:
            raise OpError("outro is missing; null removes the outro")
        outro = fields.patched(draft.object_at("outro") or {}, said)
    if said is not None and "video" in said and said["video"] is None:
        outro = None
    draft.set_member("outro", fitting(WORLD, "outro", outro))


def set_slot_fill(draft: Draft, op: JsonObject) -> str | None:
    """Fills a slot of factored prose in a state, an event or the world, or leaves it empty."""
    slot, fill = string(op, "slot"), value_of(op, "fill", "value")
    if fill is not None:
        a_string(fill, "fill")
    field = fields.parsed(op.get("field", "base"))
    state_id = STATE.read(op)
    if state_id is not None:
        state = draft.state(state_id)
        draft.set_state(state_id, _filled(draft, state, field, slot, fill))
        return state_id
    name = EVENT.read(op)
    if name is not None:
        place = draft.find("event", name)
        event = draft.named_list("event").at(place)
        draft.replace("event", place, _filled(draft, event, field, slot, fill))
        return name
    key = str(field[0])
    if key == "scene":
        raise OpError("say which state by its id, or which event by its name")
    owner = _filled(draft, {key: draft.member(key)}, field, slot, fill)
    draft.set_member(key, owner[key])
    return None


def _filled(
    draft: Draft, owner: JsonObject, field: fields.Field, slot: str, fill: str | None
) -> JsonObject:
    member = fields.found(owner, field)
    if not isinstance(member, dict) or not isinstance(member.get("template"), str):
        raise OpError(
            f"{fields.spelled(field)} is no factored prose, so it has no slot {quoted(slot)}; set it "
            'to {"template": …} first'
        )
    fills = member.get("fills")
    fills = {} if fills is None else an_object(fills, "fills")
    draft.charge(fields.weight(owner, field) + len(member) + len(fills))
    return fields.replaced(owner, field, {**member, "fills": fields.patched(fills, {slot: fill})})


def _member(name: str) -> Run:
    """Sets a member of the world whose type the contract leaves open."""

    def run(draft: Draft, op: JsonObject) -> None:
        draft.set_member(name, value_of(op, name, "value"))

    return run


SECOND: Final = (
    Op(
        "set_narrate",
        "sets how the world is narrated",
        {"narrate": "any JSON; null removes it"},
        {"narrate": {"voice": "calm"}},
        _member("narrate"),
    ),
    Op(
        "set_intro",
        "sets what is shown before play",
        {
            "video?, static?": "the clip, any JSON, and whether it ends on a still frame; also in "
            "`intro`, or as `introVideo` and `introStatic`; null removes one"
        },
        {"video": "https://example.test/intro.mp4", "static": True},
        set_intro,
    ),
    Op(
        "set_outro",
        "sets what is shown after play, or members of it",
        {
            "video?, flag?, state?": "replace these members, also in `patch`; null erases one, and "
            "a null video the whole outro",
            "outro?": "replaces it whole, null removes it",
        },
        {"video": "https://example.test/outro.mp4", "state": "cellar"},
        set_outro,
    ),
    Op(
        "set_subject",
        "sets whom the world is about, and the style of every picture",
        {
            "subject?": "any JSON",
            "styleTail?": "words; either alone is enough, and null removes one",
        },
        {"subject": "a woman in a grey coat", "styleTail": "Film grain, soft light."},
        set_subject,
    ),
    Op(
        "set_slot_fill",
        "fills a slot of factored prose",
        {
            "state? or event?": "the state's id or the event's name; without either, the world's own "
            "members are meant",
            "field?": "where the prose is: `base` when absent, `camera.static`, `styleTail`, …",
            "slot": "the slot's name",
            "fill": "its words; null takes the fill away, so that the default counts",
        },
        {"state": "spare", "slot": "mood", "fill": "quiet"},
        set_slot_fill,
    ),
)
