"""The graph of a world as a Mermaid flowchart.

Mermaid itself refuses more than 500 edges and 50,000 characters, unless it is told other limits.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from conjure.kernel.picture import words

if TYPE_CHECKING:
    from conjure.kernel.picture.sketch import Sketch

# Letters, digits and these stand for themselves in a label; all else is written by its number.
_PLAIN: Final = frozenset(" _.,:'()-")
_CLASSES: Final = {
    "entrance": "stroke:#2563eb,stroke-width:3px",
    "win": "stroke:#15803d,stroke-width:3px",
    "lose": "stroke:#b91c1c,stroke-width:3px",
    "ending": "stroke:#7e22ce,stroke-width:3px",
    "dead": "stroke:#c2410c,stroke-width:2px",
    "lost": "stroke:#6b7280,stroke-dasharray:4 3",
}


def mermaid(sketch: Sketch) -> str:
    """Writes a sketch as a flowchart; where things stand is up to who reads it."""
    # A string of JSON is one of YAML, too.
    title = json.dumps(words.whole(sketch.name), ensure_ascii=False)
    lines = ["---", f"title: {title}", "---", "flowchart TB"]
    for number, node in enumerate(sketch.nodes):
        said = [words.whole(node.name), *node.tags, *(item.line for item in node.happenings)]
        lines.append(f"  s{number}[{_quoted(said)}]")
    for edge in sketch.edges:
        arrow = "-.->" if edge.is_locked else "-->"
        said = [happening.line for happening in edge.happenings]
        lines.append(f"  s{edge.source} {arrow}|{_quoted(said)}| s{edge.target}")
    for look, style in _CLASSES.items():
        members = [f"s{at}" for at, node in enumerate(sketch.nodes) if node.look == look]
        if members:
            lines += [f"  classDef {look} {style}", f"  class {','.join(members)} {look}"]
    return "\n".join([*lines, ""])


def _quoted(lines: list[str]) -> str:
    return f'"{"<br/>".join(map(_escaped, lines))}"'


def _escaped(text: str) -> str:
    return "".join(
        letter if letter.isalnum() or letter in _PLAIN else f"#{ord(letter)};" for letter in text
    )
