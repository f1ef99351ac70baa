"""Play in time, under Node: what is shown and offered, what is kept, and worlds that hold anything (*.test.mjs)."""

from __future__ import annotations

from pathlib import Path

from support.cases import each_of
from support.node import node_test


@each_of("name", ["director", "offers", "missions", "saves", "hostile"])
def test_under_node(name):
    node_test(Path(__file__).with_name(f"{name}.test.mjs"))
