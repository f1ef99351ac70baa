"""Who may interrupt whom among the threads of a process that serves."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from pathlib import Path


def let_threads_wait() -> None:
    """Has the threads that run now, gRPC's own, wait for their turn when they wake up (Linux).

    The event loop's thread wakes one of them with nearly every call that it makes into gRPC, and as a rule
    Linux lets who wakes up interrupt who runs: half of the switches of a call. SCHED_BATCH (sched(7)) takes
    nothing of a thread's share of the processor. The loop's own thread stays as it is: under SCHED_BATCH it
    waited behind whatever else runs on the machine, also behind heavy workers. Threads that come later are as
    those that start them. Where the system does not permit it, nothing changes.
    """
    if sys.platform == "linux":
        for thread in Path("/proc/self/task").iterdir():
            number = int(thread.name)
            if number != threading.get_native_id():
                with contextlib.suppress(OSError):  # not permitted; or it has just ended
                    os.sched_setscheduler(number, os.SCHED_BATCH, os.sched_param(0))
