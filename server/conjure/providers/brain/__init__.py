"""Brains: what characters think with (CONTRACT 5)."""

from conjure.providers.brain.builtin import BuiltinBrain, TerminalRequest, Terminals
from conjure.providers.brain.chosen import brain_of
from conjure.providers.brain.port import (
    Action,
    Affect,
    Brain,
    BrainError,
    BrainUnavailable,
    Line,
    MemoryRequest,
    Remembered,
    Tell,
    Turn,
    TurnRequest,
    WelcomeRequest,
)

__all__ = [
    "Action",
    "Affect",
    "Brain",
    "BrainError",
    "BrainUnavailable",
    "BuiltinBrain",
    "Line",
    "MemoryRequest",
    "Remembered",
    "Tell",
    "TerminalRequest",
    "Terminals",
    "Turn",
    "TurnRequest",
    "WelcomeRequest",
    "brain_of",
]
