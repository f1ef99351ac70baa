"""The built-in brain: offline, repeatable, and free."""

from conjure.providers.brain.builtin.brain import BuiltinBrain
from conjure.providers.brain.builtin.terminal import TerminalRequest, Terminals

__all__ = ["BuiltinBrain", "TerminalRequest", "Terminals"]
