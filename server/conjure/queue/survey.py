"""How much work there is: for metrics, and for operators (`conjure queue`)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.background import Background
from conjure.core.caller import Tenant
from conjure.core.errors import AppError
from conjure.queue.directory import place_of
from conjure.queue.kinds import KINDS
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conjure.queue.directory import Directory
    from conjure.store.client import Store, Value

log = structlog.get_logger(__name__)

_REVIVE: Final = Script("conjure.queue", "revive")
_MOST_LANES: Final = 1_000  # lanes whose entries are counted: those that wait longest
_MOST_REVIVED: Final = 500  # dead letters that one script revives or drops
_EVERY_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Depth:
    """The work of a kind. `lanes`: all that have entries. `entries`: of up to 1,000 of them.

    `running`: how many of those are claimed. `oldest_due_s`: how long work that is due has waited for a
    worker to look at its lane; 0 when none waits.
    """

    lanes: int = 0
    entries: int = 0
    running: int = 0
    oldest_due_s: float = 0.0
    dead: int = 0


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An entry that was given up. Times in ms since 1970."""

    tenant: Tenant
    kind: str
    id: str
    lane: str
    attempts: int
    created_ms: int
    buried_ms: int
    cause: str
    payload: bytes = field(repr=False)


class Survey:
    """Counts work and looks after dead letters."""

    def __init__(self, store: Store, directory: Directory) -> None:
        self._store = store
        self._directory = directory

    async def depth(self, kind: str) -> Depth:
        """Counts the work of a kind. Raises StoreUnavailable."""
        key = keyspace.queue_directory(kind)
        total, rows, graves = await asyncio.gather(
            self._store.read("ZCARD", key),
            self._store.read("ZRANGE", key, 0, _MOST_LANES - 1, "WITHSCORES"),
            self._graves(kind),
        )
        lanes = [
            (*place_of(member), float(score) / 1000)
            for member, score in zip(rows[::2], rows[1::2], strict=True)
        ]
        ready: list[int] = await asyncio.gather(
            *(
                self._store.read("ZCARD", keyspace.queue_ready(tenant, kind, lane))
                for tenant, lane, _ in lanes
            )
        )
        running: list[int] = await asyncio.gather(
            *(
                self._store.read("ZCARD", keyspace.queue_claimed(tenant, kind, lane))
                for tenant, lane, _ in lanes
            )
        )
        dead = await asyncio.gather(
            *(self._store.read("ZCARD", keyspace.queue_dead(tenant, kind)) for tenant in graves)
        )
        now_s = time.time()
        late = await asyncio.gather(
            *(
                self._late_s(tenant, kind, lane, looked_at_s, now_s)
                for (tenant, lane, looked_at_s), entries in zip(lanes, ready, strict=True)
                if entries and looked_at_s < now_s
            )
        )
        return Depth(
            total, sum(ready) + sum(running), sum(running), max(late, default=0.0), sum(dead)
        )

    async def _late_s(
        self, tenant: Tenant, kind: str, lane: str, looked_at_s: float, now_s: float
    ) -> float:
        """How long due work of a lane has waited. Lanes are looked at for other reasons too: the sweep's."""
        first = await self._store.read(
            "ZRANGE", keyspace.queue_ready(tenant, kind, lane), 0, 0, "WITHSCORES"
        )
        return max(0.0, now_s - max(looked_at_s, float(first[1]) / 1000)) if first else 0.0

    async def dead_letters(self, kind: str, *, limit: int) -> list[DeadLetter]:
        """Returns up to `limit` dead letters, the newest of each tenant first. Raises StoreUnavailable."""
        found: list[DeadLetter] = []
        for tenant in await self._graves(kind):
            if len(found) >= limit:
                break
            rows = await self._store.read(
                "ZREVRANGE",
                keyspace.queue_dead(tenant, kind),
                0,
                limit - len(found) - 1,
                "WITHSCORES",
            )
            letters = await asyncio.gather(
                *(
                    self._letter(tenant, kind, entry_id.decode(), int(float(buried)))
                    for entry_id, buried in zip(rows[::2], rows[1::2], strict=True)
                )
            )
            found += [letter for letter in letters if letter is not None]
        return found

    async def retry(self, tenant: Tenant, kind: str, entry_id: str = "") -> int:
        """Makes a dead letter due again, or the 500 oldest of a tenant; returns how many.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        count = await self._revive("retry", tenant, kind, entry_id)
        names = await self._store.read("SMEMBERS", keyspace.queue_lanes(tenant))
        lanes = [name.decode().partition(":") for name in names]
        await self._directory.announce_all(
            kind, [(tenant, lane) for of_kind, _, lane in lanes if of_kind == kind]
        )
        return count

    async def drop(self, tenant: Tenant, kind: str, entry_id: str = "") -> int:
        """Forgets a dead letter, or the 500 oldest of a tenant; returns how many.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        return await self._revive("drop", tenant, kind, entry_id)

    async def retry_all(self, kind: str, tenant: Tenant | None = None) -> int:
        """Makes all dead letters due again, of one tenant or of all; returns how many. Raises as `retry`.

        Those that are there now: what fails again meanwhile stays dead, or this could go on for ever.
        """
        return await self._all(self.retry, kind, tenant)

    async def drop_all(self, kind: str, tenant: Tenant | None = None) -> int:
        """Forgets all dead letters, of one tenant or of all; returns how many. Raises as `drop`."""
        return await self._all(self.drop, kind, tenant)

    async def _all(
        self,
        step: Callable[[Tenant, str], Awaitable[int]],
        kind: str,
        tenant: Tenant | None,
    ) -> int:
        count = 0
        for one in [tenant] if tenant else await self._graves(kind, most=0):
            there = await self._store.read("ZCARD", keyspace.queue_dead(one, kind))
            for _ in range(0, there, _MOST_REVIVED):
                count += await step(one, kind)
        return count

    async def _revive(self, action: str, tenant: Tenant, kind: str, entry_id: str) -> int:
        prefix, _, suffix = keyspace.queue_ready(tenant, kind, "|").partition("|")
        keys = [keyspace.queue_lanes(tenant), keyspace.queue_dead(tenant, kind)]
        args: list[Value] = [
            action, kind, keyspace.queue_entry(tenant, kind, ""), prefix, suffix, entry_id, _MOST_REVIVED,
        ]  # fmt: skip
        count: int
        count, left = await self._store.effect(_REVIVE, keys, args)
        if not left:
            await self._directory.forget_grave(tenant, kind)
        return count

    async def _letter(
        self, tenant: Tenant, kind: str, entry_id: str, buried_ms: int
    ) -> DeadLetter | None:
        payload, lane, attempts, created, cause = await self._store.read(
            "HMGET", keyspace.queue_entry(tenant, kind, entry_id),
            "payload", "lane", "attempts", "created", "cause",
        )  # fmt: skip
        if payload is None:
            return None  # it has lapsed meanwhile
        return DeadLetter(
            tenant, kind, entry_id, lane.decode(), int(attempts), int(created), buried_ms,
            (cause or b"").decode(errors="replace"), payload,
        )  # fmt: skip

    async def _graves(self, kind: str, most: int = _MOST_LANES) -> list[Tenant]:
        """The tenants that have dead letters, those with the newest first; `most` 0: all."""
        members = await self._store.read("ZREVRANGE", keyspace.queue_graves(kind), 0, most - 1)
        return [Tenant.of_tag(member.decode()) for member in members]


class Depths(Background):
    """The depths as metrics show them: counted a few times a minute while it is entered."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._depths = dict.fromkeys(KINDS, Depth())

    def of(self, kind: str) -> Depth:
        """The last count."""
        return self._depths[kind]

    async def _work(self) -> None:
        while True:
            try:
                for kind in KINDS:
                    self._depths[kind] = await self._survey.depth(kind)
            except AppError as error:
                log.warning("the queue's depth is not known", cause=error.reason)
            except Exception:  # else the gauges would stand still
                log.exception("the queue was not counted")
            await asyncio.sleep(_EVERY_S)
