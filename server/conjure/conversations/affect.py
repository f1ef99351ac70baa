"""How a character's feelings about a player move: the one place that says so (CONTRACT 5).

After a turn each of valence, arousal and dominance is

    clamp(KEPT * before + clamp(delta, -STEP, STEP), -1, 1)

with what the brain adds, `delta`. So no turn changes one by more than STEP + 1 - KEPT, and what nobody stirs
fades. Rapport is the same with KEPT_RAPPORT: closeness outlasts a mood.
"""

from __future__ import annotations

import math
from typing import Final

from conjure.providers.brain import Affect

KEPT: Final = 0.9
KEPT_RAPPORT: Final = 0.99
STEP: Final = 0.3


def moved(before: Affect, delta: Affect) -> Affect:
    """Returns the affect after a turn, whatever a brain says is added."""
    return Affect(
        v=_moved(before.v, delta.v, KEPT),
        a=_moved(before.a, delta.a, KEPT),
        d=_moved(before.d, delta.d, KEPT),
        rapport=_moved(before.rapport, delta.rapport, KEPT_RAPPORT),
    )


def within(affect: Affect) -> Affect:
    """The same affect with each of its numbers in bounds."""
    return Affect(*(_clamped(number, 1.0) for number in numbers_of(affect)))


def numbers_of(affect: Affect) -> tuple[float, float, float, float]:
    """Its four numbers: v, a, d, rapport."""
    return affect.v, affect.a, affect.d, affect.rapport


def _moved(before: float, delta: float, kept: float) -> float:
    # Four digits: nobody feels the fifth, and a number that fades would else never be 0.
    return round(_clamped(kept * _clamped(before, 1.0) + _clamped(delta, STEP), 1.0), 4)


def _clamped(number: float, most: float) -> float:
    return max(-most, min(number, most)) if math.isfinite(number) else 0.0
