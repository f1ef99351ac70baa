"""Connects and their runtime credentials: one lease, one credential (CONTRACT 6.2, 6.3).

What is bounded: what a runtime is asked to render for one session token, by what the token has paid. A
token holds at most two credentials at a time, whoever connects how often and at how many servers. The
seconds in which some credential of it is good are never more than its charged seconds and one lease.

**Who may ask** is decided in the store. `admit.lua` takes slot, seconds and place in one step and names
the connect that did so, by its `op`, the *asker*. It alone asks the runtime. Then it settles
(`settle.lua`): the credential is stored beside the lease, in the tenant's slot, until the lease ends.
Nobody is handed a credential that is not stored. Whoever connects meanwhile takes nothing, and looks again
until the asker has settled or was withdrawn. When the runtime refused the asker, those who wait are
refused with it: a runtime that is away is asked once for all of them, not once for each. A later connect
asks anew.

**Reuse.** A connect is answered from the store while more than a third of the credential's time is left:
one round trip, no write. Beyond that it is an asker again, and charged for the extra seconds, unless two
credentials are good already, or the day has no seconds left to prolong it: then it gets the newest one
again.

**A runtime that asks nobody** (`local`) makes the same credential of the same times. There the admission
is final at once. It can be withdrawn, if its own call fails, until another connect has been answered by
it.

**When a step is lost.**

- *The caller goes away* while the runtime is asked: the asker goes on (`Cleanup.finish`), so that a page
  that is reloaded early gets what was asked for. When it fails, all is given back. Were it cancelled and
  withdrawn, a caller could have the runtime asked as often as it likes, and pay nothing.
- *The asker crashes*: after `asking_until` the next connect takes its admission back and asks itself. What
  the crashed one was given nobody has. Without another connect the lease ends by its own time; the finder
  (`finder`) takes the admission back then, and what it has charged.
- *The asker is too slow*, so that another one asks: its settling finds another `op`, and what it was given
  is dropped, not handed out. `_SLACK_S` on top of the runtime's own limit makes that a stall of the
  process.
- *The session is ended* while the runtime is asked: the credential is stored all the same, as a connect
  may continue the session with it, and the asker's caller is refused. Of a revoked token it is dropped.
- *The store's answer is lost*: each script is idempotent under its `op` and is asked again. If the outcome
  stays unknown the credential is not handed out; the withdrawal takes effect only if the settling did not.
- *On a cluster* the tenant's slot and the system's places are on different nodes. There the asker also
  takes the place before it settles, for every runtime: until then nobody else plays by its lease, so a
  place that is refused can be withdrawn without taking a lease from anybody. Whoever gives a place back
  does so before others of its token go on, an end too. A reconnect needs the tenant's node only.

**End and reconnect.** An ended session's record and credential stay. The unused seconds went back; a
connect that continues it pays for them again as far as the credential could play: until now, or, when it
is handed out again, until its end. So nothing is played for less than the time that passed. Time in which
no credential was good is `idle` and costs nothing. A refund never takes from another day than the seconds
were charged to.

**Each end is told once**, also that of a lease that runs out: `endings` says how.

**What is kept**: some 600 bytes per session token for a day after the token ran out, as it can end its
session and ask what it has cost so long; a revocation as long as the token can be used.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import orjson
import structlog

from conjure.core import jsondoc, metrics
from conjure.core.errors import RuntimeUnavailable, SessionCapacity
from conjure.providers.runtime import RuntimeFailed, RuntimeLease, RuntimeToken
from conjure.sessions.store import Admission, Lapsed
from conjure.store import keyspace

if TYPE_CHECKING:
    from conjure.core.caller import SessionCaller
    from conjure.core.cleanup import Cleanup
    from conjure.providers.runtime import Runtime
    from conjure.sessions.endings import Endings
    from conjure.sessions.store import SessionStore

log = structlog.get_logger(__name__)

_SLACK_S: Final = 5.0
"""What an asker may take beyond its runtime's own limit: two round trips, and a busy process."""
_FIRST_LOOK_S: Final = 0.02
_LONGEST_PAUSE_S: Final = 0.25

_ADMITTED: Final = metrics.ADMISSIONS.at("admitted")
_RECONNECTED: Final = metrics.ADMISSIONS.at("reconnected")
_SYSTEM_FULL: Final = metrics.ADMISSIONS.at("system_full")
_SECONDS_GRANTED: Final = metrics.QUOTA.at("session_seconds", "granted")
_GIVEN: Final = metrics.RUNTIME_CREDENTIALS.at("given")
_REUSED: Final = metrics.RUNTIME_CREDENTIALS.at("reused")
_DROPPED: Final = metrics.RUNTIME_CREDENTIALS.at("dropped")


