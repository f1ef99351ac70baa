"""Ops on one member of an event each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops.errors import OpError
from conjure.kernel.ops.events import OF_EVENT, update_named
from conjure.kernel.ops.op import Op
from conjure.kernel.ops.params import EVENT, an_object, own_members, strings, value_of
from conjure.kernel.ops.shape import fitting

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.kernel.ops.draft import Draft
    from conjure.kernel.values import JsonObject

_AXES = ("movement", "lookHorizontal", "lookVertical")
_PULSE = ("pulseMs", "drivePulseMs")
_ANCHOR = ("label", "aliases", "minProximity", "expectedAspect")


def set_event_drive(draft: Draft, op: JsonObject) -> str:
    """Replaces the input that an event gives; without any, the length of its pulse goes too."""
    name = EVENT.required(op)
    said = own_members(op, "drive", *_AXES)
    brought = {} if said is None else an_object(said, "drive")
    drive = {
        key: value for key, value in brought.items() if value is not None and key not in _PULSE
    }
    patch = {"drive": fitting("event", "drive", drive)}
    pulses = [source[key] for source in (brought, op) for key in _PULSE if key in source]
    if pulses:
        patch["drivePulseMs"] = fitting("event", "drivePulseMs", pulses[0])
    if not any(axis in drive for axis in _AXES):
        patch = {"drive": None, "drivePulseMs": None}
    return update_named(draft, name, patch)


def set_event_anchor(draft: Draft, op: JsonObject) -> str:
    """Replaces the thing in the picture that an event hangs on, or takes it away."""
    name = EVENT.required(op)
    said = own_members(op, "anchor", *_ANCHOR)
    brought: JsonObject = (
        {"label": said} if said is None or isinstance(said, str) else an_object(said, "anchor")
    )
    if "label" not in brought:
        raise OpError("label is missing: say what the anchor is called; null removes it")
    if brought["label"] is None:
        return update_named(draft, name, {"anchor": None})
    anchor = {key: value for key, value in brought.items() if value is not None}
    if "aliases" in anchor:
        anchor["aliases"] = strings(anchor["aliases"], "aliases")
    return update_named(draft, name, {"anchor": fitting("event", "anchor", anchor)})


def _as_it_is(value: Any, _name: str) -> Any:
    return value


def _setter(
    op_name: str,
    member: str,
    takes: str,
    example: Any,
    read: Callable[[Any, str], Any] = _as_it_is,
    names: tuple[str, ...] = (),
) -> Op:
    """An op that sets one member of an event, whatever `names` the op has it under."""
    names = names or (member,)

    def run(draft: Draft, op: JsonObject) -> str:
        name = EVENT.required(op)
        value = value_of(op, *names, "value")
        if value is not None:
            value = fitting("event", member, read(value, names[0]))
        return update_named(draft, name, {member: value})

    return Op(
        op_name,
        f"sets the `{member}` of an event",
        {**OF_EVENT, names[0]: f"{takes}; null erases it"},
        {"event": "Step down", names[0]: example},
        run,
    )


SECOND: Final = (
    Op(
        "set_event_drive",
        "sets the `drive` of an event and its `drivePulseMs`; without any of the three axes both are "
        "erased",
        {
            **OF_EVENT,
            "movement?, lookHorizontal?, lookVertical?": "the axes, also in `drive`; those left out "
            "are erased",
            "pulseMs?": "milliseconds, stored as `drivePulseMs`; absent keeps it, null erases it",
        },
        {"event": "Step down", "movement": "forward", "pulseMs": 400},
        set_event_drive,
    ),
    _setter("set_event_hotkey", "hotkey", "a key", "f"),
    _setter(
        "set_event_phases",
        "phases",
        "a list of `{base, camera?, movement?, detail?, minMs?}`",
        [{"base": "She bends down."}],
    ),
    Op(
        "set_event_anchor",
        "sets the `anchor` of an event",
        {
            **OF_EVENT,
            "label": "what it hangs on; null erases the anchor",
            "aliases?, minProximity?, expectedAspect?": "the rest of it, which replaces what was "
            "there; all four also in `anchor`, or `anchor` just the label",
        },
        {"event": "Step down", "label": "trapdoor", "minProximity": 0.3},
        set_event_anchor,
    ),
    _setter("set_event_grants", "grants", "flags, or one flag", ["below"], strings),
    _setter("set_event_requires", "requires", "flags, or one flag", ["key"], strings),
    _setter(
        "set_event_locked_hint",
        "lockedHint",
        "words",
        "The trapdoor is bolted.",
        names=("hint", "lockedHint", "locked_hint"),
    ),
)
