"""What a player sees, as far as it needs no page: pictures, colours, titles, the address (view.test.mjs)."""

from __future__ import annotations

from pathlib import Path

from support.node import node_test


def test_under_node():
    node_test(Path(__file__).with_name("view.test.mjs"))
