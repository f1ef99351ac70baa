"""An SMWorld of which nothing may be assumed, with the indexes that the lints need."""

from __future__ import annotations

from bisect import bisect_left
from itertools import islice
from typing import TYPE_CHECKING

from conjure.kernel.library import Unsound
from conjure.kernel.names import are_short
from conjure.kernel.places import joined, located
from conjure.kernel.reach import Graph
from conjure.kernel.resolve import PartResolver, Resolution, templates_of
from conjure.kernel.scene import NOTHING_REUSABLE, Events, Reusable, States, as_written
from conjure.kernel.schema import is_plain, violations
from conjure.kernel.values import child, children, elements, text
from conjure.kernel.wording import Choices, shown

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from conjure.kernel.library import Defect
    from conjure.kernel.scene import Reader
    from conjure.kernel.schema import Place
    from conjure.kernel.values import JsonObject

MOST_MISFITS = 100
"""Members that do not fit the schema, and are still worth listing with all else that may be wrong."""

# The lists whose entries people know by id, and the word a path uses for one entry.
_LISTS = {"cutscenes": "cutscene", "sequences": "sequence", "missions": "mission"}


# By member, what a field of motion is called; and the first few of a list, made once.
_CAMERA = (("static", "camera.static"), ("dynamic", "camera.dynamic"))
_MOVEMENT = (("static", "movement.static"), ("dynamic", "movement.dynamic"))
_AMBIENT = tuple(f"ambient[{at}]" for at in range(16))


def _motion(names: tuple[tuple[str, str], ...], value: object) -> list[tuple[str, str]]:
    if not isinstance(value, dict):
        return []
    # Factored prose is in words by now; what is left of it, being no string, has none.
    return [(field, words) for name, field in names if (words := text(value, name))]


def camera_prose(state: JsonObject) -> list[tuple[str, str]]:
    """How a state is filmed: its non-empty camera.*, by field."""
    return _motion(_CAMERA, state.get("camera"))


def content_prose(state: JsonObject) -> list[tuple[str, str]]:
    """What a state shows: its non-empty base, movement.* and ambient[], by field."""
    base = text(state, "base")
    found = [("base", base)] if base else []
    found += _motion(_MOVEMENT, state.get("movement"))
    for at, item in enumerate(elements(state, "ambient")):
        if item and isinstance(item, str):
            found.append((_AMBIENT[at] if at < len(_AMBIENT) else f"ambient[{at}]", item))
    return found


class Entry:
    """One cutscene, sequence or mission."""

    __slots__ = ("_list", "index", "name", "occurrence", "raw")

    def __init__(self, list_name: str, index: int, raw: JsonObject) -> None:
        self._list = list_name
        self.index = index
        self.raw = raw
        self.name = text(raw, "id")
        self.occurrence = 1  # 2 is the second entry of this id

    @property
    def path(self) -> str:
        """`cutscene[fall]`, or its place in the document when it has no id."""
        if self.name is None:
            return f"{self._list}[{self.index}]"
        again = f"#{self.occurrence}" if self.occurrence > 1 else ""
        return f"{_LISTS[self._list]}[{shown(self.name)}{again}]"


class Unreadable(Exception):
    """More of a world does not fit the schema than is worth reading on for. Raised only inside the kernel."""

    def __init__(self, misfits: Sequence[tuple[Place, str]]) -> None:
        super().__init__(len(misfits))
        self.misfits = misfits


