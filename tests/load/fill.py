"""Fills a store with very many leases, or worlds, through the very code that servers use."""

from __future__ import annotations

import asyncio
import itertools
import json
import time
from typing import TYPE_CHECKING

from conjure.store import keyspace
from conjure.core.caller import SessionCaller, Tenant
from conjure.core.ids import new_id
from conjure.store.client import Store
from conjure.sessions.store import SessionStore
from conjure.settings import CapSettings, SessionSettings, StoreSettings, WorldSettings
from conjure.usage.metering import Hold
from conjure.usage.store import UsageStore
from conjure.worlds.model import Summary
from conjure.worlds.store import WorldStore
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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


async def fill_worlds(on: Stand, tenant: Tenant, count: int) -> float:
    """Creates so many small worlds; returns how long it took, in seconds."""
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        usage = UsageStore(store, _CAPS, WorldSettings())
        worlds = WorldStore(
            store, WorldSettings(cache_entries=1, cache_bytes=1, idempotency_s=86_400)
        )
        numbers = itertools.count()

        async def create(index: int) -> None:
            world_id, hold_id = new_id(), new_id()
            name = f"World {next(numbers)}"
            document = small_world(id=world_id, name=name)
            await usage.reserve(tenant, "generation", hold_id)
            made = await worlds.create(
                tenant,
                world_id,
                json.dumps(document).encode(),
                Summary.of(document),
                asset_names=frozenset(),
                hold=Hold(hold_id, "generation", None),
                answer=b"",
                slug=name.lower().replace(" ", "-"),
            )
            assert made is not None

        started = time.monotonic()
        await spread(count, create, _AT_ONCE // 5)
        return time.monotonic() - started
