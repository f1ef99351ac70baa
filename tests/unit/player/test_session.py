"""The player's session, its calls and messages, under Node: time, pages and servers that misbehave (*.test.mjs)."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.node import node_test


@pytest.mark.parametrize("name", ["api", "session", "messages"])
def test_under_node(name):
    node_test(Path(__file__).with_name(f"{name}.test.mjs"))
