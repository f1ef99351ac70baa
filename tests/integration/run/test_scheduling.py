"""gRPC's threads do not interrupt the event loop; the event loop waits for nobody."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.stack import running_server
from support.until import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="SCHED_BATCH is Linux's")


def policies(pid: int) -> dict[int, int]:
    """The scheduling policy of each thread of a process."""
    found = {}
    for thread in Path(f"/proc/{pid}/task").iterdir():
        with contextlib.suppress(ProcessLookupError):  # it has just ended
            found[int(thread.name)] = os.sched_getscheduler(int(thread.name))
    return found


async def test_only_the_loops_thread_interrupts(stack, tmp_path):
    async with running_server(tmp_path, stack.store_url) as (server, _):

        def others_wait() -> bool:
            found = policies(server.pid)
            loop = found.pop(server.pid)
            return loop == os.SCHED_OTHER and set(found.values()) == {os.SCHED_BATCH}

        await until(others_wait)


def test_where_it_is_not_permitted_nothing_changes():
    script = """
import os, threading
from conjure.run.scheduling import let_threads_wait
def forbidden(*_): raise PermissionError
os.sched_setscheduler = forbidden
threading.Thread(target=threading.Event().wait, daemon=True).start()
let_threads_wait()
"""
    subprocess.run([sys.executable, "-c", script], check=True)
