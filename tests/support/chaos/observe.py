"""Reads what is there once a run is over: by the public API, and in the store where the API does not say."""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from typing import TYPE_CHECKING, Any

from conjure.core.errors import StoreUnavailable
from conjure.store import keyspace
from support.chaos.checker import Seen, WorldSeen
from support.revs import number
from support.versions import Versions

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.store.client import Store
    from support.chaos.ledger import Ledger
    from support.rpc import Client

_SLACK_S = 1.0
_SAMPLE_S = 0.03
_ENDING_LATER = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
return redis.call('ZCOUNT', KEYS[1], '(' .. now, '+inf')
"""


async def see(
    caller: Client,
    store: Store,
    tenant: Tenant,
    sampled: Sampler,
    *,
    live_cap: int,
    lease_s: int,
    hold_s: int,
) -> Seen:
    """Waits until every lease and hold must have ended, and reads all of a tenant."""
    await asyncio.sleep(max(lease_s, hold_s) + _SLACK_S)
    ids = await listed_names(caller)
    usage = await caller.get_usage()
    return Seen(
        worlds={world_id: await _world(caller, store, tenant, world_id) for world_id in ids},
        usage=dict(usage.usage),
        charged=await charges(store, tenant),
        live_cap=live_cap,
        lease_s=lease_s,
        one_day=usage.day == sampled.day,
        leases_left=await count_live(store, keyspace.leases(tenant)),
        places_left=await count_live(store, keyspace.places()),
        holds_left=await count_live(store, keyspace.holds(tenant, "generation")),
    )


class Sampler:
    """Looks into the store all the time: what is only true at the end proves little about a cap."""

    def __init__(self, store: Store, tenant: Tenant, ledger: Ledger, day: str) -> None:
        self.day = day
        self._store = store
        self._tenant = tenant
        self._ledger = ledger

    async def run(self) -> None:
        """Until it is cancelled. A store that is away is not looked into."""
        while True:
            await asyncio.sleep(_SAMPLE_S)
            with contextlib.suppress(StoreUnavailable):
                begun = time.monotonic()
                live = await count_live(self._store, keyspace.leases(self._tenant))
                self._ledger.live_samples.append(live)
                self._ledger.counted.append((begun, time.monotonic(), live))


async def charges(store: Store, tenant: Tenant) -> dict[str, int]:
    """The seconds that each session was charged, net of refunds."""
    prefix = keyspace.lease(tenant, "")
    found: dict[str, int] = {}
    cursor = b"0"
    while True:
        cursor, keys = await store.read(
            "SCAN", cursor, "MATCH", _literal(prefix) + "*", "COUNT", 1000
        )
        for key in keys:
            seconds = await store.read("HGET", key, "charged")
            if seconds is not None:
                found[key.decode().removeprefix(prefix)] = int(seconds)
        if cursor == b"0":
            return found


async def count_live(store: Store, key: str) -> int:
    """How many members end in the future, by the store's clock: by ours, one that has just ended could be
    counted beside the one that took its place."""
    return int(await store.read("EVAL", _ENDING_LATER, 1, key))


async def listed_names(caller: Client) -> dict[str, str]:
    """The names of all worlds, by their ids."""
    found: dict[str, str] = {}
    cursor: str | None = None
    while True:
        page = await caller.list_worlds(limit=100, cursor=cursor)
        found |= {world.id: world.name for world in page.worlds}
        if not page.HasField("next_cursor"):
            return found
        cursor = page.next_cursor


async def _world(caller: Client, store: Store, tenant: Tenant, world_id: str) -> WorldSeen:
    found = await caller.world(world_id)
    document: Any = json.loads(found.document.json)
    changes: dict[int, str] = {}
    for entry, fields in await store.read("XRANGE", keyspace.changes(tenant, world_id), "-", "+"):
        (told,) = json.loads(dict(zip(fields[::2], fields[1::2], strict=True))[b"ops"])
        name, _, mark = told.partition(" ")
        if name == "set_entrance":
            changes[int(entry.partition(b"-")[0])] = mark
    versions = await Versions(caller, world_id).list()
    return WorldSeen(
        name=document["name"],
        rev=number(found.rev),
        entrance=document["entrance"]["state"],
        changes=changes,
        versions={version.id: version.title for version in versions.versions},
    )


def _literal(text: str) -> str:
    """`text` for a glob of the store."""
    return "".join(f"\\{sign}" if sign in "*?[]\\" else sign for sign in text)
