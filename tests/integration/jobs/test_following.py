"""Who watches a job: one poll for all at a process, and every step for each, at its own pace."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from conjure.core.caller import Tenant
from conjure.core.errors import NotFound
from conjure.core.ids import new_id
from conjure.jobs.following import JobFeeds
from conjure.jobs.store import JobStore
from conjure.queue.kinds import JOBS
from conjure.queue.store import QueueStore
from conjure.settings import CapSettings, JobSettings, WatchSettings, WorldSettings
from conjure.store import keyspace
from conjure.worlds.requests import NewWorld
from support.until import LIMIT_S, until

POLL_S = 0.02


class Counted(JobStore):
    """Counts the reads of those who watch."""

    def __init__(self, store):
        super().__init__(store, JobSettings(), WorldSettings(), CapSettings())
        self.reads = 0

    async def steps(self, tenant, job_id, after=None):
        self.reads += after is not None
        return await super().steps(tenant, job_id, after)


@pytest.fixture
async def followed(stack):
    """A claimed job that nobody else works on, and the feeds of a process."""
    store, tenant, job_id = Counted(stack.admin.store), Tenant(new_id(), "test"), new_id()
    await store.accept(tenant, job_id, new_id(), NewWorld("a lamp"), None)
    queue = QueueStore(stack.admin.store, lease_s=60, kept_s=60)
    (entry,) = (await queue.claim(tenant, JOBS, "", want=1, most_in_lane=1)).entries
    return store, JobFeeds(store, WatchSettings(poll_s=POLL_S)), entry


async def watched(feeds, entry, *, pause_s=0.0):
    """What a watcher is told, to the end."""
    found = []
    async with asyncio.timeout(LIMIT_S):
        async for job in feeds.watch(entry.tenant, entry.id):
            if job is not None:
                found.append((job.status, job.phase, job.error))
            await asyncio.sleep(pause_s)
    return found


async def test_all_who_watch_are_told_every_step_by_one_poll(followed):
    store, feeds, entry = followed
    paces = [0.0] * 30 + [0.05]
    watchers = [asyncio.create_task(watched(feeds, entry, pause_s=pause)) for pause in paces]
    await until(lambda: feeds.watched == 1)
    await asyncio.sleep(0)
    await store.begin(entry)
    for phase, part in (("writing", 0.1), ("writing", 0.5), ("checking", 0.7)):
        await store.step(entry, phase, part)
    now = asyncio.get_running_loop().time
    reads, begun = store.reads, now()
    await asyncio.sleep(0.2)
    assert store.reads - reads <= (now() - begun) / POLL_S + 1, "and not as often for each of them"
    await store.fail(entry, "why")
    steps = [
        ("queued", None, None),
        ("running", "planning", None),
        ("running", "writing", None),
        ("running", "writing", None),
        ("running", "checking", None),
        ("failed", None, "why"),
    ]
    assert await asyncio.gather(*watchers) == [steps] * len(paces)
    assert feeds.watched == 0


async def test_a_poll_ends_with_its_last_watcher(followed):
    store, feeds, entry = followed
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(2):
            watcher = feeds.watch(entry.tenant, entry.id)
            await stack.enter_async_context(contextlib.aclosing(watcher))
            assert [await anext(watcher) is None for _ in range(2)] == [True, False]
            assert await anext(watcher) is None  # a tick
        assert feeds.watched == 1
    assert feeds.watched == 0
    await asyncio.sleep(0.05)
    reads = store.reads
    await asyncio.sleep(0.1)
    assert store.reads == reads


async def test_a_job_that_is_gone_ends_its_watchers(followed, stack):
    _, feeds, entry = followed
    watcher = asyncio.create_task(watched(feeds, entry))
    await until(lambda: feeds.watched == 1)
    await stack.admin.store.write(
        "DEL", keyspace.job(entry.tenant, entry.id), keyspace.job_steps(entry.tenant, entry.id)
    )
    with pytest.raises(NotFound):
        await watcher
    assert feeds.watched == 0
    with pytest.raises(NotFound):
        await watched(feeds, entry)
