"""Who edits worlds in words."""

from conjure.providers.editor.builtin import BuiltinEditor
from conjure.providers.editor.chosen import editor_of
from conjure.providers.editor.draft import Draft, DraftFindings
from conjure.providers.editor.port import (
    Editor,
    EditorError,
    EditRequest,
    ProposedEdit,
    Report,
    Step,
    UnfitEdit,
)

__all__ = [
    "BuiltinEditor",
    "Draft",
    "DraftFindings",
    "EditRequest",
    "Editor",
    "EditorError",
    "ProposedEdit",
    "Report",
    "Step",
    "UnfitEdit",
    "editor_of",
]
