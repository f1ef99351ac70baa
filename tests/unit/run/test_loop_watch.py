"""That something held the event loop is counted; what a process that serves does about garbage."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

from conjure.core import metrics
from conjure.run.scrape import metrics_listener
from support.until import until


async def test_a_hold_of_the_loop_is_counted_and_in_the_lag():
    holds, lag = metrics.LOOP_HOLDS.at(), metrics.LOOP_LAG.at()
    async with metrics_listener("127.0.0.1", 0):
        seen = sum(lag.counts)

        async def is_watched() -> bool:
            return sum(lag.counts) > seen

        await until(is_watched)
        before, sum_before = holds.value, lag.sum
        time.sleep(0.3)  # noqa: ASYNC251 - what no code of ours may do

        async def was_counted() -> bool:
            return holds.value > before

        await until(was_counted)
        assert lag.sum - sum_before > 0.2


async def test_waiting_is_no_hold():
    """The machine may hold the loop, too: what is asked is that the wait itself is not counted."""
    lag = metrics.LOOP_LAG.at()
    async with metrics_listener("127.0.0.1", 0):
        observed, late = sum(lag.counts), lag.sum
        begin = time.perf_counter()
        await asyncio.sleep(0.5)
        waited = time.perf_counter() - begin
        assert sum(lag.counts) - observed <= waited / 0.025 + 1
        assert lag.sum - late < waited


_TUNED = """
import gc
from conjure.core import metrics
from conjure.run import collector
collector.tune_gc()
collector.tune_gc()
assert gc.get_threshold() == (collector.YOUNG, collector.MIDDLE, collector.OLD)
assert gc.get_freeze_count() > 0
full = metrics.GC_PAUSES.at("2")
before = sum(full.counts)
gc.collect()
print(sum(full.counts) - before)
"""


def test_a_process_that_serves_is_tuned_once_and_counts_its_pauses():
    done = subprocess.run(
        [sys.executable, "-c", _TUNED], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "1", done.stderr
