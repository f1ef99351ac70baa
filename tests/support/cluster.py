"""A real cluster on loopback: three masters with two replicas each, nine processes of the store."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from conjure.run.embedded_store import store_binary
from conjure.store.topology import SLOTS, slot_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator, Sequence
    from pathlib import Path

MASTERS, REPLICAS = 3, 2
NODE_TIMEOUT_MS = 1_500


@dataclass
class Server:
    """One process of the cluster."""

    port: int
    bus_port: int
    directory: Path
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
            port=self.port, decode_responses=True, socket_timeout=5, retry=once
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
            "--cluster-announce-ip", "127.0.0.1", "--cluster-node-timeout", str(NODE_TIMEOUT_MS),
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

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self.servers: list[Server] = []

    @property
    def url(self) -> str:
        """What goes into CONJURE_STORE_URL."""
        return ",".join(f"redis://127.0.0.1:{server.port}" for server in self.servers)

    async def __aenter__(self) -> Self:
        for attempt in range(3):
            try:
                async with asyncio.timeout(20):
                    await self._start(self._directory / f"attempt-{attempt}")
            except TimeoutError:  # somebody took one of the ports in between
                await self.__aexit__()
                self.servers.clear()
            except BaseException:
                await self.__aexit__()
                raise
            else:
                return self
        raise TimeoutError("the cluster did not start")

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(*(server.stop() for server in self.servers))

    async def _start(self, directory: Path) -> None:
        count = MASTERS * (1 + REPLICAS)
        ports = free_ports(2 * count)
        for number in range(count):
            own = directory / f"node-{number}"
            own.mkdir(parents=True)
            self.servers.append(Server(ports[2 * number], ports[2 * number + 1], own))
        await asyncio.gather(*(server.start() for server in self.servers))
        for server in self.servers:
            server.id = await self._patiently(server, "CLUSTER", "MYID")
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
        await self._until(lambda: self._all_know(len(self.servers)))
        for number, replica in enumerate(replicas):
            await replica.ask("CLUSTER", "REPLICATE", masters[number % MASTERS].id)
        await self.until_whole()

    async def _patiently(self, server: Server, *command: Any) -> Any:
        assert server.process is not None
        while server.process.returncode is None:
            with contextlib.suppress(RedisError, OSError):
                return await server.ask(*command)
            await asyncio.sleep(0.02)
        raise TimeoutError(f"a server of the cluster did not start; see {server.directory}/log")

    async def _all_know(self, count: int) -> bool:
        for server in self.servers:
            nodes = str(await server.ask("CLUSTER", "NODES"))
            if nodes.count(" connected") < count or "handshake" in nodes:
                return False
        return True

    async def _until(self, condition: Any, limit_s: float = 30.0) -> None:
        async with asyncio.timeout(limit_s):
            while True:
                with contextlib.suppress(RedisError, OSError):
                    if await condition():
                        return
                await asyncio.sleep(0.05)

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

        await self._until(whole)

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


def free_ports(count: int) -> list[int]:
    """Ports that differ: all are held until the last one is found."""
    with contextlib.ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@contextlib.asynccontextmanager
async def running_cluster(directory: Path) -> AsyncIterator[StoreCluster]:
    """A cluster of its own for a test that hurts it; its processes end with it."""
    async with StoreCluster(directory) as cluster:
        yield cluster
