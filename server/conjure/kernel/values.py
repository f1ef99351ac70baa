"""Reading members of which nothing may be assumed.

An ill-typed member reads as absent: the `schema` lint has already named it, and one defect
should not come back as five findings.
"""

from __future__ import annotations

from typing import Any, TypeAlias

JsonObject: TypeAlias = dict[str, Any]

_NOTHING: JsonObject = {}
_NO_ITEMS: list[Any] = []


def text(node: JsonObject, key: str) -> str | None:
    """A string member."""
    value = node.get(key)
    return value if isinstance(value, str) else None


def number(node: JsonObject, key: str) -> float | None:
    """A number member; `true` is not a number, and neither is NaN."""
    value = node.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if value == value else None  # noqa: PLR0124 - NaN is what differs from itself


def child(node: JsonObject, key: str) -> JsonObject:
    """An object member, empty when there is none."""
    value = node.get(key)
    return value if isinstance(value, dict) else _NOTHING


def elements(node: JsonObject, key: str) -> list[Any]:
    """An array member, empty when there is none."""
    value = node.get(key)
    return value if isinstance(value, list) else _NO_ITEMS


def children(node: JsonObject, key: str) -> list[tuple[int, JsonObject]]:
    """The objects in an array member, each with its place there."""
    return [(at, item) for at, item in enumerate(elements(node, key)) if isinstance(item, dict)]


def strings(node: JsonObject, key: str) -> list[tuple[int, str]]:
    """The strings in an array member, each with its place there."""
    return [(at, item) for at, item in enumerate(elements(node, key)) if isinstance(item, str)]
