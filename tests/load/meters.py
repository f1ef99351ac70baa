"""What a request costs: CPU and memory of each process, round trips to the store and bytes."""

from __future__ import annotations

import asyncio
import os
import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from conjure.store import keyspace
from conjure.store.client import Script
from support.processes import cpu_s

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterable, Mapping, Sequence

    import redis

_PAGE = os.sysconf("SC_PAGE_SIZE")


def cpu_us(pid: int) -> float:
    """User and system time of a process and all of its threads, in microseconds."""
    return cpu_s(pid) * 1e6


def resident_bytes(pid: int) -> int:
    """Memory of a process that is in RAM."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE


_BACKGROUND = (
    f'"GET" "{keyspace.security_epoch()}"',
    f'"EVALSHA" "{Script("conjure.rates", "exchange").sha}"',
    f'"EVALSHA" "{Script("conjure.sessions", "expired", reads_only=True).sha}"',
    '"queue:', '"queue-graves:', ':queue-lanes"', '"ZCOUNT" "t:{',  # is there work, are there sessions that ran out
    f'"ZRANDMEMBER" "{keyspace.apps()}"', f'"ZCARD" "{keyspace.apps()}"', f'"ZREVRANGEBYLEX" "{keyspace.apps()}"',
)  # fmt: skip
"""What servers ask beside their calls: the security epoch, what others have spent, and whether there is work."""

_SENT = re.compile(r"\+[0-9.]+ \[[0-9]+ (?P<by>[^\]]+)\] ")


def round_trips(monitored: Iterable[str]) -> int:
    """Counts, in lines of MONITOR, what clients sent: not what scripts do inside, not the background."""
    sent = (line for line in monitored if (found := _SENT.match(line)) and found["by"] != "lua")
    return sum(1 for line in sent if not any(asked in line for asked in _BACKGROUND))


async def monitored(store: redis.Redis, act: Awaitable[object]) -> list[str]:
    """Awaits `act`; returns what the store was sent meanwhile, as MONITOR tells it.

    MONITOR slows the store down: only for counting.
    """
    at = store.connection_pool.connection_kwargs
    reader, writer = await asyncio.open_connection(at["host"], at["port"], limit=16 << 20)
    try:
        writer.write(b"MONITOR\r\n")
        await reader.readline()
        await act
        end = str(uuid.uuid4())
        store.echo(end)
        lines = []
        while end not in (line := (await reader.readline()).decode(errors="replace")):
            lines.append(line)
        return lines
    finally:
        writer.close()


def store_bytes(clients: Sequence[Mapping[str, Any]], own_id: int) -> int:
    """Reads CLIENT LIST: what went over the wire, both ways, but for who asks and who monitors."""
    return sum(
        int(client["tot-net-in"]) + int(client["tot-net-out"])
        for client in clients
        if int(client["id"]) != own_id and "O" not in client["flags"]
    )


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at everything."""

    at_s: float
    cpu_us: dict[str, float]
    store_bytes: int


@dataclass(frozen=True, slots=True)
class Cost:
    """What each of so many requests cost. CPU in microseconds by process, memory in bytes."""

    cpu_us: dict[str, float]
    memory_bytes: dict[str, int]
    round_trips: float
    store_bytes: float


NO_COST = Cost({"server": 0.0, "envoy": 0.0, "store": 0.0}, {}, 0.0, 0.0)
"""Of a row that could not be measured."""


@dataclass(frozen=True, slots=True)
class Meter:
    """Watches some processes, by label, and the store that they use."""

    pids: dict[str, list[int]]
    store: redis.Redis
    own_id: int

    def read(self) -> Reading:
        """Looks."""
        cpu = {label: sum(map(cpu_us, pids)) for label, pids in self.pids.items()}
        sent = store_bytes(self.store.client_list(), self.own_id)
        return Reading(time.monotonic(), cpu, sent)

    def cost(
        self, before: Reading, requests: int, *, idle_bytes_per_s: float, trips: float
    ) -> Cost:
        """What each of `requests` requests cost since `before`.

        The bytes are without those that are sent all the time anyway; the CPU of that is not worth
        taking off.
        """
        after = self.read()
        idle = idle_bytes_per_s * (after.at_s - before.at_s)
        return Cost(
            {label: (after.cpu_us[label] - before.cpu_us[label]) / requests for label in self.pids},
            {label: sum(map(resident_bytes, pids)) for label, pids in self.pids.items()},
            trips,
            max(0.0, after.store_bytes - before.store_bytes - idle) / requests,
        )

    async def idle_bytes_per_s(self, seconds: float) -> float:
        """Watches for so long what goes to the store and back when nobody calls."""
        before = self.read()
        await asyncio.sleep(seconds)
        after = self.read()
        return (after.store_bytes - before.store_bytes) / (after.at_s - before.at_s)
