"""Callers of a deployment on a cluster that is being hurt, and what must hold afterwards.

Every caller goes on whatever happens, and writes down what it was told. A failure must be a 503 that says when to
come back; it promises that nothing happened, so what is counted afterwards must match to the unit.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc.aio

from conjure.administration import administration
from conjure.core.errors import Reason
from conjure.settings import AuthSettings
from conjure.store import keyspace
from support.revs import number
from support.rpc import Client, read_refusal, stubborn_client
from support.stack import new_app, running_server, store_settings
from support.until import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
    from pathlib import Path

    from conjure.administration import Administration
    from support.cluster import Server, StoreCluster
    from support.stack import TestApp

CAP = 5
LEASE_S = 300
"""Long: no lease ends by its time during a test, so the cap holds for all that were ever admitted."""

ENVIRONMENT = {
    "CONJURE_SESSIONS_LEASE_S": str(LEASE_S),
    "CONJURE_CAPS_GENERATION": "1000000",
    "CONJURE_CAPS_SESSION": "1000000",
    "CONJURE_CAPS_SESSION_SECONDS": "1000000",
    "CONJURE_CAPS_LIVE_SESSIONS": str(CAP),
}


_BUSY = 20
"""Edits that were acknowledged: fewer prove nothing."""


@dataclass
class Tenant:
    """An app with callers, and what they were told."""

    app: TestApp
    client: Client
    world_id: str
    states: dict[str, int] = field(default_factory=dict)  # acknowledged, with their revs
    worlds: set[str] = field(default_factory=set)
    minted: int = 0
    admitted: set[str] = field(default_factory=set)
    refused: Counter[Reason] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    answered_at: list[float] = field(default_factory=list)

    @property
    def longest_silence_s(self) -> float:
        """The longest time without an acknowledged edit."""
        pairs = zip(self.answered_at, self.answered_at[1:], strict=False)
        return max(after - before for before, after in pairs)

    async def until_answered(self) -> float:
        """Waits for an edit that is acknowledged from now on; returns how many seconds it took."""
        now = time.monotonic()
        await until(lambda: self.answered_at[-1] > now)
        return self.answered_at[-1] - now


async def app_on(admin: Administration, cluster: StoreCluster, server: Server) -> TestApp:
    """An app whose slot is on that master."""
    while True:
        app = await new_app(admin)
        if await cluster.master_of(keyspace.usage(app.tenant())) is server:
            return app


@contextlib.asynccontextmanager
async def loaded(
    directory: Path,
    cluster: StoreCluster,
    masters: Sequence[Server],
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[ClusterLoad]:
    """A server process on the cluster, and a tenant on each of `masters`."""
    async with contextlib.AsyncExitStack() as opened:
        settings = ENVIRONMENT | dict(environment or {})
        _, port = await opened.enter_async_context(running_server(directory, cluster.url, settings))
        admin = await opened.enter_async_context(
            administration(store_settings(cluster.url), AuthSettings())
        )
        tenants = []
        for master in masters:
            app = await app_on(admin, cluster, master)
            client = await opened.enter_async_context(stubborn_client(port, app.secret))
            tenants.append(Tenant(app, client, await client.new_world()))
        yield ClusterLoad(tenants, port)


class ClusterLoad:
    """Builders, creators, minters and players of several apps."""

    def __init__(self, tenants: list[Tenant], server_port: int) -> None:
        self.tenants = tenants
        self.server_port = server_port
        self._stopping = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Load for as long as the body runs."""
        kinds = (self._build, self._build, self._create, self._mint, self._play, self._play)
        callers = [
            asyncio.ensure_future(self._go_on(kind, tenant))
            for tenant in self.tenants
            for kind in kinds
        ]
        try:
            yield
        finally:
            self._stopping = True
            await asyncio.gather(*callers)

    async def until_busy(self) -> None:
        """Returns when each tenant has had a good number of edits acknowledged from now on."""
        had = [len(tenant.states) for tenant in self.tenants]
        await until(
            lambda: all(
                len(tenant.states) > before + _BUSY
                for tenant, before in zip(self.tenants, had, strict=True)
            )
        )

    async def _go_on(self, kind: Callable[[Tenant], Awaitable[None]], tenant: Tenant) -> None:
        while not self._stopping:
            await kind(tenant)
            await asyncio.sleep(0.02)

    async def _told(self, tenant: Tenant, call: Awaitable[Any]) -> Any:
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            refusal = read_refusal(error)
            tenant.refused[refusal.reason] += 1
            if refusal.reason is Reason.STORE_UNAVAILABLE:
                assert refusal.error.http_status == 503
                assert int(refusal.trailers["retry-after"]) >= 1
            elif refusal.reason is not Reason.SESSION_CAPACITY:
                tenant.wrong.append(f"{refusal.reason}: {refusal.message}")
            await asyncio.sleep(0.05)
            return None

    async def _build(self, tenant: Tenant) -> None:
        name = uuid.uuid4().hex
        op = {"op": "add_state", "id": name, "base": "A room of its own, with one window."}
        done = await self._told(tenant, tenant.client.apply_ops(tenant.world_id, op))
        if done is not None:
            assert name in json.loads(done.result.world.json)["scene"]["states"]
            tenant.states[name] = number(done.result.rev)
            tenant.answered_at.append(time.monotonic())

    async def _create(self, tenant: Tenant) -> None:
        done = await self._told(tenant, tenant.client.create())
        if done is not None:
            tenant.worlds.add(done.world_id)

    async def _mint(self, tenant: Tenant) -> Any:
        done = await self._told(tenant, tenant.client.mint(tenant.world_id))
        tenant.minted += done is not None
        return done

    async def _play(self, tenant: Tenant) -> None:
        minted = await self._mint(tenant)
        if minted is not None:
            done = await self._told(tenant, tenant.client.connect(minted.token))
            if done is not None:
                tenant.admitted.add(minted.jti)

    async def check(self) -> None:
        """What must hold once the cluster is well again."""
        for tenant in self.tenants:
            await self._check(tenant)

    async def _check(self, tenant: Tenant) -> None:
        assert not tenant.wrong, Counter(tenant.wrong)
        revs = list(tenant.states.values())
        assert len(revs) > _BUSY, "there was load"
        assert len(set(revs)) == len(revs), "no revision is acknowledged twice"
        scene = await tenant.client.scene(tenant.world_id)
        stored = set(json.loads(scene.states.json))
        assert set(tenant.states) <= stored, "what was acknowledged is there"
        assert stored == set(tenant.states) | {"hall", "cellar"}, "what was refused is not"
        assert number(scene.rev) == max(revs)

        listed, cursor = set(), None
        while True:
            page = await tenant.client.list_worlds(limit=100, cursor=cursor)
            listed |= {world.id for world in page.worlds}
            if not page.HasField("next_cursor"):
                break
            cursor = page.next_cursor
        assert listed == tenant.worlds | {tenant.world_id}

        async def is_charged_once() -> bool:
            return (await tenant.client.get_usage()).usage["generation"] == len(listed)

        # A unit that was held for a creation that failed, and could not be given back while the master was
        # away, counts until it lapses by itself (`CONJURE_WORLDS_HOLD_S`).
        await until(is_charged_once)
        usage = (await tenant.client.get_usage()).usage
        assert usage["session"] == tenant.minted
        assert len(tenant.admitted) <= CAP, "no cap is ever exceeded"
        live = await tenant.client.live()
        assert tenant.admitted <= set(live)
        assert len(live) <= CAP
        charged = sum(session.charged_seconds for session in live.values())
        assert usage["session_seconds"] == charged
