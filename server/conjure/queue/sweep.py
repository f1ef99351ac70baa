"""The slow sweep: every lane that has entries stands in the directory, whatever was lost.

The directory is written after the work, by whoever put it; a process that dies in between, and a failover
that loses the directory's last writes, leave work that nobody looks for. So one process at a time goes over
all apps and reads of each tenant the names of its lanes, mostly none: some 10 µs. It takes its time, so that
10,000 apps cost a fraction of a percent of a core.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.background import Background
from conjure.core.caller import MODES, Tenant
from conjure.core.errors import AppError
from conjure.core.paging import id_of_member
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from conjure.queue.directory import Directory
    from conjure.store.client import Store

log = structlog.get_logger(__name__)

_COUNT_DEAD: Final = Script("conjure.queue", "graves")
_PAGE: Final = 100  # apps read together
_GRAVES: Final = "dead"


class Sweep(Background):
    """Sweeps while it is entered, unless another process does. A pass takes about `every_s`."""

    def __init__(self, store: Store, directory: Directory, *, every_s: float) -> None:
        self._store = store
        self._directory = directory
        self._every_s = every_s
        self._name = secrets.token_hex(8)

    async def _work(self) -> None:
        while True:
            try:
                if await self._is_mine():
                    await self.sweep(spread_s=0.9 * self._every_s)
            except AppError as error:
                log.warning("the sweep of the queue was broken off", cause=error.reason)
            except Exception:  # a fault of ours must not end the sweeps of this process
                log.exception("the sweep of the queue failed")
            await asyncio.sleep(self._every_s / 10)

    async def _is_mine(self) -> bool:
        """Takes the turn for a pass, if nobody has it. Two that sweep at once do no harm."""
        held_ms = int(self._every_s * 1000)
        taken = await self._store.write(
            "SET", keyspace.queue_sweeper(), self._name, "NX", "PX", held_ms
        )
        return taken is not None

    async def sweep(self, *, spread_s: float = 0.0) -> int:
        """Announces every lane that has entries; returns how many. Raises StoreUnavailable."""
        total = await self._store.read("ZCARD", keyspace.apps())
        pause_s = spread_s * _PAGE / max(total, _PAGE)
        found = 0
        # By members, as apps come and go meanwhile; newest first: those have most to lose.
        before = "+"
        while True:
            members = await self._store.read(
                "ZREVRANGEBYLEX", keyspace.apps(), before, "-", "LIMIT", 0, _PAGE
            )
            if not members:
                return found
            found += await self._announce([id_of_member(member.decode()) for member in members])
            before = f"({members[-1].decode()}"
            await asyncio.sleep(pause_s)

    async def _announce(self, app_ids: list[str]) -> int:
        tenants = [Tenant(app, mode) for app in app_ids for mode in MODES]
        rows = await asyncio.gather(
            *(self._store.read("SMEMBERS", keyspace.queue_lanes(tenant)) for tenant in tenants)
        )
        lanes: dict[str, list[tuple[Tenant, str]]] = {kind: [] for kind in self._directory.kinds}
        for tenant, names in zip(tenants, rows, strict=True):
            for name in names:
                kind, _, lane = name.decode().partition(":")
                if kind == _GRAVES:
                    await self._count_dead(tenant, lane)
                elif kind in lanes:  # else a later release's
                    lanes[kind].append((tenant, lane))
        for kind, found in lanes.items():
            await self._directory.announce_all(kind, found)
        return sum(map(len, lanes.values()))

    async def _count_dead(self, tenant: Tenant, kind: str) -> None:
        """Notes a tenant's dead letters, or forgets that it had any when they have lapsed."""
        count = await self._store.effect(
            _COUNT_DEAD,
            [keyspace.queue_lanes(tenant), keyspace.queue_dead(tenant, kind)],
            [kind, keyspace.queue_entry(tenant, kind, "")],
        )
        if count:
            await self._directory.note_grave(tenant, kind)
        else:
            await self._directory.forget_grave(tenant, kind)
