"""Where the boxes of a picture stand, and which way its edges go: layers, from the entrance down.

The layers are ours: a state stands as many rows below the entrance as it is steps away, which is what a
reader of a game wants to know. Between two rows of states is one of labels: each edge goes through a box of
its own there, so that no label lies on another. In which order boxes stand in their rows, and how far
apart, is the hard half (Sugiyama's method: fewest crossings, then straight edges). For that we use
fast-sugiyama, a wheel without dependencies (MIT, the Rust crate rust-sugiyama). Of what was tried with the
worst graphs (stars, all with all, ladders that all lead home):

- fast-sugiyama 0.5, given rows and no circles: 250 states and 800 boxes for edges in 0.1 s.
- graphlay 0.3 (prettier edges): a star of 400 takes 17 s, 40 states all with all 30 s.
- Graphviz (as the wheel graphviz-pure): 40 states all with all 17 s, 400 with 800 edges more than 40 s; a
  process to start, and EPL.
- grandalf: not kept since 2023, GPL or EPL. igraph: GPL. rustworkx, networkx: no layers of their own.

The library ends the process when it is given a circle, so it never is: every edge that it sees leads down.
It is given no more than `_MOST_BOXES`; edges beyond that go straight.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from fast_sugiyama import from_edges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.kernel.picture.sketch import Edge, Node

_MOST_BOXES: Final = 800
"""Boxes for labels, and bends of long edges: as many as are laid out besides the states."""

_MOST_TRANSPOSED: Final = 200
"""States and boxes up to which neighbours are also swapped one by one: fewer crossings yet.

That takes 0.1 s of the worst graphs then; nine seconds of those with 1,000, which take 0.1 s without.
"""

_LEAST_IN_A_ROW: Final = 6
"""States that no edge touches, side by side, at least."""

_NO_BEND: Final = -1

_BEND_WIDTH: Final = 0.3
"""Of a box: how much room an edge takes beside boxes on its way through further rows."""


@dataclass(slots=True)
class Route:
    """The way of one edge: pairs of a column and a row, from its source to its target.

    `label` is the place of its label; None for an edge that goes straight.
    """

    points: list[tuple[float, int]] = field(default_factory=list)
    label: tuple[float, int] | None = None


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns are in widths of a box, from 0; rows are numbers, states in even ones and labels in odd ones.

    `boxes` are the places of the nodes, `routes` the ways of the edges, each in the order of the sketch.
    """

    boxes: list[tuple[float, int]]
    routes: list[Route]
    columns: float
    rows: int