class Leases:
    """Admits session tokens and gets their credentials."""

    def __init__(
        self, store: SessionStore, endings: Endings, runtime: Runtime, cleanup: Cleanup
    ) -> None:
        self._store = store
        self._endings = endings
        self._runtime = runtime
        self._cleanup = cleanup
        self._is_asked = runtime.timeout_s > 0
        must_settle = self._is_asked or store.is_split
        self._hold_ms = int((runtime.timeout_s + _SLACK_S) * 1000) if must_settle else 0

    def require_runtime(self) -> None:
        """Raises RuntimeNotConfigured."""
        self._runtime.require()

    async def admit(self, session: SessionCaller, op: str, *, known_rev: str) -> Admission:
        """Admits a connect, once no other admission of its token is under way. Idempotent under `op`.

        `credential` or `withdraw` must follow, and after a failure `withdraw`, unless that says that nothing
        was taken.

        Raises NotFound, InvalidCredential (revoked), SessionCapacity, SessionMinutesExhausted,
        RuntimeUnavailable, StoreUnavailable, OutcomeUnknown.
        """
        waited_for, pause_s = "", _FIRST_LOOK_S
        while True:
            found = await self._store.admit(
                session,
                op,
                known_rev=known_rev,
                hold_ms=self._hold_ms,
                is_stored=self._is_asked,
                waited_for=waited_for,
            )
            if isinstance(found, Admission):
                return found
            if isinstance(found, Lapsed):
                await self._endings.lapse_first(session.tenant, session.jti)
                continue
            waited_for = found.asker
            await asyncio.sleep(min(pause_s, found.longest_ms / 1000))
            pause_s = min(2 * pause_s, _LONGEST_PAUSE_S)

    async def credential(
        self, session: SessionCaller, admission: Admission, op: str
    ) -> RuntimeToken:
        """Returns the credential of an admission; one that fails is withdrawn.

        Raises SessionCapacity, RuntimeUnavailable, StoreUnavailable, OutcomeUnknown.
        """
        if admission.must_settle:
            return await self._cleanup.finish(self._settled(session, admission, op))
        try:
            token = await self._known(session, admission)
        except BaseException:  # whatever it was: nobody has the credential
            await self.withdraw(session, op)
            raise
        self._count(admission)
        return token

    async def withdraw(self, session: SessionCaller, op: str) -> None:
        """Takes an admission back, also while the caller is leaving. Should it fail, the lease lapses."""
        await self._cleanup.run(self._store.withdraw(session, op))

    async def _give_back(
        self, session: SessionCaller, admission: Admission, op: str, cause: str = ""
    ) -> None:
        """The same with its place. `cause`: `runtime` or `system`, what those are refused for who wait."""
        await self._cleanup.run(self._store.withdraw(session, op, cause, admission))

    async def _settled(self, session: SessionCaller, admission: Admission, op: str) -> RuntimeToken:
        cause = ""
        try:
            if self._store.is_split:
                cause = "system"
                await self._take_place(session, admission)
                cause = ""
            if not admission.is_fresh or not self._is_asked:
                token = await self._known(session, admission)
                kept, to_ms, exp_ms = b"", admission.to_ms, admission.to_ms
            else:
                cause = "runtime"
                token = await self._asked(session, admission)
                cause = ""
                kept = orjson.dumps({"jwt": token.jwt, "expires_at_s": token.expires_at_s})
                exp_ms = (token.expires_at_s or 0) * 1000 or admission.to_ms
                # What it lasts beyond what was asked for counts as good time, not as paid time.
                to_ms = max(admission.from_ms + 1, min(exp_ms, admission.to_ms))
                exp_ms = min(max(exp_ms, to_ms), to_ms + self._hold_ms)
            is_live = await self._store.settle(
                session, op, admission, kept=kept, to_ms=to_ms, exp_ms=exp_ms
            )
        except BaseException as error:
            is_refused = isinstance(error, SessionCapacity | RuntimeUnavailable)
            await self._give_back(session, admission, op, cause if is_refused else "")
            raise
        if not is_live:
            if is_live is not None:  # it was ended, or has run out: no lease is left
                await self._give_back(session, replace(admission, before_ms=0), op)
                await self._cleanup.run(self._endings.lapse_first(session.tenant, session.jti))
            _DROPPED.add()
            raise RuntimeUnavailable("the session was ended while it was being started")
        self._count(admission)
        return token

    async def _take_place(self, session: SessionCaller, admission: Admission) -> None:
        try:
            await self._store.take_place(session, admission)
        except SessionCapacity:
            _SYSTEM_FULL.add()
            raise

    async def _asked(self, session: SessionCaller, admission: Admission) -> RuntimeToken:
        try:
            return await self._runtime.token(_lease(session, admission))
        except RuntimeFailed as error:
            log.warning("the runtime gave no token", jti=session.jti, cause=str(error))
            raise RuntimeUnavailable from error

    async def _known(self, session: SessionCaller, admission: Admission) -> RuntimeToken:
        """A credential that is stored, or can be made again."""
        if not self._is_asked:
            left_s = max(1, (admission.to_ms - admission.now_ms) // 1000)
            made = await self._runtime.token(_lease(session, admission))
            return RuntimeToken(made.jwt, left_s, made.expires_at_s)
        key = keyspace.credential(session.tenant, session.jti)
        record = jsondoc.load_stored(admission.kept, key)
        try:
            jwt, expires_at_s = str(record["jwt"]), int(record["expires_at_s"])
        except (KeyError, TypeError, ValueError) as error:
            raise jsondoc.unreadable(key, "it is no credential") from error
        left_s = max(1, (expires_at_s * 1000 - admission.now_ms) // 1000)
        return RuntimeToken(jwt, left_s, expires_at_s)

    @staticmethod
    def _count(admission: Admission) -> None:
        if admission.has_charged:
            _ADMITTED.add()
            _SECONDS_GRANTED.add()
        else:
            _RECONNECTED.add()
        (_GIVEN if admission.is_fresh else _REUSED).add()


def _lease(session: SessionCaller, admission: Admission) -> RuntimeLease:
    return RuntimeLease(
        jti=session.jti,
        world_id=session.world_id,
        player=session.player,
        ends_at_ms=admission.to_ms,
        seconds=max(1, (admission.to_ms - admission.from_ms) // 1000),
    )
