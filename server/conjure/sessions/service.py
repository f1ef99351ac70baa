"""Minting, connecting, and the end of sessions (CONTRACT 6).

What is bounded: live sessions of a tenant and of the whole system, and the seconds a tenant plays per day.
For whom: every holder of a session token, before any runtime is asked. Why it cannot be raced, and what
happens when a step is lost: `leases` says.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import orjson

from conjure.core import metrics
from conjure.core.caller import ANONYMOUS
from conjure.core.errors import (
    InvalidCredential,
    InvalidCursor,
    InvalidField,
    NotFound,
    RuntimeUnavailable,
    SessionCapacity,
    SessionMinutesExhausted,
)
from conjure.core.ids import canonical_uuid, checked_id, new_id, step_id
from conjure.core.origins import web_origin
from conjure.core.paging import page_size
from conjure.kernel.names import unaddressable
from conjure.sessions.signing import LONGEST_TOKEN_S
from conjure.sessions.store import Lease
from conjure.sessions.tokens import Issued
from conjure.settings import LATE_END_S
from conjure.usage.idempotency import FirstAnswer, Idempotency
from conjure.worlds import access

if TYPE_CHECKING:
    from conjure.core.caller import SessionCaller, Tenant
    from conjure.providers.runtime import RuntimeToken
    from conjure.sessions.endings import Endings
    from conjure.sessions.leases import Leases
    from conjure.sessions.store import SessionStore
    from conjure.sessions.tokens import SessionTokens
    from conjure.worlds.service import WorldService

_NOTHING_TAKEN: Final = (
    InvalidCredential, NotFound, RuntimeUnavailable, SessionCapacity, SessionMinutesExhausted,
)  # fmt: skip
"""Refusals of an admission after which there is nothing to take back."""

MINT_ROUTE: Final = "session-tokens"
"""The route that Idempotency-Keys of mints are scoped to (CONTRACT 0)."""

DEFAULT_TTL_S: Final = 300
MIN_TTL_S: Final = 60
MAX_TTL_S: Final = 3600
_MAX_PLAYER: Final = 256
_MAX_RUNTIME_SESSION: Final = 256
_ENDED_BY_PLAYER: Final = metrics.SESSIONS_ENDED.at("player")
_ENDED_BY_APP: Final = metrics.SESSIONS_ENDED.at("app")
_REVOKED: Final = metrics.SESSIONS_ENDED.at("revoked")


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
        leases: Leases,
        endings: Endings,
    ) -> None:
        self._store = store
        self._worlds = worlds
        self._tokens = tokens
        self._leases = leases
        self._endings = endings

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
        if player and (problem := _problem_of_player(player)) is not None:
            problems.append(f"playerIdentity {problem}")
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
        """Admits a session and gets its runtime credential: the one it has, while that lasts.

        Raises NotFound, InvalidCredential (revoked), SessionCapacity, SessionMinutesExhausted,
        RuntimeUnavailable, RuntimeNotConfigured, StoreUnavailable, OutcomeUnknown.
        """
        self._leases.require_runtime()
        # A world this process has not seen is read first, once for all who wait for it.
        known = await self._worlds.warm(session.tenant, session.world_id)
        op = step_id()
        try:
            admission = await self._leases.admit(session, op, known_rev=known.rev)
            if admission.rev != known.rev:
                metrics.STALE_WORLDS.add()
                known = self._worlds.received(
                    session.tenant, session.world_id, admission.rev, admission.doc
                )
        except BaseException as error:
            # Also when the caller went away. Should this fail, the lease ends by its own time.
            if not isinstance(error, _NOTHING_TAKEN):
                await self._leases.withdraw(session, op)
            raise
        token = await self._leases.credential(session, admission, op)
        seen = access.visible(session, session.tenant, known)
        return Connected(session.world_id, token, seen.resolved)

    async def disconnect(self, session: SessionCaller) -> int:
        """Ends the caller's session, if it is live; returns the seconds that its token has cost in all.

        Raises InvalidCredential (it has run out, and never connected), StoreUnavailable, OutcomeUnknown.
        """
        ended = await self._endings.end(session.tenant, session.jti, new_id())
        if ended is not None:
            if ended.was_live:
                _ENDED_BY_PLAYER.add()
            return ended.lease.charged_s
        if session.expires_at_s <= time.time():
            raise InvalidCredential
        return 0

    async def track(self, session: SessionCaller, runtime_session: str) -> None:
        """Binds the runtime's own id of it to the caller's live session.

        Raises InvalidField, NotFound, StoreUnavailable, OutcomeUnknown.
        """
        if len(runtime_session) > _MAX_RUNTIME_SESSION:
            raise InvalidField(f"reactorSessionId must have 1 to {_MAX_RUNTIME_SESSION} characters")
        if not await self._store.track(session.tenant, session.jti, runtime_session):
            raise NotFound

    async def end(self, tenant: Tenant, jti: str, *, revoke: bool = False) -> tuple[Lease, int]:
        """Ends a session; returns it with the seconds given back: none when it had ended before.

        With `revoke` its token never connects again; then it need not ever have connected.
        Raises InvalidField, NotFound, StoreUnavailable, OutcomeUnknown.
        """
        canonical = canonical_uuid(jti)
        if canonical is None:
            raise InvalidField("jti must be a UUID")
        # So long as it can be used, also by calls that take one that has run out.
        revoke_s = LONGEST_TOKEN_S + LATE_END_S if revoke else 0
        ended = await self._endings.end(tenant, canonical, new_id(), revoke_s=revoke_s)
        if ended is None:
            if not revoke:
                raise NotFound
            return Lease(canonical, "", "", 0, 0, 0), 0
        if ended.was_live:
            (_REVOKED if revoke else _ENDED_BY_APP).add()
        return ended.lease, ended.refunded_s

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


def _problem_of_player(player: str) -> str | None:
    """What is wrong with a player's identity; None when nothing is.

    One that no path can name could not be forgotten (CONTRACT 5); and most HTTP clients make
    `DELETE …/{id}/memory/..` a `DELETE …/{id}`, which deletes the character.
    """
    if len(player) > _MAX_PLAYER:
        return f"must have at most {_MAX_PLAYER} characters"
    problem = unaddressable(player) if player.strip() else None
    return None if problem is None else f"cannot be addressed: {problem}"


def _read_cursor(cursor: str) -> tuple[int, str]:
    end_ms, _, jti = cursor.partition(".")
    if (
        not (end_ms.isascii() and end_ms.isdigit() and len(end_ms) == 13)
        or canonical_uuid(jti) != jti
    ):
        raise InvalidCursor
    return int(end_ms), jti
