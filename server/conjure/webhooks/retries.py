"""When a delivery that failed is tried again (CONTRACT 8)."""

from __future__ import annotations

from typing import Final

JITTER: Final = 0.2
"""By how much of itself a wait is longer or shorter: what failed together does not come back together."""


def wait_s(plan: tuple[float, ...], attempt: int, dice: float) -> float | None:
    """Seconds from the failure of try number `attempt` (from 1) to the next one; None after the last.

    `plan` has the waits in order; `dice` is a random number from 0 to 1.
    """
    if attempt > len(plan):
        return None
    return plan[attempt - 1] * (1 - JITTER + 2 * JITTER * dice)
