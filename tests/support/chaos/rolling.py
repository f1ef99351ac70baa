"""A deployment that is upgraded under load: two hosts of servers, a host of workers, two edges, one store.

Each host runs what its link `current` leads to, as an operator has it. Callers reach the edges as through a
load balancer: one that is taken out gets no new calls, and is ended when the last one is answered.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import httpx

from conjure.administration import administration
from conjure.edge.admin import private_socket
from conjure.edge.render import envoy_command
from conjure.run.child import Child
from conjure.run.ports import wait_for_port
from conjure.settings import AuthSettings, StoreSettings
from support.chaos.deployment import (
    HOLD_S,
    LEASE_S,
    LIVE_CAP,
    MUCH,
    QUICK,
    Deployment,
    balanced_channel,
    plain_channel,
    rest_client,
)
from support.chaos.endpoint import WEBHOOKS
from support.chaos.faces import GrpcFace, RestFace
from support.ports import claimed_port, claimed_ports
from support.rpc import Client
from support.stack import new_app, running_store
from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from conjure.administration import Administration
    from support.chaos.faces import Face, Shown
    from support.chaos.ledger import Attempt, Ledger
    from support.chaos.releases import Release
    from support.stack import TestApp

_POLL_S: Final = "1"
"""Between two looks at the store's format: a server that must not go on is to be found out here."""


