"""The program of a heavy worker (`conjure.rpc.heavy`): `python -m conjure.run.heavy SOCKET PARENT`.

It serves all RPCs on a socket file in a private folder, one call at a time, within bounds that the kernel of
the operating system keeps, as Python cannot interrupt itself in the middle of a parse: a call that takes too
much CPU time ends the process (ITIMER_PROF), and memory beyond the limit is refused (RLIMIT_DATA: a
MemoryError, which the call is told of, or the end of the process). Its settings come pickled on standard
input, whose end says that the parent (a process id) is gone; on Linux the end of the parent ends it at once,
also while it computes. What it counts goes out on what was standard output, after each call.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import resource
import signal
import sys
import time
from typing import TYPE_CHECKING, BinaryIO, Final

import orjson
import uvloop

from conjure.app import serving
from conjure.core import metrics
from conjure.rpc.heavy.pool import CPU
from conjure.rpc.heavy.worker import read_settings
from conjure.run import logs
from conjure.run.collector import tune_gc
from conjure.run.memory import keep_freed_blocks

if TYPE_CHECKING:
    import grpc.aio

    from conjure.rpc.over_grpc import Serve
    from conjure.settings import Settings

_PR_SET_PDEATHSIG: Final = 1


def main() -> None:
    """Serves until the parent has gone, or says so."""
    _end_with_parent(int(sys.argv[2]))
    # A service manager may ask all processes to end at once: the parent still waits for calls that it has
    # relayed, and then says so.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    settings = read_settings(sys.stdin.buffer)
    logs.configure(settings.log.level, settings.log.format)
    # Nothing but what is counted is said to the parent, whatever a library may print.
    told = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    _limit_memory(settings.heavy.memory_bytes)
    keep_freed_blocks()
    uvloop.run(_serve(settings, sys.argv[1], told))


def _end_with_parent(parent: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit("the parent is gone")


def _limit_memory(limit: int) -> None:
    """Bounds the data segment; a lower bound that the whole service was given goes on to hold."""
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    if most != resource.RLIM_INFINITY:
        limit = min(limit, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))


async def _serve(settings: Settings, path: str, told: BinaryIO) -> None:
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), gone.set)
    bounds = _Bounds(settings.heavy.cpu_s, told)
    async with serving(settings, host=f"unix:{path}", within=bounds):
        tune_gc()
        bounds.tell()  # that it serves
        await gone.wait()


class _Bounds:
    """What is around each call."""

    def __init__(self, cpu_s: float, told: BinaryIO) -> None:
        self._cpu_s = cpu_s
        self._told = told
        self._turn = asyncio.Lock()

    def __call__(self, serve: Serve) -> Serve:
        async def bounded(raw: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
            async with self._turn:
                signal.setitimer(signal.ITIMER_PROF, self._cpu_s)
                begun = time.process_time()
                try:
                    answer = await serve(raw, context)
                    took = (CPU, f"{time.process_time() - begun:.6f}")
                    context.set_trailing_metadata((*(context.trailing_metadata() or ()), took))
                    return answer
                finally:
                    signal.setitimer(signal.ITIMER_PROF, 0)
                    self.tell()

        return bounded

    def tell(self) -> None:
        """Tells the parent what was counted since the last time."""
        self._told.write(orjson.dumps(metrics.take_counted()) + b"\n")
        self._told.flush()


if __name__ == "__main__":
    main()
