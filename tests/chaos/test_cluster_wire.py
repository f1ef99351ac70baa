"""Replies are matched to commands by position: 100,000 are compared while everything breaks."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal

import pytest

from conjure.settings import StoreSettings
from conjure.store.client import Store
from support.cluster import QUICK_MS, running_cluster
from support.echo import Echo
from support.stack import running_store, store_settings

pytestmark = pytest.mark.chaos
REPLIES = 100_000


async def hurt_often(pids, kill_clients, rounds):
    """Stops the servers for moments, short ones and one that outlasts the timeout; cuts connections."""
    for number in itertools.count():
        rounds.append(number)
        for stall_s in (0.02, 0.3, 0.05, 1.4):
            for _ in range(10):
                await asyncio.sleep(0.1)
                await kill_clients()
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            try:
                await asyncio.sleep(stall_s)
            finally:
                for pid in pids:
                    os.kill(pid, signal.SIGCONT)


@contextlib.asynccontextmanager
async def hurting(pids, kill_clients):
    """Hurts; yields a list that grows with each round."""
    rounds: list[int] = []
    task = asyncio.ensure_future(hurt_often(pids, kill_clients, rounds))
    try:
        yield rounds
    finally:
        task.cancel()
        await asyncio.wait({task})


def judge(echo: Echo) -> None:
    assert echo.checked >= REPLIES
    assert echo.cancelled > 100, "callers went away"
    assert echo.failed, "it was felt"


async def test_one_server(tmp_path):
    async with running_store(tmp_path) as (child, url):
        settings = StoreSettings(url=url, timeout_s=0.7, recovery_s=4.0)
        async with Store(settings) as store, Store(settings) as knife:

            async def kill_clients():
                with contextlib.suppress(Exception):
                    await knife.read("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")

            echo = Echo(store)
            async with hurting([child.pid], kill_clients) as rounds:
                await echo.run(REPLIES, until=lambda: len(rounds) > 2)
            judge(echo)


async def test_a_cluster_whose_writes_wait_for_replicas(tmp_path):
    """Batches that are held back, connections cut in their middle, servers that stop in turns."""
    async with running_cluster(tmp_path, node_timeout_ms=QUICK_MS) as cluster:
        settings = store_settings(cluster.url)
        masters = await cluster.masters()
        async with Store(settings) as store:

            async def kill_clients():
                for master in masters:
                    with contextlib.suppress(Exception):
                        await master.ask("CLIENT", "KILL", "TYPE", "normal")

            echo = Echo(store, spread=16)
            async with hurting([masters[0].pid], kill_clients) as rounds:
                await echo.run(REPLIES, until=lambda: len(rounds) > 2)
            judge(echo)
