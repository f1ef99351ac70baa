"""Entries of durable work in the store: each step is one script on the tenant's node (README.md)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core.ids import new_id
from conjure.queue.handler import Entry
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from conjure.core.caller import Tenant
    from conjure.store.client import Store, Value

_CLAIM: Final = Script("conjure.queue", "claim", includes=["entries"])
_RENEW: Final = Script("conjure.queue", "renew", includes=["entries"])
_FINISH: Final = Script("conjure.queue", "finish", includes=["entries"])
_MOST_CAUSE: Final = 300  # characters of what operators read of a failure


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a visit of a lane gave. `next_ms`: until it is worth to look again; None: the lane is empty."""

    entries: tuple[Entry, ...]
    next_ms: int | None


class QueueStore:
    """Claims, renews and ends."""

    def __init__(
        self, store: Store, *, lease_s: float, kept_s: float, most_dead: int = 10_000
    ) -> None:
        self._store = store
        self._lease_ms = int(lease_s * 1000)
        self._kept_ms = int(kept_s * 1000)
        self._most_dead = most_dead

    async def claim(
        self, tenant: Tenant, kind: str, lane: str, *, want: int, most_in_lane: int
    ) -> Claimed:
        """Claims up to `want` entries, fewer where `most_in_lane` would be claimed by all together.

        Raises StoreUnavailable, OutcomeUnknown: what may have been claimed lapses then.
        """
        keys = [
            keyspace.queue_lanes(tenant),
            keyspace.queue_ready(tenant, kind, lane),
            keyspace.queue_claimed(tenant, kind, lane),
        ]
        args: list[Value] = [
            keyspace.queue_entry(tenant, kind, ""), kind, lane, want, most_in_lane, self._lease_ms, new_id(),
        ]  # fmt: skip
        next_ms, *rows = await self._store.effect(_CLAIM, keys, args)
        entries = tuple(
            Entry(
                kind,
                tenant,
                lane,
                entry_id.decode(),
                payload,
                int(attempts),
                int(created),
                token.decode(),
            )
            for entry_id, payload, attempts, created, token in rows
        )
        return Claimed(entries, None if next_ms < 0 else next_ms)

    async def renew(self, entry: Entry) -> bool:
        """Prolongs a claim; False: it is lost. Raises StoreUnavailable, OutcomeUnknown."""
        keys = [
            keyspace.queue_ready(entry.tenant, entry.kind, entry.lane),
            keyspace.queue_claimed(entry.tenant, entry.kind, entry.lane),
            keyspace.queue_entry(entry.tenant, entry.kind, entry.id),
        ]
        return bool(await self._store.effect(_RENEW, keys, [entry.id, entry.token, self._lease_ms]))

    async def ack(self, entry: Entry) -> int | None:
        """Removes a claimed entry. This and the next three return the ms until another of the lane is due.

        None: there is none. They do nothing when the claim is lost. Raise StoreUnavailable, OutcomeUnknown.
        """
        return await self._finish(entry, "ack")

    async def retry(self, entry: Entry, after_s: float, cause: str) -> int | None:
        """Makes an entry due again later."""
        return await self._finish(entry, "retry", after_s, cause)

    async def give_back(self, entry: Entry, after_s: float = 0.0) -> int | None:
        """The same; this attempt does not count."""
        return await self._finish(entry, "back", after_s)

    async def bury(self, entry: Entry, cause: str) -> int | None:
        """Sets an entry aside as a dead letter."""
        return await self._finish(entry, "bury", 0.0, cause)

    async def _finish(
        self, entry: Entry, action: str, after_s: float = 0.0, cause: str = ""
    ) -> int | None:
        tenant, kind, lane = entry.tenant, entry.kind, entry.lane
        keys = [
            keyspace.queue_lanes(tenant),
            keyspace.queue_ready(tenant, kind, lane),
            keyspace.queue_claimed(tenant, kind, lane),
            keyspace.queue_entry(tenant, kind, entry.id),
            keyspace.queue_dead(tenant, kind),
        ]
        args: list[Value] = [
            action, kind, lane, entry.id, entry.token, int(after_s * 1000), cause[:_MOST_CAUSE],
            self._kept_ms, self._most_dead, keyspace.queue_entry(tenant, kind, ""),
        ]  # fmt: skip
        next_ms: int = await self._store.effect(_FINISH, keys, args)
        return None if next_ms < 0 else next_ms
