"""The editor that has a model behind it, at any endpoint that speaks OpenAI's API."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.providers.editor.openai.editor import OpenaiEditor
from conjure.providers.openai.chat import chat_model

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.settings import EditorSettings, OpenaiSettings

__all__ = ["OpenaiEditor", "openai_editor"]


@contextlib.asynccontextmanager
async def openai_editor(
    settings: EditorSettings, openai: OpenaiSettings
) -> AsyncIterator[OpenaiEditor]:
    """The editor as the settings have it; leaving closes its connections."""
    async with chat_model(settings, openai, label="editor") as model:
        yield OpenaiEditor(model, settings)
