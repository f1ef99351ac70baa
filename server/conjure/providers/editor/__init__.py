from conjure.providers.editor.port import (
    Editor,
    EditorError,
    EditRequest,
    ProposedEdit,
    Report,
    Step,
)

__all__ = ["EditRequest", "Editor", "EditorError", "ProposedEdit", "Report", "Step"]
