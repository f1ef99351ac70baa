"""Ops on states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops import fields
from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import (
    RENAMED,
    STATE,
    an_object,
    given,
    one_of,
    own_members,
    prose,
    string,
    value_of,
)
from conjure.kernel.ops.shape import fitting
from conjure.kernel.ops.stances import release, rename
from conjure.kernel.schema import described
from conjure.kernel.values import elements
from conjure.kernel.wording import either, quoted, some_of

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject

_ENDINGS = ("win", "lose")
_HALVES = {"static": "dynamic", "dynamic": "static"}
_PAIRS = ("camera", "movement")
_FIELDS = ("base", *(f"{pair}.{half}" for pair in _PAIRS for half in _HALVES))


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
    ending, losing = release(draft, state_id)
    users = _users(draft, state_id, {*ending, *losing})
    if users:
        raise OpError(
            f"the state {quoted(state_id)} is in use by {', '.join(users)}. Point them elsewhere "
            "or remove them first"
        )
    events = draft.named_list("event") if losing else None
    for place in losing:
        event = events.at(place) if events is not None else {}
        sources = [name for name in elements(event, "from") if name != state_id]
        draft.replace("event", place, {**event, "from": sources})
    for place in ending:
        draft.remove("event", place)
    draft.drop_state(state_id)
    return state_id


def rename_state(draft: Draft, op: JsonObject) -> str:
    """Gives a state another id, in all that refers to it."""
    old = RENAMED.required(op)
    if given(op, "to", "newId") is None:
        raise OpError("to is missing: the new id of a state cannot be empty")
    new = string(op, "to", "newId")
    draft.state(old)
    if new == old:
        return new
    draft.check_free("state", new)
    draft.rename_state(old, new)
    rename(draft, old, new)
    for key in ("entrance", "outro"):
        member = draft.member(key)
        if _names(member, old):
            draft.set_member(key, {**member, "state": new})
    return new


def set_field(draft: Draft, op: JsonObject) -> str:
    """Replaces or erases the words of a state: its base, or half of its camera or movement."""
    state_id = STATE.required(op)
    state = draft.state(state_id)
    field, value = op.get("field"), value_of(op, "value")
    if isinstance(field, list) and all(isinstance(part, str) for part in field):
        field = ".".join(field)
    if field not in _FIELDS:
        actual = quoted(field) if isinstance(field, str) else described(field)
        raise OpError(
            f"field must be {either(_FIELDS)}, but it is {actual}; update_state sets other members"
        )
    if field == "base":
        _check({"base": value})
        patch = {"base": fitting("state", "base", value)}
    else:
        name, half = str(field).split(".")
        draft.charge(fields.weight(state, (name, half)))
        patch = {name: fitting("state", name, _pair(state, name, half, value))}
    draft.set_state(state_id, fields.patched(state, patch))
    return state_id


def _pair(state: JsonObject, name: str, half: str, words: Any) -> JsonObject | None:
    """The camera or the movement with other words in one half; None when it says nothing then."""
    present = state.get(name)
    pair = fields.patched({} if present is None else an_object(present, name), {half: words})
    if words is None:
        return pair if any(pair.values()) else None
    return {_HALVES[half]: "", **pair}


def set_state_ending(draft: Draft, op: JsonObject) -> str:
    """Lets play end in a state, or go on there."""
    state_id = STATE.required(op)
    state = draft.state(state_id)
    said = own_members(op, "ending", "kind", "title", "subtitle")
    if said == {} or (isinstance(said, dict) and "ending" not in op and "kind" not in said):
        raise OpError("kind is missing: win or lose; null removes the ending")
    ending = _ending(said)
    draft.set_state(state_id, fields.patched(state, {"ending": ending}))
    return state_id


def _ending(said: Any) -> JsonObject | None:
    if isinstance(said, str):
        said = {"kind": said}
    if said is None or an_object(said, "ending").get("kind", said) is None:
        return None
    ending = {key: value for key, value in said.items() if value is not None}
    if "kind" in ending:
        one_of(ending["kind"], "ending.kind", _ENDINGS)
    fitting("state", "ending", ending)
    return ending


def _check(members: JsonObject) -> None:
    """Refuses a state without a base; everything else is for the gate to check."""
    if "base" in members:
        if members["base"] is None:
            raise OpError("base cannot be erased; give other words instead")
        prose(members["base"], "base")


def _names(member: Any, state_id: str) -> bool:
    return isinstance(member, dict) and member.get("state") == state_id


def _users(draft: Draft, state_id: str, going_along: set[int]) -> list[str]:
    """Who refers to a state, as CONTRACT 3.1 counts it; the first few of each sort.

    `going_along`: the places of events that do not count.
    """
    users = []
    if _names(draft.member("entrance"), state_id):
        users.append("the entrance")
    for kind in ("event", "cutscene", "sequence"):
        places = draft.referring(kind, state_id)
        if kind == "event" and going_along:
            places = [place for place in places if place not in going_along]
        if not places:
            continue
        entries = draft.named_list(kind)
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
OF_STATE: Final = {"state": "the state's id"}
_DELETE_STATE: Final = (
    "removes a state that the entrance, events, cutscenes, sequences and the outro do not use; with a stance "
    "of a character go the hidden ways to it"
)

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
        _DELETE_STATE,
        ID,
        {"id": "spare"},
        delete_state,
    ),
)
SECOND: Final = (
    Op(
        "remove_state",
        f"{_DELETE_STATE}, as `delete_state` does",
        OF_STATE,
        {"state": "spare"},
        delete_state,
    ),
    Op(
        "rename_state",
        "gives a state another id, also in events, entrance, outro, cutscenes, sequences, missions "
        "and story beats",
        {"state": "the state's id, also as `from`", "to": "the new id, also as `newId`"},
        {"state": "atrium", "to": "great hall"},
        rename_state,
    ),
    Op(
        "set_field",
        "sets words of a state",
        {
            **OF_STATE,
            "field": "`base`, or half of a pair: `camera.static`, `camera.dynamic`, "
            "`movement.static` or `movement.dynamic`; a half that is not there becomes an empty string",
            "value": 'the words, or `{"template", "fills"}`; null erases half of a pair, and the '
            "pair when the other half is empty",
        },
        {"state": "atrium", "field": "camera.static", "value": "Eye height, a still frame."},
        set_field,
    ),
    Op(
        "set_state_ending",
        "lets play end in a state, or go on there",
        {
            **OF_STATE,
            "kind": "`win` or `lose`; null removes the ending",
            "title?, subtitle?": "words; the three also in `ending`, or `ending` just the kind",
        },
        {"state": "spare", "kind": "lose", "title": "Shut in"},
        set_state_ending,
    ),
)
