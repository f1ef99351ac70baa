"""Ops on states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops import fields
from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import STATE, an_object, one_of, prose, string, value_of
from conjure.kernel.wording import quoted, some_of

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject

_ENDINGS = ("win", "lose")


def add_state(draft: Draft, op: JsonObject) -> str:
    """Puts a new state into the world."""
    state_id, state = STATE.split(op)
    if state_id is not None:
        draft.check_free("state", state_id)
    if state.get("base") is None:
        raise OpError("base is missing: say what the state shows")
    _check(state)
    if state_id is None:
        state_id = draft.free_name("state")
    draft.set_state(state_id, state)
    return state_id


def update_state(draft: Draft, op: JsonObject) -> str:
    """Replaces members of a state."""
    name, patch = STATE.split(op)
    state_id = STATE.named(name)
    state = draft.state(state_id)
    _check(patch)
    if patch:
        draft.set_state(state_id, fields.patched(state, patch))
    return state_id


def delete_state(draft: Draft, op: JsonObject) -> str:
    """Takes a state away that nothing refers to."""
    state_id = STATE.required(op)
    if state_id not in draft.states:
        draft.state(state_id)  # raises, with a hint
    users = _users(draft, state_id)
    if users:
        raise OpError(
            f"the state {quoted(state_id)} is in use by {', '.join(users)}. Point them elsewhere "
            "or remove them first"
        )
    draft.drop_state(state_id)
    return state_id


def rename_state(draft: Draft, op: JsonObject) -> str:
    """Gives a state another id, in all that refers to it."""
    name = STATE.read(op)
    old = string(op, "from") if name is None and op.get("from") is not None else STATE.named(name)
    new = string(op, "to", "newId")
    state = draft.state(old)
    if new == old:
        return new
    draft.check_free("state", new)
    draft.set_state(new, state)
    draft.drop_state(old)
    for key in ("entrance", "outro"):
        member = draft.member(key)
        if _names(member, old):
            draft.set_member(key, {**member, "state": new})
    for kind in ("event", "cutscene", "sequence", "mission", "story beat"):
        entries = draft.readable(kind)
        if entries is not None:
            entries.rename(old, new)
    return new


def set_field(draft: Draft, op: JsonObject) -> str:
    """Replaces or erases one member somewhere in a state."""
    state_id = STATE.required(op)
    state = draft.state(state_id)
    field, value = fields.parsed(op.get("field")), value_of(op, "value")
    if len(field) == 1:
        _check({str(field[0]): value})
    draft.set_state(state_id, fields.replaced(state, field, value))
    return state_id


def set_state_ending(draft: Draft, op: JsonObject) -> str:
    """Lets play end in a state, or go on there."""
    state_id = STATE.required(op)
    state = draft.state(state_id)
    ending = value_of(op, "ending", "value")
    if isinstance(ending, str):
        ending = {"kind": ending}
    if ending is not None and an_object(ending, "ending").get("kind") is not None:
        one_of(ending["kind"], "ending.kind", _ENDINGS)
    draft.set_state(state_id, fields.patched(state, {"ending": ending}))
    return state_id


def _check(members: JsonObject) -> None:
    """Refuses a state without a base; everything else is for the gate to check."""
    if "base" in members:
        if members["base"] is None:
            raise OpError("base cannot be erased; give other words instead")
        prose(members["base"], "base")


def _names(member: Any, state_id: str) -> bool:
    return isinstance(member, dict) and member.get("state") == state_id


def _users(draft: Draft, state_id: str) -> list[str]:
    """Who refers to a state, as CONTRACT 3.1 counts it; the first few of each sort."""
    users = []
    if _names(draft.member("entrance"), state_id):
        users.append("the entrance")
    for kind in ("event", "cutscene", "sequence"):
        entries = draft.readable(kind)
        places = entries.referring(state_id) if entries is not None else []
        if entries is None or not places:
            continue
        key = "name" if kind == "event" else "id"
        names = (
            quoted(name)
            if isinstance(name := entries.at(place).get(key), str)
            else "without a name"
            for place in places
        )
        users.append(f"the {kind}{'s' if len(places) > 1 else ''} {some_of(names, len(places))}")
    if _names(draft.member("outro"), state_id):
        users.append("the outro")
    return users


ID: Final = {"id": "the state's id"}
FIELD: Final = {
    "field": 'where in it: `camera.static`, `ambient[0]`, or `["ambient", 0]`',
    "value": "what shall stand there; null erases it",
}

FIRST: Final = (
    Op(
        "add_state",
        "adds a state",
        {
            "id?": "`state_1`, `state_2`, … when absent; a taken one is refused",
            "…State": "its members, flat or in `state`; `base` is required",
        },
        {"id": "attic", "base": "A low attic under the roof."},
        add_state,
    ),
    Op(
        "update_state",
        "replaces members of a state whole; null erases one, but not `base`",
        {**ID, "patch": "the members, also flat or in `state`"},
        {"id": "atrium", "patch": {"ambient": ["Dust turns in the light."], "narration": None}},
        update_state,
    ),
    Op(
        "delete_state",
        "removes a state that the entrance, events, cutscenes, sequences and the outro do not use",
        ID,
        {"id": "spare"},
        delete_state,
    ),
)
SECOND: Final = (
    Op(
        "rename_state",
        "gives a state another id, also in events, entrance, outro, cutscenes, sequences, missions "
        "and story beats",
        {"id": "the state's id (or `from`)", "to": "the new id (or `newId`)"},
        {"id": "atrium", "to": "great hall"},
        rename_state,
    ),
    Op(
        "set_field",
        "sets one member somewhere in a state",
        {**ID, **FIELD},
        {"id": "atrium", "field": "camera.static", "value": "Eye height, a still frame."},
        set_field,
    ),
    Op(
        "set_state_ending",
        "lets play end in a state, or go on there",
        {**ID, "ending": "`{kind?, title?, subtitle?}`, or just `win` or `lose`; null removes it"},
        {"id": "spare", "ending": {"kind": "lose", "title": "Shut in"}},
        set_state_ending,
    ),
)
