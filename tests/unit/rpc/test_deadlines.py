"""The one timer for all calls: what `asyncio.timeout` promises, without a timer for each."""

from __future__ import annotations

import asyncio

import pytest

from conjure.rpc.deadlines import SWEEP_S, Deadlines
from support.until import LIMIT_S


async def test_a_call_within_its_time_is_left_alone():
    """Also when sweeps pass over it."""
    assert await Deadlines().within(LIMIT_S, asyncio.sleep(3 * SWEEP_S, "done")) == "done"


async def test_a_call_that_takes_too_long_is_ended():
    """Not before its time, and by the next sweep after it: the call itself would go on for an hour."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    with pytest.raises(TimeoutError):
        await Deadlines().within(0.2, asyncio.sleep(3600))
    assert loop.time() - began >= 0.2
    assert SWEEP_S <= 0.1


async def test_each_call_has_its_own_time():
    """Of calls that overlap, just those that are over end."""
    deadlines = Deadlines()
    outcomes = await asyncio.gather(
        *(
            deadlines.within(limit, asyncio.sleep(seconds, "done"))
            for limit, seconds in ((0.1, 3600), (LIMIT_S, 0.5), (0.2, 3600), (2 * LIMIT_S, 0.5))
        ),
        return_exceptions=True,
    )
    assert [type(outcome) for outcome in outcomes] == [TimeoutError, str, TimeoutError, str]


async def test_a_cancellation_from_elsewhere_stays_one():
    """A caller that goes away is no timeout."""
    task = asyncio.create_task(Deadlines().within(LIMIT_S, asyncio.sleep(3600)))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancellation_at_the_same_time_wins():
    """Both at once: the task is not the deadline's to keep alive (as `asyncio.timeout` has it)."""
    task = asyncio.create_task(Deadlines().within(0.05, cancelled_when_cancelled()))
    with pytest.raises(asyncio.CancelledError):
        await task


async def cancelled_when_cancelled():
    """Sleeps; when it is ended, somebody else cancels the same task."""
    try:
        await asyncio.sleep(60)
    except asyncio.CancelledError:
        asyncio.current_task().cancel()
        raise


async def test_the_task_of_an_ended_call_may_wait_again():
    """The cancellation is taken back: what answers the caller is not cancelled by it."""

    async def answer():
        with pytest.raises(TimeoutError):
            await Deadlines().within(0.05, asyncio.sleep(60))
        await asyncio.sleep(0.1)
        return asyncio.current_task().cancelling()

    assert await asyncio.create_task(answer()) == 0
