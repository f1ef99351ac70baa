"""HUP and TERM under load of every kind, through Envoy and straight to the workers: nobody notices."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import pytest

from conjure.settings import EdgeSettings
from support.chaos.deployment import QUICK, deployment
from support.chaos.trial import trial
from support.until import until

ROLLS = int(os.environ.get("CHAOS_ROLLS", "5"))


def rolls(deployed, times):
    """HUP, again and again; each is over when the supervisor says so."""

    async def roll():
        moments = []
        for _ in range(times):
            before = deployed.reloads()
            moments.append(time.monotonic())
            os.kill(deployed.server.pid, signal.SIGHUP)
            await until(lambda before=before: deployed.reloads() > before)
        return moments

    return roll


@pytest.mark.chaos
async def test_a_reload_and_a_killed_store(tmp_path):
    """The short form of what `make chaos` does: nobody notices the one, nothing is lost by the other."""
    async with deployment(tmp_path) as deployed:

        async def both():
            await rolls(deployed, 1)()
            failures = deployed.ledger.failures()
            assert not failures, "\n".join(map(str, failures[:20]))
            os.kill(deployed.store.pid, signal.SIGKILL)
            return [time.monotonic()]

        await trial(deployed, "HUP, then SIGKILL of the store", both)
        assert len(deployed.ledger.attempts) > 300, "there was load"


@pytest.mark.chaos
async def test_reloads_are_not_noticed(tmp_path):
    async with deployment(tmp_path) as deployed:
        await trial(
            deployed, f"HUP of two workers, {ROLLS} times", rolls(deployed, ROLLS), felt=False
        )


@pytest.mark.chaos
async def test_a_reload_is_not_noticed_with_the_default_numbers(tmp_path):
    async with deployment(tmp_path, edge=EdgeSettings()) as deployed:
        await trial(deployed, "HUP of two workers, default timing", rolls(deployed, 1), felt=False)


@pytest.mark.chaos
async def test_a_worker_of_two_that_is_recorded_to_end_is_not_missed(tmp_path):
    """As an orchestrator does it to one container of several."""
    async with deployment(tmp_path) as deployed:

        async def term():
            moments = []
            for port in deployed.ports * 2:
                ended = deployed.worker(port)
                moments.append(time.monotonic())
                os.kill(ended, signal.SIGTERM)
                await until(lambda port=port, ended=ended: deployed.worker(port) != ended)
                await asyncio.sleep(QUICK.notice_s)  # as the supervisor does in a reload
            return moments

        await trial(deployed, "TERM of a worker of two, 4 times", term, felt=False)


@pytest.mark.chaos
async def test_a_single_server_that_is_recorded_to_end_fails_nothing_that_it_took(tmp_path):
    """There is nobody else, so callers are refused until it is back: with 503, never with doubt."""
    async with deployment(tmp_path, workers=1) as deployed:

        async def term():
            moments = []
            for _ in range(3):
                ended = deployed.server.pid
                moments.append(time.monotonic())
                os.kill(ended, signal.SIGTERM)
                await until(lambda ended=ended: deployed.server.pid != ended)
                await asyncio.sleep(2.5)
            return moments

        await trial(
            deployed,
            "TERM of a single server, 3 times",
            term,
            only=("rest", "grpc-edge"),
            allowed=frozenset({503}),
        )


@pytest.mark.chaos
async def test_a_server_that_is_recorded_to_end_does_not_finish_a_reload_first(tmp_path):
    """An orchestrator waits half a minute; a reload of many workers takes longer. Its log says which came."""
    async with deployment(tmp_path) as deployed:
        ended = deployed.server.pid
        os.kill(ended, signal.SIGHUP)
        await asyncio.sleep(0.3)
        os.kill(ended, signal.SIGTERM)
        await until(lambda: deployed.server.pid != ended)
        await until(lambda: deployed.worker(deployed.ports[1]) > 0)
    log = (tmp_path / "server.log").read_text()
    assert '"reloaded"' not in log
    assert "Traceback" not in log
