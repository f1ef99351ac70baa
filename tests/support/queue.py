"""Durable work of a test: put into the store, handled by workers of its own."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from importlib import resources
from typing import TYPE_CHECKING, Any, Final

from conjure.queue.directory import Directory
from conjure.queue.handler import Ack
from conjure.queue.store import QueueStore
from conjure.queue.worker import Worker
from conjure.settings import QueueSettings
from conjure.store import keyspace

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from conjure.core.caller import Tenant
    from conjure.queue.handler import Entry, Outcome
    from conjure.store.client import Store

SETTINGS: Final = QueueSettings(poll_s=0.02, lease_s=1.0)
_PUT: Final = "\n".join((
    "#!lua",
    resources.files("conjure.store").joinpath("prelude.lua").read_text(),
    resources.files("conjure.queue").joinpath("entries.lua").read_text(),
    "queue_put(KEYS[1], KEYS[2], KEYS[3], ARGV[1], ARGV[2], ARGV[3], now_ms() + tonumber(ARGV[4]), ARGV[5])",
))  # fmt: skip


async def put(
    store: Store, tenant: Tenant, kind: str, entry_id: str, *, lane: str = "", payload: str = "{}",
    after_s: float = 0.0,
) -> None:  # fmt: skip
    """Puts an entry, as a script of a domain does. Nobody is told."""
    await store.write(
        "EVAL", _PUT, 3,
        keyspace.queue_lanes(tenant),
        keyspace.queue_ready(tenant, kind, lane),
        keyspace.queue_entry(tenant, kind, entry_id),
        kind, lane, entry_id, int(after_s * 1000), payload,
    )  # fmt: skip


async def waiting(
    store: Store, tenant: Tenant, kind: str, lane: str = ""
) -> tuple[list[str], list[str]]:
    """The ids of a lane's entries: ready, and claimed."""
    rows = [
        await store.read("ZRANGE", of(tenant, kind, lane), 0, -1)
        for of in (keyspace.queue_ready, keyspace.queue_claimed)
    ]
    return tuple([member.decode() for member in row] for row in rows)


@dataclass
class Recorder:
    """A handler that notes what it was given, and then does what the test says."""

    kind: str
    most_attempts: int | None = None
    batch: int = 8
    most: int = 100
    does: Callable[[Entry], Awaitable[Outcome]] | None = None
    gives_up: Callable[[Entry], Awaitable[Outcome]] | None = None
    seen: list[Entry] = field(default_factory=list)
    running: int = 0
    most_running: int = 0

    def most_in_lane(self, tenant: Tenant, lane: str) -> int:
        return self.most

    async def handle(self, entry: Entry) -> Outcome:
        self.seen.append(entry)
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            return Ack() if self.does is None else await self.does(entry)
        finally:
            self.running -= 1

    async def exhausted(self, entry: Entry) -> Outcome:
        assert self.gives_up is not None
        return await self.gives_up(entry)

    @property
    def ids(self) -> list[str]:
        return [entry.id for entry in self.seen]


@contextlib.asynccontextmanager
async def worker_of(
    store: Store, handler: Any, *, at_once: int = 100, **settings: float
) -> AsyncIterator[tuple[Worker, Directory]]:
    """A worker as a process has one, with a directory."""
    chosen = replace(SETTINGS, **settings)
    async with Directory(store, [handler.kind]) as directory:
        queue = QueueStore(store, lease_s=chosen.lease_s, kept_s=chosen.dead_s)
        async with Worker(queue, directory, handler, chosen, at_once=at_once) as worker:
            yield worker, directory


async def forever(entry: Entry) -> Outcome:
    """Never comes to its end by itself."""
    await asyncio.Event().wait()
    raise AssertionError
