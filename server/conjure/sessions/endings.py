"""The ends of sessions, each with its event `session.ended` (CONTRACT 6.2, 6.3, 8).

A session ends because somebody ends it (`end.lua`) or because its lease runs out (`lapse.lua`). One event is
put for each time that it does, in the same script, so that no crash comes between the two:

- **What is to be told is what stands in the tenant's `leases`.** Admission puts a session there; whoever
  takes it out because it has ended puts the event in the same step. An end that is repeated, one of a session
  that has run out, and two finders at once find nothing to take out. What connects again stands there again.
- **A connect never passes over an end.** When the token's session has run out and nobody has found that yet,
  admission answers `lapsed`, and the connect has it told first: three round trips, in the second or so before
  the finder comes.
- **An admission that is taken back** leaves `leases` without an event, unless the session was live before it:
  then it stands there with its old end, also when that has passed.

Who finds a session that ran out: `finder` says. After the script the queue's directory is told where to look;
what a crash leaves out there, the queue's sweep finds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core import metrics
from conjure.core.errors import OutcomeUnknown, StoreUnavailable
from conjure.core.ids import new_id
from conjure.queue.kinds import EVENTS
from conjure.sessions.store import Lease
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.core.caller import Tenant
    from conjure.queue.directory import Directory
    from conjure.sessions.store import SessionStore
    from conjure.store.client import Store, Value

_END: Final = Script(
    "conjure.sessions", "end", includes=["lease", "places", "queue.entries", "tell"]
)
_LAPSE: Final = Script("conjure.sessions", "lapse", includes=["lease", "queue.entries", "tell"])
_RELEASE_MS: Final = 5_000
"""On a cluster: how long an end that never gave its place back keeps others of its token waiting."""
_OTHERS: Final = 10
"""How many may be told beside those that are asked for: their places were lost."""
_LAPSED: Final = metrics.SESSIONS_ENDED.at("lapsed")


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of an end. `was_live`: this call ended it, or a repetition of it did."""

    lease: Lease
    refunded_s: int
    was_live: bool


class Endings:
    """Ends sessions, and tells so."""

    def __init__(self, store: Store, sessions: SessionStore, directory: Directory) -> None:
        self._store = store
        self._sessions = sessions
        self._directory = directory

    async def end(self, tenant: Tenant, jti: str, op: str, *, revoke_s: int = 0) -> Ended | None:
        """Ends a session; None when it never connected. With `revoke_s` its token is refused for so long.

        Idempotent under `op`, a UUID: the id of the event. Raises StoreUnavailable, OutcomeUnknown.
        """
        keys = [
            keyspace.leases(tenant),
            keyspace.lease(tenant, jti),
            keyspace.credential(tenant, jti),
            keyspace.usage(tenant),
            keyspace.queue_lanes(tenant),
            keyspace.queue_ready(tenant, EVENTS, ""),
            keyspace.queue_entry(tenant, EVENTS, op),
            *self._sessions.places,
        ]
        hold_ms = _RELEASE_MS if self._sessions.is_split else 0
        args: list[Value] = [jti, op, self._sessions.member(tenant, jti), revoke_s * 1000, hold_ms]
        outcome, *rest = await self._store.effect(_END, keys, args)
        if outcome == b"none":
            return None
        was_live = outcome == b"ended"
        if was_live:
            self._directory.note(tenant, EVENTS, "")
        world, player, start, finish, charged, refunded, tracked, before, must_release = (
            item.decode() for item in rest
        )
        if must_release:
            try:
                await self._sessions.release(tenant, jti, op, int(before))
            except StoreUnavailable as error:  # the session has ended; its place lapses by itself
                raise OutcomeUnknown from error
        lease = Lease(jti, world, player, int(start), int(finish), int(charged), tracked)
        return Ended(lease, int(refunded), was_live)

    async def lapse(self, tenant: Tenant, jtis: Sequence[str]) -> list[int]:
        """Tells the end of sessions that have run out: of these, and of some others of the tenant.

        Returns the ms that each of these has left; 0: it is over, and told; -1: an admission that is under
        way decides. `announce` must follow. Raises StoreUnavailable, OutcomeUnknown.
        """
        while True:
            told, left = await self._lapse(tenant, jtis)
            if told < len(jtis) + _OTHERS:
                return left

    async def lapse_first(self, tenant: Tenant, jti: str) -> None:
        """Tells the end of a session that a connect is about to continue.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        await self._lapse(tenant, (jti,))
        self._directory.note(tenant, EVENTS, "")

    async def announce(self, tenants: Sequence[Tenant]) -> None:
        """Says that there are events. Never raises."""
        await self._directory.announce_all(EVENTS, [(tenant, "") for tenant in tenants])

    async def _lapse(self, tenant: Tenant, jtis: Sequence[str]) -> tuple[int, list[int]]:
        ids = [new_id() for _ in range(len(jtis) + _OTHERS)]
        keys = [
            keyspace.leases(tenant),
            keyspace.usage(tenant),
            keyspace.queue_lanes(tenant),
            keyspace.queue_ready(tenant, EVENTS, ""),
            *(keyspace.queue_entry(tenant, EVENTS, event_id) for event_id in ids),
        ]
        args: list[Value] = [keyspace.lease(tenant, ""), len(ids), *ids, *jtis]
        told, *left = await self._store.effect(_LAPSE, keys, args)
        _LAPSED.add(told)
        return told, left
