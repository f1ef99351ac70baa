"""What a model is asked for, as JSON Schemas that strict modes take, small enough for small models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, get_args

from conjure.providers.brain.port import ActionType

if TYPE_CHECKING:
    from collections.abc import Iterable

NO_ACTION: Final = "none"
MOST_STEP: Final = 0.3
"""How far a turn moves an affect, at most."""
MOST_EMOTION: Final = 24  # characters
MOST_TARGET: Final = 80

_AXES: Final = ("v", "a", "d", "rapport")


def _object(**members: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": members,
        "required": [*members],
        "additionalProperties": False,
    }


_STEP: Final = {"type": "number", "minimum": -MOST_STEP, "maximum": MOST_STEP}

# The reply is first: it is told while the rest is written. It has no bound, as grammars write bounds out; the
# tokens of the answer are one.
_REPLY: Final = {"type": "string"}


def turn(stances: Iterable[str]) -> dict[str, Any]:
    """A turn of a character with these stances."""
    return _object(
        reply=_REPLY,
        stance={"type": "string", "enum": [*stances]},
        emotion={"type": "string", "maxLength": MOST_EMOTION},
        affect=_object(**dict.fromkeys(_AXES, _STEP)),
        action={"type": "string", "enum": [NO_ACTION, *get_args(ActionType)]},
        target={"type": "string", "maxLength": MOST_TARGET},
    )


ACCEPTED: Final = {"type": "object", "properties": {"reply": _REPLY}, "required": ["reply"]}
"""What is taken for a turn: the rest of it is read as far as it makes sense."""

REMEMBERED: Final = _object(summary={"type": "string"}, welcome={"type": "string"})
