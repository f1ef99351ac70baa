"""Time that passes for leases: their records in the store are moved into the past, as nobody can move its clock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conjure.store import keyspace

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.store.client import Store

_MOMENTS = ("start", "end", "from", "to", "exp", "prior", "asking_until")


async def lease_record(store: Store, tenant: Tenant, jti: str) -> dict[str, str]:
    """What the store knows of a token's session; empty when that is nothing."""
    flat = [item.decode() for item in await store.read("HGETALL", keyspace.lease(tenant, jti))]
    return dict(zip(flat[::2], flat[1::2], strict=True))


async def pass_time(store: Store, tenant: Tenant, seconds: float, *jtis: str) -> None:
    """Lets so many seconds pass for these sessions, and for no token: those run out by the servers' clocks."""
    for jti in jtis:
        await _pass(store, tenant, round(seconds * 1000), jti)


async def _pass(store: Store, tenant: Tenant, ms: int, jti: str) -> None:
    record = await lease_record(store, tenant, jti)
    moved = {name: _earlier(record[name], ms) for name in _MOMENTS if name in record}
    if "ask" in record:
        begin, end, is_fresh = record["ask"].split(":")
        moved["ask"] = ":".join((_earlier(begin, ms), _earlier(end, ms), is_fresh))
    if moved:
        items = [text for item in moved.items() for text in item]
        await store.write("HSET", keyspace.lease(tenant, jti), *items)
    for key, member in (
        (keyspace.leases(tenant), jti),
        (keyspace.places(), f"{tenant.tag}:{jti}"),
    ):
        score = await store.read("ZSCORE", key, member)
        if score is not None:
            await store.write("ZADD", key, int(float(score)) - ms, member)
    key = keyspace.credential(tenant, jti)
    kept, ends = await store.read("GET", key), await store.read("PEXPIRETIME", key)
    if kept is not None:
        credential = json.loads(kept)
        credential["expires_at_s"] -= ms // 1000
        await store.write("SET", key, json.dumps(credential))
        await store.write("PEXPIREAT", key, int(ends) - ms)


def _earlier(text: str, ms: int) -> str:
    return str(max(1, int(text) - ms)) if int(text) > 0 else text
