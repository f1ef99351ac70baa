"""A job whose unit was held while its frame was looked at: that hold is the job's from then on."""

from __future__ import annotations

import pytest

from conjure.core.errors import IdempotencyInProgress, JobCapacity, NotFound, QuotaExceeded
from conjure.core.ids import new_id
from conjure.jobs.worker import JobHandler
from conjure.providers.author import BuiltinAuthor
from conjure.queue.handler import Finished
from conjure.queue.kinds import EVENTS, JOBS
from conjure.queue.store import QueueStore
from conjure.settings import CapSettings, JobSettings, WorldSettings
from conjure.store import keyspace
from conjure.usage.idempotency import Idempotency
from conjure.usage.store import UsageStore
from conjure.worlds.frames import Frames
from conjure.worlds.generation import Generation
from conjure.worlds.requests import KeptFrame, NewWorld
from support.jobs import events_of, job_store

FRAME = KeptFrame("ab" * 32, "jpg", 96, 64)


class Held:
    """A tenant that has one unit a day, and what holds it."""

    def __init__(self, store, tenant, **limits):
        self.store = store
        self.tenant = tenant
        self.jobs = job_store(store, **limits)
        self.usage = UsageStore(store, CapSettings(generation=1), WorldSettings())
        self.key = Idempotency.of("worlds", "k", "a frame")

    async def hold(self):
        hold_id = new_id()
        assert await self.usage.reserve(self.tenant, "generation", hold_id, self.key) is None
        return hold_id

    async def accept(self, hold_id, job_id=None):
        new = NewWorld(kept_frame=FRAME)
        return await self.jobs.accept(
            self.tenant, job_id or new_id(), new_id(), new, self.key, hold_id=hold_id
        )

    async def release(self, hold_id):
        await self.usage.release(self.tenant, "generation", hold_id, self.key)

    async def holds(self):
        return await self.store.read("ZRANGE", keyspace.holds(self.tenant, "generation"), 0, -1)


@pytest.fixture
async def held(app):
    await app.set_caps(generation=1)
    return Held(app.admin.store, app.tenant())


async def test_the_last_unit_of_a_day_is_enough(held):
    """It is held once; asked again, nothing changes; giving the old hold back takes nothing from the job."""
    hold_id, job_id = await held.hold(), new_id()
    for _ in range(2):
        assert await held.accept(hold_id, job_id) is None
        assert await held.holds() == [job_id.encode()]
    await held.release(hold_id)  # as who did not hear that it was accepted
    assert await held.holds() == [job_id.encode()]
    again = await held.usage.reserve(held.tenant, "generation", new_id(), held.key)
    assert again.members == {"job_id": job_id}


async def test_a_hold_that_has_lapsed_is_taken_anew_or_refused(held):
    """Who outlived its hold has none, and its Idempotency-Key is whose it is."""
    lapsed, job_id = new_id(), new_id()
    assert await held.accept(lapsed, job_id) is None
    assert await held.holds() == [job_id.encode()]
    held.key = None
    with pytest.raises(QuotaExceeded):
        await held.accept(lapsed)


async def test_a_key_that_somebody_else_runs_under_is_not_taken(held):
    await held.hold()
    with pytest.raises(IdempotencyInProgress):
        await held.accept(new_id())


async def test_a_refused_job_leaves_the_hold_to_be_given_back(app, held):
    """The body of the hold fails, and that gives it back."""
    full = Held(app.admin.store, app.tenant(), unfinished=1)
    await app.set_caps(generation=5)
    await full.accept(await full.hold(), new_id())
    full.key = Idempotency.of("worlds", "k2", "a frame")
    hold_id = await full.hold()
    with pytest.raises(JobCapacity):
        await full.accept(hold_id)
    assert hold_id.encode() in await full.holds()
    await full.release(hold_id)
    assert len(await full.holds()) == 1


async def test_a_frame_that_is_gone_ends_the_job_and_gives_its_unit_back(app, held):
    """An asset that nobody names is swept after a while, and jobs may wait for longer."""

    class Swept:
        async def read(self, sha256, extension):
            assert (sha256, extension) == (FRAME.sha256, FRAME.extension)
            raise NotFound

    await held.accept(await held.hold())
    queue = QueueStore(held.store, lease_s=30, kept_s=60)
    (entry,) = (await queue.claim(held.tenant, JOBS, "", want=1, most_in_lane=10)).entries
    async with Frames(Swept(), allows_private=False) as frames:
        generation = Generation(BuiltinAuthor(), None, None)
        handler = JobHandler(held.jobs, generation, None, frames, JobSettings())
        assert await handler.handle(entry) == Finished(((EVENTS, ""),))
    job = await held.jobs.get(held.tenant, entry.id)
    assert (job.status, job.error) == (
        "failed", "the frame of the world is no longer kept; nothing was charged",
    )  # fmt: skip
    assert await held.holds() == []
    assert len(await events_of(held.store, held.tenant)) == 1
