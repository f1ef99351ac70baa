"""The graph of a world in the DOT language of Graphviz."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from conjure.kernel.picture import words

if TYPE_CHECKING:
    from conjure.kernel.picture.sketch import Edge, Node, Sketch

_COLOURS: Final = {
    "entrance": "#2563eb",
    "win": "#15803d",
    "lose": "#b91c1c",
    "ending": "#7e22ce",
    "dead": "#c2410c",
    "lost": "#6b7280",
}


def dot(sketch: Sketch) -> str:
    """Writes a sketch as a digraph; where things stand is up to who reads it."""
    lines = [
        "digraph world {",
        f"  graph [label={_quoted([words.whole(sketch.name)])}, labelloc=t, rankdir=TB];",
        '  node [shape=box, style=rounded, fontname="sans-serif"];',
        '  edge [fontname="sans-serif", fontsize=10];',
    ]
    lines += [f"  s{number} [{_node(node)}];" for number, node in enumerate(sketch.nodes)]
    lines += [f"  s{edge.source} -> s{edge.target} [{_edge(edge)}];" for edge in sketch.edges]
    return "\n".join([*lines, "}", ""])


def _node(node: Node) -> str:
    lines = [words.whole(node.name), *(f"[{tag}]" for tag in node.tags)]
    lines += [f"- {happening.line}" for happening in node.happenings]
    written = f"label={_quoted(lines)}"
    if node.look in _COLOURS:
        written += f', color="{_COLOURS[node.look]}"'
    if node.is_entrance or node.ending is not None:
        written += ", penwidth=2"
    if not node.is_reachable:
        written += ', style="rounded,dashed"'
    return written


def _edge(edge: Edge) -> str:
    written = f"label={_quoted([happening.line for happening in edge.happenings])}"
    return f"{written}, style=dashed" if edge.is_locked else written


def _quoted(lines: list[str]) -> str:
    """A label. A backslash begins an escape in there, and `&` an entity (graphviz.org, "escString")."""
    escaped = (
        line.replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"') for line in lines
    )
    return '"' + "\\n".join(escaped) + '"'
