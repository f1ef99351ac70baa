"""The webhook receiver as a process of its own: it answers every delivery 200, and counts.

    async with running_receiver(directory) as receiver:
        ...                                    # somebody is given receiver.url("/hook")
        seen = await receiver.seen()

For load, where the test's own loop would be what is measured. Arrivals are by the monotonic clock, which all
processes of a machine share (Linux).
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import httpx
import uvloop

from conjure.run.child import Child
from conjure.run.ports import wait_for_port
from support.ports import claimed_port
from support.receiver import OK, Answer, Receiver
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.receiver import Delivery

_SEEN: Final = "/receiver/seen"


@dataclass(frozen=True, slots=True)
class Seen:
    """What has come so far. Times of the first and the last delivery are 0 when there was none."""

    deliveries: int
    events: int
    """How many different ones: by their ids."""
    first_s: float
    last_s: float


@dataclass(frozen=True, slots=True)
class ReceiverProcess:
    """Where it is."""

    child: Child
    port: int

    def url(self, path: str = "/hook") -> str:
        """Where a path is."""
        return f"http://127.0.0.1:{self.port}{path}"

    async def seen(self) -> Seen:
        """Asks it."""
        async with httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as client:
            return Seen(**(await client.get(self.url(_SEEN))).json())


@contextlib.asynccontextmanager
async def running_receiver(directory: Path) -> AsyncIterator[ReceiverProcess]:
    """Starts one; its log lies in the directory."""
    port = claimed_port()
    tests = Path(__file__).parents[1]
    child = Child(
        "receiver",
        lambda: [sys.executable, "-m", "support.receiver_process", str(port)],
        ready=lambda: wait_for_port(port),
        environment={**os.environ, "PYTHONPATH": f"{tests}:{tests.parent / 'server'}"},
        log_file=directory / "receiver.log",
        start_s=LIMIT_S,
    )
    async with child:
        yield ReceiverProcess(child, port)


class _Counting(Receiver):
    """Keeps ids and times in place of deliveries."""

    def __init__(self, port: int) -> None:
        super().__init__(port=port)
        self._count = 0
        self._ids: set[str] = set()
        self._first_s = self._last_s = 0.0

    def _step(self, delivery: Delivery) -> Answer:
        if delivery.path == _SEEN:
            seen = Seen(self._count, len(self._ids), self._first_s, self._last_s)
            return Answer(body=json.dumps(asdict(seen)).encode())
        self._count += 1
        self._ids.add(delivery.id)
        self._first_s = self._first_s or delivery.arrived
        self._last_s = delivery.arrived
        return OK


async def _serve(port: int) -> None:
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with _Counting(port):
        await ended.wait()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
