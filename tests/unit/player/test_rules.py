"""The player's rules of play are the kernel's: by the table that both have to pass, and by any world there is."""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path
from typing import Any

from conjure.kernel.play import Game
from support.node import called
from support.player.anything import AnyWorlds
from support.player.situations import TABLE, expected, in_order, looked_at

GAMES = Path(__file__).parents[2] / "support/player/games.js"


def in_javascript(games: list[dict[str, Any]]) -> list[list[dict[str, Any] | None]]:
    """What the player sees in each situation of these games; None where an event was refused."""
    return [[look and in_order(look) for look in seen] for seen in called(GAMES, "played", games)]


def in_the_kernel(world: Any, names: list[str]) -> list[dict[str, Any] | None]:
    """What the kernel sees in the same."""
    game = Game(world)
    situation = game.start
    seen: list[dict[str, Any] | None] = [looked_at(game, situation)]
    for name in names:
        try:
            situation = game.step(situation, name)
        except ValueError:
            seen.append(None)
        else:
            seen.append(looked_at(game, situation))
    return seen


def test_the_table():
    """tests/unit/kernel/test_situations.py says the same of the kernel."""
    games, wanted = [], []
    for row in TABLE:
        names: list[str] = []
        seen: list[dict[str, Any] | None] = []
        for step in row["steps"]:
            seen += [expected(step), *[None for _ in step.get("refused", ())]]
            names += [*step.get("refused", ()), *([step["play"]] if "play" in step else ())]
        games.append({"world": row["world"], "names": names})
        wanted.append(seen)
    for row, seen, found in zip(TABLE, wanted, in_javascript(games), strict=True):
        assert seen == found, row["about"]


def test_any_world():
    """Other worlds in each run, most of them with something wrong, played at random: equal at every step."""
    source = random.Random(seed := random.randrange(1 << 32))
    games = []
    for number in range(200):
        worlds = AnyWorlds(source, wrong=(10, 40, 1_000)[number % 3])
        world = worlds.world()
        game = Game(world)
        situation, names = game.start, []
        for _ in range(15):
            possible = [move.name for move in game.moves(situation) if move.is_possible]
            if possible and source.randrange(8):
                situation = game.step(situation, name := source.choice(possible))
            else:
                name = worlds.name()
            names.append(name)
        games.append({"world": world, "names": names})
    changes = cutscenes = 0
    for game, found in zip(games, in_javascript(games), strict=True):
        seen = in_the_kernel(game["world"], game["names"])
        assert seen == found, (seed, game)
        looks = [look for look in seen if look is not None]
        changes += sum(one != other for one, other in pairwise(looks))
        cutscenes += sum(move["cutscene"] is not None for look in looks for move in look["moves"])
    assert min(changes, cutscenes) > 50, "most of these worlds cannot be played: they test nothing"
