"""A real cluster on loopback: three masters with two replicas each, nine processes of the store."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from conjure.run.embedded_store import store_binary
from conjure.store.topology import SLOTS, slot_of
from support.ports import claimed_port
from support.until import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
    from pathlib import Path

MASTERS, REPLICAS = 3, 2
QUICK_MS = 1_500
"""How long a node may be silent before it is given up, where a test kills one and waits for the failover."""
PATIENT_MS = 30_000
"""The same for all other tests: a busy machine must not be taken for a node that died."""
_FORMING_MS = 3_000
"""The same while a cluster is formed: a node hears of changes within half of it, seldom sooner."""


@dataclass
class Server:
    """One process of the cluster."""

    port: int
    bus_port: int
    directory: Path
    node_timeout_ms: int = _FORMING_MS
    process: asyncio.subprocess.Process | None = None
    id: str = ""

    @property
    def pid(self) -> int:
        assert self.process is not None
        return self.process.pid

    @contextlib.asynccontextmanager
    async def client(self) -> AsyncIterator[Redis]:
        """A connection of its own."""
        once = Retry(NoBackoff(), 0)
        async with Redis(
            port=self.port, decode_responses=True, socket_timeout=20, retry=once
        ) as opened:
            yield opened

    async def ask(self, *command: Any) -> Any:
        """Runs one command there."""
        async with self.client() as opened:
            return await opened.execute_command(*command)

    async def start(self) -> None:
        """Starts the process, again after it was killed."""
        # No supervisor: a master that came back at once would be a restart, and not a failover.
        self.process = await asyncio.create_subprocess_exec(
            store_binary(),
            "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.directory),
            "--appendonly", "yes", "--appendfsync", "always", "--save", "", "--daemonize", "no",
            "--cluster-enabled", "yes", "--cluster-port", str(self.bus_port),
            "--cluster-announce-ip", "127.0.0.1", "--cluster-node-timeout", str(self.node_timeout_ms),
            "--cluster-require-full-coverage", "no", "--cluster-allow-replica-migration", "no",
            "--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1",
            "--logfile", str(self.directory / "log"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip

    async def kill(self) -> None:
        """Ends it as a power cut would, and waits until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        assert self.process is not None
        await self.process.wait()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Stops the process for a while: its connections stay, and nothing is answered."""
        os.kill(self.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self.pid, signal.SIGCONT)

    async def stop(self) -> None:
        """Ends it, whatever state it is in."""
        if self.process is None or self.process.returncode is not None:
            return
        os.kill(self.pid, signal.SIGKILL)  # also one that was stopped; its data is thrown away
        await self.process.wait()


class StoreCluster:
    """Nine servers. Use `running_cluster`."""

    def __init__(self, directory: Path, node_timeout_ms: int) -> None:
        self._directory = directory
        self._node_timeout_ms = node_timeout_ms
        self.servers: list[Server] = []

    @property
    def url(self) -> str:
        """What goes into CONJURE_STORE_URL."""
        return ",".join(f"redis://127.0.0.1:{server.port}" for server in self.servers)

    async def __aenter__(self) -> Self:
        try:
            await self._start(self._directory)
        except BaseException:
            await self.__aexit__()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(server.stop() for server in self.servers))

    async def _start(self, directory: Path) -> None:
        count = MASTERS * (1 + REPLICAS)
        for number in range(count):
            own = directory / f"node-{number}"
            own.mkdir(parents=True)
            self.servers.append(Server(claimed_port(), claimed_port(), own))
        await asyncio.gather(*(server.start() for server in self.servers))
        for server in self.servers:
            server.id = await self._started(server)
        masters, replicas = self.servers[:MASTERS], self.servers[MASTERS:]
        for number, server in enumerate(self.servers):
            await server.ask("CLUSTER", "SET-CONFIG-EPOCH", number + 1)
        bounds = [SLOTS * number // MASTERS for number in range(MASTERS + 1)]
        for number, server in enumerate(masters):
            await server.ask("CLUSTER", "ADDSLOTSRANGE", bounds[number], bounds[number + 1] - 1)
        # Everybody is told of everybody: gossip alone would take seconds.
        for number, server in enumerate(self.servers):
            async with server.client() as opened:
                for other in self.servers[number + 1 :]:
                    await opened.execute_command(
                        "CLUSTER", "MEET", "127.0.0.1", other.port, other.bus_port
                    )
        await until(lambda: _patiently(self._all_know(len(self.servers))))
        for number, replica in enumerate(replicas):
            await replica.ask("CLUSTER", "REPLICATE", masters[number % MASTERS].id)
        await self.until_whole()
        for server in self.servers:
            server.node_timeout_ms = self._node_timeout_ms
            await server.ask("CONFIG", "SET", "cluster-node-timeout", self._node_timeout_ms)

    async def _started(self, server: Server) -> str:
        """The id of a server, once it answers."""
        while server in self.alive():
            with contextlib.suppress(RedisError, OSError):
                return str(await server.ask("CLUSTER", "MYID"))
            await asyncio.sleep(0.02)
        raise TimeoutError(f"a server of the cluster did not start; see {server.directory}/log")

    async def _all_know(self, count: int) -> bool:
        for server in self.servers:
            nodes = str(await server.ask("CLUSTER", "NODES"))
            if nodes.count(" connected") < count or "handshake" in nodes:
                return False
        return True

    async def until_whole(self, *, replicas: int = REPLICAS) -> None:
        """Returns when every slot has a master with so many replicas, and everybody agrees."""

        async def whole() -> bool:
            for server in self.alive():
                slots = await server.ask("CLUSTER", "SLOTS")
                if sum(last - first + 1 for first, last, *_ in slots) != SLOTS:
                    return False
                if any(len(nodes) < 1 + replicas for _, _, *nodes in slots):
                    return False
                if "cluster_state:ok" not in await server.ask("CLUSTER", "INFO"):
                    return False
            for master in await self.masters():
                info = await master.ask("INFO", "replication")
                online = [info[f"slave{n}"]["state"] for n in range(info["connected_slaves"])]
                if online.count("online") < replicas:
                    return False
            return True

        await until(lambda: _patiently(whole()))

    def alive(self) -> Sequence[Server]:
        """The servers whose process runs."""
        return [s for s in self.servers if s.process is not None and s.process.returncode is None]

    async def masters(self) -> list[Server]:
        """The servers that have slots, as one that is alive tells it."""
        slots = await self.alive()[-1].ask("CLUSTER", "SLOTS")
        ports = {nodes[0][1] for _, _, *nodes in slots}
        return [server for server in self.servers if server.port in ports]

    async def replicas_of(self, master: Server) -> list[Server]:
        """The servers that replicate a master."""
        slots = await self.alive()[-1].ask("CLUSTER", "SLOTS")
        ports = {at[1] for _, _, *nodes in slots if nodes[0][1] == master.port for at in nodes[1:]}
        return [server for server in self.servers if server.port in ports]

    async def master_of(self, key: str) -> Server:
        """The server that has a key."""
        slot = slot_of(key)
        slots = await self.alive()[-1].ask("CLUSTER", "SLOTS")
        (port,) = {nodes[0][1] for first, last, *nodes in slots if first <= slot <= last}
        return next(server for server in self.servers if server.port == port)


async def _patiently(condition: Awaitable[bool]) -> bool:
    """Whether it holds; not while somebody who is asked does not answer."""
    with contextlib.suppress(RedisError, OSError):
        return await condition
    return False


@contextlib.asynccontextmanager
async def running_cluster(
    directory: Path, *, node_timeout_ms: int = PATIENT_MS
) -> AsyncIterator[StoreCluster]:
    """A cluster of its own; its processes end with it. Whoever kills a node wants `QUICK_MS`."""
    async with StoreCluster(directory, node_timeout_ms) as cluster:
        yield cluster
