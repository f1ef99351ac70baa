"""Every step of every deed that leaves durable work behind, with whatever may die there: nothing lost or doubled."""

from __future__ import annotations

import pytest

from support.chaos.deeds import ENVIRONMENT, Ending, Job
from support.chaos.report import STEPS
from support.chaos.steps import Moment
from support.chaos.walk import InProcess, OwnProcess, Struck, Walk
from support.receiver import Receiver

pytestmark = pytest.mark.chaos


async def walk_whole(directory, deed, life, struck, moment):
    """Tries every step, and notes what came of it."""
    async with Receiver() as receiver:
        walk = Walk(directory, lambda: deed(receiver), life, ENVIRONMENT)
        trials = await walk.whole(struck, moment)
    tried = [trial for trial in trials if trial.was_struck]
    broken = [str(trial) for trial in trials if trial.violations]
    STEPS.append((deed.WHAT, str(struck), str(moment), len(tried), len(broken)))
    assert tried, "nothing was struck"
    assert not broken, "\n".join(broken[:5])


@pytest.mark.parametrize("deed", [Job, Ending])
async def test_a_server_is_killed_after_each_step(tmp_path, deed):
    """With SIGKILL. Before a step is what it is after the one before, but for what is sent to receivers."""
    await walk_whole(tmp_path, deed, OwnProcess, Struck.PROCESS, Moment.AFTER)


@pytest.mark.parametrize("deed", [Job, Ending])
async def test_a_server_comes_no_further_than_each_step(tmp_path, deed):
    await walk_whole(tmp_path, deed, InProcess, Struck.PROCESS, Moment.BEFORE)


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("deed", [Job, Ending])
async def test_the_store_is_killed_at_each_step(tmp_path, deed, moment):
    await walk_whole(tmp_path, deed, InProcess, Struck.STORE, moment)


@pytest.mark.parametrize("moment", Moment)
@pytest.mark.parametrize("deed", [Job, Ending])
async def test_the_way_to_the_store_is_cut_at_each_step(tmp_path, deed, moment):
    await walk_whole(tmp_path, deed, InProcess, Struck.WAY, moment)
