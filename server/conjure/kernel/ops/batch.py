"""Applying ops, one or many, to a world (CONTRACT section 3.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.ops import (
    entrance,
    event_members,
    events,
    mission,
    states,
    story,
    variants,
    world,
)
from conjure.kernel.ops.draft import MOST_TOUCHED, Draft
from conjure.kernel.ops.errors import OpError, OpsInvalid
from conjure.kernel.ops.params import CUTSCENE, EVENT, MISSION, RENAMED, SEQUENCE, STATE
from conjure.kernel.schema import described
from conjure.kernel.wording import quoted, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.kernel.ops.op import Op
    from conjure.kernel.values import JsonObject

FIRST_REGISTER: Final[tuple[Op, ...]] = (
    *states.FIRST,
    *events.FIRST,
    *entrance.OPS,
    *variants.FIRST,
)
SECOND_REGISTER: Final[tuple[Op, ...]] = (
    *states.SECOND,
    *variants.SECOND,
    *events.SECOND,
    *event_members.SECOND,
    *story.SECOND,
    *mission.SECOND,
    *world.SECOND,
)
OPS: Final[dict[str, Op]] = {op.name: op for op in (*FIRST_REGISTER, *SECOND_REGISTER)}

MOST_OPS: Final = 500
"""Ops in one batch."""


@dataclass(frozen=True, slots=True)
class Applied:
    """A world after one op, and the name of what that made, renamed or addressed."""

    world: JsonObject
    name: str | None


@dataclass(frozen=True, slots=True)
class Batch:
    """A world after those ops that could apply, what they did, and why the others did not."""

    world: JsonObject
    applied: tuple[str, ...]
    errors: tuple[str, ...]
    is_beyond: bool
    """Whether ops were skipped because those before had touched too much of the world."""


def apply(world: Any, op: Any) -> Applied:
    """The world after one op. Raises OpError when it cannot apply; nothing else, on any JSON."""
    draft = Draft(world)
    name = _run(draft, op)
    return Applied(draft.finish(), name)


def apply_batch(world: Any, ops: Sequence[Any], most_touched: int = MOST_TOUCHED) -> Batch:
    """The world after a list of ops, in their order.

    An op that cannot apply is skipped and changes nothing. Raises OpError when the world is none.
    """
    draft = Draft(world, most_touched)
    applied: list[str] = []
    errors: list[str] = []
    for at, op in enumerate(ops):
        try:
            name = _run(draft, op)
        except OpError as error:
            what = f" {shown(str(op['op']))}" if isinstance(op, dict) and "op" in op else ""
            errors.append(f"ops[{at}]{what}: {error}")
        else:
            applied.append(_summary(op, name))
    return Batch(draft.finish(), tuple(applied), tuple(errors), draft.is_beyond)


def check_ops(value: Any) -> list[JsonObject]:
    """The ops of a batch, each an object with an `op` that there is. Raises OpsInvalid otherwise."""
    if not isinstance(value, list):
        raise OpsInvalid(f"ops must be a list of 1 to {MOST_OPS} ops, but it is {described(value)}")
    if not 1 <= len(value) <= MOST_OPS:
        raise OpsInvalid(f"ops must hold 1 to {MOST_OPS} ops, but it holds {len(value):,}")
    errors: list[str] = []
    has_listed = False  # the names of all ops are listed once
    for at, item in enumerate(value):
        if not isinstance(item, dict):
            errors.append(f"ops[{at}] must be an object, but it is {described(item)}")
            continue
        name = item.get("op")
        if isinstance(name, str) and name in OPS:
            continue
        if "op" not in item:
            problem = "is missing"
        elif not isinstance(name, str):
            problem = f"must be a string, but it is {described(name)}"
        else:
            problem = f"{quoted(name)} is unknown"
        errors.append(f"ops[{at}].op {problem}" + ("" if has_listed else _one_of()))
        has_listed = True
    if errors:
        raise OpsInvalid(*errors)
    return value


def summarize(op: Any, made: str | None = None) -> str:
    """An op in a few words, for those who watch a world: `add_state attic`.

    `made` is the name that came out (`Applied.name`), for an op that did not give it.
    """
    return _summary(op, made)


def _run(draft: Draft, op: Any) -> str | None:
    if not isinstance(op, dict):
        raise OpError(f"an op must be an object, but it is {described(op)}")
    name = op.get("op")
    known = OPS.get(name) if isinstance(name, str) else None
    if known is None:
        what = quoted(name) if isinstance(name, str) else described(name)
        raise OpError(f"op {what} is unknown{_one_of()}")
    draft.begin()
    return known.run(draft, op)


def _summary(op: Any, made: str | None) -> str:
    """`made` is the name that came out, which for a rename is not the one that went in."""
    name = op.get("op") if isinstance(op, dict) else None
    if not isinstance(name, str) or name not in OPS:
        return "nothing"
    asked = _asked(op)
    if asked is None:
        asked, made = made, None
    summary = name if asked is None else f"{name} {shown(asked)}"
    return summary if made is None or made == asked else f"{summary} → {shown(made)}"


def _asked(op: JsonObject) -> str | None:
    """The name that an op gives."""
    is_about_event = "event" in op["op"] or op["op"] in {"add_transition", "add_override"}
    state = RENAMED if op["op"] == "rename_state" else STATE
    for address in (EVENT,) if is_about_event else (state, CUTSCENE, SEQUENCE, MISSION):
        try:
            name = address.name_in(op)
        except OpError:
            continue
        if name is not None:
            return name
    return None


def _one_of() -> str:
    return f"; one of: {', '.join(OPS)}"
