"""Moderation: what players may say (CONTRACT 5)."""

from conjure.providers.moderation.builtin import BuiltinModeration
from conjure.providers.moderation.port import Moderation

__all__ = ["BuiltinModeration", "Moderation"]
