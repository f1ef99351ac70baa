"""Sessions of a store that no server works on, so that their ends are told when a test says so."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conjure.core.caller import SessionCaller, Tenant
from conjure.core.ids import new_id
from conjure.queue.directory import Directory
from conjure.queue.kinds import EVENTS
from conjure.sessions.endings import Endings
from conjure.sessions.finder import LapseFinder
from conjure.sessions.store import Admission, SessionStore
from conjure.settings import CapSettings, SessionSettings
from conjure.store import keyspace

if TYPE_CHECKING:
    from conjure.store.client import Store

LEASE_S = 32
HOLD_MS = 11_000
"""Tests let whole multiples of 3 s pass: nothing ends within a second of them."""
MANY = 1_000_000
ASKED = {"hold_ms": HOLD_MS, "is_stored": True}
"""How a connect is admitted whose runtime is asked."""


@dataclass
class Sessions:
    """The sessions of one app, at a server of its own."""

    store: Store
    sessions: SessionStore
    endings: Endings
    finder: LapseFinder
    tenant: Tenant
    world_id: str

    @classmethod
    async def opened(cls, store: Store, *, is_cluster: bool, places: int = MANY) -> Sessions:
        """For a new app with one world."""
        caps = CapSettings(session_seconds=MANY, live_sessions=MANY)
        settings = SessionSettings(lease_s=LEASE_S, global_live_sessions=places)
        sessions = SessionStore(store, caps, settings, is_cluster=is_cluster, idempotency_s=60)
        endings = Endings(store, sessions, Directory(store))
        found = cls(store, sessions, endings, LapseFinder(store, endings), Tenant("", ""), new_id())
        return await found.of_another_app()

    async def of_another_app(self) -> Sessions:
        """The same for another app, which has a world of the same id."""
        tenant = Tenant(new_id(), "live")
        await self.store.write(
            "HSET", keyspace.world(tenant, self.world_id), "rev", "1", "doc", "{}"
        )
        return replace(self, tenant=tenant)

    def caller(self) -> SessionCaller:
        """The holder of a token that has never connected."""
        return SessionCaller(self.tenant, self.world_id, new_id(), "p", int(time.time()) + 3600)

    async def admit(self, session: SessionCaller, op: str | None = None, **how: Any) -> Any:
        """What `admit` answers; by default of a connect whose runtime is asked."""
        return await self.sessions.admit(session, op or new_id(), known_rev="1", **(how or ASKED))

    async def settle(self, session: SessionCaller, op: str, admission: Admission) -> bool | None:
        """The runtime has given the asker a credential."""
        if self.sessions.is_split:
            await self.sessions.take_place(session, admission)
        end = admission.to_ms
        kept = json.dumps({"jwt": "j", "expires_at_s": end // 1000}).encode()
        return await self.sessions.settle(session, op, admission, kept=kept, to_ms=end, exp_ms=end)

    async def connect(self, session: SessionCaller) -> Any:
        """A connect that is let in, or what it was answered instead."""
        op = new_id()
        found = await self.admit(session, op)
        if isinstance(found, Admission) and found.must_settle:
            assert await self.settle(session, op, found)
        return found

    async def connected(self, count: int = 1) -> list[SessionCaller]:
        """Sessions that are live."""
        callers = [self.caller() for _ in range(count)]
        for at in range(0, count, 100):
            await asyncio.gather(*map(self.connect, callers[at : at + 100]))
        return callers

    async def events(self) -> list[dict[str, Any]]:
        """What was told of this app, read where it waits for its delivery."""
        ready = keyspace.queue_ready(self.tenant, EVENTS, "")
        ids = await self.store.read("ZRANGEBYSCORE", ready, "-inf", "+inf")
        found = []
        for name in ids:
            entry = keyspace.queue_entry(self.tenant, EVENTS, name.decode())
            event = json.loads(await self.store.read("HGET", entry, "payload"))
            assert event["type"] == "session.ended"
            found.append({"id": name.decode(), **event})
        return found

    async def told(self) -> list[str]:
        """Of whose sessions."""
        return sorted(event["data"]["jti"] for event in await self.events())

    async def left(self) -> tuple[int, int]:
        """How many leases the app has, and how many places, live or not."""
        places = await self.store.read("ZRANGEBYSCORE", keyspace.places(), "-inf", "+inf")
        mine = [place for place in places if place.decode().startswith(f"{self.tenant.tag}:")]
        return await self.store.read("ZCARD", keyspace.leases(self.tenant)), len(mine)
