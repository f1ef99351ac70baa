"""All the parts of a deployment as real processes, for tests that hurt them: store, workers, edge."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import grpc.aio
import httpx

from conjure.administration import administration
from conjure.run.child import Child
from conjure.run.ports import wait_for_port
from conjure.settings import AuthSettings, EdgeSettings, StoreSettings
from support.chaos.checker import violations
from support.chaos.faces import GrpcFace, RestFace
from support.chaos.history import keys, sessions, worlds
from support.chaos.ledger import Ledger
from support.chaos.load import MIX, ROOMS, TALK_MIX, WORK_MIX, Load, world_of_rooms
from support.chaos.observe import Sampler, see
from support.chaos.talk import see_talk, talk_violations
from support.chaos.work import left_in_queues, see_work, until_quiet, work_violations
from support.ports import claimed_ports
from support.rpc import Client
from support.stack import TestApp, new_app, running_edge, running_store
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    from conjure.administration import Administration
    from support.chaos.checker import Seen
    from support.chaos.endpoint import Endpoint
    from support.chaos.faces import Face
    from support.chaos.history import Operation
    from support.chaos.talk import Visitor

LEASE_S: Final = 5
HOLD_S: Final = 6
LIVE_CAP: Final = 30
QUICK: Final = EdgeSettings(health_interval_s=0.25, health_timeout_s=1.0)
"""An edge that finds out sooner than the default, so that a test may reload often; as patient as the default,
as tests run on machines that have other work."""

MUCH: Final = 10_000_000


@dataclass
class Deployment:
    """Where everything is, and an app whose caps are out of the way but for live sessions."""

    directory: Path
    store: Child
    store_url: str
    server: Child
    edge: Child
    ports: list[int]
    rest_url: str
    edge_grpc: str
    admin: Administration
    app: TestApp
    ledger: Ledger = field(default_factory=Ledger)
    worlds: list[str] = field(default_factory=list)
    endpoint: Endpoint | None = None
    """Where the app's events go, once it has one: the load leaves durable work then, and it is checked."""
    seen: Seen | None = None
    """What the last look for violations saw."""
    live_cap: int = LIVE_CAP
    visitors: list[Visitor] = field(default_factory=list)
    """Players of a character, once there are some: the load talks with it then, and that is checked."""

    @contextlib.asynccontextmanager
    async def faces(self) -> AsyncIterator[list[Face]]:
        """REST through Envoy, gRPC straight to the workers, gRPC through Envoy."""
        async with (
            rest_client(self.rest_url) as rest,
            balanced_channel(self.ports) as direct,
            plain_channel(self.edge_grpc) as through_edge,
        ):
            yield [
                RestFace(rest, self.app.secret, self.ledger),
                GrpcFace(Client(direct, self.app.secret), self.ledger),
                GrpcFace(Client(through_edge, self.app.secret), self.ledger, name="grpc-edge"),
            ]

    @contextlib.asynccontextmanager
    async def load(
        self,
        *,
        callers: int = 12,
        only: Sequence[str] = ("rest", "grpc", "grpc-edge"),
        mix: dict[str, int] | None = None,
    ) -> AsyncIterator[Load]:
        """Load by the faces of these names while the body runs; the ledger has all of it afterwards."""
        async with self.direct() as caller:
            await until_served(caller)
            day = (await caller.get_usage()).day
            for n in range(len(self.worlds), 4):
                made = await caller.create(world_of_rooms(f"common {n}"))
                self.worlds.append(made.world_id)
        self._sampler = Sampler(self.admin.store, self.app.tenant(), self.ledger, day)
        async with self.faces() as all_faces:
            faces = [face for face in all_faces if face.name in only]
            if mix is None:
                mix = TALK_MIX if self.visitors else MIX if self.endpoint is None else WORK_MIX
            load = Load(
                faces, self.worlds, self.ledger, callers=callers, mix=mix, visitors=self.visitors
            )
            watchers = Load(
                [f for f in faces[:2] if f.name != "grpc-edge"], self.worlds, self.ledger
            )
            sampling = asyncio.create_task(self._sampler.run())
            try:
                async with watchers.watching(), load.running():
                    yield load
            finally:
                sampling.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await sampling

    async def cap_live_sessions(self, cap: int) -> None:
        """Changes how many sessions may be live at once; before there is load."""
        self.live_cap = cap
        await self.app.set_caps(live_sessions=cap)

    def history(self) -> list[Operation]:
        """All that callers were told, as the judge reads it; after `violations`."""
        assert self.seen is not None
        names = {world_id: world.name for world_id, world in self.seen.worlds.items()}
        return [
            *worlds(self.ledger, ROOMS[0]),
            *sessions(self.ledger, cap=self.live_cap, lease_s=LEASE_S),
            *keys(self.ledger, names, self.endpoint and self.endpoint.events()),
        ]

    async def violations(self) -> list[str]:
        """What the checker says of everything that happened here; waits until leases have ended."""
        async with self.direct() as caller:
            await until_served(caller)
            if self.endpoint is not None:  # worlds are still being made, and leases still end
                await asyncio.sleep(LEASE_S)
                await until_quiet(self.admin.store, self.app.tenant())
            seen = self.seen = await see(
                caller, self.admin.store, self.app.tenant(), self._sampler,
                live_cap=self.live_cap, lease_s=LEASE_S, hold_s=HOLD_S,
            )  # fmt: skip
            if self.visitors:
                seen.characters = 1
                seen_talk = await see_talk(
                    caller, self.admin.store, self.app.tenant(), self.visitors[0].character_id,
                    day=self._sampler.day,
                )  # fmt: skip
                return [*violations(self.ledger, seen), *talk_violations(self.ledger, seen_talk)]
            if self.endpoint is None:
                return violations(self.ledger, seen)
            await until_quiet(self.admin.store, self.app.tenant())
            seen_work = await see_work(
                caller, self.ledger, self.endpoint,
                worlds={world_id: world.name for world_id, world in seen.worlds.items()},
                charged=seen.charged,
                left=await left_in_queues(self.admin.store, self.app.tenant()),
            )  # fmt: skip
        return [*violations(self.ledger, seen), *work_violations(self.ledger, seen_work)]

    @contextlib.asynccontextmanager
    async def direct(self) -> AsyncIterator[Client]:
        """A client of the workers."""
        async with balanced_channel(self.ports) as channel:
            yield Client(channel, self.app.secret)

    def worker(self, port: int) -> int:
        """The process id of the worker that serves on `port`, the newest if there were several."""
        found = 0
        for line in (self.directory / "server.log").read_text().splitlines():
            with contextlib.suppress(ValueError):
                said = json.loads(line)
                if said.get("event") == "serving" and said.get("port") == port:
                    found = said["pid"]
        assert found, "the worker never said that it serves"
        return found

    def reloads(self) -> int:
        """How many reloads the supervisor says that it has finished."""
        return (self.directory / "server.log").read_text().count('"reloaded"')


