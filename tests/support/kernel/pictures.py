"""Reading pictures of worlds, and graphs to draw."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pydot
from hypothesis import strategies as st

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hypothesis.strategies import DrawFn

NAMESPACE = "{http://www.w3.org/2000/svg}"
ELEMENTS = {"svg", "title", "desc", "style", "defs", "marker", "path", "text", "g", "rect"}
ATTRIBUTES = {
    "width", "height", "viewBox", "role", "aria-labelledby", "id", "class", "d", "x", "y", "rx",
    "refX", "refY", "markerWidth", "markerHeight", "orient", "marker-end",
}  # fmt: skip
HOSTILE = [
    "</text></svg><script>alert(1)</script>",
    "<![CDATA[ ]]> <!-- -- > &amp; &lt; &#0;",
    '"]; evil [label="x" onload="alert(1)',
    "a\\", 'end"] --> x["', "```", "%%{init: {}}%%", "#quot;", "click s0 href javascript:x",
    "\x00\x01\x1b[31m\x7f\x85", "\u202e\u2066\u200f\ufeff", "\ufffe\uffff\ud800", "\u2028\n\r\t", "",
    "x" * 10_000, "\U0001d518" * 300, "中" * 300, "e" + "\u0301" * 300, "\\N \\G \\l", "true", "--- : [",
]  # fmt: skip


@dataclass(frozen=True)
class Box:
    """A state in a picture."""

    looks: set[str]
    lines: list[str]
    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True)
class Picture:
    """What can be read from an SVG."""

    root: ET.Element
    boxes: dict[str, Box]
    labels: list[Box]
    ways: dict[str, ET.Element]

    @classmethod
    def of(cls, svg: str) -> Picture:
        """Reads a picture; fails for one that is no XML, or that has what a picture may not have."""
        root = ET.fromstring(svg.encode())
        for element in root.iter():
            assert element.tag.removeprefix(NAMESPACE) in ELEMENTS, element.tag
            assert set(element.attrib) <= ATTRIBUTES, element.attrib
            assert "(" not in element.get("marker-end", "").replace("url(#a)", "")
        boxes, labels, ways = {}, [], {}
        for group in root.findall(f"{NAMESPACE}g"):
            title = group.findtext(f"{NAMESPACE}title", "")
            rect = group.find(f"{NAMESPACE}rect")
            if rect is None:
                ways[title] = group
            elif rect.get("class") == "box":
                boxes[title.partition("\n")[0]] = _box(group, rect)
            else:
                labels.append(_box(group, rect))
        return cls(root, boxes, labels, ways)

    @property
    def description(self) -> str:
        return self.root.findtext(f"{NAMESPACE}desc", "")


def _box(group: ET.Element, rect: ET.Element) -> Box:
    left, top = int(rect.attrib["x"]), int(rect.attrib["y"])
    right, bottom = left + int(rect.attrib["width"]), top + int(rect.attrib["height"])
    lines = [text.text or "" for text in group.findall(f"{NAMESPACE}text")]
    return Box(set(group.get("class", "").split()), lines, left, top, right, bottom)


def assert_is_flowchart(mermaid: str, *, states: int) -> None:
    """Whether each line is one that we mean to write, with all text of the world inside of quotes."""
    lines = mermaid.splitlines()
    assert lines[0] == "---"
    assert lines[1].startswith('title: "')
    assert lines[2:4] == ["---", "flowchart TB"]
    text = r'"(?:[\w .,:\'()\-]|#\d+;|<br/>)*"'
    node, edge = rf"  s\d+\[{text}\]", rf"  s\d+ (?:-->|-\.->)\|{text}\| s\d+"
    look = r"  (?:classDef \w+ [#\w:, \-]+|class s\d+(?:,s\d+)* \w+)"
    for line in lines[4:]:
        assert re.fullmatch(f"{node}|{edge}|{look}", line), line
    assert sum(bool(re.fullmatch(node, line)) for line in lines) == states


def parsed_dot(dot: str) -> pydot.Dot:
    """A graph as another program reads it."""
    with warnings.catch_warnings():  # it calls its own parser by old names
        warnings.simplefilter("ignore", DeprecationWarning)
        (found,) = pydot.graph_from_dot_data(dot) or ()
    return found


def graph(ways: Iterable[tuple[int, int]], *, states: int) -> dict[str, Any]:
    """A world of so many states in which events lead so; it begins in the first."""
    return {
        "name": "Graph",
        "entrance": {"state": "s0"},
        "scene": {
            "states": {f"s{number}": {"base": "x"} for number in range(states)},
            "events": [
                {"name": f"{a} to {b}", "kind": "transition", "from": [f"s{a}"], "to": f"s{b}"}
                for a, b in ways
            ],
        },
    }


@st.composite
def graphs(draw: DrawFn, *, most: int = 14) -> dict[str, Any]:
    """Graphs of any shape."""
    states = draw(st.integers(1, most))
    number = st.integers(0, states - 1)
    return graph(draw(st.lists(st.tuples(number, number), max_size=3 * most)), states=states)


@st.composite
def hostile_worlds(draw: DrawFn) -> dict[str, Any]:
    """Worlds with names that try to be something else."""
    text = st.sampled_from(HOSTILE) | st.text(max_size=20)
    names = draw(st.lists(text, min_size=1, max_size=5, unique=True))
    name, flags = st.sampled_from(names), st.lists(text, max_size=5)
    kinds = st.sampled_from(["transition", "override", "terminal"])
    event = st.fixed_dictionaries(
        {"name": text, "kind": kinds, "from": st.lists(name, max_size=3), "to": name | text},
        optional={"requires": flags, "grants": flags, "oneShot": st.booleans()},
    )
    ending = st.fixed_dictionaries({"kind": st.sampled_from(["win", "lose", "x"]), "title": text})
    state = st.fixed_dictionaries({"base": text}, optional={"ending": ending})
    scene = {
        "states": {each: draw(state) for each in names},
        "events": draw(st.lists(event, max_size=8)),
    }
    cutscenes = [{"id": draw(text), "to": draw(name), "requires": draw(flags)}]
    entrance = {"state": draw(name)}
    return {"name": draw(text), "entrance": entrance, "scene": scene, "cutscenes": cutscenes}
