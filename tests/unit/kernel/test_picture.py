"""Pictures of worlds: what they tell, that they are safe, and what they cost."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys
from itertools import combinations

from hypothesis import example, given, settings

from conjure.kernel.picture import FORMATS, MOST_DRAWN, draw
from support.cases import each_of
from support.cost import assert_cheap
from support.kernel.documents import JSON, mutated_worlds
from support.kernel.pictures import (
    Picture,
    assert_is_flowchart,
    graph,
    graphs,
    hostile_worlds,
    parsed_dot,
)
from support.kernel.plays import do, go, world

HOUSE = world(
    go("Open", "a", "b", grants=["lamp"], oneShot=True),
    go("Back", "b", "a"),
    go("Leave", "b", "end", requires=["lamp", "key"]),
    go("Fall", "a", "fall"),
    do("Wave", "a"),
    {"name": "Phone", "kind": "terminal", "from": ["b"], "hidden": True},
    go("Climb", "attic", "b"),
    go("Give up", "b", "grave"),
    cutscenes=[{"id": "fall", "video": "v", "from": ["a"], "to": "pit", "requires": ["rope"]}],
    endings=("end", "grave"),
)
HOUSE["scene"]["states"]["grave"]["ending"] = {"kind": "lose", "title": "Buried"}

DOT = r"""digraph world {
  graph [label="Rooms", labelloc=t, rankdir=TB];
  node [shape=box, style=rounded, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=10];
  s0 [label="a\n[entrance]\n- Wave", color="#2563eb", penwidth=2];
  s1 [label="b\n- Phone (talks; hidden)"];
  s2 [label="pit\n[dead end: no way out]", color="#c2410c"];
  s3 [label="end\n[win: Out]", color="#15803d", penwidth=2];
  s4 [label="grave\n[lose: Buried]", color="#b91c1c", penwidth=2];
  s5 [label="attic\n[not reachable]", color="#6b7280", style="rounded,dashed"];
  s0 -> s1 [label="Open (gives lamp; once)"];
  s1 -> s3 [label="Leave (needs lamp, key)", style=dashed];
  s0 -> s2 [label="Fall (cutscene fall; needs rope)", style=dashed];
  s1 -> s4 [label="Give up"];
  s1 -> s0 [label="Back"];
  s5 -> s1 [label="Climb"];
}
"""
MERMAID = """---
title: "Rooms"
---
flowchart TB
  s0["a<br/>entrance<br/>Wave"]
  s1["b<br/>Phone (talks#59; hidden)"]
  s2["pit<br/>dead end: no way out"]
  s3["end<br/>win: Out"]
  s4["grave<br/>lose: Buried"]
  s5["attic<br/>not reachable"]
  s0 -->|"Open (gives lamp#59; once)"| s1
  s1 -.->|"Leave (needs lamp, key)"| s3
  s0 -.->|"Fall (cutscene fall#59; needs rope)"| s2
  s1 -->|"Give up"| s4
  s1 -->|"Back"| s0
  s5 -->|"Climb"| s1
  classDef entrance stroke:#2563eb,stroke-width:3px
  class s0 entrance
  classDef win stroke:#15803d,stroke-width:3px
  class s3 win
  classDef lose stroke:#b91c1c,stroke-width:3px
  class s4 lose
  classDef dead stroke:#c2410c,stroke-width:2px
  class s2 dead
  classDef lost stroke:#6b7280,stroke-dasharray:4 3
  class s5 lost
