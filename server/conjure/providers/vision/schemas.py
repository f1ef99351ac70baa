"""The JSON Schemas of what a vision model is to answer."""

from __future__ import annotations

from typing import Any, Final

from conjure.providers.vision.boxes import CORNERS, SCALES, X_FIRST, Y_FIRST


def _object(members: dict[str, Any]) -> dict[str, Any]:
    """As the strictest of endpoints want it: each member is required, and no other may stand there."""
    return {
        "type": "object",
        "properties": members,
        "required": [*members],
        "additionalProperties": False,
    }


def _texts() -> dict[str, Any]:
    return {"type": "array", "items": {"type": "string"}}


PERCEIVED: Final = _object(
    {
        "summary": {"type": "string"},
        "visible": _texts(),
        "affordances": _texts(),
        "exits": _texts(),
    }
)

_NUMBER: Final = {"type": "number"}
_FOUR: Final = {"type": "array", "items": _NUMBER}


def _found(where: dict[str, Any]) -> dict[str, Any]:
    return _object({"label": {"type": "string"}, **where, "confidence": _NUMBER})


# What models have learned to answer is taken too: the names tell the order (`boxes`).
GROUNDED: Final = _object(
    {
        "scale": {"type": "string", "enum": [*SCALES]},
        "found": {
            "type": "array",
            "items": {
                "anyOf": [
                    _found(dict.fromkeys(CORNERS, _NUMBER)),
                    _found({Y_FIRST: _FOUR}),
                    _found({X_FIRST[0]: _FOUR}),
                ]
            },
        },
    }
)
