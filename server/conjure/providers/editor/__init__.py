"""Who edits worlds in words."""

from conjure.providers.editor.draft import Draft
from conjure.providers.editor.port import (
    Editor,
    EditorError,
    EditorUnavailable,
    EditRequest,
    ProposedEdit,
    Report,
    Step,
)

__all__ = [
    "Draft",
    "EditRequest",
    "Editor",
    "EditorError",
    "EditorUnavailable",
    "ProposedEdit",
    "Report",
    "Step",
]
