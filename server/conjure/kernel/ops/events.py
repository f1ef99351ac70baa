"""Ops on events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops import fields
from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import (
    EVENT,
    a_string,
    an_object,
    given,
    one_of,
    prose,
    string,
    strings,
    value_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable

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
    return _update(draft, EVENT.named(name), patch)


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
    if len(field) == 1:
        return _update(draft, name, {str(field[0]): value})
    event = draft.named_list("event").at(place)
    draft.replace("event", place, fields.replaced(event, field, value))
    return name


def add_transition(draft: Draft, op: JsonObject) -> str:
    """Puts a way from states to another into the world."""
    name, event = EVENT.split(op)
    _is_kind(event, "transition")
    string(event, "to")
    return _add(draft, name, {**event, "kind": "transition"})


def add_override(draft: Draft, op: JsonObject) -> str:
    """Puts a passing change into the world."""
    name, event = EVENT.split(op)
    _is_kind(event, "override")
    if event.get("to") is not None:
        raise OpError("an override stays where it is; leave 'to' out, or add a transition")
    event = {key: value for key, value in event.items() if key != "to"}
    return _add(draft, name, {**event, "kind": "override"})


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
        return _update(draft, name, {"kind": kind, "to": None})
    if to is None and event.get("to") is None:
        raise OpError("a transition leads somewhere: give 'to', the id of a state or a cutscene")
    return _update(draft, name, {"kind": kind} | ({} if to is None else {"to": a_string(to, "to")}))


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


def _update(draft: Draft, name: str, patch: JsonObject) -> str:
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


# Members that have an op of their own


def _object(value: Any, name: str) -> Any:
    return an_object(value, name)


def _objects(value: Any, name: str) -> Any:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise OpError(f"{name} must be a list of objects")
    return value


def _anchor(value: Any, name: str) -> Any:
    anchor = {"label": value} if isinstance(value, str) else an_object(value, name)
    string(anchor, "label")
    return anchor


def _setter(
    op_name: str,
    member: str,
    read: Callable[[Any, str], Any],
    takes: str,
    example: Any,
    *aliases: str,
) -> Op:
    """An op that sets one member of an event."""

    def run(draft: Draft, op: JsonObject) -> str:
        name = EVENT.required(op)
        value = value_of(op, member, *aliases, "value")
        return _update(draft, name, {member: None if value is None else read(value, member)})

    return Op(
        op_name,
        f"sets the `{member}` of an event",
        {**_NAME, member: f"{takes}; null erases it"},
        {"name": "Step down", member: example},
        run,
    )


_NAME = {"name": "the event's name"}
_EVENT = {
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
        "set_event_field",
        "sets one member somewhere in an event; `name` renames it",
        {
            **_NAME,
            "field": 'where in it: `landWhen.hits`, `phases[0].base`, or `["phases", 0, "base"]`',
            "value": "what shall stand there; null erases it",
        },
        {"name": "Step down", "field": "landWhen.hits", "value": 2},
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
        {"from": "ids of states, or one id", **_EVENT},
        {"from": ["atrium", "cellar"], "name": "Knock", "base": "She knocks on the wall."},
        add_override,
    ),
    Op(
        "set_event_kind",
        "makes an event one of another kind; what is no transition loses its `to`",
        {
            **_NAME,
            "kind": "`transition`, `override` or `terminal`",
            "to?": "where a transition leads, when the event has no `to` yet",
        },
        {"name": "Step down", "kind": "override"},
        set_event_kind,
    ),
    _setter(
        "set_event_drive",
        "drive",
        _object,
        "`{movement?, lookHorizontal?, lookVertical?}`",
        {"movement": "forward"},
    ),
    _setter("set_event_hotkey", "hotkey", a_string, "a key", "f"),
    _setter(
        "set_event_phases",
        "phases",
        _objects,
        "a list of `{base, camera?, movement?, detail?, minMs?}`",
        [{"base": "She bends down."}],
    ),
    _setter(
        "set_event_anchor",
        "anchor",
        _anchor,
        "`{label, aliases?, minProximity?, expectedAspect?}`, or just the label",
        {"label": "trapdoor", "minProximity": 0.3},
    ),
    _setter("set_event_grants", "grants", strings, "flags, or one flag", ["below"]),
    _setter("set_event_requires", "requires", strings, "flags, or one flag", ["key"]),
    _setter(
        "set_event_locked_hint",
        "lockedHint",
        prose,
        "words",
        "The trapdoor is bolted.",
        "locked_hint",
        "hint",
    ),
)
