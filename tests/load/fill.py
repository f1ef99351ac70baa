"""Fills a store with very many leases, worlds, apps, memories or jobs, through the very code that servers use."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

from conjure.store import keyspace
from conjure.conversations.model import Said
from conjure.conversations.store import TalkStore
from conjure.core.caller import SessionCaller, Tenant
from conjure.core.ids import new_id
from conjure.jobs.store import JobStore
from conjure.providers.brain import Affect
from conjure.queue.directory import Directory
from conjure.queue.kinds import JOBS
from conjure.store.client import Store
from conjure.sessions.store import SessionStore
from conjure.settings import (
    CapSettings,
    JobSettings,
    SessionSettings,
    StoreSettings,
    WorldSettings,
)
from conjure.settings.characters import MemorySettings
from conjure.usage.metering import Hold
from conjure.usage.store import UsageStore
from conjure.worlds.model import Summary
from conjure.worlds.requests import NewWorld
from conjure.worlds.store import WorldStore
from support.chaos.endpoint import register
from support.talks import character_world
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from load.stand import Stand

LEASE_S = 900  # they have to outlive the measurement; a million of them are below the highest cap of seconds
_AT_ONCE = 500
_PLENTY = 1_000_000_000_000
_CAPS = CapSettings(
    generation=_PLENTY, session=_PLENTY, session_seconds=_PLENTY, live_sessions=_PLENTY
)


async def spread(count: int, one: Callable[[int], Awaitable[object]], at_once: int) -> None:
    """Runs `one(index)` `count` times, so many at once."""
    indexes = iter(range(count))

    async def work() -> None:
        for index in indexes:
            await one(index)

    await asyncio.gather(*(work() for _ in range(at_once)))


async def fill_leases(on: Stand, world_id: str, count: int) -> float:
    """Admits so many sessions of the stand's app; returns how long it took, in seconds."""
    tenant = on.app.tenant()
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        sessions = SessionStore(
            store,
            _CAPS,
            SessionSettings(lease_s=LEASE_S, global_live_sessions=_PLENTY),
            is_cluster=False,
            idempotency_s=86_400,
        )

        async def admit(index: int) -> None:
            session = SessionCaller(tenant, world_id, new_id(), "player", int(time.time()) + 300)
            await sessions.admit(session, new_id(), known_rev="1", hold_ms=0, is_stored=False)

        started = time.monotonic()
        await spread(count, admit, _AT_ONCE)
        return time.monotonic() - started


def forget_leases(on: Stand, keep: int) -> None:
    """Takes all live sessions of the stand's app but `keep` out of its store."""
    tenant = on.app.tenant()
    for jti in on.store.zrange(keyspace.leases(tenant), keep, -1):
        on.store.unlink(keyspace.lease(tenant, jti))
        on.store.zrem(keyspace.leases(tenant), jti)
        on.store.zrem(keyspace.places(), f"{tenant.tag}:{jti}")


async def fill_apps(on: Stand, count: int) -> list[str]:
    """Makes so many apps, each with a key and a webhook for all events; returns their ids."""
    ids: list[str] = []
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:

        async def make(index: int) -> None:
            app = await on.admin.apps.create(f"App {index}")
            await on.admin.keys.create(app.id, kind="secret", mode="test")
            await register(store, app.id, f"https://receiver.test/{index}")
            ids.append(app.id)

        await spread(count, make, _AT_ONCE // 5)
    return ids


async def fill_characters(on: Stand, tenants: Sequence[Tenant]) -> dict[Tenant, str]:
    """Makes a character for each of these; returns their ids."""
    characters = {tenant: new_id() for tenant in tenants}
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        make = _maker(store)
        await spread(
            len(tenants),
            lambda index: make(tenants[index], characters[tenants[index]], character_world()),
            _AT_ONCE // 5,
        )
    return characters


async def fill_memories(on: Stand, characters: dict[Tenant, str], count: int) -> None:
    """Has so many players say one thing, 400 bytes with its answer, to these characters in turn.

    The turn is ended by its script. What would have held its unit is put by itself, for all players of a
    character at once: the look at the character before that changes nothing else.
    """
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        talks = TalkStore(store, _CAPS, MemorySettings(), hold_s=600, idempotency_s=86_400)
        at = list(characters.items())
        holds = [f"{new_id()}" for _ in range(count)]
        lapses = int(time.time() * 1000) + 86_400_000
        for place, (tenant, _) in enumerate(at):
            mine = holds[place :: len(at)]
            for start in range(0, len(mine), 1_000):
                pairs = [item for hold in mine[start : start + 1_000] for item in (lapses, hold)]
                await store.write("ZADD", keyspace.holds(tenant, "say"), *pairs)
        said = Said("It has been dark for a week. " * 10, "idle", "calm", Affect())

        async def say(index: int) -> None:
            tenant, character = at[index % len(at)]
            session = SessionCaller(tenant, character, new_id(), f"player-{index}", 0)
            await talks.end_turn(session, "say", holds[index], "Who lit the lamp? " * 5, said)

        await spread(count, say, _AT_ONCE)


async def fill_jobs(on: Stand, tenants: Sequence[Tenant], count: int) -> None:
    """Accepts so many jobs that are due, of these tenants in turn, and announces them as a server does."""
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        jobs = JobStore(store, JobSettings(), WorldSettings(), _CAPS)
        premise = NewWorld(premise="A lighthouse whose lamp nobody has lit for a week. " * 4)

        async def accept(index: int) -> None:
            tenant = tenants[index % len(tenants)]
            await jobs.accept(tenant, new_id(), new_id(), premise, None)

        await spread(count, accept, _AT_ONCE)
        directory = Directory(store, [JOBS])
        for start in range(0, len(tenants), 1_000):
            await directory.announce_all(
                JOBS, [(tenant, "") for tenant in tenants[start : start + 1_000]]
            )


async def fill_worlds(on: Stand, tenant: Tenant, count: int) -> float:
    """Creates so many small worlds; returns how long it took, in seconds."""
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        make = _maker(store)
        started = time.monotonic()
        await spread(
            count,
            lambda index: make(tenant, new_id(), small_world(name=f"World {index}")),
            _AT_ONCE // 5,
        )
        return time.monotonic() - started


def _maker(store: Store) -> Callable[[Tenant, str, dict[str, Any]], Awaitable[None]]:
    """What makes a world of a tenant under an id, as an import does."""
    usage = UsageStore(store, _CAPS, WorldSettings())
    worlds = WorldStore(store, WorldSettings(cache_entries=1, cache_bytes=1, idempotency_s=86_400))

    async def make(tenant: Tenant, world_id: str, world: dict[str, Any]) -> None:
        hold_id = new_id()
        document = world | {"id": world_id}
        await usage.reserve(tenant, "generation", hold_id)
        made = await worlds.create(
            tenant,
            world_id,
            json.dumps(document).encode(),
            Summary.of(document),
            asset_names=frozenset(),
            hold=Hold(hold_id, "generation", None),
            answer=b"",
            slug=document["name"].lower().replace(" ", "-"),
        )
        assert made is not None

    return make
