"""Processes are killed and frozen under load; everything comes back without a hand."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from support.chaos.deployment import deployment
from support.chaos.trial import again_and_again, trial
from support.until import until

pytestmark = pytest.mark.chaos


async def test_the_store_is_killed(tmp_path):
    async with deployment(tmp_path) as deployed:

        async def kill():
            os.kill(deployed.store.pid, signal.SIGKILL)

        await trial(deployed, "SIGKILL of the store, 3 times", lambda: again_and_again(3, kill))


async def test_a_worker_of_two_is_killed(tmp_path):
    async with deployment(tmp_path) as deployed:
        turn = iter([0, 1, 0])

        async def kill():
            port = deployed.ports[next(turn)]
            killed = deployed.worker(port)
            os.kill(killed, signal.SIGKILL)
            await until(lambda: deployed.worker(port) != killed)

        await trial(
            deployed, "SIGKILL of a worker of two, 3 times", lambda: again_and_again(3, kill)
        )


async def test_the_edge_is_killed(tmp_path):
    async with deployment(tmp_path) as deployed:

        async def kill():
            os.kill(deployed.edge.pid, signal.SIGKILL)

        await trial(deployed, "SIGKILL of Envoy, 2 times", lambda: again_and_again(2, kill))


async def test_everything_is_killed_at_once(tmp_path):
    """As when the machine loses its power: store, workers and edge in one moment."""
    async with deployment(tmp_path) as deployed:

        async def kill():
            workers = [deployed.worker(port) for port in deployed.ports]
            for pid in (deployed.store.pid, *workers, deployed.edge.pid):
                os.kill(pid, signal.SIGKILL)

        await trial(deployed, "SIGKILL of all of them at once", lambda: again_and_again(1, kill))


@pytest.mark.parametrize("seconds", [3, 7])
async def test_the_store_is_frozen(tmp_path, seconds):
    """What was sent before is done when it goes on. Within 4 s callers are waited for; after that they have
    been told 504, and 503 only of what was never sent."""
    async with deployment(tmp_path) as deployed:

        async def freeze():
            os.kill(deployed.store.pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(seconds)
            finally:
                os.kill(deployed.store.pid, signal.SIGCONT)
            return [time.monotonic()]

        await trial(deployed, f"SIGSTOP of the store for {seconds} s", freeze)
