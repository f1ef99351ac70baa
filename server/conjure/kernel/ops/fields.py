"""A member somewhere inside a state, an event or a variant: `camera.static`, `ambient[0]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias

from conjure.kernel.ops.errors import OpError
from conjure.kernel.schema import described
from conjure.kernel.wording import quoted, shown

if TYPE_CHECKING:
    from conjure.kernel.values import JsonObject

Field: TypeAlias = tuple[str | int, ...]

_PART = re.compile(r"(?:^|\.)([^.\[\]]+)|\[(\d{1,9})\]")
_DEEPEST = 8
_LONGEST = 1_000  # characters


def parsed(value: Any) -> Field:
    """A field, written as `ambient[0]` or, where a name has a dot in it, as `["ambient", 0]`."""
    parts = _listed(value) if isinstance(value, list) else _written(value)
    if parts is None or len(parts) > _DEEPEST or not isinstance(parts[0], str):
        raise OpError(
            "field must be a path such as 'camera.static' or 'ambient[0]', at most "
            f"{_DEEPEST} levels deep"
        )
    return parts


def _listed(value: list[Any]) -> Field | None:
    sound = all(
        isinstance(part, str)
        or (isinstance(part, int) and not isinstance(part, bool) and part >= 0)
        for part in value
    )
    return tuple(value) if value and sound else None


def _written(value: Any) -> Field | None:
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    parts: list[str | int] = []
    at = 0
    for match in _PART.finditer(value):
        if match.start() != at:
            return None
        at = match.end()
        parts.append(match[1] if match[1] is not None else int(match[2]))
    return tuple(parts) if parts and at == len(value) else None


def spelled(field: Field) -> str:
    """The field as a path."""
    text = ""
    for part in field:
        text += f"[{part}]" if isinstance(part, int) else f".{shown(part)}"
    return text.removeprefix(".")


def found(owner: Any, field: Field) -> Any:
    """What stands in a field, None when nothing does."""
    for part in field:
        if isinstance(owner, dict) and isinstance(part, str):
            owner = owner.get(part)
        elif isinstance(owner, list) and isinstance(part, int) and part < len(owner):
            owner = owner[part]
        else:
            return None
    return owner


def weight(owner: JsonObject, field: Field) -> int:
    """How many members and items stand beside a field on all its levels: what it costs to replace it."""
    total = 0
    node: Any = owner
    for part in field:
        if not isinstance(node, dict | list):
            break
        total += len(node)
        node = found(node, (part,))
    return total


def replaced(owner: JsonObject, field: Field, value: Any) -> JsonObject:
    """The owner with another value in a field; None erases it, and removes an item from a list.

    Objects on the way are made where there are none; a list grows by one item at its end.
    """
    changed: JsonObject = _replaced(owner, field, 0, value)
    return changed


def _replaced(node: Any, field: Field, depth: int, value: Any) -> Any:
    if depth == len(field):
        return value
    key = field[depth]
    if isinstance(key, int):
        return _item_replaced(node, field, depth, value)
    if node is not None and not isinstance(node, dict):
        raise OpError(
            f"{spelled(field[:depth])} is {described(node)}, so it has no member {quoted(key)}"
        )
    node = node or {}
    if value is None and key not in node:
        return node
    inner = _replaced(node.get(key), field, depth + 1, value)
    if inner is None:
        return {name: item for name, item in node.items() if name != key}
    return {**node, key: inner}


def _item_replaced(node: Any, field: Field, depth: int, value: Any) -> Any:
    at = int(field[depth])
    place = spelled(field[:depth])
    if node is not None and not isinstance(node, list):
        raise OpError(f"{place} is {described(node)}, so it has no item {at}")
    items = list(node or ())
    if at > len(items) or (value is None and at == len(items)):
        raise OpError(f"{place} has {len(items)} items, so it has no item {at}; the first is 0")
    inner = _replaced(items[at] if at < len(items) else None, field, depth + 1, value)
    items[at : at + 1] = [] if inner is None else [inner]
    return items


def patched(owner: JsonObject, patch: JsonObject) -> JsonObject:
    """The owner with whole members replaced; null erases one. What is inside a member is not merged.

    A merge of what is inside could not set an inner null, and would make lists and objects differ.
    """
    changed = {**owner, **patch}
    return {key: value for key, value in changed.items() if value is not None or key not in patch}
