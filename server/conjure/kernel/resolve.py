"""Factored prose put into words, wherever the schema says that prose may stand (CONTRACT section 9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.library import Library, Unsound
from conjure.kernel.schema import DEFINITIONS, PROSE, ROOT, definition, fits_whole, is_plain
from conjure.kernel.templates import MOST_IN_WORLD
from conjure.kernel.values import child

if TYPE_CHECKING:
    from collections.abc import Iterable

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
_PARTS: Final = {
    name: _node(DEFINITIONS[name]) or _Node() for name in ("state", "event", "mission")
}
_BARE_SCENE: Final[JsonObject] = {"states": {}, "events": []}


class Resolution:
    """A world with its prose in words, and what stood in the way of that.

    Prose that has no words stays as it was written. Whatever did not change is shared.
    """

    __slots__ = ("defects", "defects_omitted", "is_plain", "world")

    def __init__(self, written: JsonObject) -> None:
        self.world = written
        self.defects: list[Defect] = []
        self.defects_omitted = 0
        self.is_plain = is_plain(written)
        templates = templates_of(written)
        if self.is_plain and not templates:
            return
        library = Library(templates)
        if not self.is_plain:
            self.world = _resolved(_WORLD, written, [], library)
        self.defects, self.defects_omitted = library.defects, library.omitted


class PartResolver:
    """Resolves the prose of a world part by part.

    A sound part comes out as it does from `Resolution`. Raises Unsound where `Resolution` has, or may
    have, a defect to report.
    """

    def __init__(self, templates: JsonObject) -> None:
        self._templates = templates
        self._library: Library | None = None
        self._rest_cost = 0

    def check_templates(self) -> None:
        """Raises Unsound when there is a defect in the templates themselves."""
        if self._templates:
            self._resolved(_WORLD, {})

    def rest(self, written: JsonObject) -> JsonObject:
        """The members of a world other than its states and events, resolved."""
        scene = written.get("scene")
        if not (
            isinstance(scene, dict)
            and isinstance(scene.get("states"), dict)
            and isinstance(scene.get("events"), list)
        ):
            raise Unsound
        bare = {**written, "scene": _BARE_SCENE}
        if is_plain(bare):
            return written
        if not fits_whole(bare):
            raise Unsound
        raw, self._rest_cost = self._resolved(_WORLD, bare)
        return raw

    def state(self, written: Any) -> tuple[Any, int]:
        """A state with its prose in words, and what that cost in characters."""
        return self._part("state", written)

    def event(self, written: Any) -> tuple[Any, int]:
        """An event with its prose in words, and what that cost in characters."""
        return self._part("event", written)

    def check_total(self, cost: int) -> None:
        """Raises Unsound when all parts together cost more characters than a world may."""
        if cost + self._rest_cost >= MOST_IN_WORLD:
            raise Unsound

    def _part(self, name: str, written: Any) -> tuple[Any, int]:
        if is_plain(written, name):
            return written, 0
        if not fits_whole(written, name):
            raise Unsound
        return self._resolved(_PARTS[name], written)

    def _resolved(self, node: _Node, written: JsonObject) -> tuple[JsonObject, int]:
        if self._library is None:
            self._library = Library(self._templates, strict=True)
        before = self._library.spent
        # The place only matters to defects, and with one of those the whole world is read again.
        raw: JsonObject = _resolved(node, written, [], self._library)
        # At least 1, so that a part with empty templates still counts as made from templates.
        return raw, self._library.spent - before + 1


def first_defect(written: Any, name: str, library: Library) -> Defect | None:
    """What is wrong with the prose of a state, an event or a mission that fits the schema.

    None when nothing is, or when the library has listed too much already: then the gate will say so.
    """
    before = len(library.defects)
    _resolved(_PARTS[name], written, [], library)
    return library.defects[before] if len(library.defects) > before else None


def templates_of(world: JsonObject) -> JsonObject:
    """The templates that a world brings along."""
    return child(child(world, "kernel"), "templates")


def resolve(world: Any) -> Any:
    """The world with all of its prose as strings; the same object when it holds no other.

    The templates stay in it. Total, and linear as `check` is: prose that `check` has an error
    about stays as it was written.
    """
    return Resolution(world).world if isinstance(world, dict) else world


def _present(members: dict[str, _Node], value: JsonObject) -> Iterable[str]:
    """The members that a value may have, in the order of the schema: mostly far fewer than there are."""
    if len(value) >= len(members):
        return members
    return [key for key in members if key in value] if value else ()


def _resolved(node: _Node, value: Any, place: list[str | int], library: Library) -> Any:
    """`place` is where the value stands; one list serves the whole walk."""
    changed: Any = None
    if isinstance(value, dict):
        if node.is_prose and "template" in value:
            words = library.resolve(tuple(place), value)
            return value if words is None else words
        for key in value if node.others is not None else _present(node.members, value):
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
