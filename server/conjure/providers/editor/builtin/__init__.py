"""The built-in editor: sentences of a documented grammar (GRAMMAR.md), offline and deterministic."""

from conjure.providers.editor.builtin.editor import BuiltinEditor

__all__ = ["BuiltinEditor"]