class World:
    """A world and its indexes, built in one pass and then only read.

    `raw` has its prose in words, except that of the scene, which the states and events have;
    `written` is the document as its author wrote it. `fits` means that it surely fits the schema.
    A sound world also has no defects of templates; a later revision can reuse its parts.
    """

    __slots__ = (
        "choices",
        "cutscenes",
        "cutscenes_known",
        "defects",
        "defects_omitted",
        "destinations",
        "edges_known",
        "entrance",
        "events",
        "fits",
        "grants_known",
        "graph",
        "is_sound",
        "missions",
        "raw",
        "sequences",
        "state_ids",
        "states",
        "states_known",
        "written",
    )

    def __init__(self, written: JsonObject, before: World | None = None) -> None:
        """`before`: a sound world, most usefully what this one was made from. Raises Unreadable."""
        self.written = written
        self.fits = self.is_sound = True
        self.defects: list[Defect] = []
        self.defects_omitted = 0  # those that there was no room for
        templates = templates_of(written)
        if before is None and not templates and is_plain(written):
            self.raw = written
            self._index(written)
        else:
            try:
                self._read_piecewise(written, templates, before)
            except Unsound:
                self._read_whole(written)
        self.state_ids: dict[str, Any] = self.states.written
        self.entrance = text(child(self.raw, "entrance"), "state")
        self._index_lists(self.raw)
        states, routes, destinations = self.states, self.events.routes, self.destinations
        self.graph: Graph = (
            before.graph
            if before is not None and before.graph.is_of(states, routes, destinations)
            else Graph(states, routes, destinations)
        )
        self.choices = Choices(self.state_ids)

    def _read_piecewise(
        self, written: JsonObject, templates: JsonObject, before: World | None
    ) -> None:
        """Reads the parts that `before` does not have. Raises Unsound when anything is wrong with one."""
        resolver = PartResolver(templates)
        known = NOTHING_REUSABLE
        if before is not None:
            same = templates_of(before.written) is templates
            known = Reusable(before.states, before.events, has_templates=same)
        if not known.has_templates:
            resolver.check_templates()
        self.raw = resolver.rest(written)
        self._index(written, known, resolver.state, resolver.event)
        # The one rule of the schema that is about a part but not in it.
        is_named_as_before = before is not None and before.states.names is self.states.names
        if not is_named_as_before and not are_short(self.states.written):
            raise Unsound
        resolver.check_total(self.states.cost + self.events.cost)

    def _read_whole(self, written: JsonObject) -> None:
        misfits = tuple(islice(violations(written), MOST_MISFITS + 1))
        if len(misfits) > MOST_MISFITS:
            raise Unreadable(misfits)
        resolution = Resolution(written)
        self.raw = resolution.world
        self.defects = resolution.defects
        self.defects_omitted = resolution.defects_omitted
        self.fits = resolution.is_plain
        self.is_sound = False
        self._index(self.raw)

    def _index(
        self,
        world: JsonObject,
        known: Reusable = NOTHING_REUSABLE,
        read_state: Reader = as_written,
        read_event: Reader = as_written,
    ) -> None:
        scene = child(world, "scene")
        # Without a readable list of states every reference would dangle: say that once, as schema.
        self.states_known = isinstance(scene.get("states"), dict)
        self.states = States.of(child(scene, "states"), known, read_state)
        self.events = Events.of(elements(scene, "events"), known, read_event)
        # Whether every edge, and every granted flag, could be read.
        is_list = isinstance(scene.get("events"), list)
        self.edges_known = is_list and self.events.are_edges_known
        self.grants_known = is_list and self.events.are_grants_known

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

    def lands(self, to: str) -> str | None:
        """The state that a `to` ends in: itself, or where the cutscene of that id leads."""
        return to if to in self.state_ids else self.destinations.get(to)

    def path_of(self, place: Place) -> str:
        """A place in the document as people name it."""
        return joined(*self.located(place))

    def located(self, place: Place) -> tuple[str, str]:
        """A place as the state, event or other thing it belongs to, and the field in there."""
        return located(place, self._event_path, self._entry_path)

    def _event_path(self, index: int) -> str | None:
        event = self.events.at(index)
        return event.path if event is not None else None

    def _entry_path(self, name: str, index: int) -> str | None:
        return self._path_at(getattr(self, name), index) if name in _LISTS else None

    @staticmethod
    def _path_at(entries: list[Entry], index: int) -> str | None:
        at = bisect_left(entries, index, key=lambda entry: entry.index)
        found = at < len(entries) and entries[at].index == index
        return entries[at].path if found else None
