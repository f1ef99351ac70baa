"""Following a job: as it is, then each of its steps.

The store keeps the steps of a job, a bounded list that each change appends to in its own script. So whoever
watches misses none, whichever process works on it. A process reads them on behalf of all who watch a job
there: one poll, and a list that every watcher goes along at its own pace.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

import structlog

from conjure.core.context import detached_context
from conjure.core.errors import AppError, Internal, StoreUnavailable
from conjure.core.watching import RIDE_OUT_S, TICK_S

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from conjure.core.caller import Tenant
    from conjure.jobs.model import Job
    from conjure.jobs.store import JobStore
    from conjure.settings import WatchSettings

log = structlog.get_logger(__name__)


class JobFeeds:
    """A feed for each job that is watched in this process, while it is."""

    def __init__(self, store: JobStore, settings: WatchSettings) -> None:
        self._store = store
        self._poll_s = settings.poll_s
        self._feeds: dict[tuple[str, str], _Feed] = {}

    @property
    def watched(self) -> int:
        """How many jobs are watched."""
        return len(self._feeds)

    async def watch(self, tenant: Tenant, job_id: str) -> AsyncGenerator[Job | None, None]:
        """Yields a job, then each change in order; None at first and whenever a tick has passed.

        Ends after a final status. Raises NotFound, StoreUnavailable.
        """
        job, position, _ = await self._store.steps(tenant, job_id)
        yield None
        yield job
        if job.is_final:
            return
        with self._feed(tenant, job_id).joined() as feed:
            while True:
                following = await feed.after(position)
                if following is None:
                    yield None
                    continue
                position += 1
                yield following
                if following.is_final:
                    return

    def _feed(self, tenant: Tenant, job_id: str) -> _Feed:
        key = (tenant.tag, job_id)
        feed = self._feeds.get(key)
        if feed is None:

            def done() -> None:
                if self._feeds.get(key) is feed:
                    del self._feeds[key]

            feed = _Feed(self._store, tenant, job_id, poll_s=self._poll_s, done=done)
            self._feeds[key] = feed
        return feed


class _Feed:
    """Reads the steps of one job. Ends with its last watcher, or tells all why it ends."""

    def __init__(
        self,
        store: JobStore,
        tenant: Tenant,
        job_id: str,
        *,
        poll_s: float,
        done: Callable[[], None],
    ) -> None:
        self._store = store
        self._tenant = tenant
        self._job_id = job_id
        self._poll_s = poll_s
        self._done = done
        self._steps: list[Job] = []
        self._error: AppError | None = None
        self._watchers = 0
        self._something = asyncio.Event()
        self._task = asyncio.create_task(self._run(), name="job-feed", context=detached_context())

    @contextlib.contextmanager
    def joined(self) -> Iterator[_Feed]:
        """The feed, for as long as somebody watches."""
        self._watchers += 1
        try:
            yield self
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._task.cancel()
                self._done()

    async def after(self, position: int) -> Job | None:
        """The step that follows so many; None when a tick passed without one. Raises why the feed ended."""
        if position >= len(self._steps) and self._error is None:
            something = self._something
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await something.wait()
        if position < len(self._steps):
            return self._steps[position]
        if self._error is not None:
            raise self._error
        return None

    async def _run(self) -> None:
        try:
            await self._poll()
        except AppError as error:
            self._end(error)
        except Exception:  # a task has no caller: whoever watches must hear that it ended
            log.exception("the feed of a job failed")
            self._end(Internal())

    def _end(self, error: AppError) -> None:
        self._error = error
        self._done()
        self._something.set()

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        answered = loop.time()
        while True:
            try:
                _, _, steps = await self._store.steps(
                    self._tenant, self._job_id, after=len(self._steps)
                )
            except StoreUnavailable:
                if loop.time() - answered > RIDE_OUT_S:
                    raise
            else:
                answered = loop.time()
                if steps:
                    self._steps += steps
                    self._something.set()
                    self._something = asyncio.Event()
                if self._steps and self._steps[-1].is_final:
                    self._done()  # who comes later has it from the store
                    return
            await asyncio.sleep(self._poll_s)
