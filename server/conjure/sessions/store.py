"""Leases in the store. Each step is one script; who wins is decided there and by its clock alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from conjure.core import metrics
from conjure.core.errors import (
    InvalidCredential,
    NotFound,
    QuotaExceeded,
    RuntimeUnavailable,
    SessionCapacity,
    SessionMinutesExhausted,
)
from conjure.settings import LATE_END_S
from conjure.store import keyspace
from conjure.store.client import EFFECT_MS, Script
from conjure.usage.idempotency import first_answer

if TYPE_CHECKING:
    from conjure.core.caller import SessionCaller, Tenant
    from conjure.core.errors import AppError
    from conjure.settings import CapSettings, SessionSettings
    from conjure.store.client import Store, Value
    from conjure.usage.idempotency import FirstAnswer, Idempotency

_MINT: Final = Script("conjure.sessions", "mint", includes=["usage.idempotency"])
_ADMIT: Final = Script("conjure.sessions", "admit", includes=["lease", "places"])
_ADMIT_PLACE: Final = Script("conjure.sessions", "admit_place", includes=["places"])
_SETTLE: Final = Script("conjure.sessions", "settle", includes=["lease"])
_WITHDRAW: Final = Script("conjure.sessions", "withdraw", includes=["lease", "places"])
_SETTLE_PLACE: Final = Script("conjure.sessions", "settle_place", includes=["places"])
_TRACK: Final = Script("conjure.sessions", "track")
_LIST: Final = Script("conjure.sessions", "list", reads_only=True)
_WITHDRAWN: Final = metrics.ADMISSIONS_WITHDRAWN.at()
_MINT_GRANTED: Final = metrics.QUOTA.at("session", "granted")
_CLOCK_SLACK_MS: Final = 500


@dataclass(frozen=True, slots=True)
class Admission:
    """An admitted connect. Times in ms since 1970, by the store's clock.

    `from_ms`, `to_ms`: the life of its credential. `is_fresh`: nobody has that credential yet; else `kept` is
    it, where credentials are stored. `has_charged`: the lease was changed. `must_settle`: it is not final
    yet. `before_ms`: where the lease would end if it were withdrawn; 0: there would be none. `doc` is empty
    when the caller has revision `rev` already.
    """

    from_ms: int
    to_ms: int
    is_fresh: bool
    has_charged: bool
    now_ms: int
    rev: str
    doc: bytes
    kept: bytes = field(repr=False)
    must_settle: bool
    before_ms: int


@dataclass(frozen=True, slots=True)
class Waiting:
    """Another admission of the token is under way: whose, and how long it may take."""

    asker: str
    longest_ms: int


@dataclass(frozen=True, slots=True)
class Lease:
    """A session. Times in ms since 1970, 0 when it never connected; `tracked`: the runtime's id of it."""

    jti: str
    world_id: str
    player: str
    start_ms: int
    end_ms: int
    charged_s: int
    tracked: str = ""


