"""A process dies, or its store does, at the steps of a job that matter: it has happened once all the same.

Every step of all deeds, with processes that are really killed, is in tests/chaos/test_steps.py.
"""

from __future__ import annotations

import asyncio
from itertools import chain

from support.chaos.deeds import ENVIRONMENT, Ending, Job
from support.chaos.steps import Moment
from support.chaos.walk import InProcess, Struck, Walk
from support.receiver import Receiver


async def test_what_dies_in_the_middle_of_a_job_neither_loses_nor_doubles_it(tmp_path):
    """One world, one unit, one event, whatever was answered last; and of a session's end, one event."""
    async with Receiver() as receiver:
        job = Walk(tmp_path, lambda: Job(receiver), InProcess, ENVIRONMENT)
        end = Walk(tmp_path, lambda: Ending(receiver), InProcess, ENVIRONMENT)
        trials = await asyncio.gather(
            job.some(
                Struck.PROCESS,
                Moment.AFTER,
                ["jobs.accept", "jobs.begin", "jobs.succeed", "webhooks.fan_out"],
            ),
            job.some(Struck.STORE, Moment.AFTER, ["jobs.succeed", "queue.finish"]),
            end.some(Struck.PROCESS, Moment.AFTER, ["sessions.end"]),
        )
    for trial in chain(*trials):
        assert trial.was_struck, trial
        assert not trial.violations, trial
