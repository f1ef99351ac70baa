"""Factored prose put into words, wherever the schema says that prose may stand (CONTRACT section 9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conjure.kernel.library import Library
from conjure.kernel.schema import PROSE, ROOT, definition, is_plain
from conjure.kernel.values import child

if TYPE_CHECKING:
    from conjure.kernel.library import Defect
    from conjure.kernel.values import JsonObject


@dataclass(frozen=True, slots=True)
class _Node:
    """The part of the schema that leads to prose."""

    is_prose: bool = False
    members: dict[str, _Node] = field(default_factory=dict)
    others: _Node | None = None
    items: _Node | None = None


def _node(schema: dict[str, Any]) -> _Node | None:
    name, schema = definition(schema)
    others = _node(schema["additionalProperties"]) if "additionalProperties" in schema else None
    items = _node(schema["items"]) if "items" in schema else None
    members = {}
    for key, member in schema.get("properties", {}).items():
        found = _node(member)
        if found is not None:
            members[key] = found
    if name in PROSE or members or others or items:
        return _Node(name in PROSE, members, others, items)
    return None


_WORLD = _node(ROOT) or _Node()


class Resolution:
    """A world with its prose in words, and what stood in the way of that.

    Prose that has no words stays as it was written. Whatever did not change is shared.
    """

    __slots__ = ("defects", "is_plain", "world")

    def __init__(self, written: JsonObject) -> None:
        self.world = written
        self.defects: list[Defect] = []
        self.is_plain = is_plain(written)
        templates = child(child(written, "kernel"), "templates")
        if self.is_plain and not templates:
            return
        library = Library(templates)
        if not self.is_plain:
            self.world = _resolved(_WORLD, written, [], library)
        self.defects = library.defects


def resolve(world: Any) -> Any:
    """The world with all of its prose as strings; the same object when it holds no other.

    The templates stay in it. Total, and linear as `check` is: prose that `check` has an error
    about stays as it was written.
    """
    return Resolution(world).world if isinstance(world, dict) else world


def _resolved(node: _Node, value: Any, place: list[str | int], library: Library) -> Any:
    """`place` is where the value stands; one list serves the whole walk."""
    changed: Any = None
    if isinstance(value, dict):
        if node.is_prose and "template" in value:
            words = library.resolve(tuple(place), value)
            return value if words is None else words
        for key in value if node.others is not None else node.members:
            item = value.get(key)
            inner = node.members.get(key, node.others)
            if inner is None or not isinstance(item, dict | list):
                continue
            place.append(key)
            fresh = _resolved(inner, item, place, library)
            place.pop()
            if fresh is not item:
                changed = dict(value) if changed is None else changed
                changed[key] = fresh
    elif isinstance(value, list) and node.items is not None:
        for at, item in enumerate(value):
            if not isinstance(item, dict | list):
                continue
            place.append(at)
            fresh = _resolved(node.items, item, place, library)
            place.pop()
            if fresh is not item:
                changed = list(value) if changed is None else changed
                changed[at] = fresh
    return value if changed is None else changed
