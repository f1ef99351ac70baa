"""The generic cell rate algorithm: pure arithmetic over a clock that is passed in (ITU-T I.371).

A bucket is one number, the moment at which it will be empty again (the "theoretical arrival time", `tat`).
Each call moves it on by `1 / per_s`; a call is refused when that would put it more than `burst` calls ahead
of the clock. No timer refills anything, an idle bucket needs no memory, and "when may I come back" is a
subtraction. Example: 2 a second, burst 4. Four calls at once put `tat` 2 s ahead; the fifth would make it
2.5 s, so it is refused and may come back in 0.5 s.

Calls differ in what they cost. A call is taken when one of the least cost would be, and then moves the bucket
by its own: so none is too large to be ever taken, and what it cost too much is owed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls a second for long, and so many at once. `per_s` 0 is no limit.

    No debt keeps a caller out for longer than `longest_wait_s`.
    """

    per_s: float
    burst: int
    longest_wait_s: float = math.inf
    interval_s: float = field(init=False)
    """What one call moves a bucket by."""
    tolerance_s: float = field(init=False)
    """How far ahead of the clock a bucket may be that takes a call."""
    most_s: float = field(init=False)
    """How far ahead of the clock a bucket may be at all."""

    def __post_init__(self) -> None:
        interval_s = 1 / self.per_s if self.per_s else 0.0
        object.__setattr__(self, "interval_s", interval_s)
        # Half a call more, so that rounding never costs the last one of a burst.
        tolerance_s = interval_s * (self.burst + 0.5)
        object.__setattr__(self, "tolerance_s", tolerance_s)
        object.__setattr__(self, "most_s", tolerance_s - interval_s + self.longest_wait_s)


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a call. `retry_after_s` (seconds) is when the next one will be taken."""

    allowed: bool
    retry_after_s: float = 0.0


ALLOWED: Final = Decision(allowed=True)


def spend(tat: float, now: float, limit: Limit, cost: float = 1.0) -> tuple[Decision, float]:
    """Decides one call at `now` (seconds, any clock) on a bucket; returns the bucket as it is then.

    `cost` is in calls, 1 or more. A refused call leaves the bucket as it was: hammering at a closed door
    does not keep it closed.
    """
    after = max(tat, now) + limit.interval_s
    ahead = after - now
    if ahead > limit.tolerance_s:
        return Decision(allowed=False, retry_after_s=ahead - limit.tolerance_s), tat
    return ALLOWED, after if cost == 1.0 else owe(tat, now, limit, cost)


def owe(tat: float, now: float, limit: Limit, cost: float) -> float:
    """Returns a bucket with a cost (in calls) that nobody was asked for: what was done already."""
    return max(tat, min(max(tat, now) + cost * limit.interval_s, now + limit.most_s))


def wait_s(tat: float, now: float, limit: Limit) -> float:
    """How long (seconds) until a bucket takes a call; 0 when it would take one now."""
    return max(0.0, max(tat, now) + limit.interval_s - now - limit.tolerance_s)