def arranged(nodes: Sequence[Node], edges: Sequence[Edge]) -> Layout:
    """Finds places for a sketch. The same for the same sketch; bounded by the numbers of both."""
    pairs, labels = _pairs(nodes, edges)
    columns, bends = _columns(pairs, len(nodes))
    _set_apart(nodes, edges, labels, columns, bends)
    width = max(columns.values(), default=-1.0) + 1
    rows = 2 * max((nodes[at].level for at in columns if at < len(nodes)), default=-1) + 2
    boxes: list[tuple[float, int]] = []
    alone, in_a_row = 0, max(_LEAST_IN_A_ROW, int(width))
    for number, node in enumerate(nodes):
        if number in columns:
            boxes.append((columns[number], 2 * node.level))
        else:  # below all others
            boxes.append((float(alone % in_a_row), rows + 2 * (alone // in_a_row)))
            alone += 1
    routes = []
    for edge, label in zip(edges, labels, strict=True):
        if label is None:
            routes.append(Route([boxes[edge.source], boxes[edge.target]]))
            continue
        upper, lower = _upper_first(nodes, edge)
        row = 2 * nodes[upper].level + 1
        way = [boxes[upper], (columns[label], row)]
        way += [(column, row + at) for at, column in enumerate(bends.get(label, ()), start=1)]
        way.append(boxes[lower])
        routes.append(Route(way if upper == edge.source else way[::-1], (columns[label], row)))
    width = max(width, min(alone, in_a_row))
    last = max((row for _, row in boxes), default=0)
    last = max(last, *(row for route in routes for _, row in route.points), 0)
    return Layout(boxes, routes, width, last + 1)


def _upper_first(nodes: Sequence[Node], edge: Edge) -> tuple[int, int]:
    if nodes[edge.source].level <= nodes[edge.target].level:
        return edge.source, edge.target
    return edge.target, edge.source


def _pairs(
    nodes: Sequence[Node], edges: Sequence[Edge]
) -> tuple[list[tuple[int, int]], list[int | None]]:
    """What leads down to what, and the number of each edge's label; None where there is no room for one."""
    pairs: list[tuple[int, int]] = []
    labels: list[int | None] = []
    room, number = _MOST_BOXES, len(nodes)
    for edge in edges:
        upper, lower = _upper_first(nodes, edge)
        steps = nodes[lower].level - nodes[upper].level
        boxes = max(1, 2 * steps - 1)
        if boxes > room:
            labels.append(None)
            continue
        room -= boxes
        labels.append(number)
        # Within a row both lead down to the label.
        pairs += [(upper, number), (number, lower) if steps else (lower, number)]
        number += 1
    return pairs, labels


def _columns(
    pairs: list[tuple[int, int]], first_label: int
) -> tuple[dict[int, float], dict[int, list[float]]]:
    """The columns of states and labels, and of the bends between a label and the state that it leads to."""
    columns: dict[int, float] = {}
    bends: dict[int, list[float]] = {}
    # Numbers without a gap: the library gives bends those that follow.
    numbers = sorted({number for pair in pairs for number in pair})
    compact = {number: at for at, number in enumerate(numbers)}
    if not numbers:
        return columns, bends
    parts = from_edges(
        [(compact[upper], compact[lower]) for upper, lower in pairs],
        minimum_length=1,
        vertex_spacing=1,
        dummy_vertices=True,
        dummy_size=_BEND_WIDTH,
        ranking_type="up",  # rows as far up as they go: then they are those that we mean
        crossing_minimization="barycenter",
        transpose=len(numbers) <= _MOST_TRANSPOSED,
        check_layout=False,
    )
    # Parts that do not hang together stand side by side; which the library tells first is chance.
    begin = 0.0
    for places, _, _, ways in sorted(parts, key=lambda part: min(int(at) for at, _ in part[0])):
        found = {int(at): float(place[0]) for at, place in places}
        left = min(found.values())
        found = {at: begin + column - left for at, column in found.items()}
        begin = max(found.values()) + 1
        following = {int(a): int(b) for a, b in ways or ()}
        for at, column in found.items():
            if at >= len(numbers):
                continue
            number = numbers[at]
            columns[number] = column
            if number >= first_label and at in following:
                bends[number] = way = []
                step = following[at]
                while step >= len(numbers):
                    way.append(found[step])
                    step = following[step]
    return columns, bends


def _set_apart(
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    labels: Sequence[int | None],
    columns: dict[int, float],
    bends: dict[int, list[float]],
) -> None:
    """Moves what stands too near to its neighbour in a row to the right.

    Of a thousand small graphs the library puts two boxes of one into the same place.
    """
    rows: defaultdict[int, list[tuple[float, int, int]]] = defaultdict(list)
    for number, node in enumerate(nodes):
        if number in columns:
            rows[2 * node.level].append((columns[number], number, _NO_BEND))
    for edge, label in zip(edges, labels, strict=True):
        if label is not None:
            row = 2 * min(nodes[edge.source].level, nodes[edge.target].level) + 1
            rows[row].append((columns[label], label, _NO_BEND))
            for at, column in enumerate(bends.get(label, ())):
                rows[row + 1 + at].append((column, label, at))
    for places in rows.values():
        end = -math.inf
        for found, number, at in sorted(places):
            half = (1 if at == _NO_BEND else _BEND_WIDTH) / 2
            column = max(found, end + half)
            end = column + half
            if at == _NO_BEND:
                columns[number] = column
            else:
                bends[number][at] = column