@contextlib.asynccontextmanager
async def deployment(
    directory: Path,
    *,
    workers: int = 2,
    edge: EdgeSettings = QUICK,
    environment: Mapping[str, str] | None = None,
    store_seen_as: Callable[[str], str] = lambda url: url,
    ports_seen_as: Callable[[list[int]], list[int]] = lambda ports: ports,
    edge_settings: Mapping[str, Any] | None = None,
) -> AsyncIterator[Deployment]:
    """Runs it. The two `seen_as` put something between two parts: a proxy that a test breaks.

    `edge_settings`: what else differs of the edge (`EdgeConfig`).
    """
    async with contextlib.AsyncExitStack() as stack:
        store, url = await stack.enter_async_context(running_store(directory / "store"))
        ports = claimed_ports(workers)
        server = await stack.enter_async_context(
            _server(directory, ports, store_seen_as(url), edge, environment or {})
        )
        envoy, rest, rpc = await stack.enter_async_context(
            running_edge(
                directory,
                *ports_seen_as(ports),
                health_interval_s=edge.health_interval_s,
                health_timeout_s=edge.health_timeout_s,
                **(edge_settings or {}),
            )
        )
        admin = await stack.enter_async_context(
            administration(StoreSettings(url=url), AuthSettings())
        )
        app = await new_app(admin)
        await app.set_caps(
            generation=MUCH, session=MUCH, session_seconds=MUCH, live_sessions=LIVE_CAP
        )
        yield Deployment(
            directory, store, url, server, envoy, ports, f"http://127.0.0.1:{rest}", f"127.0.0.1:{rpc}", admin, app
        )  # fmt: skip


def _server(
    directory: Path,
    ports: list[int],
    store_url: str,
    edge: EdgeSettings,
    environment: Mapping[str, str],
) -> Child:
    async def ready() -> None:
        for port in ports:
            await wait_for_port(port)

    return Child(
        "server",
        lambda: [sys.executable, "-m", "conjure", "serve"],
        ready=ready,
        environment={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3] / "server"),
            "CONJURE_STORE_URL": store_url,
            "CONJURE_STORE_TIMEOUT_S": "1",
            "CONJURE_SERVER_PORT": str(ports[0]),
            "CONJURE_SERVER_WORKERS": str(len(ports)),
            "CONJURE_SERVER_DRAIN_PAUSE_S": str(edge.notice_s),
            "CONJURE_SERVER_DEADLINE_S": "5",
            "CONJURE_EDGE_HEALTH_INTERVAL_S": str(edge.health_interval_s),
            "CONJURE_EDGE_HEALTH_TIMEOUT_S": str(edge.health_timeout_s),
            "CONJURE_SESSIONS_LEASE_S": str(LEASE_S),
            "CONJURE_WORLDS_HOLD_S": str(HOLD_S),
            "CHAOS_CLOCK_PORT": str(ports[-1]),  # the last worker's clock is the one that may jump
            **environment,
        },
        log_file=directory / "server.log",
        start_s=LIMIT_S,  # other work on the machine is no fault of this kind
    )


def rest_client(url: str) -> httpx.AsyncClient:
    """A REST client that keeps its connections."""
    return httpx.AsyncClient(
        base_url=url, timeout=LIMIT_S, trust_env=False, limits=httpx.Limits(max_connections=200)
    )


_CHANNEL: Final = (
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.enable_http_proxy", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.min_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 500),
)


def balanced_channel(ports: list[int]) -> grpc.aio.Channel:
    """What a client must do that calls workers itself: know all of them, and ask for their health."""
    config = {
        "loadBalancingConfig": [{"round_robin": {}}],
        "healthCheckConfig": {"serviceName": ""},
    }
    return grpc.aio.insecure_channel(
        "ipv4:" + ",".join(f"127.0.0.1:{port}" for port in ports),
        options=(*_CHANNEL, ("grpc.service_config", json.dumps(config))),
    )


def plain_channel(target: str) -> grpc.aio.Channel:
    """To one address, as to the edge."""
    return grpc.aio.insecure_channel(target, options=_CHANNEL)


async def until_served(caller: Client, limit_s: float = LIMIT_S) -> float:
    """Waits until the servers and their store answer; returns the seconds that it took."""
    begun = time.monotonic()
    while time.monotonic() - begun < limit_s:
        with contextlib.suppress(grpc.aio.AioRpcError):
            await caller.list_worlds(limit=1)
            return time.monotonic() - begun
        await asyncio.sleep(0.03)
    raise AssertionError("it never served again")
