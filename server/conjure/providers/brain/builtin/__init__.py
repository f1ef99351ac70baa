"""The built-in brain: offline, repeatable, and free."""

from conjure.providers.brain.builtin.brain import BuiltinBrain

__all__ = ["BuiltinBrain"]
