"""Pictures of worlds: the graph of states and events as SVG, Mermaid or DOT.

All three show the same: the entrance, endings, locked events and what they need, one-shot events, cutscenes,
what states hold besides (overrides, terminals), states that play cannot get to, and dead ends. Pure, total,
and the same bytes for the same world.

SVG is drawn here, at the places that `layout` finds; Mermaid and DOT leave that to their readers. A layout
costs more than its size, and a picture of thousands of boxes helps nobody, so an SVG shows the
`MOST_DRAWN` states nearest to the entrance, and says how many there are besides. The others show all.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypeAlias, get_args

from conjure.kernel.picture.dot import dot
from conjure.kernel.picture.mermaid import mermaid
from conjure.kernel.picture.sketch import sketch
from conjure.kernel.picture.svg import svg

Format: TypeAlias = Literal["svg", "mermaid", "dot"]

FORMATS: Final[tuple[Format, ...]] = get_args(Format)

MOST_DRAWN: Final = 250
"""States in an SVG. With as many edges as are drawn (`sketch`), the worst graphs take 0.2 s.

A world of 10,000 states takes 0.4 s, most of it to be read.
"""


def draw(world: Any, form: Format = "svg") -> str:
    """The graph of a world, which is any JSON: what cannot be read of it is not in the picture."""
    if form == "svg":
        return svg(sketch(world, most_states=MOST_DRAWN))
    return mermaid(sketch(world)) if form == "mermaid" else dot(sketch(world))


__all__ = ["FORMATS", "MOST_DRAWN", "Format", "draw"]
