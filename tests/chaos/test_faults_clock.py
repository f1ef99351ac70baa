"""The clock of one worker of two jumps. What is counted, is counted by the store's clock."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from support.chaos.deployment import deployment
from support.chaos.ledger import EXPECTED
from support.chaos.trial import trial

pytestmark = pytest.mark.chaos

HOUR_S = 3600
TESTS = Path(__file__).parents[1]


async def test_the_clock_of_a_worker_jumps_an_hour_forth_and_back(tmp_path):
    """Tokens that a worker an hour off has signed, or looks at, are 401: expired, or of the future.

    Nothing is charged for those. Leases, caps and seconds are the store's to count, and hold.
    """
    offset = tmp_path / "offset"
    offset.write_text("0")
    environment = {
        "CHAOS_CLOCK_FILE": str(offset),
        "PYTHONPATH": f"{TESTS / 'support/chaos/clock'}:{TESTS.parent / 'server'}",
    }
    async with deployment(tmp_path, environment=environment) as deployed:
        deployed.ledger.expected = EXPECTED | {401}

        async def jump():
            for seconds in (HOUR_S, 0, -HOUR_S, 30 * HOUR_S, 0):
                offset.write_text(str(seconds))
                await asyncio.sleep(1.5)
            return [time.monotonic()]

        await trial(deployed, "a worker's clock jumps +1 h, -1 h, +30 h", jump, felt=False)
        told = [attempt for attempt in deployed.ledger.attempts if attempt.status == 401]
        assert told, "the clock was seen to jump"
        assert {attempt.kind for attempt in told} <= {"connect", "end"}