"""


def test_all_that_matters_stands_in_dot_and_mermaid():
    assert draw(HOUSE, "dot") == DOT
    assert draw(HOUSE, "mermaid") == MERMAID


def test_all_that_matters_stands_in_the_svg():
    picture = Picture.of(draw(HOUSE))
    assert {name: (box.looks, box.lines[1:]) for name, box in picture.boxes.items()} == {
        "a": ({"entrance"}, ["entrance", "- Wave"]),
        "b": ({"state"}, ["- Phone (talks; hidden)"]),
        "pit": ({"dead"}, ["dead end: no way out"]),
        "end": ({"win"}, ["win: Out"]),
        "grave": ({"lose"}, ["lose: Buried"]),
        "attic": ({"lost", "unreached"}, ["not reachable"]),
    }
    locked = {
        name.partition("\n")[0]
        for name, way in picture.ways.items()
        if "locked" in way.attrib["class"]
    }
    assert locked == {"b to end", "a to pit"}
    assert sorted(label.lines for label in picture.labels) == sorted([
        ["Open", "gives lamp", "once"], ["Back"], ["Leave", "needs lamp, key"],
        ["Fall", "cutscene fall", "needs rope"], ["Climb"], ["Give up"],
    ])  # fmt: skip


def test_who_does_not_see_the_picture_is_told_what_it_shows():
    picture = Picture.of(draw(HOUSE))
    assert picture.root.attrib["role"] == "img"
    names = picture.root.attrib["aria-labelledby"].split()
    assert [element.text for element in picture.root if element.get("id") in names] == [
        "Rooms",
        "6 states, 8 events. It begins in: a. Won in: end. Lost in: grave. Dead ends: pit. Not reachable: attic.",
    ]
    assert "prefers-color-scheme:dark" in draw(HOUSE)


def test_a_dead_end_is_a_state_that_leads_to_no_ending():
    circle = world(
        go("out", "a", "end"), go("in", "a", "b"), go("on", "b", "c"), go("round", "c", "b")
    )
    boxes = Picture.of(draw(circle)).boxes
    dead = {name for name, box in boxes.items() if "dead end: no ending from here" in box.lines}
    assert dead == {"b", "c"}
    endless = world(go("in", "a", "b"), go("on", "b", "a"), go("down", "b", "c"), endings=())
    boxes = Picture.of(draw(endless)).boxes
    assert {name for name, box in boxes.items() if "dead" in box.looks} == {"c"}


def test_a_way_down_leads_away_from_the_entrance():
    boxes = Picture.of(draw(graph([(0, 1), (1, 2), (2, 0), (0, 3), (3, 2)], states=5))).boxes
    assert boxes["s0"].bottom < boxes["s1"].top == boxes["s3"].top
    assert boxes["s1"].bottom < boxes["s2"].top
    assert boxes["s2"].bottom < boxes["s4"].top  # no edge leads there


# With these ways the library beneath puts two boxes into one place.
CLASH = graph(
    [
        (0, 1), (7, 8), (5, 6), (4, 5), (6, 7), (9, 6), (10, 3), (1, 0), (6, 5), (9, 4), (8, 4),
        (6, 4), (8, 3),
    ],
    states=11,
)  # fmt: skip


@given(graphs())
@example(CLASH)
@settings(max_examples=150)
def test_nothing_lies_on_anything_else(drawn):
    """Boxes and labels: each has a place of its own, and every state and every pair is in the picture."""
    picture = Picture.of(draw(drawn))
    assert len(picture.boxes) == len(drawn["scene"]["states"])
    ways = {(e["from"][0], e["to"]) for e in drawn["scene"]["events"] if e["from"] != [e["to"]]}
    assert len(picture.labels) == len(picture.ways) == len(ways)
    for one, other in combinations([*picture.boxes.values(), *picture.labels], 2):
        beside = one.right < other.left or other.right < one.left
        assert beside or one.bottom < other.top or other.bottom < one.top
    width = int(picture.root.attrib["width"])
    assert all(box.left > 0 and box.right < width for box in picture.boxes.values())


@given(JSON | mutated_worlds() | hostile_worlds() | graphs())
@settings(max_examples=150)
def test_whatever_the_world_holds_the_picture_is_one(drawn):
    """It is XML with nothing in it but what we draw; and the same again for an equal world."""
    svg = draw(drawn)
    Picture.of(svg)
    again = copy.deepcopy(drawn)
    assert [draw(again, form) for form in FORMATS] == [
        svg,
        draw(drawn, "mermaid"),
        draw(drawn, "dot"),
    ]
    for text in (svg, draw(drawn, "mermaid"), draw(drawn, "dot")):
        text.encode()
        assert not set(text) & {chr(code) for code in range(32) if code != 10}


@given(hostile_worlds())
@settings(max_examples=25)
def test_hostile_names_stay_names_in_dot_and_mermaid(drawn):
    states = len(drawn["scene"]["states"])
    parsed = parsed_dot(draw(drawn, "dot"))
    named = [
        node for node in parsed.get_nodes() if node.get_name() not in {"node", "edge", "graph"}
    ]
    assert len(named) == states
    for node in named:
        assert set(node.get_attributes()) <= {"label", "color", "penwidth", "style"}
    assert not parsed.get_subgraphs()
    assert_is_flowchart(draw(drawn, "mermaid"), states=states)


def test_it_is_the_same_picture_in_every_process():
    """The library beneath has tables in a random order, as Python has."""
    drawn = graph([(a, (a * a + step) % 40) for a in range(40) for step in (1, 7, 11)], states=40)
    program = "import json, sys; from conjure.kernel.picture import draw; print(draw(json.load(sys.stdin)), end='')"
    for seed in ("1", "2"):
        made = subprocess.run(
            [sys.executable, "-c", program], input=json.dumps(drawn).encode(), capture_output=True,
            env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)}, check=True,
        )  # fmt: skip
        assert made.stdout.decode() == draw(drawn)


N = 10_000
LARGE = {
    "a chain": lambda: graph([(n, n + 1) for n in range(N - 1)], states=N),
    "a star, and back": lambda: graph([w for n in range(1, N) for w in ((0, n), (n, 0))], states=N),
    "a ladder that leads home": lambda: graph([w for n in range(1, N) for w in ((n - 1, n), (n, 0))], states=N),
    "anything": lambda: graph([(n, n * n * step % N) for n in range(N) for step in (3, 7)], states=N),
    "home, far away, and half way back": lambda: graph(
        [(n, to) for n in range(N) for to in (0, 240, n // 2, n + 1) if to < N], states=N
    ),
    "no events": lambda: graph([], states=N),
    "all with all": lambda: graph([(a, b) for a in range(150) for b in range(150)], states=150),
    "one event from everywhere": lambda: {
        **(large := graph([], states=N)),
        "scene": large["scene"] | {"events": [
            {"name": f"e{n}", "kind": "override", "from": list(large["scene"]["states"])} for n in range(20)
        ]},
    },
}  # fmt: skip


@each_of("make", LARGE.values(), ids=LARGE)
def test_large_worlds_do_not_hold_anybody_up(make):
    """Half a second at most: some 35 yardsticks."""
    large = make()
    assert_cheap(lambda: draw(large), most=400)
    picture = Picture.of(draw(large))
    assert len(picture.boxes) == min(MOST_DRAWN, len(large["scene"]["states"]))
    if len(large["scene"]["states"]) > MOST_DRAWN:
        assert f"Left out: {N - MOST_DRAWN:,} states" in picture.description


def test_of_a_large_world_the_nearest_states_are_drawn():
    picture = Picture.of(draw(graph([(n, n + 1) for n in reversed(range(999))], states=1_000)))
    assert set(picture.boxes) == {f"s{n}" for n in range(MOST_DRAWN)}
    assert draw(graph([], states=1_000), "dot").count("label=") == 1_001
