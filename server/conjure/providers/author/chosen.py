"""The author that the settings name."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.providers.author.builtin import BuiltinAuthor
from conjure.providers.author.openai import OpenaiAuthor
from conjure.providers.openai.chat import chat_model

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.author.port import Author
    from conjure.settings.models import AuthorSettings, OpenaiSettings


@contextlib.asynccontextmanager
async def author_of(settings: AuthorSettings, openai: OpenaiSettings) -> AsyncIterator[Author]:
    """Yields it; leaving ends its connections."""
    if settings.provider == "openai":
        async with chat_model(settings, openai, label="author") as model:
            yield OpenaiAuthor(model, settings)
    else:
        yield BuiltinAuthor()
