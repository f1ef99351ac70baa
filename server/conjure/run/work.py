"""`conjure work`: the workers of durable work alone, where servers leave it to others."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import TYPE_CHECKING

import structlog

from conjure.app import working
from conjure.run.collector import tune_gc
from conjure.run.memory import keep_freed_blocks
from conjure.run.scrape import metrics_listener
from conjure.run.stopping import stop_event
from conjure.store.check import check_store
from conjure.store.format_watch import FormatWatch, check_format

if TYPE_CHECKING:
    from conjure.settings import Settings

log = structlog.get_logger(__name__)


def run(settings: Settings) -> None:
    """Works until TERM, INT or HUP.

    Raises UnfitStore; FormatRefused, also in the end, when the store's format was raised meanwhile.
    """
    if sys.platform == "win32":
        asyncio.run(_work(settings))
    else:
        import uvloop  # noqa: PLC0415 - not on Windows

        uvloop.run(_work(settings))


async def _work(settings: Settings) -> None:
    keep_freed_blocks()
    stop = stop_event()
    # The default would end the process without a drain. Whoever reloads it starts the next one.
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, stop.set)
    await check_store(settings.store)
    await check_format(settings.store)
    watch = FormatWatch(settings.store, stop)
    async with contextlib.AsyncExitStack() as stack:
        at = settings.metrics
        if at.port:
            await stack.enter_async_context(metrics_listener(at.host, at.port))
        workers = await stack.enter_async_context(working(settings))
        log.info("working", metrics=at.port or None, pid=os.getpid())
        await stack.enter_async_context(watch)
        tune_gc()
        await stop.wait()
        log.info("draining")
        await workers.drain(settings.server.drain_s)
    log.info("stopped")
    watch.require()
