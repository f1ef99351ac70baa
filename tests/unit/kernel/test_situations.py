"""The table of situations on which the kernel and the player's JavaScript have to agree (CONTRACT 10)."""

from __future__ import annotations

from typing import Any

import pytest

from conjure.kernel.play import Game
from support.cases import each_of
from support.player.situations import TABLE, expected, looked_at


@each_of("row", TABLE, ids=[row["about"] for row in TABLE])
def test_what_is_possible(row: dict[str, Any]):
    game = Game(row["world"])
    situation = game.start
    for step in row["steps"]:
        assert expected(step) == looked_at(game, situation)
        for name in step.get("refused", ()):
            with pytest.raises(ValueError, match="is"):
                game.step(situation, name)
        if "play" in step:
            situation = game.step(situation, step["play"])
