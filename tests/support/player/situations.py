"""Situations of worlds that are played, as the kernel has them: in JSON, to be compared with the player's."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from conjure.kernel.play import Game, Situation

TABLE: Final[list[dict[str, Any]]] = json.loads(
    (Path(__file__).parent / "situations.json").read_text(encoding="utf-8")
)
"""Worlds, each with the situations that a play comes through, one after another.

A step has what is expected in a situation, the names of events that are `refused` there, and the one to `play`.
"""


def looked_at(game: Game, situation: Situation) -> dict[str, Any]:
    """A situation and what leaves from it."""
    looked: dict[str, Any] = {
        "state": situation.state,
        "flags": list(situation.flags),
        "used": list(situation.used),
        "moves": [
            {
                "name": move.name,
                "to": move.to,
                "cutscene": move.cutscene,
                "missing": list(move.missing),
                "hint": move.hint,
            }
            for move in game.moves(situation)
        ],
    }
    ending = game.ending(situation)
    return in_order(looked if ending is None else {**looked, "ending": ending})


def in_order(looked: dict[str, Any]) -> dict[str, Any]:
    """The same with its sets in order."""
    return {**looked, "flags": sorted(looked["flags"]), "used": sorted(looked["used"])}


def expected(step: dict[str, Any]) -> dict[str, Any]:
    """What the table says of a situation."""
    return in_order({key: value for key, value in step.items() if key not in ("play", "refused")})
