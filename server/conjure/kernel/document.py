"""An SMWorld of which nothing may be assumed, with the indexes that the lints need."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from conjure.kernel.resolve import Resolution
from conjure.kernel.values import child, children, elements, strings, text
from conjure.kernel.wording import Choices, shown

if TYPE_CHECKING:
    from typing import Any

    from conjure.kernel.schema import Place
    from conjure.kernel.values import JsonObject

# The lists whose entries people know by id, and the word a path uses for one entry.
_LISTS = {"cutscenes": "cutscene", "sequences": "sequence", "missions": "mission"}


def prose(value: object) -> str | None:
    """The words of a prose member as the video model gets them.

    Factored prose (`{"template", "fills"}`) is resolved by now; what is left of it has no words.
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
    """A world and its indexes, built in one pass and then only read.

    `raw` has its prose resolved, `written` is the document as its author wrote it.
    """

    __slots__ = (
        "choices",
        "cutscenes",
        "cutscenes_known",
        "defects",
        "destinations",
        "edges_known",
        "entrance",
        "event_names",
        "events",
        "grants",
        "grants_known",
        "is_plain",
        "missions",
        "raw",
        "sequences",
        "state_ids",
        "states",
        "states_known",
        "written",
    )

    def __init__(self, written: JsonObject) -> None:
        resolution = Resolution(written)
        self.written = written
        self.is_plain = resolution.is_plain
        self.defects = resolution.defects
        self.raw = raw = resolution.world
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

    def path_of(self, place: Place) -> str:
        """A place in the document as people name it."""
        owner, field = self.located(place)
        return f"{owner}.{field}" if field and field[0] != "[" else f"{owner}{field}"

    def located(self, place: Place) -> tuple[str, str]:
        """A place as the state, event or other thing it belongs to, and the field in there."""
        match place:
            case ():
                return "world", ""
            case ("scene", "states", str(state_id), *rest):
                owner = state_path(state_id)
            case ("scene", "events", int(index), *rest):
                owner = self._path_at(self.events, index) or f"scene.events[{index}]"
            case ("kernel", "templates", str(name), *rest):
                owner = f"template[{shown(name)}]"
            case (str(name), int(index), *rest) if name in _LISTS:
                entries = getattr(self, name)
                owner = self._path_at(entries, index) or f"{name}[{index}]"
            case (first, *rest):
                owner = shown(str(first))
        field = ""
        for part in rest:
            field += f"[{part}]" if isinstance(part, int) else f".{shown(str(part))}"
        return owner, field.removeprefix(".")

    @staticmethod
    def _path_at(entries: list[Any], index: int) -> str | None:
        at = bisect_left(entries, index, key=lambda entry: entry.index)
        found = at < len(entries) and entries[at].index == index
        return entries[at].path if found else None
