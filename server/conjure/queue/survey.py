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
from conjure.queue.kinds import KINDS
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from conjure.queue.directory import Directory
    from conjure.store.client import Store

log = structlog.get_logger(__name__)

_REVIVE: Final = Script("conjure.queue", "revive")
_MOST_LANES: Final = 1_000  # lanes whose entries are counted: those that wait longest
_EVERY_S: Final = 15.0


@dataclass(frozen=True, slots=True)
class Depth:
    """The work of a kind. `lanes`: all that have entries. `entries`: of up to 1,000 of them.

    `oldest_due_s`: how long the lane that waits longest has been due, 0 when none is.
    """

    lanes: int = 0
    entries: int = 0
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
        lanes = [_place(member) for member in rows[::2]]
        counts = await asyncio.gather(
            *(
                self._store.read("ZCARD", of(tenant, kind, lane))
                for tenant, lane in lanes
                for of in (keyspace.queue_ready, keyspace.queue_claimed)
            )
        )
        dead = await asyncio.gather(
            *(self._store.read("ZCARD", keyspace.queue_dead(tenant, kind)) for tenant in graves)
        )
        late_s = time.time() - float(rows[1]) / 1000 if rows else 0.0
        return Depth(total, sum(counts), max(0.0, late_s), sum(dead))

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
            for entry_id, buried in zip(rows[::2], rows[1::2], strict=True):
                letter = await self._letter(tenant, kind, entry_id.decode(), int(float(buried)))
                if letter is not None:
                    found.append(letter)
        return found

    async def retry(self, tenant: Tenant, kind: str, entry_id: str = "") -> int:
        """Makes a dead letter due again, or up to 500 of a tenant; returns how many.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        count = await self._revive("retry", tenant, kind, entry_id)
        lanes = await self._store.read("SMEMBERS", keyspace.queue_lanes(tenant))
        for name in lanes:
            of_kind, _, lane = name.decode().partition(":")
            if of_kind == kind:
                await self._directory.announce(tenant, kind, lane)
        return count

    async def drop(self, tenant: Tenant, kind: str, entry_id: str = "") -> int:
        """Forgets a dead letter, or up to 500 of a tenant; returns how many.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        return await self._revive("drop", tenant, kind, entry_id)

    async def _revive(self, action: str, tenant: Tenant, kind: str, entry_id: str) -> int:
        prefix, _, suffix = keyspace.queue_ready(tenant, kind, "|").partition("|")
        keys = [keyspace.queue_lanes(tenant), keyspace.queue_dead(tenant, kind)]
        args = [action, kind, keyspace.queue_entry(tenant, kind, ""), prefix, suffix, entry_id]
        count: int = await self._store.effect(_REVIVE, keys, args)
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

    async def _graves(self, kind: str) -> list[Tenant]:
        members = await self._store.read("ZREVRANGE", keyspace.queue_graves(), 0, _MOST_LANES - 1)
        places = [_place(member) for member in members]
        return [tenant for tenant, of_kind in places if of_kind == kind]


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
            await asyncio.sleep(_EVERY_S)


def _place(member: bytes) -> tuple[Tenant, str]:
    """Reads a member of the directory or of the graves: tenant, and lane or kind."""
    tag, _, rest = member.decode().partition("|")
    app, _, mode = tag.rpartition(":")
    return Tenant(app, mode), rest
