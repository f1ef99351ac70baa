"""`conjure serve`: one process that serves, or a supervisor over several.

Workers are fresh processes (a fork after gRPC has started hangs) with a port each: on a shared port HTTP/2
connections pin, and half of the workers starve behind Envoy. HUP replaces them one at a time, each drained
before the next; TERM drains all.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import structlog

from conjure.app import serving
from conjure.run.child import Child
from conjure.run.ports import wait_for_port

if TYPE_CHECKING:
    from conjure.settings import Settings

log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Serves until TERM or INT, with the workers that the settings ask for."""
    main = _serve_here(settings) if settings.server.workers == 1 else _supervise(settings)
    if sys.platform == "win32":
        asyncio.run(main)
    else:
        import uvloop  # noqa: PLC0415 - not on Windows

        uvloop.run(main)


async def _serve_here(settings: Settings) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with serving(settings) as (server, port):
        log.info("serving", host=settings.server.host, port=port, pid=os.getpid())
        await stop.wait()
        log.info("draining")
        await server.drain()
    log.info("stopped")


async def _supervise(settings: Settings) -> None:
    stop, reload = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, reload.set)
    ports = [settings.server.port + index for index in range(settings.server.workers)]
    workers = [_worker(settings, port) for port in ports]
    for worker in workers:
        await worker.__aenter__()
    log.info("serving", host=settings.server.host, ports=ports, pid=os.getpid())
    try:
        while not stop.is_set():
            waits = [asyncio.create_task(event.wait()) for event in (stop, reload)]
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            for wait in waits:
                wait.cancel()
            if reload.is_set() and not stop.is_set():
                reload.clear()
                for index, port in enumerate(ports):
                    await workers[index].__aexit__(None, None, None)
                    workers[index] = await _worker(settings, port).__aenter__()
                log.info("reloaded")
    finally:
        await asyncio.gather(*(worker.__aexit__(None, None, None) for worker in workers))
    log.info("stopped")


def _worker(settings: Settings, port: int) -> Child:
    environment = {
        **os.environ,
        "CONJURE_SERVER_WORKERS": "1",
        "CONJURE_SERVER_PORT": str(port),
    }
    limits = settings.server
    return Child(
        f"worker-{port}",
        lambda: [sys.executable, "-m", "conjure", "serve"],
        ready=lambda: wait_for_port(port),
        environment=environment,
        stop_s=limits.drain_pause_s + 2 * limits.drain_s + 2,
    )
