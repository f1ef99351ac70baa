"""Minting, admission and the end of sessions (CONTRACT 6).

What is bounded: live sessions of a tenant and of the whole system, and the seconds a tenant plays per day.
For whom: every holder of a session token, before any runtime is asked. Why it cannot be raced: slot, seconds
and place are taken in one script; on a cluster the tenant's come first and are taken back when the system
has no place. When a step is lost: a lease
ends by its own time, counted by the store's clock, so a crash between admission and answer holds a slot no
longer than one lease. Each admission of a token has its own `op`; the lease lasts to the latest end among
those not withdrawn, so that it does not matter which of two connects of one token fails, or when.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson
import structlog

from conjure.core import metrics
from conjure.core.errors import (
    InvalidCursor,
    InvalidField,
    NotFound,
    RuntimeUnavailable,
    SessionCapacity,
    SessionMinutesExhausted,
)
from conjure.core.ids import canonical_uuid, checked_id, new_id
from conjure.core.paging import page_size
from conjure.providers.runtime import RuntimeFailed, RuntimeLease
from conjure.sessions.origins import web_origin
from conjure.sessions.tokens import ANONYMOUS, Issued
from conjure.usage.idempotency import FirstAnswer, Idempotency
from conjure.worlds import access

if TYPE_CHECKING:
    from conjure.core.caller import SessionCaller, Tenant
    from conjure.core.cleanup import Cleanup
    from conjure.providers.runtime import Runtime, RuntimeToken
    from conjure.sessions.store import Admission, Lease, SessionStore
    from conjure.sessions.tokens import SessionTokens
    from conjure.worlds.service import WorldService

log = structlog.get_logger(__name__)

_NOTHING_TAKEN: Final = (NotFound, SessionCapacity, SessionMinutesExhausted)
"""Refusals of an admission after which there is nothing to take back."""

MINT_ROUTE: Final = "session-tokens"
"""The route that Idempotency-Keys of mints are scoped to (CONTRACT 0)."""

DEFAULT_TTL_S: Final = 300
MIN_TTL_S: Final = 60
MAX_TTL_S: Final = 3600
_MAX_PLAYER: Final = 256


@dataclass(frozen=True, slots=True)
class Minted:
    """A session token. `replayed`: the first answer to an Idempotency-Key, again."""

    token: str
    expires_in_s: int
    world_id: str
    slug: str | None
    jti: str
    replayed: bool = False


@dataclass(frozen=True, slots=True)
class Connected:
    """An admitted session: the runtime's token, and the world as a player sees it."""

    world_id: str
    runtime: RuntimeToken
    world: bytes


