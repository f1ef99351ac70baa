"""The generic cell rate algorithm: pure arithmetic over a clock that is passed in (ITU-T I.371).

A bucket is one number, the moment at which it will be empty again (the "theoretical arrival time", `tat`).
Each call moves it on by `1 / per_s`; a call is refused when that would put it more than `burst` calls ahead
of the clock. No timer refills anything, an idle bucket needs no memory, and "when may I come back" is a
subtraction. Example: 2 a second, burst 4. Four calls at once put `tat` 2 s ahead; the fifth would make it
2.5 s, so it is refused and may come back in 0.5 s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Limit:
    """So many calls a second for long, and so many at once. `per_s` 0 is no limit."""

    per_s: float
    burst: int
    interval_s: float = field(init=False)
    """What one call moves a bucket by."""
    tolerance_s: float = field(init=False)
    """How far ahead of the clock a bucket may be."""

    def __post_init__(self) -> None:
        interval_s = 1 / self.per_s if self.per_s else 0.0
        object.__setattr__(self, "interval_s", interval_s)
        # Half a call more, so that rounding never costs the last one of a burst.
        object.__setattr__(self, "tolerance_s", interval_s * (self.burst + 0.5))


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of a call. `retry_after_s` (seconds) is when the next one will be taken."""

    allowed: bool
    retry_after_s: float = 0.0


ALLOWED: Final = Decision(allowed=True)


def spend(tat: float, now: float, limit: Limit) -> tuple[Decision, float]:
    """Decides one call at `now` (seconds, any clock) on a bucket; returns the bucket as it is then.

    A refused call leaves the bucket as it was: hammering at a closed door does not keep it closed.
    """
    after = max(tat, now) + limit.interval_s
    ahead = after - now
    if ahead > limit.tolerance_s:
        return Decision(allowed=False, retry_after_s=ahead - limit.tolerance_s), tat
    return ALLOWED, after


def wait_s(tat: float, now: float, limit: Limit) -> float:
    """How long (seconds) until a bucket takes a call; 0 when it would take one now."""
    return max(0.0, max(tat, now) + limit.interval_s - now - limit.tolerance_s)
