"""What work costs, in a measure that is no machine's: how often a fixed piece of Python could run meanwhile.

CPU time, so that others who run do not count; the least of several rounds, because they still disturb caches;
and limits ten times and more above what was measured, because only another order of growth is a fault.
"""

from __future__ import annotations

import functools
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


def cpu_s(work: Callable[[], object], *, rounds: int = 3) -> float:
    """Seconds of CPU of this process: the least of several rounds."""
    least = float("inf")
    for _ in range(rounds):
        begun = time.process_time()
        work()
        least = min(least, time.process_time() - begun)
    return least


@functools.cache
def yardstick_s() -> float:
    """The CPU time of a hundred thousand small steps of Python on this machine, some 10 ms."""

    def steps() -> None:
        seen: dict[str, int] = {}
        for number in range(100_000):
            name = f"room_{number % 1000}"
            seen[name] = seen.get(name, 0) + len(name)

    return cpu_s(steps, rounds=5)


def assert_cheap(work: Callable[[], T], *, most: float) -> T:
    """Fails when `work` costs more than `most` yardsticks; repeated only while it seems to.

    Returns what `work` does, so that nobody who looks at that has to do it again.
    """
    least = float("inf")
    for _ in range(3):
        begun = time.process_time()
        made = work()
        least = min(least, (time.process_time() - begun) / yardstick_s())
        if least <= most:
            return made
    raise AssertionError(f"it costs {least:.0f} yardsticks, and may cost {most:.0f}")
