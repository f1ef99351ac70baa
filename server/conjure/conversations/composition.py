"""Builds the domain of its parts: for the composition root, which has enough to do with all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conjure.conversations.admission import Admission
from conjure.conversations.guard import Guard
from conjure.conversations.memories import MemoryService
from conjure.conversations.portraits import PortraitService
from conjure.conversations.service import TalkService
from conjure.conversations.servicer import ConversationServicer
from conjure.conversations.speech import SpeechService
from conjure.core.shares import Shares
from conjure.providers.moderation import BuiltinModeration

if TYPE_CHECKING:
    from conjure.assets.service import Assets
    from conjure.conversations.store import TalkStore
    from conjure.core.cleanup import Cleanup
    from conjure.providers.models import Models
    from conjure.settings import Settings
    from conjure.usage.metering import Metering
    from conjure.worlds.covers import Covers
    from conjure.worlds.frames import Frames
    from conjure.worlds.service import WorldService


def conversations_of(
    settings: Settings,
    models: Models,
    store: TalkStore,
    worlds: WorldService,
    metering: Metering,
    covers: Covers,
    assets: Assets,
    frames: Frames,
    cleanup: Cleanup,
) -> ConversationServicer:
    """Returns what answers talks with characters."""
    admission, moderation, guard = Admission(store, worlds, metering), BuiltinModeration(), Guard()
    shares, spoken = settings.shares, settings.voice.concurrent
    return ConversationServicer(
        TalkService(
            admission,
            store,
            models.brain,
            moderation,
            guard,
            summary_chars=settings.memory.summary_chars,
        ),
        MemoryService(
            admission,
            store,
            models.brain,
            guard,
            cleanup,
            settings.memory,
            think_s=settings.brain.most_s,
        ),
        PortraitService(admission, models.pictures, covers, assets, frames, metering),
        SpeechService(
            admission,
            metering,
            models.voice,
            moderation,
            settings.voice,
            Shares("speeches", spoken, shares.reserve_of(spoken), shares.of(spoken)),
        ),
    )
