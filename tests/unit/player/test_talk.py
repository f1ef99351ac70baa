"""Talks of the player, without a page: `talk.test.mjs`, under Node."""

from __future__ import annotations

from pathlib import Path

from support.node import node_test


def test_talks():
    node_test(Path(__file__).with_name("talk.test.mjs"))
