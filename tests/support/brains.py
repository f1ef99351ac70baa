"""Talks in this process, on a real store, with a brain that does as a test says."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import orjson

from conjure.conversations.admission import Admission
from conjure.conversations.guard import Guard
from conjure.conversations.memories import MemoryService
from conjure.conversations.requests import NewTurn
from conjure.conversations.service import TalkService
from conjure.conversations.store import TalkStore, hash_of
from conjure.core.caller import SessionCaller, Tenant
from conjure.core.cleanup import Cleanup
from conjure.core.ids import new_id
from conjure.providers.brain import (
    Affect,
    BuiltinBrain,
    MemoryRequest,
    Remembered,
    Tell,
    Turn,
    TurnRequest,
    WelcomeRequest,
)
from conjure.providers.moderation import BuiltinModeration
from conjure.settings import CapSettings, WorldSettings
from conjure.settings.characters import MemorySettings
from conjure.store import keyspace
from conjure.usage.metering import Metering
from conjure.usage.store import UsageStore
from conjure.worlds.directory import PublicDirectory
from conjure.worlds.editor import WorldEditor
from conjure.worlds.model import Summary
from conjure.worlds.service import WorldService
from conjure.worlds.store import WorldStore
from support.talks import character_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from conjure.conversations.model import Said
    from conjure.store.client import Store


async def nod(request: TurnRequest, tell: Tell | None) -> Turn:
    """The least that a brain can answer."""
    return Turn("Yes.", request.stance, "calm", Affect(v=0.1))


async def recall(request: MemoryRequest) -> Remembered:
    """Remembers all that was said."""
    said = [request.summary or "", *(line.text for line in request.turns)]
    return Remembered(" ".join(filter(None, said)), "You again.")


@dataclass
class ScriptedBrain:
    """Does what a test says; notes what it was asked."""

    turns: Callable[[TurnRequest, Tell | None], Awaitable[Turn]] = nod
    memories: Callable[[MemoryRequest], Awaitable[Remembered]] = recall
    asked: list[TurnRequest] = field(default_factory=list)
    remembered: list[MemoryRequest] = field(default_factory=list)

    async def turn(self, request: TurnRequest, tell: Tell | None = None) -> Turn:
        self.asked.append(request)
        return await self.turns(request, tell)

    async def remember(self, request: MemoryRequest) -> Remembered:
        self.remembered.append(request)
        return await self.memories(request)

    async def welcome(self, request: WelcomeRequest) -> str:
        return await BuiltinBrain().welcome(request)


@dataclass
class House:
    """A character, and the services that talk for it in this process."""

    tenant: Tenant
    character_id: str
    brain: ScriptedBrain
    store: TalkStore
    talk: TalkService
    memories: MemoryService
    usage: UsageStore
    cleanup: Cleanup

    def session(self, player: str = "ada") -> SessionCaller:
        return SessionCaller(self.tenant, self.character_id, new_id(), player, 2**31)

    async def say(
        self, text: str = "Hello.", player: str = "ada", tell: Tell | None = None
    ) -> Said:
        return await self.talk.say(self.session(player), NewTurn(self.character_id, text), tell)

    async def fold(self, player: str = "ada") -> tuple[str | None, int]:
        return await self.memories.consolidate(self.session(player), self.character_id)

    async def used(self) -> int:
        _, counts, _ = await self.usage.read(self.tenant)
        return counts["say"]


@contextlib.asynccontextmanager
async def house(
    store: Store,
    tenant: Tenant,
    *,
    memory: MemorySettings | None = None,
    hold_s: int | None = None,
    brain: ScriptedBrain | None = None,
) -> AsyncIterator[House]:
    """Moves a character in."""
    worlds_settings = WorldSettings() if hold_s is None else WorldSettings(hold_s=hold_s)
    caps = CapSettings(say=100_000)
    settings = memory or MemorySettings()
    async with Cleanup(last_wait_s=5) as cleanup:
        usage = UsageStore(store, caps, worlds_settings)
        metering = Metering(usage, cleanup)
        world_store = WorldStore(store, worlds_settings)
        worlds = WorldService(
            world_store, PublicDirectory(store), WorldEditor(world_store, None), None, None
        )
        character_id = new_id()
        document = character_world() | {"id": character_id}
        async with metering.held(tenant, "generation") as hold:
            await world_store.create(
                tenant, character_id, orjson.dumps(document), Summary.of(document),
                asset_names=frozenset(), hold=hold, answer=b"{}", slug=character_id,
            )  # fmt: skip
        talk_store = TalkStore(
            store, caps, settings, hold_s=worlds_settings.hold_s,
            idempotency_s=worlds_settings.idempotency_s,
        )  # fmt: skip
        admission = Admission(talk_store, worlds, metering)
        brain = brain or ScriptedBrain()
        talk = TalkService(
            admission, talk_store, brain, BuiltinModeration(), Guard(),
            summary_chars=settings.summary_chars,
        )  # fmt: skip
        memories = MemoryService(
            admission, talk_store, brain, Guard(), cleanup, settings, think_s=5
        )
        yield House(tenant, character_id, brain, talk_store, talk, memories, usage, cleanup)


async def memory_keys(store: Store, tenant: Tenant, character_id: str, players: list[str]) -> int:
    """How many of these players have a key in the store; and whether the index is there counts, too."""
    keys = [keyspace.memory(tenant, character_id, hash_of(player)) for player in players]
    keys.append(keyspace.memories(tenant, character_id))
    return sum(await asyncio.gather(*(store.read("EXISTS", key) for key in keys)))
