"""From columns and rows to pixels: where boxes and labels stand, and the curves between them."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from conjure.kernel.picture.layout import Layout

Point: TypeAlias = "tuple[int, int]"

# All in pixels.
BOX: Final = 200
"""How wide a box is, and at most a label."""
LINE: Final = 15
PAD: Final = 8
MARGIN: Final = 24
FOOT: Final = 40
_COLUMN: Final = 230
_HEAD: Final = 76
_GAP: Final = 40  # between two rows: here the curves are
_PORTS: Final = 160  # the part of a box's edge that ways begin and end at
_DIP: Final = 60  # how far a way within a row, that has no label, hangs down


class Grid:
    """A layout in pixels. `box_lines` and `label_lines` are how many lines of text there are in each."""

    def __init__(
        self, layout: Layout, box_lines: Sequence[int], label_lines: Sequence[int]
    ) -> None:
        self._layout = layout
        self._box_heights = [2 * PAD + LINE * lines for lines in box_lines]
        heights = [0] * layout.rows
        for (_, row), height in zip(layout.boxes, self._box_heights, strict=True):
            heights[row] = max(heights[row], height)
        for route, lines in zip(layout.routes, label_lines, strict=True):
            if route.label is not None:
                row = route.label[1]
                heights[row] = max(heights[row], LINE * lines)
        self._tops, self._bottoms = [], []
        top = _HEAD
        for height in heights:
            self._tops.append(top)
            self._bottoms.append(top + height)
            top += height + _GAP
        self.width = 2 * MARGIN + int(layout.columns * _COLUMN)
        self.height = top - _GAP + FOOT + PAD

    def boxes(self) -> Iterator[tuple[int, int, int]]:
        """Of each box the left, the top and the height."""
        for (column, row), height in zip(self._layout.boxes, self._box_heights, strict=True):
            yield self._x(column) - BOX // 2, self._middle(row) - height // 2, height

    def labels(self) -> Iterator[Point]:
        """The middle of each label."""
        for route in self._layout.routes:
            if route.label is not None:
                column, row = route.label
                yield self._x(column), self._middle(row)
            else:
                (x, y), (other_x, other_y) = (
                    (self._x(column), self._middle(row)) for column, row in route.points
                )
                yield (x + other_x) // 2, (y + other_y) // 2

    def ways(self) -> Iterator[str]:
        """The path of each edge, as SVG has it."""
        ports = self._ports()
        for number, route in enumerate(self._layout.routes):
            begin, end = ports[number, 0], ports[number, 1]
            points = [begin]
            if route.label is None:
                yield _straight(begin, end)
                continue
            goes_down = route.points[1][1] > route.points[0][1]
            points.append((begin[0], self._border(route.points[0][1], is_bottom=goes_down)))
            for before, (column, row) in zip(route.points, route.points[1:-1], strict=False):
                x, comes_down = self._x(column), row > before[1]
                points += [
                    (x, self._border(row, is_bottom=not comes_down)),
                    (x, self._border(row, is_bottom=comes_down)),
                ]
            (_, row), (_, last) = route.points[-2:]
            if row == route.label[1] and len(route.points) == 3 and last == route.points[0][1]:
                # Within a row: up again as it came.
                points[-1] = (points[-1][0], self._middle(row))
                points.append((points[-1][0], self._border(row, is_bottom=False)))
            points += [(end[0], self._border(last, is_bottom=row > last)), end]
            yield _curve(points)

    def _ports(self) -> dict[tuple[int, int], Point]:
        """Where the ways begin (0) and end (1): side by side at a box, in the order of where they go."""
        sides: defaultdict[tuple[float, int, bool], list[tuple[float, int, int]]] = defaultdict(
            list
        )
        for number, route in enumerate(self._layout.routes):
            for end, (box, following) in enumerate(
                ((route.points[0], route.points[1]), (route.points[-1], route.points[-2]))
            ):
                side = (*box, following[1] >= box[1])
                sides[side].append((following[0], number, end))
        heights = dict(zip(self._layout.boxes, self._box_heights, strict=True))
        ports = {}
        for (column, row, is_bottom), ends in sides.items():
            half = heights[column, row] // 2
            y = self._middle(row) - half + (heights[column, row] if is_bottom else 0)
            for at, (_, number, end) in enumerate(sorted(ends), start=1):
                x = self._x(column) - _PORTS // 2 + _PORTS * at // (len(ends) + 1)
                ports[number, end] = (x, y)
        return ports

    def _x(self, column: float) -> int:
        return MARGIN + round((column + 0.5) * _COLUMN)

    def _middle(self, row: int) -> int:
        return (self._tops[row] + self._bottoms[row]) // 2

    def _border(self, row: int, *, is_bottom: bool) -> int:
        return self._bottoms[row] if is_bottom else self._tops[row]


def _curve(points: Sequence[Point]) -> str:
    """Through all points, upright where a row is and bent between rows."""
    x, y = points[0]
    path = [f"M{x} {y}"]
    for (x, y), (to_x, to_y) in pairwise(points):
        if x == to_x:
            if y != to_y:  # a marker at the end would not know which way it points
                path.append(f"V{to_y}")
        else:
            middle = (y + to_y) // 2
            path.append(f"C{x} {middle} {to_x} {middle} {to_x} {to_y}")
    return "".join(path)


def _straight(begin: Point, end: Point) -> str:
    (x, y), (to_x, to_y) = begin, end
    dip = _DIP if y == to_y else 0
    return f"M{x} {y}C{x} {(y + to_y) // 2 + dip} {to_x} {(y + to_y) // 2 + dip} {to_x} {to_y}"
