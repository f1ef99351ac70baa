"""`conjure serve`: one process that serves, or a supervisor over several.

Workers are fresh processes (a fork after gRPC has started hangs) with a port each: on a shared port HTTP/2
connections pin, and half of the workers starve behind Envoy. HUP replaces them one at a time: each is
drained, and the next one only once every edge knows that the successor serves. TERM drains all.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

import structlog

from conjure.app import serving
from conjure.run.child import Child, ChildFailed
from conjure.run.collector import tune_gc
from conjure.run.descriptors import raise_descriptor_limit
from conjure.run.grpc_core import warn_of_forgotten
from conjure.run.memory import keep_freed_blocks
from conjure.run.ports import reachable, require_free, wait_for_port
from conjure.run.scheduling import let_threads_wait
from conjure.run.scrape import metrics_listener
from conjure.run.stopping import stop_event
from conjure.store.check import check_store
from conjure.store.format_watch import FormatWatch, check_format

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from conjure.settings import Settings

log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Serves until TERM or INT, with the workers that the settings ask for.

    Raises UnfitStore; FormatRefused, also in the end, when the store's format was raised meanwhile.
    """
    main = _serve_here(settings) if settings.server.workers == 1 else _supervise(settings)
    if sys.platform == "win32":
        asyncio.run(main)
    else:
        import uvloop  # noqa: PLC0415 - not on Windows

        uvloop.run(main)


async def _serve_here(settings: Settings) -> None:
    keep_freed_blocks()
    warn_of_forgotten()
    raise_descriptor_limit()
    stop = stop_event()
    # The default would end the process without a drain; only a supervisor can replace workers.
    asyncio.get_running_loop().add_signal_handler(
        signal.SIGHUP, lambda: log.warning("HUP needs CONJURE_SERVER_WORKERS=2 or more; ignored")
    )
    await check_store(settings.store)
    await check_format(settings.store)
    watch = FormatWatch(settings.store, stop)
    async with contextlib.AsyncExitStack() as stack:
        at = settings.metrics
        if at.port:
            await stack.enter_async_context(metrics_listener(at.host, at.port))
        server, port = await stack.enter_async_context(serving(settings))
        log.info(
            "serving", host=settings.server.host, port=port, edges=server.edge_address,
            metrics=at.port or None,
            tracing=settings.tracing.endpoint or None, pid=os.getpid(),
        )  # fmt: skip
        await stack.enter_async_context(watch)
        tune_gc()
        let_threads_wait()
        await stop.wait()
        log.info("draining")
        await server.drain()
    log.info("stopped")
    watch.require()


async def _supervise(settings: Settings) -> None:
    stop, reload = stop_event(), asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, reload.set)
    ports = [settings.server.port + index for index in range(settings.server.workers)]
    # Else whoever has a port would be taken for the worker that cannot have it.
    for port in ports:
        require_free(settings.server.host, port)
    await check_store(settings.store)
    # Looked at for its exit code. Only the workers look again: HUP makes them newer than this process, so
    # that the store may have a format which they know and it does not.
    await check_format(settings.store)
    async with contextlib.AsyncExitStack() as stack:
        workers = [_worker(settings, index) for index in range(settings.server.workers)]
        for worker in workers:
            await stack.enter_async_context(worker)
        log.info("serving", host=settings.server.host, ports=ports, pid=os.getpid())
        while not await _stopped_or(stop, reload):
            reload.clear()
            # A TERM does not wait for the end of a reload, which takes some seconds a worker.
            reloading = asyncio.create_task(_reload(workers, settings.edge.notice_s))
            await _first_of(stop.wait(), asyncio.shield(reloading))
            reloading.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await reloading
        log.info("draining")
        # All at once: each has its own grace, and the edge has other servers or none.
        await asyncio.gather(*(worker.__aexit__(None, None, None) for worker in workers))
    log.info("stopped")


async def _reload(workers: list[Child], notice_s: float) -> None:
    """Replaces the workers one at a time; stops at the first that does not come back.

    Without the pause after each, an edge could learn that the next worker leaves before it learns that this
    one is back; then it would know no worker that serves.
    """
    for worker in workers:
        try:
            await worker.replace()
        except ChildFailed as error:
            log.error("reload stopped: the other workers go on as they are", cause=str(error))
            return
        await asyncio.sleep(notice_s)
    log.info("reloaded")


async def _stopped_or(stop: asyncio.Event, other: asyncio.Event) -> bool:
    """Waits for one of two events; True when it is time to stop."""
    await _first_of(stop.wait(), other.wait())
    return stop.is_set()


async def _first_of(*several: Awaitable[object]) -> None:
    """Returns when the first of them is done; the others are cancelled."""
    waits = [asyncio.ensure_future(one) for one in several]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _worker(settings: Settings, index: int) -> Child:
    port, metrics = settings.server.port + index, settings.metrics.port
    environment = {
        **os.environ,
        "CONJURE_SERVER_WORKERS": "1",
        "CONJURE_SERVER_PORT": str(port),
        "CONJURE_METRICS_PORT": str(metrics + index if metrics else 0),
        "CONJURE_STORE_CHECK": "off",  # done once, before the first worker
    }
    limits = settings.server
    return Child(
        f"worker-{port}",
        lambda: [sys.executable, "-m", "conjure", "serve"],
        ready=lambda: wait_for_port(port, reachable(settings.server.host)),
        environment=environment,
        stop_s=limits.drain_pause_s + 2.5 * limits.drain_s + 2,
    )
