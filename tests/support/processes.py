"""What other processes have cost, as the kernel counts it."""

from __future__ import annotations

import sys
import time
from typing import Final

CAN_WATCH: Final = sys.platform == "linux"
"""Whether the CPU time of another process can be read here."""


def cpu_s(pid: int) -> float:
    """User and system time of a process and all of its threads, not of its children, in seconds.

    Linux keeps a clock per process, in nanoseconds (clock_getcpuclockid(3)); /proc has hundredths of a
    second, too coarse for a single call. Raises OSError when there is no such process.
    """
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9
