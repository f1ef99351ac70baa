"""JSON read so that nothing is equal that does not mean the same."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any


def exact(text: str | bytes) -> Any:
    """Parses JSON: `1`, `1.0`, `true` and `-0.0` all differ; a member that comes twice raises."""
    return json.loads(
        text,
        parse_int=lambda digits: ("integer", int(digits)),
        parse_float=_float,
        parse_constant=_refuse,
        object_pairs_hook=_members,
    )


def _float(digits: str) -> tuple[str, bool, Decimal]:
    number = Decimal(digits)
    return "float", number.is_signed(), number.normalize()


def _refuse(name: str) -> Any:
    raise AssertionError(f"{name} is not JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    assert len(members) == len(pairs), f"a member comes twice: {[key for key, _ in pairs]}"
    return members
