"""A voice and a brain of the test's, a server in this process that has both, and an edge in front of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import httpx

from conjure.app import serving
from conjure.providers.brain import Affect, BuiltinBrain, Turn
from conjure.providers.voice import VoiceUnavailable
from conjure.settings import QueueSettings, ServerSettings, Settings
from conjure.store import keyspace
from conjure.v1 import conversation_service_pb2 as pb
from conjure.v1.conversation_service_pb2_grpc import ConversationServiceStub
from support.h2 import DATA, END_HEADERS, END_STREAM, HEADERS, Http2, block, frame, rest_fields
from support.ports import claimed_port
from support.rest import bearer, mint
from support.rpc import TIMEOUT_S, Client, metadata
from support.stack import channel, running_edge, store_settings
from support.talks import new_character
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from conjure.providers.brain import Tell, TurnRequest
    from conjure.providers.voice import SpeechRequest
    from conjure.rpc.server import RpcServer
    from support.stack import TestApp


class Script:
    """What comes of one text: the test says each piece, and when."""

    def __init__(self) -> None:
        self._pieces: asyncio.Queue[Any] = asyncio.Queue()
        self.request: Any = None
        self.asked = asyncio.Event()
        self.left = asyncio.Event()
        self.taken = 0
        """How many pieces somebody has asked for."""

    def says(self, *pieces: Any) -> None:
        for piece in pieces:
            self._pieces.put_nowait(piece)

    def fails(self, error: Exception) -> None:
        self._pieces.put_nowait(error)

    def ends(self) -> None:
        self._pieces.put_nowait(None)

    @contextlib.contextmanager
    def played(self, request: Any) -> Any:
        self.request = request
        self.asked.set()
        try:
            yield
        finally:
            self.left.set()

    async def pieces(self) -> AsyncIterator[Any]:
        while True:
            self.taken += 1
            piece = await self._pieces.get()
            if piece is None:
                return
            if isinstance(piece, Exception):
                raise piece
            yield piece


class ScriptedVoice:
    """Speaks each text as the test says. It is there unless `is_there` says no."""

    def __init__(self) -> None:
        self.scripts: defaultdict[str, Script] = defaultdict(Script)
        self.is_there = True

    def require(self) -> None:
        if not self.is_there:
            raise VoiceUnavailable("a secret of the provider")

    @contextlib.asynccontextmanager
    async def speak(self, request: SpeechRequest) -> AsyncIterator[AsyncIterator[bytes]]:
        script = self.scripts[request.text]
        pieces: Any = script.pieces()
        with script.played(request):
            async with contextlib.aclosing(pieces):
                yield pieces


class ScriptedBrain(BuiltinBrain):
    """Answers each text as the test says; its reply is all that it has told."""

    def __init__(self) -> None:
        self.scripts: defaultdict[str, Script] = defaultdict(Script)

    async def turn(self, request: TurnRequest, tell: Tell | None = None) -> Turn:
        script, told = self.scripts[request.text], []
        with script.played(request):
            async for piece in script.pieces():
                told.append(piece)
                if tell is not None:
                    await tell(piece)
        return Turn("".join(told) or "Nothing.", request.stance, "calm", Affect(v=0.1))


@dataclass
class Speaking:
    """Where such a server is, and who speaks there."""

    voice: ScriptedVoice
    brain: ScriptedBrain
    server: RpcServer
    rest: httpx.AsyncClient
    rest_port: int
    grpc: grpc.aio.Channel
    """Its edge's, for internal services."""

    @property
    def under_way(self) -> tuple[int, int]:
        """How many calls and how many streams it has."""
        return self.server._in_flight.count, self.server._streams.count

    async def player(self, app: TestApp, **members: Any) -> Player:
        """Begins a session of a player with a new character."""
        owner = Client(self.grpc, app.secret)
        character_id = await new_character(owner, **members)
        minted = await mint(self.rest, app.secret, character_id, playerIdentity="ada")
        return Player(self, app, owner, character_id, minted["token"], minted["jti"])


@contextlib.asynccontextmanager
async def speaking(
    directory: Path,
    store_url: str,
    *,
    server: ServerSettings | None = None,
    edge: dict[str, Any] | None = None,
    **settings: Any,
) -> AsyncIterator[Speaking]:
    """Runs both. `server`, `edge` and `settings` are other ones than the usual."""
    voice, brain, port = ScriptedVoice(), ScriptedBrain(), claimed_port()
    chosen = replace(
        Settings.from_environment(),
        store=store_settings(store_url),
        server=server or ServerSettings(drain_pause_s=0.0, drain_s=0.2, stream_keep_alive_s=0.2),
        queue=QueueSettings(inline=False),
        **settings,
    )
    async with (
        serving(chosen, port=port, voice=voice, brain=brain) as (running, _),
        running_edge(directory, port, **(edge or {})) as (_, rest_port, grpc_port),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest_port}", trust_env=False, timeout=LIMIT_S
        ) as rest,
        channel(f"127.0.0.1:{grpc_port}") as opened,
    ):
        yield Speaking(voice, brain, running, rest, rest_port, opened)


async def rest_of(call: Any) -> list[Any]:
    """The messages of a stream over gRPC that have not been read yet."""
    found = []
    while (message := await call.read()) is not grpc.aio.EOF:
        found.append(message)
    return found


@dataclass
class Player:
    """One session of one player with one character, over both faces."""

    place: Speaking
    app: TestApp
    owner: Client
    character_id: str
    token: str
    jti: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = bearer(self.token)

    @property
    def tts(self) -> str:
        return f"/v1/characters/{self.character_id}/tts"

    @property
    def say_stream(self) -> str:
        return f"/v1/characters/{self.character_id}/say-stream"

    async def units(self, unit: str) -> tuple[int, int]:
        """How many of a unit are spent, and how many held."""
        holds = keyspace.holds(self.app.tenant(), unit)
        held = int(await self.app.admin.store.read("ZCARD", holds))
        return await self.owner.used(unit) - held, held

    async def post(self, path: str, body: Any, **headers: str) -> httpx.Response:
        """Asks, and reads the whole answer."""
        return await self.place.rest.post(path, json=body, headers=self.headers | headers)

    def streamed(self, path: str, body: Any) -> Any:
        """Asks over HTTP/1.1; the answer is to be read."""
        return self.place.rest.stream("POST", path, json=body, headers=self.headers)

    @contextlib.asynccontextmanager
    async def over_http2(self, path: str, body: Any) -> AsyncIterator[Http2]:
        """Asks on a connection of its own, in its stream 1."""
        text = json.dumps(body).encode()
        fields = rest_fields(path, "POST", content_type="application/json", **self.headers)
        async with Http2(self.place.rest_port) as connection:
            head = frame(HEADERS, END_HEADERS, 1, block(fields))
            await connection.send(head + frame(DATA, END_STREAM, 1, text))
            yield connection

    def speak(self, text: str, **fields: Any) -> Any:
        """The same over gRPC, through the edge."""
        return ConversationServiceStub(self.place.grpc).Speak(
            pb.SpeakRequest(id=self.character_id, text=text, **fields),
            metadata=metadata(self.token),
            timeout=TIMEOUT_S,
        )

    def say(self, text: str, **fields: Any) -> Any:
        """A turn that is told, over gRPC."""
        return ConversationServiceStub(self.place.grpc).SayStream(
            pb.SayStreamRequest(id=self.character_id, text=text, **fields),
            metadata=metadata(self.token),
            timeout=TIMEOUT_S,
        )
