"""Jobs, sessions and their events under faults: none lost, none doubled, nothing charged twice or leaked.

Beside a little of the usual load. The receiver of the events fails at a quarter of all deliveries.
"""

from __future__ import annotations

import contextlib
import os
import signal

import pytest

from support.chaos.deployment import deployment
from support.chaos.endpoint import WEBHOOKS, Endpoint, failing_at_random
from support.chaos.trial import again_and_again, trial
from support.receiver import Receiver
from support.until import until

pytestmark = pytest.mark.chaos

ENVIRONMENT = WEBHOOKS | {"CONJURE_QUEUE_LEASE_S": "3", "CONJURE_QUEUE_SWEEP_S": "2"}


@contextlib.asynccontextmanager
async def working_deployment(directory):
    """A deployment whose app is told of everything, by way of a receiver that often fails."""
    async with Receiver() as receiver, deployment(directory, environment=ENVIRONMENT) as deployed:
        endpoint = await Endpoint.registered(deployed.admin.store, deployed.app.id, receiver)
        receiver.script(endpoint.path, failing_at_random())
        deployed.endpoint = endpoint
        yield deployed


async def test_workers_are_killed_over_jobs_and_deliveries(tmp_path):
    async with working_deployment(tmp_path) as deployed:
        turn = iter([0, 1, 0, 1])

        async def kill():
            port = deployed.ports[next(turn)]
            killed = deployed.worker(port)
            os.kill(killed, signal.SIGKILL)
            await until(lambda: deployed.worker(port) != killed)

        await trial(
            deployed,
            "jobs and webhooks: SIGKILL of a worker of two, 4 times",
            lambda: again_and_again(4, kill),
        )


async def test_the_store_is_killed_under_jobs_and_deliveries(tmp_path):
    async with working_deployment(tmp_path) as deployed:

        async def kill():
            os.kill(deployed.store.pid, signal.SIGKILL)

        await trial(
            deployed,
            "jobs and webhooks: SIGKILL of the store, 3 times",
            lambda: again_and_again(3, kill),
        )


async def test_workers_are_reloaded_over_jobs_and_deliveries(tmp_path):
    """What they were at is given back, and nobody feels it."""
    async with working_deployment(tmp_path) as deployed:

        async def reload():
            before = deployed.reloads()
            os.kill(deployed.server.pid, signal.SIGHUP)
            await until(lambda: deployed.reloads() > before)

        await trial(
            deployed,
            "jobs and webhooks: HUP of two workers, 2 times",
            lambda: again_and_again(2, reload),
            felt=False,
        )
