"""Ops on events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops import fields
from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import (
    EVENT,
    a_string,
    given,
    one_of,
    string,
    strings,
    value_of,
)
from conjure.kernel.ops.shape import fitting, whole

if TYPE_CHECKING:
    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject

_KINDS = ("transition", "override", "terminal")


def add_event(draft: Draft, op: JsonObject) -> str:
    """Puts a new event into the world."""
    name, event = EVENT.split(op)
    return _add(draft, name, event)


def update_event(draft: Draft, op: JsonObject) -> str:
    """Replaces members of an event; `name` renames it."""
    name, patch = EVENT.split(op)
    return update_named(draft, EVENT.named(name), patch)


def delete_event(draft: Draft, op: JsonObject) -> str:
    """Takes an event away."""
    name = EVENT.required(op)
    draft.remove("event", draft.find("event", name))
    return name


def set_event_field(draft: Draft, op: JsonObject) -> str:
    """Replaces or erases one member somewhere in an event."""
    name = EVENT.required(op)
    place = draft.find("event", name)
    field, value = fields.parsed(op.get("field")), value_of(op, "value")
    member = str(field[0])
    if len(field) == 1:
        patch = _checked({member: value}) if value is not None else {member: None}
        return update_named(draft, name, {member: fitting("event", member, patch[member])})
    event = draft.named_list("event").at(place)
    draft.charge(fields.weight(event, field))
    event = fields.replaced(event, field, value)
    fitting("event", member, event.get(member))
    draft.replace("event", place, event)
    return name


def add_transition(draft: Draft, op: JsonObject) -> str:
    """Puts a way from states to another into the world."""
    name, event = EVENT.split(op)
    _is_kind(event, "transition")
    string(event, "to")
    return _add(draft, name, _held({**event, "kind": "transition"}))


def add_override(draft: Draft, op: JsonObject) -> str:
    """Puts a passing change into the world, which stays where it is: a `to` means nothing."""
    name, event = EVENT.split(op)
    _is_kind(event, "override")
    event = {key: value for key, value in event.items() if key != "to"}
    return _add(draft, name, _held({**event, "kind": "override"}))


def set_event_kind(draft: Draft, op: JsonObject) -> str:
    """Makes an event one of another kind, with or without a `to` as that needs it."""
    name = EVENT.required(op)
    kind = one_of(value_of(op, "kind", "value"), "kind", _KINDS)
    event = draft.named_list("event").at(draft.find("event", name))
    to = given(op, "to")
    if kind != "transition":
        if to is not None:
            raise OpError(
                f"{'an' if kind == 'override' else 'a'} {kind} stays where it is; leave 'to' out"
            )
        return update_named(draft, name, {"kind": kind, "to": None})
    if to is None and event.get("to") is None:
        raise OpError("a transition leads somewhere: give 'to', the id of a state or a cutscene")
    patch = {"kind": kind} | ({} if to is None else {"to": a_string(to, "to")})
    return update_named(draft, name, patch)


def _held(event: JsonObject) -> JsonObject:
    """A new event, which has to fit the schema whatever its name will be."""
    if event.get("from") is None:
        raise OpError("from is missing")
    return whole("event", {**_checked(event), "name": ""}, "event")


def _add(draft: Draft, name: Any, event: JsonObject) -> str:
    if name is not None:
        draft.check_free("event", a_string(name, "name"))
    for key in ("kind", "from"):
        if event.get(key) is None:
            raise OpError(f"{key} is missing")
    checked = _checked(event)
    made: str = draft.free_name("event") if name is None else name
    draft.add("event", {**checked, "name": made})
    return made


def update_named(draft: Draft, name: str, patch: JsonObject) -> str:
    """Replaces members of the event of a name. Returns the name that it has then."""
    place = draft.find("event", name)
    event = draft.named_list("event").at(place)
    for key in ("kind", "from", "name"):
        if key in patch and patch[key] is None:
            raise OpError(f"{key} cannot be erased; give another one instead")
    patch = _checked(patch)
    new = a_string(patch.get("name", name), "name")
    if new != name:
        draft.check_free("event", new)
    if patch:
        draft.replace("event", place, fields.patched(event, patch))
    return new


def _checked(members: JsonObject) -> JsonObject:
    """Refuses an ill-typed kind or `from`; everything else is for the gate to check."""
    if "kind" in members:
        one_of(members["kind"], "kind", _KINDS)
    if "from" in members:
        members = {**members, "from": strings(members["from"], "from")}
    return members


def _is_kind(event: JsonObject, kind: str) -> None:
    if event.get("kind", kind) != kind:
        raise OpError(f"kind must be {kind}; leave it out, or use add_event")


_NAME: Final = {"name": "the event's name"}
OF_EVENT: Final = {"event": "the event's name"}
_EVENT: Final = {
    "name?": "`event_1`, `event_2`, … when absent; a taken one is refused",
    "…Event": "its other members, flat or in `event`",
}

FIRST: Final = (
    Op(
        "add_event",
        "adds an event",
        {
            "kind": "`transition`, `override` or `terminal`",
            "from": "ids of states, or one id",
            **_EVENT,
        },
        {"name": "Wave", "kind": "override", "from": "atrium", "base": "She waves."},
        add_event,
    ),
    Op(
        "update_event",
        "replaces members of an event whole; null erases one, but not `kind`, `from` and `name`",
        {**_NAME, "patch": "the members, also flat or in `event`; `name` in it renames the event"},
        {"name": "Step down", "patch": {"name": "Climb down", "hotkey": "f"}},
        update_event,
    ),
    Op("delete_event", "removes an event", _NAME, {"name": "Step down"}, delete_event),
)
SECOND: Final = (
    Op(
        "remove_event",
        "removes an event, as `delete_event` does",
        OF_EVENT,
        {"event": "Step down"},
        delete_event,
    ),
    Op(
        "set_event_field",
        "sets one member somewhere in an event; the field `name` renames it",
        {
            **OF_EVENT,
            "field": 'where in it: `landWhen.hits`, `phases[0].base`, or `["phases", 0, "base"]`',
            "value": "what shall stand there; null erases it",
        },
        {"event": "Step down", "field": "landWhen.hits", "value": 2},
        set_event_field,
    ),
    Op(
        "add_transition",
        "adds an event that leads on",
        {
            "from": "ids of states, or one id",
            "to": "the id of a state or a cutscene",
            **_EVENT,
        },
        {"from": "atrium", "to": "spare", "base": "A side door opens."},
        add_transition,
    ),
    Op(
        "add_override",
        "adds an event that changes something in place",
        {"from": "ids of states, or one id", **_EVENT, "to?": "is taken, and means nothing"},
        {"from": ["atrium", "cellar"], "name": "Knock", "base": "She knocks on the wall."},
        add_override,
    ),
    Op(
        "set_event_kind",
        "makes an event one of another kind; what is no transition loses its `to`",
        {
            **OF_EVENT,
            "kind": "`transition`, `override` or `terminal`",
            "to?": "where a transition leads, when the event has no `to` yet",
        },
        {"event": "Step down", "kind": "override"},
        set_event_kind,
    ),
)