@dataclass(frozen=True, slots=True)
class Lapsed:
    """The token's session has run out, and nobody has told its end yet: `Endings.lapse_first`, then again."""


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

    async def admit(
        self,
        session: SessionCaller,
        op: str,
        *,
        known_rev: str,
        hold_ms: int,
        is_stored: bool,
        waited_for: str = "",
    ) -> Admission | Waiting | Lapsed:
        """Admits a connect or answers it again. Idempotent under `op`.

        `hold_ms`: how long the caller may take to `settle` it; 0: it is final at once. `is_stored`: whether
        credentials are. `waited_for`: the asker of the Waiting before. A refusal takes nothing; when it is
        not known what happened, `withdraw` must follow.

        Raises NotFound, InvalidCredential, SessionCapacity, SessionMinutesExhausted, RuntimeUnavailable (what
        was waited for was refused), StoreUnavailable, OutcomeUnknown.
        """
        tenant = session.tenant
        keys = [
            keyspace.world(tenant, session.world_id),
            keyspace.leases(tenant),
            keyspace.lease(tenant, session.jti),
            keyspace.credential(tenant, session.jti),
            keyspace.usage(tenant),
            keyspace.caps(tenant),
            *self.places,
        ]
        args: list[Value] = [
            session.jti, session.player, self._lease_ms, self._caps.live_sessions,
            self._caps.session_seconds, op, known_rev, session.world_id, self.member(tenant, session.jti),
            self._global_cap, (session.expires_at_s + LATE_END_S) * 1000, hold_ms, int(is_stored),
            waited_for,
        ]  # fmt: skip
        outcome, *rest = await self._store.effect(_ADMIT, keys, args)
        if outcome in {b"ok", b"ask"}:
            from_ms, to_ms, is_fresh, has_charged, now, rev, doc, kept, before = rest
            return Admission(
                from_ms=int(from_ms),
                to_ms=int(to_ms),
                is_fresh=bool(is_fresh),
                has_charged=bool(has_charged),
                now_ms=int(now),
                rev=rev.decode(),
                doc=doc,
                kept=kept,
                must_settle=outcome == b"ask",
                before_ms=int(before),
            )
        if outcome == b"wait":
            return Waiting(rest[0].decode(), int(rest[1]))
        if outcome == b"lapsed":
            return Lapsed()
        raise _refusal(outcome, rest)

    @property
    def is_split(self) -> bool:
        """Whether the places of the system are on another node, so that `take_place` is a step of its own."""
        return self._split

    @property
    def places(self) -> tuple[str, ...]:
        """The key of the places of the system, for scripts that can have it."""
        return () if self._split else (keyspace.places(),)

    @staticmethod
    def member(tenant: Tenant, jti: str) -> str:
        """A session's place among them."""
        return f"{tenant.tag}:{jti}"

    async def take_place(self, session: SessionCaller, admission: Admission) -> None:
        """Takes a place in the whole system, or keeps it.

        Raises SessionCapacity, StoreUnavailable, OutcomeUnknown.
        """
        member = self.member(session.tenant, session.jti)
        lease_ms = admission.to_ms - admission.now_ms
        args: list[Value] = [member, lease_ms, self._global_cap]
        admitted, ms = await self._store.effect(_ADMIT_PLACE, [keyspace.places()], args)
        if not admitted:
            raise SessionCapacity(retry_after_s=_seconds(int(ms)))

    async def settle(
        self,
        session: SessionCaller,
        op: str,
        admission: Admission,
        *,
        kept: bytes,
        to_ms: int,
        exp_ms: int,
    ) -> bool | None:
        """Makes an admission final; `kept` is its new credential, where it is stored, `exp_ms` its end.

        Idempotent under `op`. Returns whether the session is live; False: `withdraw` must follow. None:
        another one asks by now. Raises StoreUnavailable, OutcomeUnknown.
        """
        tenant = session.tenant
        keys = [
            keyspace.lease(tenant, session.jti),
            keyspace.credential(tenant, session.jti),
        ]
        times: list[Value] = ["", "", ""]
        if admission.is_fresh:
            times = [admission.from_ms, to_ms, exp_ms]
        outcome = await self._store.effect(_SETTLE, keys, [op, *times, kept])
        return None if outcome < 0 else bool(outcome)

    async def withdraw(
        self, session: SessionCaller, op: str, cause: str = "", placed: Admission | None = None
    ) -> None:
        """Takes an admission back: slot, seconds and place. Does nothing when there was none.

        `cause` is what those are refused for who wait for it; `placed`: the admission, when `take_place` was
        tried. Raises StoreUnavailable, OutcomeUnknown; the lease ends by its own time then.
        """
        member = self.member(session.tenant, session.jti)
        if self._split and placed is not None:
            # First, as from then on others may take a place for the same token.
            await self._settle_place(member, placed.to_ms, placed.before_ms)
        await self._withdraw(session.tenant, session.jti, op, cause)

    async def release(self, tenant: Tenant, jti: str, op: str, before_ms: int) -> None:
        """On a cluster: gives the place of an ended session back, and lets others of its token go on.

        `op` is that of the end, `before_ms` where the lease would have ended. Raises StoreUnavailable,
        OutcomeUnknown.
        """
        await self._settle_place(self.member(tenant, jti), before_ms, 0)
        await self._withdraw(tenant, jti, op)

    async def _withdraw(self, tenant: Tenant, jti: str, op: str, cause: str = "") -> None:
        keys = [
            keyspace.leases(tenant),
            keyspace.lease(tenant, jti),
            keyspace.usage(tenant),
            *self.places,
        ]
        args: list[Value] = [jti, op, self.member(tenant, jti), cause]
        if await self._store.effect(_WITHDRAW, keys, args):
            _WITHDRAWN.add()

    async def track(self, tenant: Tenant, jti: str, tracked: str) -> bool:
        """Binds the runtime's id of it to a live session; returns whether there is one.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        return bool(await self._store.effect(_TRACK, [keyspace.lease(tenant, jti)], [tracked]))

    async def list(self, tenant: Tenant, *, after: tuple[int, str], limit: int) -> list[Lease]:
        """Returns up to `limit` live sessions that end after `after`. Raises StoreUnavailable."""
        args: list[Value] = [*after, limit, keyspace.lease(tenant, "")]
        rows = await self._store.query(_LIST, [keyspace.leases(tenant)], args)
        return [
            Lease(
                jti.decode(), world.decode(), player.decode(), int(start), int(finish), int(spent),
                tracked.decode(),
            )
            for jti, finish, world, player, start, spent, tracked in rows
        ]  # fmt: skip

    async def _settle_place(self, member: str, settled_ms: int, now_ms: int) -> None:
        # The two nodes' clocks, and the time between the two scripts of an admission, make the place
        # end a little later than the lease.
        args: list[Value] = [member, settled_ms + _CLOCK_SLACK_MS, now_ms]
        await self._store.effect(_SETTLE_PLACE, [keyspace.places()], args)


def _refusal(outcome: bytes, rest: list[bytes]) -> AppError:
    """The error that an outcome of admit.lua stands for; counts it."""
    if outcome == b"gone":
        metrics.ADMISSIONS.at("world_gone").add()
        return NotFound()
    if outcome == b"revoked":
        metrics.ADMISSIONS.at("revoked").add()
        return InvalidCredential()
    if outcome == b"minutes":
        metrics.ADMISSIONS.at("minutes_exhausted").add()
        metrics.QUOTA.at("session_seconds", "refused").add()
        return SessionMinutesExhausted()
    if outcome == b"full":
        metrics.ADMISSIONS.at(f"{rest[1].decode()}_full").add()
        return SessionCapacity(retry_after_s=_seconds(int(rest[0])))
    if rest[0] == b"system":  # 'failed'
        metrics.ADMISSIONS.at("system_full").add()
        return SessionCapacity()
    return RuntimeUnavailable()


def _seconds(ms: int) -> int:
    return max(1, -(-ms // 1000))
