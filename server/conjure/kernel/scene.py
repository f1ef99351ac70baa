"""The states and the events of a world with the indexes that the lints need.

Each is made from the one of an earlier revision, if there is one: parts that are still the same objects
are taken over with all that is known of them, and so are whole indexes when nothing in them has changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.parts import Event, State
from conjure.kernel.values import strings
from conjure.kernel.wording import shown

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeAlias

    from conjure.kernel.findings import Findings
    from conjure.kernel.values import JsonObject

    # Returns a part with its prose in words, and what resolving that cost, in characters. It is called for
    # each new part, also for one that is no object. May raise Unsound.
    Reader: TypeAlias = Callable[[Any], tuple[Any, int]]


def as_written(part: Any) -> tuple[Any, int]:
    """Reads a part whose prose needs no resolving."""
    return part, 0


class Reusable:
    """The parts of an earlier revision that a later one can reuse."""

    __slots__ = ("events", "has_templates", "states")

    def __init__(
        self, states: States | None, events: Events | None, *, has_templates: bool
    ) -> None:
        self.states = states
        self.events = events
        self.has_templates = (
            has_templates  # the templates are the same, and so is prose made from them
        )

    def has(self, part: States | Events) -> bool:
        """Whether an index of the same written object still holds."""
        return self.has_templates or not part.cost


NOTHING_REUSABLE: Final = Reusable(None, None, has_templates=False)

_NO_STATES: Final[dict[str, State]] = {}
_NO_EVENTS: Final[dict[str, Event]] = {}


class Names:
    """Stands for a set of ids of states: revisions with the same ids share the object."""

    __slots__ = ()


class States:
    """The states of a world."""

    __slots__ = ("cost", "endings", "findings", "has_ending", "names", "parts", "written")

    @classmethod
    def of(cls, written: dict[str, Any], known: Reusable, read: Reader) -> States:
        """The index of these states; an earlier one when it is of the same."""
        before = known.states
        if before is not None and before.written is written and known.has(before):
            return before
        return cls(written, before, known, read)

    def __init__(
        self, written: dict[str, Any], before: States | None, known: Reusable, read: Reader
    ) -> None:
        known_parts = before.parts if before is not None else _NO_STATES
        self.written = written
        self.parts: dict[str, State] = {}
        self.findings: Findings | None = None
        parts, found_all = self.parts, len(known_parts) == len(written)
        keep = known.has_templates
        for state_id, item in written.items():
            part = known_parts.get(state_id)
            if part is None:
                found_all = False
            elif part.written is item and (keep or not part.cost):
                parts[state_id] = part
                continue
            raw, cost = read(item)
            if isinstance(item, dict):
                parts[state_id] = State(state_id, item, raw, cost)
        self.names: Names = before.names if before is not None and found_all else Names()
        self.cost = sum([part.cost for part in parts.values()])
        with_ending = [part for part in parts.values() if part.has_ending]
        self.has_ending = bool(with_ending)
        # What says `ending: null` ends nothing.
        self.endings = {part.id for part in with_ending if isinstance(part.raw["ending"], dict)}


class Routes:
    """Where events lead. Revisions in which all events lead the same way share the object."""

    __slots__ = ("exits", "left_by_transitions", "sources", "targets")

    def __init__(self, events: list[Event]) -> None:
        # Of each state what the events in it lead `to`, in the order of the events.
        self.exits: dict[str, list[str]] = {}
        self.sources: set[str] = set()
        self.targets: set[str] = set()
        self.left_by_transitions: set[str] = set()  # by transitions
        exits = self.exits
        for event in events:
            to = event.to
            self.sources.update(event.sources)
            if event.kind == "transition":
                self.left_by_transitions.update(event.sources)
            if to is None:
                continue
            self.targets.add(to)
            for source in event.sources:
                leads = exits.get(source)
                if leads is None:
                    exits[source] = [to]
                else:
                    leads.append(to)


class Events:
    """The events of a world, in their order."""

    __slots__ = (
        "_at",
        "are_edges_known",
        "are_grants_known",
        "by_name",
        "cost",
        "counts",
        "findings",
        "grants",
        "parts",
        "repeated",
        "routes",
        "with_landing",
        "with_requirements",
        "written",
    )

    @classmethod
    def of(cls, written: list[Any], known: Reusable, read: Reader) -> Events:
        """The index of these events; an earlier one when it is of the same."""
        before = known.events
        if before is not None and before.written is written and known.has(before):
            return before
        return cls(written, before, known, read)

    def __init__(
        self, written: list[Any], before: Events | None, known: Reusable, read: Reader
    ) -> None:
        known_parts = before.by_name if before is not None else _NO_EVENTS
        self.written = written
        self.parts: list[Event] = []
        self.by_name: dict[str, Event] = {}  # the first of each name
        self.repeated: list[Event] = []  # the second of each name that is not one event's alone
        self.findings: Findings | None = None
        self._at: list[Event | None] | None = None
        self.are_edges_known = self.are_grants_known = True
        self.counts: dict[str, int] = {}  # of the names that are not one event's alone
        by_name, parts, keep = self.by_name, self.parts, known.has_templates
        for index, item in enumerate(written):
            name = item.get("name") if isinstance(item, dict) else None
            if not isinstance(name, str):
                self._add_nameless(index, item, read)
            elif name in by_name:
                self._add_repeated(name, item, read)
            else:
                part = known_parts.get(name)
                if part is None or part.written is not item or not (keep or not part.cost):
                    part = Event(item, *read(item))
                by_name[name] = part
                parts.append(part)
        self._sum_up()
        self.routes: Routes = (
            before.routes if before is not None and self._has_same_routes(before) else Routes(parts)
        )

    def _add_nameless(self, index: int, item: Any, read: Reader) -> None:
        raw, cost = read(item)
        if isinstance(item, dict):
            self.parts.append(Event(item, raw, cost, f"scene.events[{index}]"))
        else:
            self.are_edges_known = self.are_grants_known = False

    def _add_repeated(self, name: str, item: JsonObject, read: Reader) -> None:
        self.counts[name] = again = self.counts.get(name, 1) + 1
        event = Event(item, *read(item), f"event[{shown(name)}#{again}]")
        self.parts.append(event)
        if again == 2:
            self.repeated.append(event)

    def _sum_up(self) -> None:
        """Indexes the few events with flags or landing, so that no lint has to search all of them."""
        self.cost = sum([event.cost for event in self.parts])
        more = [event for event in self.parts if event.is_indexed]
        self.with_requirements = [e for e in more if "requires" in e.raw or "terminal" in e.raw]
        self.with_landing = [e for e in more if "landWhen" in e.raw]
        self.grants = {
            flag for e in more if "grants" in e.raw for _, flag in strings(e.raw, "grants")
        }
        self.are_edges_known = self.are_edges_known and all(e.are_edges_known for e in more)
        self.are_grants_known = self.are_grants_known and all(e.are_grants_known for e in more)

    def at(self, index: int) -> Event | None:
        """The event at a place in the document."""
        if self._at is None:
            parts = iter(self.parts)
            self._at = [next(parts) if isinstance(item, dict) else None for item in self.written]
        return self._at[index] if index < len(self._at) else None

    def _has_same_routes(self, before: Events) -> bool:
        return len(self.parts) == len(before.parts) and all(
            event is other or event.has_same_route(other)
            for event, other in zip(self.parts, before.parts, strict=True)
        )