class SessionService:
    """Rules of sessions."""

    def __init__(
        self,
        store: SessionStore,
        worlds: WorldService,
        tokens: SessionTokens,
        runtime: Runtime,
        cleanup: Cleanup,
    ) -> None:
        self._cleanup = cleanup
        self._store = store
        self._worlds = worlds
        self._tokens = tokens
        self._runtime = runtime

    async def mint(
        self,
        tenant: Tenant,
        *,
        world_id: str,
        player: str | None,
        origin: str | None,
        ttl_s: int | None,
        idempotency_key: str | None = None,
    ) -> Minted:
        """Mints a token for one world and one player; counts one `session`.

        Raises InvalidField, NotFound, QuotaExceeded, IdempotencyMismatch, StoreUnavailable,
        OutcomeUnknown.
        """
        problems = []
        ttl = DEFAULT_TTL_S if ttl_s is None else ttl_s
        if not MIN_TTL_S <= ttl <= MAX_TTL_S:
            problems.append(f"ttlSeconds must be from {MIN_TTL_S} to {MAX_TTL_S}")
        bound = web_origin(origin) if origin is not None else None
        if origin is not None and bound is None:
            problems.append("origin must be a web origin, for example https://play.example")
        if player is not None and len(player) > _MAX_PLAYER:
            problems.append(f"playerIdentity must have at most {_MAX_PLAYER} characters")
        if problems:
            raise InvalidField(*problems)
        world = checked_id(world_id)
        player, origin = player or ANONYMOUS, bound
        idempotency = Idempotency.of(MINT_ROUTE, idempotency_key, world, player, origin, ttl)

        async def issue(jti: str, issued: Issued | None = None) -> tuple[str, Issued]:
            return await self._tokens.issue(
                tenant, world, jti=jti, player=player, origin=origin, ttl_s=ttl, issued=issued
            )

        jti = new_id()
        # Signed first: that a token cannot be made must be known before one is charged.
        token, issued = await issue(jti)
        answer = orjson.dumps({"jti": jti, "at_s": issued.at_s, "kid": issued.kid})
        first = await self._store.count_mint(tenant, world, jti, idempotency, answer)
        if not isinstance(first, FirstAnswer):
            return Minted(token, ttl, world, first, jti)
        jti, issued = first.members["jti"], Issued(first.members["at_s"], first.members["kid"])
        token, _ = await issue(jti, issued)
        return Minted(token, ttl, world, first.slug, jti, replayed=True)

    async def connect(self, session: SessionCaller) -> Connected:
        """Admits a session and gets its runtime token; renews it when it is live already.

        Raises NotFound, SessionCapacity, SessionMinutesExhausted, RuntimeUnavailable,
        RuntimeNotConfigured, StoreUnavailable, OutcomeUnknown.
        """
        self._runtime.require()
        # A world this process has not seen is read first, once for all who wait for it.
        known = await self._worlds.warm(session.tenant, session.world_id)
        op = new_id()
        try:
            admission = await self._store.admit(session, op, known_rev=known.rev)
            if admission.rev != known.rev:
                metrics.STALE_WORLDS.add()
                known = self._worlds.received(
                    session.tenant, session.world_id, admission.rev, admission.doc
                )
            token = await self._runtime_token(session, admission, op)
        except BaseException as error:
            # Also when the caller went away. Should this fail, the lease ends by its own time.
            if not isinstance(error, _NOTHING_TAKEN):
                await self._cleanup.run(self._store.withdraw(session, op))
            raise
        seen = access.visible(session, session.tenant, known)
        return Connected(session.world_id, token, seen.resolved)

    async def _runtime_token(
        self, session: SessionCaller, admission: Admission, op: str
    ) -> RuntimeToken:
        lease = RuntimeLease(
            jti=session.jti,
            world_id=session.world_id,
            player=session.player,
            ends_at_ms=admission.ends_at_ms,
            seconds=max(1, (admission.ends_at_ms - admission.now_ms) // 1000),
        )
        try:
            token = await self._runtime.token(lease)
        except RuntimeFailed as error:
            log.warning("the runtime gave no token", jti=session.jti, cause=str(error))
            raise RuntimeUnavailable from error
        if self._runtime.is_remote and not await self._store.is_admitted(session, op):
            # Ended while the runtime was thinking: its token would play outside every cap.
            raise RuntimeUnavailable("the session was ended while it was being started")
        return token

    async def end(self, tenant: Tenant, jti: str) -> tuple[Lease, int]:
        """Ends a live session; returns it with the seconds given back.

        Raises InvalidField, NotFound, StoreUnavailable, OutcomeUnknown.
        """
        canonical = canonical_uuid(jti)
        if canonical is None:
            raise InvalidField("jti must be a UUID")
        ended = await self._store.end(tenant, canonical, new_id())
        if ended is None:
            raise NotFound
        return ended

    async def list(
        self, tenant: Tenant, *, limit: int | None, cursor: str | None
    ) -> tuple[list[Lease], str | None]:
        """Returns a page of live sessions and the cursor of the next one.

        Raises InvalidField, InvalidCursor, StoreUnavailable.
        """
        size = page_size(limit)
        after = _read_cursor(cursor) if cursor is not None else (0, "")
        found = await self._store.list(tenant, after=after, limit=size + 1)
        page = found[:size]
        more = len(found) > size
        return page, f"{page[-1].end_ms}.{page[-1].jti}" if more else None


def _read_cursor(cursor: str) -> tuple[int, str]:
    end_ms, _, jti = cursor.partition(".")
    if (
        not (end_ms.isascii() and end_ms.isdigit() and len(end_ms) == 13)
        or canonical_uuid(jti) != jti
    ):
        raise InvalidCursor
    return int(end_ms), jti
