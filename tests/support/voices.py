"""A voice of the test's, and a server in this process that has it, with an edge."""

from __future__ import annotations

import asyncio
import contextlib
from collections import defaultdict
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conjure.app import serving
from conjure.providers.voice import VoiceUnavailable
from conjure.settings import QueueSettings, ServerSettings, Settings
from support.ports import claimed_port
from support.stack import running_edge, store_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conjure.providers.voice import SpeechRequest
    from conjure.rpc.server import RpcServer


class Speech:
    """One text, as it is spoken: the test says when and what."""

    def __init__(self) -> None:
        self._script: asyncio.Queue[bytes | Exception | None] = asyncio.Queue()
        self.request: SpeechRequest | None = None
        self.asked = asyncio.Event()
        self.left = asyncio.Event()
        self.taken = 0
        """How many pieces somebody has asked for."""

    def says(self, *pieces: bytes) -> None:
        for piece in pieces:
            self._script.put_nowait(piece)

    def fails(self, error: Exception) -> None:
        self._script.put_nowait(error)

    def ends(self) -> None:
        self._script.put_nowait(None)

    async def pieces(self) -> AsyncIterator[bytes]:
        while True:
            self.taken += 1
            piece = await self._script.get()
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise piece
            yield piece


class ScriptedVoice:
    """Speaks each text as the test says. It is there unless `is_there` says no."""

    def __init__(self) -> None:
        self.speeches: defaultdict[str, Speech] = defaultdict(Speech)
        self.is_there = True

    def require(self) -> None:
        if not self.is_there:
            raise VoiceUnavailable("a secret of the provider")

    @contextlib.asynccontextmanager
    async def speak(self, request: SpeechRequest) -> AsyncIterator[AsyncIterator[bytes]]:
        speech = self.speeches[request.text]
        speech.request = request
        speech.asked.set()
        pieces: Any = speech.pieces()
        try:
            yield pieces
        finally:
            await pieces.aclose()
            speech.left.set()


@dataclass
class Speaking:
    """Where such a server is, and who speaks there."""

    voice: ScriptedVoice
    server: RpcServer
    port: int
    rest_port: int
    grpc_port: int


@contextlib.asynccontextmanager
async def speaking(
    directory: Path, store_url: str, server: ServerSettings | None = None, **settings: Any
) -> AsyncIterator[Speaking]:
    """Runs both. `server` and `settings` are other ones than the usual."""
    voice, port = ScriptedVoice(), claimed_port()
    chosen = replace(
        Settings.from_environment(),
        store=store_settings(store_url),
        server=server or ServerSettings(drain_pause_s=0.0, drain_s=0.2),
        queue=QueueSettings(inline=False),
        **settings,
    )
    async with (
        serving(chosen, port=port, voice=voice) as (running, _),
        running_edge(directory, port) as (_, rest_port, grpc_port),
    ):
        yield Speaking(voice, running, port, rest_port, grpc_port)
