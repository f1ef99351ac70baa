"""Leases in the store. Each step is one script; who wins is decided there and by its clock alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core import metrics
from conjure.core.errors import (
    NotFound,
    OutcomeUnknown,
    QuotaExceeded,
    SessionCapacity,
    SessionMinutesExhausted,
    StoreUnavailable,
)
from conjure.store import keyspace
from conjure.store.client import EFFECT_MS, Script
from conjure.usage.idempotency import first_answer

if TYPE_CHECKING:
    from conjure.core.caller import SessionCaller, Tenant
    from conjure.settings import CapSettings, SessionSettings
    from conjure.store.client import Store, Value
    from conjure.usage.idempotency import FirstAnswer, Idempotency

_MINT: Final = Script("conjure.sessions", "mint", includes=["usage.idempotency"])
_ADMIT: Final = Script("conjure.sessions", "admit", includes=["places"])
_ADMIT_PLACE: Final = Script("conjure.sessions", "admit_place", includes=["places"])
_WITHDRAW: Final = Script("conjure.sessions", "withdraw", includes=["places"])
_SETTLE_PLACE: Final = Script("conjure.sessions", "settle_place", includes=["places"])
_END: Final = Script("conjure.sessions", "end", includes=["places"])
_LIST: Final = Script("conjure.sessions", "list", reads_only=True)
_ADMITTED: Final = metrics.ADMISSIONS.at("admitted")
_WITHDRAWN: Final = metrics.ADMISSIONS_WITHDRAWN.at()
_MINT_GRANTED: Final = metrics.QUOTA.at("session", "granted")
_SECONDS_GRANTED: Final = metrics.QUOTA.at("session_seconds", "granted")
_CLOCK_SLACK_MS: Final = 500


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
    """Counts, slots, leases, and the places of the whole system.

    On one server an admission is one script over the tenant and the system. On a cluster those are on
    different nodes: the tenant decides first, so that nobody whom his own app refuses takes a
    place from others, not even for a moment; what only the tenant gave is taken back.
    """

    def __init__(
        self,
        store: Store,
        caps: CapSettings,
        settings: SessionSettings,
        *,
        is_cluster: bool,
        idempotency_s: int,
    ) -> None:
        self._store = store
        self._caps = caps
        self._lease_ms = settings.lease_s * 1000
        self._global_cap = settings.global_live_sessions
        self._split = is_cluster
        self._idempotency_ms = idempotency_s * 1000

    async def count_mint(
        self,
        tenant: Tenant,
        world_id: str,
        jti: str,
        idempotency: Idempotency | None = None,
        answer: bytes = b"",
    ) -> str | FirstAnswer | None:
        """Counts one `session` for a world; returns its slug. Idempotent under `jti`.

        The first answer instead when the Idempotency-Key has one: then nothing was counted. `answer` is
        what a retry is answered from. Raises NotFound, QuotaExceeded, IdempotencyMismatch,
        StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.world(tenant, world_id),
            keyspace.usage(tenant),
            keyspace.caps(tenant),
            keyspace.effect(tenant, jti),
        ]
        args: list[Value] = [self._caps.session, EFFECT_MS]
        if idempotency is not None:
            keys.append(idempotency.key(tenant))
            args += [idempotency.body_hash, answer, self._idempotency_ms]
        outcome, *rest = await self._store.effect(_MINT, keys, args)
        if outcome == b"gone":
            raise NotFound
        if outcome == b"quota":
            metrics.QUOTA.at("session", "refused").add()
            raise QuotaExceeded("session")
        if outcome != b"ok":
            return first_answer(outcome, rest, keys[-1])
        _MINT_GRANTED.add()
        return rest[0].decode() or None

    async def admit(self, session: SessionCaller, op: str, *, known_rev: str) -> Admission:
        """Admits or renews. Idempotent under `op`.

        A refusal takes nothing; when it is not known what happened, `withdraw` must follow.

        Raises NotFound, SessionCapacity, SessionMinutesExhausted, StoreUnavailable, OutcomeUnknown.
        """
        tenant = session.tenant
        keys = [
            keyspace.world(tenant, session.world_id),
            keyspace.leases(tenant),
            keyspace.lease(tenant, session.jti),
            keyspace.admissions(tenant, session.jti),
            keyspace.usage(tenant),
            keyspace.caps(tenant),
            *self._places(),
        ]
        member = _member(tenant, session.jti)
        args: list[Value] = [
            session.jti, session.player, self._lease_ms, self._caps.live_sessions,
            self._caps.session_seconds, op, known_rev, session.world_id, member, self._global_cap,
        ]  # fmt: skip
        outcome, *rest = await self._store.effect(_ADMIT, keys, args)
        if outcome == b"gone":
            metrics.ADMISSIONS.at("world_gone").add()
            raise NotFound
        if outcome == b"minutes":
            metrics.ADMISSIONS.at("minutes_exhausted").add()
            metrics.QUOTA.at("session_seconds", "refused").add()
            raise SessionMinutesExhausted
        if outcome == b"full":
            metrics.ADMISSIONS.at(f"{rest[1].decode()}_full").add()
            raise SessionCapacity(retry_after_s=_seconds(int(rest[0])))
        finish, now, rev, doc = rest
        if self._split:
            try:
                await self._admit_place(member, int(finish) - int(now))
            except SessionCapacity:
                metrics.ADMISSIONS.at("system_full").add()
                await self.withdraw(session, op)
                raise
        _ADMITTED.add()
        _SECONDS_GRANTED.add()
        return Admission(int(finish), int(now), rev.decode(), doc)

    async def _admit_place(self, member: str, lease_ms: int) -> None:
        args: list[Value] = [member, lease_ms, self._global_cap]
        admitted, ms = await self._store.effect(_ADMIT_PLACE, [keyspace.places()], args)
        if not admitted:
            raise SessionCapacity(retry_after_s=_seconds(int(ms)))

    async def is_admitted(self, session: SessionCaller, op: str) -> bool:
        """Whether an admission still stands. Raises StoreUnavailable."""
        key = keyspace.admissions(session.tenant, session.jti)
        return await self._store.read("ZSCORE", key, op) is not None

    async def withdraw(self, session: SessionCaller, op: str) -> None:
        """Takes an admission back: slot, seconds and place. Does nothing when there was none.

        Raises StoreUnavailable, OutcomeUnknown; the lease ends by its own time then.
        """
        member = _member(session.tenant, session.jti)
        withdrawn, before, now = await self._store.effect(
            _WITHDRAW, self._lease_keys(session.tenant, session.jti), [session.jti, op, member]
        )
        if withdrawn:
            _WITHDRAWN.add()
        if self._split and withdrawn:
            await self._settle_place(member, int(before), int(now))

    async def end(self, tenant: Tenant, jti: str, op: str) -> tuple[Lease, int] | None:
        """Ends a live session; returns it with the seconds given back, None when there is none.

        Idempotent under `op`. Raises StoreUnavailable, OutcomeUnknown.
        """
        member = _member(tenant, jti)
        outcome, *rest = await self._store.effect(
            _END, self._lease_keys(tenant, jti), [jti, op, member]
        )
        if outcome != b"ended":
            return None
        world, player, start, finish, charged, refunded, before = (item.decode() for item in rest)
        if self._split:
            try:
                await self._settle_place(member, int(before), 0)
            except StoreUnavailable as error:  # the session has ended; its place lapses by itself
                raise OutcomeUnknown from error
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

    async def _settle_place(self, member: str, settled_ms: int, now_ms: int) -> None:
        # The two nodes' clocks, and the time between the two scripts of an admission, make the place
        # end a little later than the lease.
        args: list[Value] = [member, settled_ms + _CLOCK_SLACK_MS, now_ms]
        await self._store.effect(_SETTLE_PLACE, [keyspace.places()], args)

    def _places(self) -> tuple[str, ...]:
        return () if self._split else (keyspace.places(),)

    def _lease_keys(self, tenant: Tenant, jti: str) -> tuple[str, ...]:
        return (
            keyspace.leases(tenant),
            keyspace.lease(tenant, jti),
            keyspace.admissions(tenant, jti),
            keyspace.usage(tenant),
            *self._places(),
        )


def _member(tenant: Tenant, jti: str) -> str:
    return f"{tenant.tag}:{jti}"


def _seconds(ms: int) -> int:
    return max(1, -(-ms // 1000))
