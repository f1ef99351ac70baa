"""Reading an SMWorld of which nothing may be assumed (CONTRACT section 10).

An ill-typed member reads as absent: the `schema` lint has already named it, and one defect
should not come back as five findings.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Any, TypeAlias

from conjure.kernel.wording import Choices, shown

JsonObject: TypeAlias = dict[str, Any]

_NOTHING: JsonObject = {}
_NO_ITEMS: list[Any] = []

# The lists whose entries people know by id, and the word a path uses for one entry.
_LISTS = {"cutscenes": "cutscene", "sequences": "sequence", "missions": "mission"}


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


def prose(value: object) -> str | None:
    """The words of a prose member as the video model gets them.

    Factored prose (`{"template", "fills"}`) has no words until templates are resolved.
    """
    return value if isinstance(value, str) else None


def fields(prefix: str, value: object) -> list[tuple[str, str]]:
    """The non-empty words of a `{static, dynamic}` member, by field."""
    if not isinstance(value, dict):
        return []
    found = []
    for name in ("static", "dynamic"):
        words = prose(value.get(name))
        if words:
            found.append((f"{prefix}.{name}", words))
    return found


def content_prose(state: JsonObject) -> list[tuple[str, str]]:
    """What a state shows: its non-empty base, movement.* and ambient[], by field."""
    base = prose(state.get("base"))
    found = [("base", base)] if base else []
    found += fields("movement", state.get("movement"))
    for at, item in enumerate(elements(state, "ambient")):
        words = prose(item)
        if words:
            found.append((f"ambient[{at}]", words))
    return found


class Event:
    """One event, with the members that several lints read."""

    __slots__ = ("index", "kind", "name", "occurrence", "raw", "sources", "to")

    def __init__(self, index: int, raw: JsonObject) -> None:
        self.index = index
        self.raw = raw
        self.name = text(raw, "name")
        self.kind = text(raw, "kind")
        self.to = text(raw, "to")
        sources = elements(raw, "from")
        named = [item for item in sources if isinstance(item, str)]
        # The document's own list where it can be: one object less per event for the collector.
        self.sources: list[str] = sources if len(named) == len(sources) else named
        self.occurrence = 1  # 2 is the second event of this name

    @property
    def path(self) -> str:
        """`event[Step outside]`, or its place in the document when it has no name."""
        return _entry_path("event", "scene.events", self)


class Entry:
    """One cutscene, sequence or mission."""

    __slots__ = ("_list", "index", "name", "occurrence", "raw")

    def __init__(self, list_name: str, index: int, raw: JsonObject) -> None:
        self._list = list_name
        self.index = index
        self.raw = raw
        self.name = text(raw, "id")
        self.occurrence = 1

    @property
    def path(self) -> str:
        """`cutscene[fall]`, or its place in the document when it has no id."""
        return _entry_path(_LISTS[self._list], self._list, self)


def _entry_path(word: str, list_path: str, entry: Event | Entry) -> str:
    if entry.name is None:
        return f"{list_path}[{entry.index}]"
    again = f"#{entry.occurrence}" if entry.occurrence > 1 else ""
    return f"{word}[{shown(entry.name)}{again}]"


def state_path(state_id: str) -> str:
    """`state[atrium]`."""
    return f"state[{shown(state_id)}]"


class World:
    """A world and its indexes, built in one pass and then only read."""

    __slots__ = (
        "choices",
        "cutscenes",
        "cutscenes_known",
        "destinations",
        "edges_known",
        "entrance",
        "event_names",
        "events",
        "grants",
        "grants_known",
        "missions",
        "raw",
        "sequences",
        "state_ids",
        "states",
        "states_known",
    )

    def __init__(self, raw: JsonObject) -> None:
        self.raw = raw
        scene = child(raw, "scene")
        # Without a readable list of states every reference would dangle: say that once, as schema.
        self.states_known = isinstance(scene.get("states"), dict)
        self.state_ids = child(scene, "states")
        self.states = {k: v for k, v in self.state_ids.items() if isinstance(v, dict)}
        self.entrance = text(child(raw, "entrance"), "state")
        self._index_lists(raw)
        self._index_events(scene)
        self.choices = Choices(self.state_ids)

    def _index_lists(self, raw: JsonObject) -> None:
        lists: dict[str, list[Entry]] = {}
        for name in _LISTS:
            seen: dict[str, int] = {}
            lists[name] = entries = [Entry(name, at, item) for at, item in children(raw, name)]
            for entry in entries:
                if entry.name is not None:
                    entry.occurrence = seen[entry.name] = seen.get(entry.name, 0) + 1
        self.cutscenes = lists["cutscenes"]
        self.sequences = lists["sequences"]
        self.missions = lists["missions"]
        # Where a `to` leads that names a cutscene; None when the cutscene itself does not say.
        self.destinations = {
            c.name: text(c.raw, "to") for c in self.cutscenes if c.name is not None
        }
        self.cutscenes_known = "cutscenes" not in raw or (
            isinstance(raw["cutscenes"], list)
            and len(raw["cutscenes"]) == len(self.cutscenes)
            and all(c.name is not None for c in self.cutscenes)
        )

    def _index_events(self, scene: JsonObject) -> None:
        self.events: list[Event] = []
        self.event_names: dict[str, int] = {}
        self.grants: set[str] = set()
        # Whether every edge, and every granted flag, could be read.
        self.edges_known = self.grants_known = isinstance(scene.get("events"), list)
        names = self.event_names
        for index, item in enumerate(elements(scene, "events")):
            if not isinstance(item, dict):
                self.edges_known = self.grants_known = False
                continue
            event = Event(index, item)
            self.events.append(event)
            if event.name is not None:
                event.occurrence = names[event.name] = names.get(event.name, 0) + 1
            sources = item.get("from")
            if (
                not isinstance(sources, list)
                or len(event.sources) != len(sources)
                or (event.to is None and "to" in item)
            ):
                self.edges_known = False
            if "grants" in item:
                granted = strings(item, "grants")
                self.grants.update(flag for _, flag in granted)
                if not isinstance(item["grants"], list) or len(granted) != len(item["grants"]):
                    self.grants_known = False

    def lands(self, to: str) -> str | None:
        """The state that a `to` ends in: itself, or where the cutscene of that id leads."""
        return to if to in self.state_ids else self.destinations.get(to)

    def path_of(self, place: tuple[str | int, ...]) -> str:
        """A place in the document as people name it."""
        match place:
            case ():
                return "world"
            case ("scene", "states", str(state_id), *rest):
                path = state_path(state_id)
            case ("scene", "events", int(index), *rest):
                path = self._path_at(self.events, index) or f"scene.events[{index}]"
            case (str(name), int(index), *rest) if name in _LISTS:
                entries = getattr(self, name)
                path = self._path_at(entries, index) or f"{name}[{index}]"
            case (first, *rest):
                path = shown(str(first))
        for part in rest:
            path += f"[{part}]" if isinstance(part, int) else f".{shown(str(part))}"
        return path

    @staticmethod
    def _path_at(entries: list[Any], index: int) -> str | None:
        at = bisect_left(entries, index, key=lambda entry: entry.index)
        found = at < len(entries) and entries[at].index == index
        return entries[at].path if found else None
