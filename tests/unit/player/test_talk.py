"""Talks of the player and its voice, without a page: `*.test.mjs`, under Node."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.node import node_test


@pytest.mark.parametrize("name", ["talk", "speech"])
def test_talks(name):
    node_test(Path(__file__).with_name(f"{name}.test.mjs"))
