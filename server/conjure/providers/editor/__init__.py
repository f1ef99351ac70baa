"""Who edits worlds in words."""

from conjure.providers.editor.builtin import BuiltinEditor
from conjure.providers.editor.port import EditorError, EditRequest, ProposedEdit

__all__ = ["BuiltinEditor", "EditRequest", "EditorError", "ProposedEdit"]
