"""One fault under load, from the first call to the checker's verdict."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from support.chaos.judgement import judge
from support.chaos.ledger import LOST, Fate
from support.chaos.report import ROWS, Row
from support.stack import agreed_on
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from support.chaos.deployment import Deployment
    from support.chaos.judgement import Judgement
    from support.chaos.ledger import Ledger

_WELL_S = 1.0
_LIMIT_S = LIMIT_S


async def again_and_again(times: int, hurt: Callable[[], Awaitable[None]]) -> list[float]:
    """Hurts a few times, with some seconds of load after each; returns the moments."""
    moments = []
    for _ in range(times):
        moments.append(time.monotonic())
        await hurt()
        await asyncio.sleep(1.5)
    return moments


async def trial(
    deployed: Deployment,
    fault: str,
    inject: Callable[[], Awaitable[list[float]]],
    *,
    felt: bool | None = True,
    only: Sequence[str] = ("rest", "grpc", "grpc-edge"),
    allowed: frozenset[int] = frozenset({LOST, 503, 504}),
    callers: int = 12,
    mix: dict[str, int] | None = None,
) -> Judgement:
    """Injects a fault under load, waits until all is well again by itself, and has everything checked.

    `inject` returns the moments from which nothing is broken any more. `felt`: a fault that no caller feels
    proves nothing, so some call must fail; where none may, `felt=False` says so, and None where both are well.
    `allowed`: the statuses that a failure may have. `callers`, `mix`: of the load.
    Returns what the judge says; a violation fails here, what it cannot decide does not.
    """
    ledger = deployed.ledger
    async with deployed.load(only=only, callers=callers, mix=mix):
        await asyncio.sleep(0.7)
        healed = await inject()
        await _well(ledger)
    broken = await deployed.violations()
    judged = await judge(deployed.history(), fault)
    broken += judged.violations()
    ROWS.append(Row(fault, ledger, healed, len(broken), agreed_on()["calls"], judged))
    assert not broken, "\n".join(broken[:20])
    failures = ledger.failures()
    if felt:
        assert failures, "nobody felt the fault"
    elif felt is False:
        assert not failures, "\n".join(map(str, failures[:20]))
    strange = [attempt for attempt in failures if attempt.status not in allowed]
    assert not strange, "\n".join(map(str, strange[:20]))
    return judged


async def _well(ledger: Ledger) -> None:
    """Returns when all faces have been served for a while and nothing failed meanwhile.

    Raises AssertionError when that takes too long: it did not recover without a hand.
    """
    faces = {attempt.face for attempt in ledger.attempts}
    begun = time.monotonic()
    since = begun
    while time.monotonic() - begun < _LIMIT_S:
        await asyncio.sleep(0.1)
        since = max(since, time.monotonic() - _WELL_S)
        recent = [a for a in ledger.attempts[-3000:] if a.ended >= since]
        if any(ledger.has_failed(attempt) for attempt in recent):
            since = time.monotonic()
        elif time.monotonic() - since >= _WELL_S - 0.1:
            served = {a.face for a in recent if a.kind == "write" and a.fate is Fate.DONE}
            if served >= faces:
                return
    raise AssertionError(f"it did not recover within {_LIMIT_S} s")
