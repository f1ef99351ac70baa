"""Characters as graphs of stances: each stance is a state, and every two are connected (CONTRACT 5)."""

from __future__ import annotations

from conjure.kernel.stances.compiling import (
    NewCharacter,
    NewStance,
    compiled,
    recompiled,
    with_prose,
)
from conjure.kernel.stances.graph import MOST_STANCES, SPEAKING
from conjure.kernel.stances.imports import completed, problems

__all__ = [
    "MOST_STANCES",
    "SPEAKING",
    "NewCharacter",
    "NewStance",
    "compiled",
    "completed",
    "problems",
    "recompiled",
    "with_prose",
]
