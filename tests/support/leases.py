"""Time that passes for leases: their records in the store are moved into the past, as nobody can move its clock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from conjure.store import keyspace

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.store.client import Store

# In one step, as a server may find meanwhile what has run out.
_EARLIER = """
local record, index = KEYS[1], KEYS[2]
local member, ms = ARGV[1], tonumber(ARGV[2])
local function earlier(moment)
  moment = tonumber(moment)
  return string.format('%d', moment > 0 and math.max(1, moment - ms) or moment)
end
for _, name in ipairs({'start', 'end', 'from', 'to', 'exp', 'prior', 'asking_until'}) do
  local moment = redis.call('HGET', record, name)
  if moment then
    redis.call('HSET', record, name, earlier(moment))
  end
end
local ask = redis.call('HGET', record, 'ask')
if ask then
  local from, to, is_fresh = string.match(ask, '(%d+):(%d+):(%d+)')
  redis.call('HSET', record, 'ask', earlier(from) .. ':' .. earlier(to) .. ':' .. is_fresh)
end
local moment = redis.call('ZSCORE', index, member)
if moment then
  redis.call('ZADD', index, earlier(moment), member)
end
return 1
"""


async def lease_record(store: Store, tenant: Tenant, jti: str) -> dict[str, str]:
    """What the store knows of a token's session; empty when that is nothing."""
    flat = [item.decode() for item in await store.read("HGETALL", keyspace.lease(tenant, jti))]
    return dict(zip(flat[::2], flat[1::2], strict=True))


async def pass_time(store: Store, tenant: Tenant, seconds: float, *jtis: str) -> None:
    """Lets so many seconds pass for these sessions, and for no token: those run out by the servers' clocks."""
    for jti in jtis:
        await _pass(store, tenant, round(seconds * 1000), jti)


async def _pass(store: Store, tenant: Tenant, ms: int, jti: str) -> None:
    await store.read(
        "EVAL", _EARLIER, 2, keyspace.lease(tenant, jti), keyspace.leases(tenant), jti, ms
    )
    place = f"{tenant.tag}:{jti}"
    if (ends := await store.read("ZSCORE", keyspace.places(), place)) is not None:
        await store.write("ZADD", keyspace.places(), int(ends) - ms, place)
    key = keyspace.credential(tenant, jti)
    kept, ends = await store.read("GET", key), await store.read("PEXPIRETIME", key)
    if kept is not None:
        credential = json.loads(kept)
        credential["expires_at_s"] -= ms // 1000
        await store.write("SET", key, json.dumps(credential))
        await store.write("PEXPIREAT", key, int(ends) - ms)
