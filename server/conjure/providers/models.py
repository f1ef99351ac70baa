"""Who writes, edits, draws, looks, talks and speaks in a process, as the settings name them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.providers.author import author_of, setting_of
from conjure.providers.brain import BuiltinBrain, brain_of
from conjure.providers.editor import editor_of
from conjure.providers.elsewhere import Elsewhere
from conjure.providers.pictures import BuiltinPictures, pictures_of
from conjure.providers.vision import vision_of
from conjure.providers.voice import NoVoice, voice_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.providers.author import Author
    from conjure.providers.brain import Brain
    from conjure.providers.editor import Editor
    from conjure.providers.pictures import Pictures
    from conjure.providers.vision import Vision
    from conjure.providers.voice import Voice
    from conjure.settings import Settings


@dataclass(frozen=True, slots=True)
class Models:
    """The providers of a process. `drawings` are ours, whoever else draws."""

    author: Author
    editor: Editor
    pictures: Pictures
    drawings: BuiltinPictures
    vision: Vision
    brain: Brain
    voice: Voice


@contextlib.asynccontextmanager
async def models_of(settings: Settings, *, may_wait: bool) -> AsyncIterator[Models]:
    """Yields them; leaving ends their connections. `may_wait`: calls of this process may wait for a model."""

    def is_left(provider: str) -> bool:
        return provider == "openai" and not may_wait

    author, editor, vision = settings.author, settings.editor, settings.vision
    drawings, openai = BuiltinPictures(setting_of), settings.openai
    async with contextlib.AsyncExitStack() as stack:
        enter = stack.enter_async_context
        yield Models(
            Elsewhere() if is_left(author.provider) else await enter(author_of(author, openai)),
            Elsewhere() if is_left(editor.provider) else await enter(editor_of(editor, openai)),
            Elsewhere()
            if is_left(settings.pictures.provider)
            else await enter(pictures_of(settings.pictures, openai, drawings)),
            drawings,
            Elsewhere() if is_left(vision.provider) else await enter(vision_of(vision, openai)),
            # Talk is small, so heavy workers have none: any brain does there.
            BuiltinBrain()
            if is_left(settings.brain.provider)
            else await enter(brain_of(settings.brain, openai)),
            # What is spoken is short: no such call is for a heavy worker.
            await enter(voice_of(settings.voice, openai)) if may_wait else NoVoice(),
        )
