"""The program of a heavy worker (`conjure.rpc.heavy`): `python -m conjure.run.heavy SOCKET`.

It serves all RPCs on a socket file in a private folder, one call at a time, within bounds that the kernel of
the operating system keeps, as Python cannot interrupt itself in the middle of a parse: a call that takes too
much CPU time ends the process (ITIMER_PROF), and memory beyond the limit is refused (RLIMIT_DATA: a
MemoryError, which the call is told of, or the end of the process). Its settings come pickled on standard
input, whose end says that the parent is gone; what it counts goes out on standard output, after each call.
"""

from __future__ import annotations

import asyncio
import os
import resource
import signal
import sys
from typing import TYPE_CHECKING, Final

import orjson
import uvloop

from conjure.app import serving
from conjure.core import metrics
from conjure.rpc.heavy.worker import read_settings
from conjure.run import logs

if TYPE_CHECKING:
    import grpc.aio

    from conjure.rpc.layer import Serve
    from conjure.settings import Settings

_NICE: Final = 10
"""How much a worker gives way to the processes that serve everybody (nice(1))."""


def main() -> None:
    """Serves until the parent has gone, or says so."""
    settings = read_settings(sys.stdin.buffer)
    logs.configure(settings.log.level, settings.log.format)
    os.nice(_NICE)
    limit = settings.heavy.memory_bytes
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))
    uvloop.run(_serve(settings, sys.argv[1]))


async def _serve(settings: Settings, path: str) -> None:
    gone = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), gone.set)
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, gone.set)
    async with serving(settings, host=f"unix:{path}", within=_Bounds(settings.heavy.cpu_s)):
        _tell({})
        await gone.wait()


class _Bounds:
    """What is around each call."""

    def __init__(self, cpu_s: float) -> None:
        self._cpu_s = cpu_s
        self._turn = asyncio.Lock()

    def __call__(self, serve: Serve) -> Serve:
        async def bounded(raw: bytes, context: grpc.aio.ServicerContext[bytes, bytes]) -> bytes:
            async with self._turn:
                signal.setitimer(signal.ITIMER_PROF, self._cpu_s)
                try:
                    return await serve(raw, context)
                finally:
                    signal.setitimer(signal.ITIMER_PROF, 0)
                    _tell(metrics.take_counted())

        return bounded


def _tell(counted: metrics.Counted) -> None:
    sys.stdout.buffer.write(orjson.dumps(counted) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
