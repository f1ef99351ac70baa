"""Sessions that are live already: many tokens, each somewhere in its lease.

Few tokens would flatter what is remembered of them, and leases that have all just begun what a renewal costs. So
there are a thousand, and before a row half of them are put near the begin of their leases and half near where they
would be prolonged.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.core.caller import SessionCaller
from conjure.core.ids import new_id
from conjure.sessions.store import SessionStore
from conjure.settings import CapSettings, SessionSettings, StoreSettings
from conjure.store import keyspace
from conjure.store.client import Store
from load.fill import spread

if TYPE_CHECKING:
    from load.stand import Stand

COUNT = 1_000
_TTL_S = 3600  # of the tokens
_EARLY, _LATE = 0.05, 0.5  # parts of a lease that have passed; at two thirds it is prolonged
_MANY = 1_000_000_000
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Known:
    """Session tokens with a lease each."""

    tokens: list[str]
    jtis: list[str]


async def known_sessions(
    on: Stand, world_id: str, count: int = COUNT, *, is_each_another: bool = False
) -> Known:
    """Mints so many tokens of the stand's app, and admits their sessions: of one player, unless each is another."""
    tenant, settings = on.app.tenant(), SessionSettings(global_live_sessions=_MANY)
    known = Known([], [new_id() for _ in range(count)])
    ends_at_s = 0
    for number, jti in enumerate(known.jtis):
        player = f"player {number}" if is_each_another else "player"
        token, issued = await on.tokens.issue(
            tenant, world_id, jti=jti, player=player, origin=None, ttl_s=_TTL_S
        )
        known.tokens.append(token)
        ends_at_s = issued.at_s + _TTL_S
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        caps = CapSettings(session=_MANY, session_seconds=_MANY, live_sessions=_MANY)
        sessions = SessionStore(store, caps, settings, is_cluster=False, idempotency_s=86_400)

        async def admit(index: int) -> None:
            session = SessionCaller(tenant, world_id, known.jtis[index], "player", ends_at_s)
            await sessions.admit(session, new_id(), known_rev="1", hold_ms=0, is_stored=False)

        await spread(count, admit, _AT_ONCE)
    return known


def age(on: Stand, known: Known) -> None:
    """Puts every second session early in its lease, and the others late, before they are prolonged."""
    tenant, lease_ms = on.app.tenant(), SessionSettings().lease_s * 1000
    seconds, micros = on.store.time()
    now = seconds * 1000 + micros // 1000
    with on.store.pipeline(transaction=False) as pipe:
        for index, jti in enumerate(known.jtis):
            began = now - int(lease_ms * (_LATE if index % 2 else _EARLY))
            ends = began + lease_ms
            lease = {"start": began, "end": ends, "from": began, "to": ends, "exp": ends}
            whole = {"idle": 0, "charged": lease_ms // 1000, "prior": 0}
            pipe.hset(keyspace.lease(tenant, jti), mapping=lease | whole)
            pipe.zadd(keyspace.leases(tenant), {jti: ends})
            pipe.zadd(keyspace.places(), {f"{tenant.tag}:{jti}": ends})
        pipe.execute()
