"""The editor that the settings name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.providers.editor.builtin import BuiltinEditor
from conjure.providers.editor.openai import OpenaiEditor
from conjure.providers.openai.chat import chat_model

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.editor.port import Editor
    from conjure.settings import EditorSettings, OpenaiSettings


@contextlib.asynccontextmanager
async def editor_of(settings: EditorSettings, openai: OpenaiSettings) -> AsyncIterator[Editor]:
    """Yields it; leaving ends its connections."""
    if settings.provider == "openai":
        async with chat_model(settings, openai, label="editor") as model:
            yield OpenaiEditor(model, settings)
    else:
        yield BuiltinEditor()
