"""The graph of a world as an SVG document.

It is safe to open, and to put into a page: no script, no reference to anything outside, all text escaped.
Readers of screens are told what there is (`title`, `desc`); colours follow the reader's scheme, and nothing
is told by a colour alone.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

from conjure.kernel.picture import words
from conjure.kernel.picture.grid import BOX, FOOT, LINE, MARGIN, PAD, Grid
from conjure.kernel.picture.layout import arranged
from conjure.kernel.wording import some_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from conjure.kernel.picture.grid import Point
    from conjure.kernel.picture.sketch import Edge, Happening, Node, Sketch

    Lines = list[tuple[str, str]]
    """Each with its class."""

# How much of a text fits into a box, in cells.
_TITLE_CELLS: Final = 22
_LINE_CELLS: Final = 30
_HEAD_CELLS: Final = 60

_MOST_NOTES: Final = 4
_MOST_LABELS: Final = 3
_MOST_TOLD: Final = 12
"""Events in a tooltip."""

_STYLE: Final = """
svg{background:#fff;max-width:none}
text{font-family:system-ui,sans-serif;font-size:11px;fill:#1f2937}
.head{font-size:18px;font-weight:600}
.name{font-size:13px;font-weight:600}
.tag{font-style:italic}
.mid{text-anchor:middle}
.box{fill:#f9fafb;stroke:#6b7280}
.entrance .box{stroke:#2563eb;stroke-width:3}
.win .box{fill:#f0fdf4;stroke:#15803d;stroke-width:3}
.lose .box{fill:#fef2f2;stroke:#b91c1c;stroke-width:3}
.ending .box{fill:#faf5ff;stroke:#7e22ce;stroke-width:3}
.dead .box{fill:#fff7ed;stroke:#c2410c;stroke-width:2}
.lost .box,.unreached .box{stroke-dasharray:5 4}
.way{fill:none;stroke:#6b7280;stroke-width:1.4}
.locked .way{stroke-dasharray:6 4}
.label{fill:#fff;fill-opacity:.85}
.tip{fill:#6b7280}
@media (prefers-color-scheme:dark){
svg{background:#111827}
text{fill:#e5e7eb}
.box{fill:#1f2937;stroke:#9ca3af}
.entrance .box{stroke:#60a5fa}
.win .box{fill:#052e16;stroke:#4ade80}
.lose .box{fill:#450a0a;stroke:#f87171}
.ending .box{fill:#3b0764;stroke:#c084fc}
.dead .box{fill:#431407;stroke:#fb923c}
.way{stroke:#9ca3af}
.label{fill:#111827}
.tip{fill:#9ca3af}
}
"""
_ARROW: Final = (
    '<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"'
    ' orient="auto"><path class="tip" d="M0 0 8 4 0 8z"/></marker></defs>'
)
_LEGEND: Final = (
    "Down: away from the entrance. Dashed way: needs a flag. Dashed box: play does not get there. "
    "- in a box: happens there, and leads nowhere else."
)


def svg(sketch: Sketch) -> str:
    """Draws a sketch."""
    boxes = [_box_lines(node) for node in sketch.nodes]
    labels = [_label_lines(edge.happenings) for edge in sketch.edges]
    layout = arranged(sketch.nodes, sketch.edges)
    grid = Grid(layout, [len(lines) for lines in boxes], [len(lines) for lines in labels])
    width, height = max(grid.width, 720), grid.height
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}"'
            f' viewBox="0 0 {width} {height}" role="img" aria-labelledby="t d">'
        ),
        f'<title id="t">{_escaped(words.whole(sketch.name) or "A world")}</title>',
        f'<desc id="d">{_escaped(_description(sketch))}</desc>',
        f"<style>{_STYLE}</style>",
        _ARROW,
        _words("head", (MARGIN, 32), words.fitted(sketch.name, _HEAD_CELLS)),
        _words("", (MARGIN, 50), sketch.omission or _numbers(sketch)),
    ]
    for edge, way in zip(sketch.edges, grid.ways(), strict=True):
        locked = " locked" if edge.is_locked else ""
        path = f'<path class="way" marker-end="url(#a)" d="{way}"/>'
        parts.append(f'<g class="edge{locked}">{_tooltip(_told(sketch, edge))}{path}</g>')
    for middle, lines in zip(grid.labels(), labels, strict=True):
        parts.append(_label(middle, lines))
    for node, place, lines in zip(sketch.nodes, grid.boxes(), boxes, strict=True):
        parts.append(_box(node, place, lines))
    parts += [_words("", (MARGIN, height - FOOT // 2), _LEGEND), "</svg>", ""]
    return "\n".join(parts)


def _box_lines(node: Node) -> Lines:
    lines = [("name", words.fitted(node.name, _TITLE_CELLS))]
    lines += [("tag", words.fitted(tag, _LINE_CELLS)) for tag in node.tags]
    for happening in node.happenings[:_MOST_NOTES]:
        lines += [("", line) for line in words.wrapped(f"- {happening.line}", _LINE_CELLS)]
    return lines + _more(len(node.happenings) - _MOST_NOTES)


def _label_lines(happenings: Sequence[Happening]) -> Lines:
    lines: Lines = []
    for happening in happenings[:_MOST_LABELS]:
        lines += [("", line) for line in words.wrapped(happening.name, _LINE_CELLS)]
        lines += [("tag", words.fitted(detail, _LINE_CELLS)) for detail in happening.details]
    return lines + _more(len(happenings) - _MOST_LABELS)


def _more(number: int) -> Lines:
    return [("", f"and {number:,} more")] if number > 0 else []


def _box(node: Node, place: tuple[int, int, int], lines: Lines) -> str:
    """`place`: the left, the top and the height."""
    left, top, height = place
    told = [words.whole(node.name), *node.tags]
    told += [happening.line for happening in node.happenings[:_MOST_TOLD]]
    looks = node.look if node.is_reachable else f"{node.look} unreached"
    return (
        f'<g class="{looks}">{_tooltip(told)}'
        f'<rect class="box" x="{left}" y="{top}" width="{BOX}" height="{height}" rx="8"/>'
        f"{_column((left + BOX // 2, top + PAD), lines)}</g>"
    )


def _label(middle: Point, lines: Lines) -> str:
    x, y = middle
    height = LINE * len(lines)
    top = y - height // 2
    return (
        f'<g><rect class="label" x="{x - BOX // 2}" y="{top}" width="{BOX}" height="{height}"/>'
        f"{_column((x, top), lines)}</g>"
    )


def _column(top: Point, lines: Lines) -> str:
    """Lines below each other, in the middle."""
    x, y = top
    return "".join(
        _words(f"{look} mid", (x, y + LINE * number - 4), line)
        for number, (look, line) in enumerate(lines, start=1)
    )


def _words(look: str, place: Point, text: str) -> str:
    x, y = place
    return f'<text class="{look.strip()}" x="{x}" y="{y}">{_escaped(text)}</text>'


def _tooltip(lines: Iterable[str]) -> str:
    return f"<title>{_escaped(chr(10).join(lines))}</title>"


def _told(sketch: Sketch, edge: Edge) -> list[str]:
    source, target = (words.whole(sketch.nodes[at].name) for at in (edge.source, edge.target))
    told = [happening.line for happening in edge.happenings[:_MOST_TOLD]]
    more = len(edge.happenings) - _MOST_TOLD
    return [f"{source} to {target}", *told, *(line for _, line in _more(more))]


def _numbers(sketch: Sketch) -> str:
    return f"{words.counted(sketch.states, 'state')}, {words.counted(sketch.events, 'event')}"


def _description(sketch: Sketch) -> str:
    """What the picture shows, for whoever does not see it."""
    said = [f"{_numbers(sketch)}.", sketch.omission]

    def add(what: str, nodes: list[Node]) -> None:
        if nodes:
            names = some_of((words.fitted(node.name, _LINE_CELLS) for node in nodes), len(nodes))
            said.append(f"{what}: {names}.")

    add("It begins in", [node for node in sketch.nodes if node.is_entrance])
    for kind, what in (("win", "Won in"), ("lose", "Lost in"), ("ending", "It ends in")):
        add(what, [node for node in sketch.nodes if node.ending == kind])
    add("Dead ends", [node for node in sketch.nodes if node.is_dead_end])
    add("Not reachable", [node for node in sketch.nodes if not node.is_reachable])
    return " ".join(filter(None, said))


def _escaped(text: str) -> str:
    return escape(text, quote=True)
