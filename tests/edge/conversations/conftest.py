"""A server whose voice and brain do what the tests say, with an edge; and a player there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conjure.settings.voice import VoiceSettings
from support.voices import speaking

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.stack import Stack, TestApp
    from support.voices import Player, Speaking


@pytest.fixture(scope="session")
async def place(
    usual_stack: Stack, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Speaking]:
    directory = tmp_path_factory.mktemp("speaking")
    voice = VoiceSettings(concurrent=64, voice="of the settings")
    async with speaking(directory, usual_stack.store_url, voice=voice) as running:
        yield running


@pytest.fixture
async def player(place: Speaking, app: TestApp) -> Player:
    return await place.player(app, voiceId="alto-1")
