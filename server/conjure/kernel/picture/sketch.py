"""What there is to draw of a world: its states, where events lead, and what to say about both."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conjure.kernel.picture import words
from conjure.kernel.values import child, children, strings, text
from conjure.kernel.ways import Ways, leads_on

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.kernel.values import JsonObject

_MOST_EDGES_EACH: Final = 3
"""Edges in a bounded picture, for each of its states."""


@dataclass(frozen=True, slots=True)
class Happening:
    """An event as a picture tells it: its name, and in words what it needs, does and shows."""

    name: str
    details: tuple[str, ...]
    is_locked: bool

    @property
    def line(self) -> str:
        """All of it in one line."""
        details = f" ({'; '.join(self.details)})" if self.details else ""
        return f"{words.whole(self.name)}{details}"


@dataclass(slots=True)
class Node:
    """A state. `level` is how many steps it is from the entrance, or from where its part begins.

    `happenings` are the events that do not lead away: overrides, terminals, and transitions to itself.
    """

    name: str
    level: int = 0
    is_entrance: bool = False
    is_reachable: bool = True
    ending: str | None = None
    """`win`, `lose`, or `ending` for one that does not say."""
    ending_title: str = ""
    is_dead_end: bool = False
    """Play cannot end any more, wherever it goes from here; without endings: it has no way out."""
    has_exits: bool = False
    happenings: list[Happening] = field(default_factory=list)

    @property
    def tags(self) -> list[str]:
        """What there is to say about the state, in words."""
        said = []
        if self.is_entrance:
            said.append("entrance")
        if self.ending is not None:
            title = f": {words.whole(self.ending_title)}" if self.ending_title else ""
            said.append(f"{self.ending}{title}")
        if self.is_dead_end:
            said.append(
                "dead end: no ending from here" if self.has_exits else "dead end: no way out"
            )
        if not self.is_reachable:
            said.append("not reachable")
        return said

    @property
    def look(self) -> str:
        """What decides its colour: the word of a class."""
        if self.ending is not None:
            return self.ending
        if self.is_dead_end:
            return "dead"
        if self.is_entrance:
            return "entrance"
        return "state" if self.is_reachable else "lost"


@dataclass(slots=True)
class Edge:
    """The events that lead from one state to another one, by their places in `Sketch.nodes`."""

    source: int
    target: int
    happenings: list[Happening] = field(default_factory=list)

    @property
    def is_locked(self) -> bool:
        """Whether every event needs a flag."""
        return all(happening.is_locked for happening in self.happenings)


@dataclass(frozen=True, slots=True)
class Sketch:
    """A world as it is drawn. The entrance comes first, then what is near it; edges in the same order.

    `states` and `events` count what the world has; `hidden_states` and `hidden_edges` what is not drawn.
    """

    name: str
    nodes: list[Node]
    edges: list[Edge]
    states: int
    events: int
    hidden_states: int
    hidden_edges: int

    @property
    def omission(self) -> str:
        """What is not in the picture, in words; empty when all is."""
        left_out = []
        if self.hidden_states:
            left_out.append(words.counted(self.hidden_states, "state"))
        if self.hidden_edges:
            left_out.append(words.counted(self.hidden_edges, "edge"))
        if not left_out:
            return ""
        near = (
            f"Drawn: {words.counted(len(self.nodes), 'state')}, the nearest to the entrance first."
        )
        return f"{near} Left out: {' and '.join(left_out)}."


def sketch(world: Any, *, most_states: int | None = None) -> Sketch:
    """Reads a world, of which nothing is assumed; linear in its size.

    With `most_states` only as many are in the picture, those nearest to the entrance, and three times as
    many edges.
    """
    read = _Reading(world if isinstance(world, dict) else {})
    order = read.order()
    read.find_dead_ends()
    kept = order if most_states is None else order[:most_states]
    places = {old: new for new, old in enumerate(kept)}
    found = [
        edge for edge in read.edges.values() if edge.source in places and edge.target in places
    ]
    # In a bounded picture those first by which the states were found: so that each has one.
    found.sort(key=lambda edge: (edge.source, edge.target) not in read.ways)
    drawn = found if most_states is None else found[: _MOST_EDGES_EACH * most_states]
    return Sketch(
        name=text(read.world, "name") or "",
        nodes=[read.nodes[old] for old in kept],
        edges=[Edge(places[e.source], places[e.target], e.happenings) for e in drawn],
        states=len(read.nodes),
        events=read.events,
        hidden_states=len(read.nodes) - len(kept),
        hidden_edges=len(read.edges) - len(drawn),
    )


class _Reading:
    """The graph of a world by numbers of its states, as they stand in the document."""

    def __init__(self, world: JsonObject) -> None:
        self.world = world
        scene = child(world, "scene")
        written = child(scene, "states")
        self.numbers = {name: number for number, name in enumerate(written)}
        self.nodes = [_node(name, state) for name, state in written.items()]
        self.edges: dict[tuple[int, int], Edge] = {}
        self.ways: set[tuple[int, int]] = set()
        self.events = 0
        self._ways = Ways(self.numbers, (item for _, item in children(world, "cutscenes")))
        for _, event in children(scene, "events"):
            self.events += 1
            self._add(event)
        self._exits: list[list[int]] = [[] for _ in self.nodes]
        for source, target in self.edges:
            self._exits[source].append(target)
            self.nodes[source].has_exits = True

    def _add(self, event: JsonObject) -> None:
        sources = {
            self.numbers[name]: None for _, name in strings(event, "from") if name in self.numbers
        }
        happening = _happening(event, self._ways)
        if not leads_on(event):
            for source in sources:
                self.nodes[source].happenings.append(happening)
            return
        landing = self._ways.landing(event)
        if landing is None:
            return  # it leads nowhere: `dangling-ref` says so
        target = self.numbers[landing]
        for source in sources:
            if source == target:
                self.nodes[source].happenings.append(happening)
            elif self.nodes[source].ending is None:  # in an ending play is over
                edge = self.edges.get((source, target))
                if edge is None:
                    edge = self.edges[source, target] = Edge(source, target)
                edge.happenings.append(happening)

    def order(self) -> list[int]:
        """The states as one comes upon them from the entrance, and then from any that is left."""
        found: list[int] = []
        seen = [False] * len(self.nodes)
        entrance = self.numbers.get(text(child(self.world, "entrance"), "state") or "")
        begins: Iterable[int] = range(len(self.nodes))
        if entrance is not None:
            self.nodes[entrance].is_entrance = True
            begins = (entrance, *begins)
        for begin in begins:
            if not seen[begin]:
                seen[begin] = True
                self._walk(begin, seen, found, is_reachable=begin == entrance)
        return found

    def _walk(self, begin: int, seen: list[bool], found: list[int], *, is_reachable: bool) -> None:
        self.nodes[begin].is_reachable = is_reachable
        line = deque([begin])
        while line:
            source = line.popleft()
            found.append(source)
            for target in self._exits[source]:
                if not seen[target]:
                    seen[target] = True
                    self.ways.add((source, target))
                    self.nodes[target].level = self.nodes[source].level + 1
                    self.nodes[target].is_reachable = is_reachable
                    line.append(target)

    def find_dead_ends(self) -> None:
        """Marks the states from which no ending can be reached; where there is none, those without exits."""
        entries: list[list[int]] = [[] for _ in self.nodes]
        for source, target in self.edges:
            entries[target].append(source)
        line = [number for number, node in enumerate(self.nodes) if node.ending is not None]
        can_end = set(line)
        if not line:
            can_end = {number for number, node in enumerate(self.nodes) if node.has_exits}
        while line:
            for source in entries[line.pop()]:
                if source not in can_end:
                    can_end.add(source)
                    line.append(source)
        for number, node in enumerate(self.nodes):
            node.is_dead_end = number not in can_end


def _node(name: str, state: Any) -> Node:
    ending = state.get("ending") if isinstance(state, dict) else None
    if not isinstance(ending, dict):
        return Node(name)
    kind = text(ending, "kind")
    return Node(
        name,
        ending=kind if kind in {"win", "lose"} else "ending",
        ending_title=text(ending, "title") or "",
    )


def _happening(event: JsonObject, ways: Ways) -> Happening:
    needed, shown = ways.needs(event), ways.shown(event)
    granted = [flag for _, flag in strings(event, "grants")]
    details = []
    if event.get("kind") == "terminal":
        details.append("talks")
    if shown is not None:
        details.append(f"cutscene {words.fitted(shown, 24)}")
    if needed:
        details.append(f"needs {words.flags(needed)}")
    if granted:
        details.append(f"gives {words.flags(granted)}")
    if event.get("oneShot") is True:
        details.append("once")
    if event.get("hidden") is True:
        details.append("hidden")
    return Happening(text(event, "name") or "(no name)", tuple(details), bool(needed))
