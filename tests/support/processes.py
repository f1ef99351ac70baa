"""What other processes have cost, as the kernel counts it."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from pathlib import Path
from typing import Final

CAN_WATCH: Final = sys.platform == "linux"
"""Whether the CPU time of another process can be read here."""


def family(pid: int) -> list[int]:
    """A process and all that it has started, and those: a supervisor, its workers, their heavy workers."""
    found = [pid]
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
            found += family(int(child))
    return found


def cpu_s(pid: int) -> float:
    """User and system time of a process and all of its threads, not of its children, in seconds.

    Linux keeps a clock per process, in nanoseconds (clock_getcpuclockid(3)); /proc has hundredths of a
    second, too coarse for a single call. Raises OSError when there is no such process.
    """
    return time.clock_gettime_ns((~pid << 3) | 2) / 1e9


def ended_children_cpu_s(pid: int) -> float:
    """The same of all children that a process has had and waited for, and of theirs; in hundredths of a second."""
    # After the name, which may hold anything: state is field 3, cutime and cstime are 16 and 17 (proc(5)).
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
