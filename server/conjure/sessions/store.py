"""Leases in the store. Each step is one script; who wins is decided there and by its clock alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core import keyspace
from conjure.core.errors import NotFound, QuotaExceeded, SessionCapacity, SessionMinutesExhausted
from conjure.core.store import Script

if TYPE_CHECKING:
    from conjure.core.caller import SessionCaller, Tenant
    from conjure.core.store import Store, Value
    from conjure.settings import CapSettings

_MINT: Final = Script("conjure.sessions", "mint")
_ADMIT: Final = Script("conjure.sessions", "admit")
_ADMIT_GLOBAL: Final = Script("conjure.sessions", "admit_global")
_SETTLE: Final = Script("conjure.sessions", "settle")
_END: Final = Script("conjure.sessions", "end")
_LIST: Final = Script("conjure.sessions", "list")
_EFFECT_MS: Final = 60_000


@dataclass(frozen=True, slots=True)
class Admission:
    """An admitted session. `doc` is empty when the caller has revision `rev` already."""

    ends_at_ms: int
    now_ms: int
    rev: str
    doc: bytes


@dataclass(frozen=True, slots=True)
class Lease:
    """A session. Times in ms since 1970."""

    jti: str
    world_id: str
    player: str
    start_ms: int
    end_ms: int
    charged_s: int


class SessionStore:
    """Counts, slots and leases."""

    def __init__(self, store: Store, caps: CapSettings, *, lease_s: int, global_cap: int) -> None:
        self._store = store
        self._caps = caps
        self._lease_ms = lease_s * 1000
        self._global_cap = global_cap

    async def count_mint(self, tenant: Tenant, world_id: str, jti: str) -> str | None:
        """Counts one `session` for a world; returns its slug. Idempotent under `jti`.

        Raises NotFound, QuotaExceeded, StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.world(tenant, world_id),
            keyspace.usage(tenant),
            keyspace.caps(tenant),
            keyspace.effect(tenant, jti),
        ]
        outcome, *rest = await self._store.effect(_MINT, keys, [self._caps.session, _EFFECT_MS])
        if outcome == b"gone":
            raise NotFound
        if outcome == b"quota":
            raise QuotaExceeded("session")
        return rest[0].decode() or None

    async def admit(
        self, session: SessionCaller, op: str, *, final: bool, known_rev: str
    ) -> Admission:
        """Admits or renews in the tenant. Idempotent under `op`.

        Raises NotFound, SessionCapacity, SessionMinutesExhausted, StoreUnavailable, OutcomeUnknown.
        """
        tenant = session.tenant
        keys = [
            keyspace.world(tenant, session.world_id),
            keyspace.leases(tenant),
            keyspace.lease(tenant, session.jti),
            keyspace.usage(tenant),
            keyspace.caps(tenant),
        ]
        args: list[Value] = [
            session.jti, session.player, self._lease_ms, self._caps.live_sessions,
            self._caps.session_seconds, op, int(final), known_rev, session.world_id,
        ]  # fmt: skip
        outcome, *rest = await self._store.effect(_ADMIT, keys, args)
        if outcome == b"ok":
            finish, now, rev, doc = rest
            return Admission(int(finish), int(now), rev.decode(), doc)
        if outcome == b"gone":
            raise NotFound
        if outcome == b"minutes":
            raise SessionMinutesExhausted
        raise SessionCapacity(retry_after_s=_seconds(int(rest[0])))

    async def admit_global(self, session: SessionCaller) -> None:
        """Takes a place in the whole system; keeps it when it has one.

        Raises SessionCapacity, StoreUnavailable, OutcomeUnknown.
        """
        args: list[Value] = [_member(session.tenant, session.jti), self._lease_ms, self._global_cap]
        admitted, *rest = await self._store.effect(_ADMIT_GLOBAL, [keyspace.all_leases()], args)
        if not admitted:
            raise SessionCapacity(retry_after_s=_seconds(int(rest[0])))

    async def confirm(self, session: SessionCaller, op: str, ends_at_ms: int) -> None:
        """Makes an admission final. Raises StoreUnavailable, OutcomeUnknown."""
        await self._settle(session, op, "confirm", ends_at_ms)

    async def withdraw(self, session: SessionCaller, op: str) -> None:
        """Takes an admission back, slot and seconds, in the tenant and in the whole system.

        Raises StoreUnavailable, OutcomeUnknown; the lease ends by its own time then.
        """
        ends_at_ms = await self._settle(session, op, "withdraw", 0)
        member = _member(session.tenant, session.jti)
        if ends_at_ms:
            await self._store.write("ZADD", keyspace.all_leases(), "XX", ends_at_ms, member)
        else:
            await self._store.write("ZREM", keyspace.all_leases(), member)

    async def end(self, tenant: Tenant, jti: str, op: str) -> tuple[Lease, int] | None:
        """Ends a live session; returns it with the seconds given back, None when there is none.

        Idempotent under `op`. Raises StoreUnavailable, OutcomeUnknown.
        """
        keys = [keyspace.leases(tenant), keyspace.lease(tenant, jti), keyspace.usage(tenant)]
        outcome, *rest = await self._store.effect(_END, keys, [jti, op])
        if outcome != b"ended":
            return None
        await self._store.write("ZREM", keyspace.all_leases(), _member(tenant, jti))
        world, player, start, finish, charged, refunded = (item.decode() for item in rest)
        lease = Lease(jti, world, player, int(start), int(finish), int(charged))
        return lease, int(refunded)

    async def list(self, tenant: Tenant, *, after: tuple[int, str], limit: int) -> list[Lease]:
        """Returns up to `limit` live sessions that end after `after`. Raises StoreUnavailable."""
        args: list[Value] = [*after, limit, keyspace.lease(tenant, "")]
        rows = await self._store.query(_LIST, [keyspace.leases(tenant)], args)
        return [
            Lease(
                jti.decode(), world.decode(), player.decode(), int(start), int(finish), int(spent)
            )
            for jti, finish, world, player, start, spent in rows
        ]

    async def _settle(self, session: SessionCaller, op: str, outcome: str, ends_at_ms: int) -> int:
        tenant = session.tenant
        keys = [
            keyspace.leases(tenant),
            keyspace.lease(tenant, session.jti),
            keyspace.usage(tenant),
        ]
        args: list[Value] = [session.jti, op, outcome, ends_at_ms]
        return int(await self._store.effect(_SETTLE, keys, args))


def _member(tenant: Tenant, jti: str) -> str:
    return f"{tenant.tag}:{jti}"


def _seconds(ms: int) -> int:
    return max(1, -(-ms // 1000))
