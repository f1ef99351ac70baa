"""All workers of a process."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from typing import TYPE_CHECKING, Self

from conjure.core import metrics
from conjure.queue.kinds import KINDS
from conjure.queue.store import QueueStore
from conjure.queue.survey import Depths, Survey
from conjure.queue.sweep import Sweep
from conjure.queue.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.queue.directory import Directory
    from conjure.queue.handler import Handler
    from conjure.settings import QueueSettings
    from conjure.store.client import Store


class Workers:
    """Works while it is entered: a worker per handler, the sweep, and the counts for metrics."""

    def __init__(
        self,
        store: Store,
        directory: Directory,
        handlers: Sequence[Handler],
        settings: QueueSettings,
    ) -> None:
        queue = QueueStore(
            store,
            lease_s=settings.lease_s,
            kept_s=settings.dead_s,
            most_dead=settings.dead_per_app,
        )
        self._workers = {
            handler.kind: Worker(
                queue, directory, handler, settings, at_once=settings.at_once(handler.kind)
            )
            for handler in handlers
        }
        self._sweep = Sweep(store, directory, every_s=settings.sweep_s)
        self._depths = Depths(Survey(store, directory))
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with contextlib.AsyncExitStack() as stack:
            for worker in self._workers.values():
                await stack.enter_async_context(worker)
            await stack.enter_async_context(self._sweep)
            await stack.enter_async_context(self._depths)
            for kind in KINDS:
                running = partial(_running, self._workers.get(kind))
                stack.enter_context(metrics.QUEUE_RUNNING.reads(running, kind))
                for gauge, name in (
                    (metrics.QUEUE_DEPTH, "entries"),
                    (metrics.QUEUE_OLDEST, "oldest_due_s"),
                    (metrics.QUEUE_DEAD, "dead"),
                ):
                    stack.enter_context(
                        gauge.reads(partial(_depth, self._depths, kind, name), kind)
                    )
            self._stack = stack.pop_all()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()

    async def drain(self, grace_s: float) -> None:
        """Takes nothing more; what has not ended after `grace_s` is given back for others to do."""
        await asyncio.gather(*(worker.drain(grace_s) for worker in self._workers.values()))


def _running(worker: Worker | None) -> float:
    return 0 if worker is None else worker.running


def _depth(depths: Depths, kind: str, name: str) -> float:
    return float(getattr(depths.of(kind), name))