class Host:
    """A machine on which one release is current. A process of it is what was current when it started."""

    def __init__(self, folder: Path, release: Release) -> None:
        folder.mkdir()
        self.folder = folder
        self._current = folder / "current"
        self.release = release
        self.install(release)

    def install(self, release: Release) -> None:
        """Makes another release current: what runs runs on."""
        new = self.folder / "new"
        new.symlink_to(release.root)
        new.replace(self._current)
        self.release = release

    def environment(self) -> dict[str, str]:
        """What `python -m conjure` needs to be the current release."""
        return {**os.environ, **self.release.environment(self._current)}

    async def conjure(self, *arguments: str, **environment: str) -> str:
        """Runs a command of the current release; returns its output."""
        process = await asyncio.create_subprocess_exec(
            self.release.python, "-m", "conjure", *arguments,
            env=self.environment() | environment,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        assert process.returncode == 0, output.decode()
        return output.decode()


class Servers:
    """`conjure serve` on a host."""

    def __init__(self, host: Host, ports: list[int], environment: dict[str, str]) -> None:
        self.host = host
        self.ports = ports

        async def ready() -> None:
            for port in ports:
                await wait_for_port(port)

        self.child = Child(
            "server",
            # The interpreter of the first release: a supervisor starts its workers with its own.
            lambda: [host.release.python, "-m", "conjure", "serve"],
            ready=ready,
            environment={
                **host.environment(),
                **environment,
                "CONJURE_SERVER_PORT": str(ports[0]),
                "CONJURE_SERVER_WORKERS": str(len(ports)),
            },
            log_file=host.folder / "server.log",
            stop_s=LIMIT_S,
            start_s=LIMIT_S,
        )

    def log(self) -> str:
        return (self.host.folder / "server.log").read_text()

    async def reload(self) -> None:
        """HUP: workers are replaced one at a time, by what is current."""
        before = self.log().count('"reloaded"')
        os.kill(self.child.pid, signal.SIGHUP)
        await until(lambda: self.log().count('"reloaded"') > before)

    async def restart(self) -> None:
        """TERM, and start again, as the only host that is at it."""
        await self.child.replace()
        await asyncio.sleep(QUICK.notice_s)


class Workers:
    """`conjure work` on a host."""

    def __init__(self, host: Host, environment: dict[str, str]) -> None:
        self.host = host
        metrics = claimed_port()
        self.child = Child(
            "work",
            lambda: [host.release.python, "-m", "conjure", "work"],
            ready=lambda: wait_for_port(metrics),
            environment={
                **host.environment(),
                **environment,
                "CONJURE_METRICS_PORT": str(metrics),
            },
            log_file=host.folder / "work.log",
            stop_s=LIMIT_S,
            start_s=LIMIT_S,
        )


class Edge:
    """Envoy with the configuration of a release, and the clients that a load balancer has to it."""

    def __init__(self, host: Host, upstreams: Sequence[int], environment: dict[str, str]) -> None:
        self._host = host
        self._upstreams = upstreams
        self._environment = environment
        self.rest, self.grpc, self._admin = claimed_port(), claimed_port(), claimed_port()
        self._config = host.folder / "envoy.yaml"
        self.is_open = False
        self.running = 0
        self.faces: dict[str, Face] = {}
        self._clients = contextlib.AsyncExitStack()
        self.child = Child(
            "edge",
            lambda: envoy_command(self._config),
            ready=self._healthy,
            log_file=host.folder / "envoy.log",
            stop_s=LIMIT_S,
            start_s=LIMIT_S,
        )

    async def write(self) -> None:
        """Writes the configuration, as the current release has it."""
        servers = [f"--upstream=127.0.0.1:{port}" for port in self._upstreams]
        await self._host.conjure(
            "edge", "--write", str(self._config), *servers,
            "--rest", f"127.0.0.1:{self.rest}", "--grpc", f"127.0.0.1:{self.grpc}",
            "--admin", f"127.0.0.1:{self._admin}", "--admin-socket", private_socket(),
            "--access-log", str(self._host.folder / "access.log"),
            **self._environment,
        )  # fmt: skip

    async def let_in(self, app: TestApp, ledger: Ledger) -> None:
        """Has it called, over new connections."""
        rest = await self._clients.enter_async_context(rest_client(f"http://127.0.0.1:{self.rest}"))
        channel = await self._clients.enter_async_context(plain_channel(f"127.0.0.1:{self.grpc}"))
        self.faces = {
            "rest": RestFace(rest, app.secret, ledger),
            "grpc-edge": GrpcFace(Client(channel, app.secret), ledger, name="grpc-edge"),
        }
        self.is_open = True

    async def take_out(self) -> None:
        """Returns when nobody calls it any more. Streams are for its end to cut: callers resume them elsewhere."""
        self.is_open = False
        await until(lambda: not self.running)

    async def replace(self, app: TestApp, ledger: Ledger) -> None:
        """Ends it and starts it with the configuration of what is current, while another one is called."""
        await self.write()
        await self.take_out()
        await self.child.replace()
        await self._clients.aclose()
        await self.let_in(app, ledger)

    async def _healthy(self) -> None:
        async with httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as client:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    url = f"http://127.0.0.1:{self.rest}/healthz"
                    if (await client.get(url)).status_code == 200:
                        return
                await asyncio.sleep(0.05)

    async def close(self) -> None:
        await self._clients.aclose()


class Balanced:
    """A face over the edges that are open, one call each in turn."""

    def __init__(self, name: str, edges: Sequence[Edge]) -> None:
        self.name = name
        self._edges = edges
        self._turn = 0

    def _next(self) -> Edge:
        edges = [edge for edge in self._edges if edge.is_open]
        self._turn += 1
        return edges[self._turn % len(edges)]

    def __getattr__(self, kind: str) -> Any:
        async def call(*arguments: Any) -> Any:
            edge = self._next()
            edge.running += 1
            try:
                return await getattr(edge.faces[self.name], kind)(*arguments)
            finally:
                edge.running -= 1

        return call

    async def watch(self, attempt: Attempt, from_rev: str | None) -> AsyncIterator[Shown]:
        shown = self._next().faces[self.name].watch(attempt, from_rev)
        async with contextlib.aclosing(shown):  # type: ignore[type-var]
            async for one in shown:
                yield one


@dataclass
class Fleet(Deployment):
    """All of it. `server`, `edge`: the first of them."""

    servers: list[Servers] = field(default_factory=list)
    workers: list[Workers] = field(default_factory=list)
    edges: list[Edge] = field(default_factory=list)

    @contextlib.asynccontextmanager
    async def faces(self) -> AsyncIterator[list[Face]]:
        """REST and gRPC through either edge, and gRPC straight to the workers."""
        async with contextlib.AsyncExitStack() as stack:
            direct = await stack.enter_async_context(balanced_channel(self.ports))
            for edge in self.edges:
                await edge.let_in(self.app, self.ledger)
                stack.push_async_callback(edge.close)
            faces: list[Any] = [
                Balanced("rest", self.edges),
                GrpcFace(Client(direct, self.app.secret), self.ledger),
                Balanced("grpc-edge", self.edges),
            ]
            yield faces

    async def turn_servers(self, release: Release) -> None:
        """One host after the other: HUP where there are two workers, TERM and a new start where there is one."""
        for servers in self.servers:
            servers.host.install(release)
            if len(servers.ports) > 1:
                await servers.reload()
            else:
                await servers.restart()

    async def turn_workers(self, release: Release) -> None:
        for workers in self.workers:
            workers.host.install(release)
            await workers.child.replace()

    async def turn_edges(self, release: Release) -> None:
        for edge in self.edges:
            edge._host.install(release)
            await edge.replace(self.app, self.ledger)


@contextlib.asynccontextmanager
async def fleet(directory: Path, release: Release) -> AsyncIterator[Fleet]:
    """Runs it, all of one release."""
    async with contextlib.AsyncExitStack() as stack:
        store, url = await stack.enter_async_context(running_store(directory / "store"))
        environment = {
            **WEBHOOKS,
            "CONJURE_STORE_URL": url,
            "CONJURE_STORE_FORMAT_POLL_S": _POLL_S,
            "CONJURE_SERVER_DRAIN_PAUSE_S": str(QUICK.notice_s),
            "CONJURE_SERVER_DEADLINE_S": "5",
            "CONJURE_EDGE_HEALTH_INTERVAL_S": str(QUICK.health_interval_s),
            "CONJURE_EDGE_HEALTH_TIMEOUT_S": str(QUICK.health_timeout_s),
            "CONJURE_SESSIONS_LEASE_S": str(LEASE_S),
            "CONJURE_WORLDS_HOLD_S": str(HOLD_S),
            "CONJURE_QUEUE_LEASE_S": "3",
            "CONJURE_QUEUE_SWEEP_S": "2",
        }
        hosts = {
            name: Host(directory / name, release) for name in ("a", "b", "work", "edge-a", "edge-b")
        }
        servers = [
            Servers(hosts["a"], claimed_ports(2), environment),
            Servers(hosts["b"], claimed_ports(1), environment),
        ]
        for one in servers:
            await stack.enter_async_context(one.child)
        workers = [Workers(hosts["work"], environment)]
        await stack.enter_async_context(workers[0].child)
        ports = [port for one in servers for port in one.ports]
        edges = [Edge(hosts[name], ports, environment) for name in ("edge-a", "edge-b")]
        for edge in edges:
            await edge.write()
            await stack.enter_async_context(edge.child)
        admin: Administration = await stack.enter_async_context(
            administration(StoreSettings(url=url), AuthSettings())
        )
        app = await new_app(admin)
        await app.set_caps(
            generation=MUCH, session=MUCH, session_seconds=MUCH, live_sessions=LIVE_CAP
        )
        yield Fleet(
            directory, store, url, servers[0].child, edges[0].child, ports,
            f"http://127.0.0.1:{edges[0].rest}", f"127.0.0.1:{edges[0].grpc}", admin, app,
            servers=servers, workers=workers, edges=edges,
        )  # fmt: skip
