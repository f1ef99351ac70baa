"""The steps of a job in the store: each all or nothing, asked twice without harm, and only under its claim.

Nothing announces these jobs, so that no worker but the test takes them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conjure.administration import administration
from conjure.core.caller import Tenant
from conjure.core.errors import (
    IdempotencyMismatch,
    JobCapacity,
    JobFinished,
    NotFound,
    QuotaExceeded,
)
from conjure.core.ids import new_id
from conjure.jobs.model import Imported
from conjure.jobs.service import JobService
from conjure.jobs.store import Begun
from conjure.jobs.worker import JobHandler
from conjure.providers.author import BuiltinAuthor
from conjure.queue.directory import Directory
from conjure.queue.handler import Ack
from conjure.queue.kinds import JOBS
from conjure.queue.store import QueueStore
from conjure.settings import AuthSettings, JobSettings
from conjure.store import keyspace
from conjure.usage.idempotency import Idempotency
from conjure.worlds.generation import Generation
from conjure.worlds.model import Summary
from conjure.worlds.requests import NewWorld
from support.jobs import events_of, job_store
from support.queue import waiting
from support.stack import store_settings
from support.until import LIMIT_S
from support.worlds import small_world

SUMMARY = Summary("The lamp", "", "data:,", "world")
TEXT = json.dumps(small_world()).encode()


class Steps:
    """Jobs of a tenant, and a worker that does what the test says."""

    def __init__(self, store, tenant, **limits):
        self.store = store
        self.tenant = tenant
        self.jobs = job_store(self.store, **limits)
        self.queue = QueueStore(self.store, lease_s=30, kept_s=60)

    async def accept(self, key=None, premise="a lamp", job_id=None, made_from=None):
        job_id = job_id or new_id()
        idempotency = Idempotency.of("worlds", key, premise, "async")
        first = await self.jobs.accept(
            self.tenant, job_id, new_id(), made_from or NewWorld(premise), idempotency
        )
        return job_id if first is None else first.members["job_id"]

    async def claim(self):
        claimed = await self.queue.claim(self.tenant, JOBS, "", want=1, most_in_lane=10)
        (entry,) = claimed.entries
        return entry

    async def claimed(self):
        job_id = await self.accept()
        entry = await self.claim()
        assert entry.id == job_id
        return entry

    async def lose(self, entry):
        """Another worker takes the job."""
        await self.queue.give_back(entry, 0)
        return await self.claim()

    ids: tuple[str, ...] = ()

    async def everything(self):
        """All that is stored of the tenant and of its jobs `ids`, to the byte."""
        keys = [
            keyspace.usage(self.tenant), keyspace.holds(self.tenant, "generation"),
            keyspace.open_jobs(self.tenant), keyspace.worlds(self.tenant), keyspace.slugs(self.tenant),
            keyspace.queue_lanes(self.tenant), keyspace.queue_ready(self.tenant, JOBS, ""),
            keyspace.queue_claimed(self.tenant, JOBS, ""), keyspace.queue_ready(self.tenant, "events", ""),
        ]  # fmt: skip
        for job_id in self.ids:
            keys += [keyspace.job(self.tenant, job_id), keyspace.job_steps(self.tenant, job_id)]
            keys.append(keyspace.queue_entry(self.tenant, JOBS, job_id))
        return {key: await self.store.read("DUMP", key) for key in keys}

    async def numbers(self):
        """Units held, units spent, worlds."""
        return (
            await self.store.read("ZCARD", keyspace.holds(self.tenant, "generation")),
            int(await self.store.read("HGET", keyspace.usage(self.tenant), "generation") or 0),
            await self.store.read("ZCARD", keyspace.worlds(self.tenant)),
        )

    async def take(self, way, entry, begun):
        """One step of a walk, whether it is its turn or not."""
        if way in {"begin", "stale"}:
            await self.jobs.begin(entry)
        if way in {"step", "stale"}:
            await self.jobs.step(entry, "writing", 0.5)
        if way in {"succeed", "stale"}:
            await self.jobs.succeed(entry, begun, SUMMARY, TEXT)
        if way in {"fail", "stale"}:
            await self.jobs.fail(entry, "why")
        if way == "cancel":
            with contextlib.suppress(JobFinished):
                await self.jobs.cancel(self.tenant, entry.id, new_id())


@pytest.fixture
def steps(app):
    return Steps(app.admin.store, app.tenant())


async def test_all_of_a_job_from_its_acceptance_to_its_world(steps):
    job_id = await steps.accept()
    job = await steps.jobs.get(steps.tenant, job_id)
    assert (job.status, job.phase, job.progress, job.world_id, job.error) == (
        "queued", None, 0.0, None, None,
    )  # fmt: skip
    assert await steps.numbers() == (1, 0, 0)
    entry = await steps.claim()
    begun = await steps.jobs.begin(entry)
    assert begun == Begun(begun.world_id, NewWorld("a lamp"), "")
    assert await steps.jobs.step(entry, "writing", 0.5)
    job = await steps.jobs.get(steps.tenant, job_id)
    assert (job.status, job.phase, job.progress, job.world_id) == ("running", "writing", 0.5, None)
    assert await steps.jobs.succeed(entry, begun, SUMMARY, TEXT) == "succeeded"
    job = await steps.jobs.get(steps.tenant, job_id)
    assert (job.status, job.phase, job.progress, job.world_id) == (
        "succeeded", None, 1.0, begun.world_id,
    )  # fmt: skip
    assert await steps.numbers() == (0, 1, 1)
    assert await waiting(steps.store, steps.tenant, JOBS) == ([], [])
    assert await steps.store.read("EXISTS", keyspace.open_jobs(steps.tenant)) == 0
    (event,) = map(json.loads, await events_of(steps.store, steps.tenant))
    assert event["type"] == "world.generation.succeeded"
    assert event["data"] == {"worldId": begun.world_id, "jobId": job_id}
    left = await steps.store.read("HKEYS", keyspace.job(steps.tenant, job_id))
    assert {b"request", b"doc"}.isdisjoint(left)


async def test_a_failure_gives_the_unit_back_and_is_told(steps):
    entry = await steps.claimed()
    await steps.jobs.begin(entry)
    await steps.jobs.step(entry, "writing", 0.4)
    await steps.jobs.fail(entry, 'it is "what" it is\n')
    job = await steps.jobs.get(steps.tenant, entry.id)
    assert (job.status, job.phase, job.progress, job.error) == (
        "failed", None, 0.4, 'it is "what" it is\n',
    )  # fmt: skip
    assert await steps.numbers() == (0, 0, 0)
    assert await waiting(steps.store, steps.tenant, JOBS) == ([], [])
    (event,) = map(json.loads, await events_of(steps.store, steps.tenant))
    assert event["type"] == "world.generation.failed"
    assert event["data"] == {"jobId": entry.id, "error": 'it is "what" it is\n'}


async def test_an_import_is_stored_as_it_was_examined(steps):
    """A character, whose list is another one; the worker is not even given the document."""
    summary = Summary("Ada", "Counts.", "data:,", "character")
    await steps.accept(made_from=Imported(summary, TEXT))
    entry = await steps.claim()
    begun = await steps.jobs.begin(entry)
    assert begun == Begun(begun.world_id, None, "character")
    assert (await steps.jobs.get(steps.tenant, entry.id)).phase is None
    assert await steps.jobs.succeed(entry, begun) == "succeeded"
    world = keyspace.world(steps.tenant, begun.world_id)
    found = await steps.store.read("HMGET", world, "rev", "name", "kind", "slug", "visibility")
    assert found == [b"1", b"Ada", b"character", b"ada", b"private"]
    assert await steps.store.read("ZCARD", keyspace.worlds(steps.tenant, "character")) == 1
    assert (await steps.numbers())[2] == 0


@pytest.mark.parametrize("last", ["succeed", "fail", "cancel"])
async def test_each_step_asked_twice_changes_nothing(steps, last):
    job_id, key = new_id(), new_id() if last == "fail" else None
    steps.ids = (job_id,)

    async def accept():
        return await steps.accept(key, job_id=job_id)

    assert await accept() == job_id
    before = await steps.everything()
    assert await accept() == job_id
    assert await steps.everything() == before
    entry = await steps.claim()

    begun = await steps.jobs.begin(entry)
    before = await steps.everything()
    assert await steps.jobs.begin(entry) == begun
    assert await steps.everything() == before

    assert await steps.jobs.step(entry, "writing", 0.3)
    before = await steps.everything()
    assert await steps.jobs.step(entry, "writing", 0.3)
    assert await steps.everything() == before

    request_id = new_id()

    async def end():
        if last == "succeed":
            return await steps.jobs.succeed(entry, begun, SUMMARY, TEXT)
        if last == "fail":
            return await steps.jobs.fail(entry, "why")
        return await steps.jobs.cancel(steps.tenant, job_id, request_id)

    first = await end()
    before = await steps.everything()
    assert await end() == first
    assert await steps.everything() == before


async def test_who_has_lost_the_claim_changes_nothing(steps):
    entry = await steps.claimed()
    begun = await steps.jobs.begin(entry)
    other = await steps.lose(entry)
    steps.ids = (entry.id,)
    before = await steps.everything()
    assert await steps.jobs.begin(entry) == "lost"
    assert not await steps.jobs.step(entry, "writing", 0.5)
    assert await steps.jobs.succeed(entry, begun, SUMMARY, TEXT) == "lost"
    await steps.jobs.fail(entry, "why")
    assert await steps.everything() == before
    assert await steps.jobs.succeed(other, begun, SUMMARY, TEXT) == "succeeded"
    assert await steps.numbers() == (0, 1, 1)


async def test_progress_never_falls_when_another_worker_begins_again(steps):
    entry = await steps.claimed()
    await steps.jobs.begin(entry)
    await steps.jobs.step(entry, "writing", 0.6)
    other = await steps.lose(entry)
    await steps.jobs.begin(other)
    for phase, part in (("planning", 0.05), ("writing", 0.1), ("writing", 0.6), ("writing", 0.605)):
        assert await steps.jobs.step(other, phase, part)
    await steps.jobs.step(other, "checking", 0.7)
    _, _, seen = await steps.jobs.steps(steps.tenant, entry.id, after=0)
    assert [(one.status, one.phase, one.progress) for one in seen] == [
        ("queued", None, 0.0),
        ("running", "planning", 0.0),
        ("running", "writing", 0.6),
        ("running", "checking", 0.7),
    ]


async def test_a_job_that_takes_too_long_makes_no_world(app):
    """Its hold has lapsed: what it would make is not paid for."""
    steps = Steps(app.admin.store, app.tenant(), life_s=1)
    entry = await steps.claimed()
    begun = await steps.jobs.begin(entry)
    holds = keyspace.holds(steps.tenant, "generation")
    await steps.store.write("ZADD", holds, 1, entry.id)
    assert await steps.jobs.succeed(entry, begun, SUMMARY, TEXT) == "expired"
    assert (await steps.numbers())[1:] == (0, 0)
    await steps.store.write("HSET", keyspace.job(steps.tenant, entry.id), "lapses", 1)
    assert await steps.jobs.begin(entry) == "expired"
    await steps.jobs.fail(entry, "too late")
    assert (await steps.jobs.get(steps.tenant, entry.id)).status == "failed"


async def test_a_job_is_gone_in_the_end(app):
    steps = Steps(app.admin.store, app.tenant(), keep_s=1, life_s=60)
    job_id = await steps.accept()
    job, seen = keyspace.job(steps.tenant, job_id), keyspace.job_steps(steps.tenant, job_id)
    for key in (job, seen):
        assert 0 < await steps.store.read("PTTL", key) <= 61_000
    await steps.jobs.cancel(steps.tenant, job_id, new_id())
    for key in (job, seen):
        assert 0 < await steps.store.read("PTTL", key) <= 1_000
    await steps.store.write("DEL", job, seen)
    with pytest.raises(NotFound):
        await steps.jobs.get(steps.tenant, job_id)
    with pytest.raises(NotFound):
        await steps.jobs.cancel(steps.tenant, job_id, new_id())


async def test_a_job_whose_record_is_gone_leaves_the_queue_also_after_its_attempts(steps):
    """As when nobody worked for longer than jobs are kept. It would be claimed again for ever."""
    entry = await steps.claimed()
    await steps.store.write(
        "DEL", keyspace.job(steps.tenant, entry.id), keyspace.job_steps(steps.tenant, entry.id)
    )
    assert await steps.jobs.fail(entry, "why") == "gone"
    handler = JobHandler(
        steps.jobs, Generation(BuiltinAuthor(), None, None), None, None, JobSettings()
    )
    assert await handler.exhausted(entry) == Ack()
    assert await events_of(steps.store, steps.tenant) == []
    await steps.queue.ack(entry)
    assert await steps.jobs.fail(entry, "why") == "lost"


async def test_an_accepted_job_does_not_wait_for_the_directory(steps):
    """On a cluster that is on another node, and a failover of it takes longer than a caller waits."""

    class Away:
        async def effect(self, *_):
            await asyncio.Event().wait()

    async with Directory(Away()) as directory:
        jobs = JobService(steps.jobs, None, None, directory, None, None)
        async with asyncio.timeout(LIMIT_S):
            accepted = await jobs.accept(steps.tenant, NewWorld("a lamp"))
        await asyncio.sleep(0.05)  # it is under way there
    assert (await steps.jobs.get(steps.tenant, accepted.job_id)).status == "queued"


async def test_what_is_refused_leaves_nothing(app):
    steps = Steps(app.admin.store, app.tenant(), unfinished=2)
    await app.set_caps(generation=3)
    for _ in range(2):
        await steps.accept()
    steps.ids = (new_id(),)
    before = await steps.everything()
    with pytest.raises(JobCapacity):
        await steps.accept("key", job_id=steps.ids[0])
    await app.set_caps(generation=2)
    steps.jobs = job_store(steps.store)
    with pytest.raises(QuotaExceeded):
        await steps.accept("key", job_id=steps.ids[0])
    assert await steps.everything() == before
    await app.set_caps(generation=3)
    assert await steps.accept("key", job_id=steps.ids[0]) == steps.ids[0]


async def test_one_key_is_one_job(steps):
    """Whoever comes first, also long after it has ended."""
    ids = await asyncio.gather(*(steps.accept("key") for _ in range(10)))
    assert len(set(ids)) == 1
    assert await steps.numbers() == (1, 0, 0)
    await steps.jobs.cancel(steps.tenant, ids[0], new_id())
    assert await steps.accept("key") == ids[0]
    assert await steps.numbers() == (0, 0, 0)
    with pytest.raises(IdempotencyMismatch):
        await steps.accept("key", "another premise")


WALK = st.lists(
    st.sampled_from(["begin", "step", "succeed", "fail", "cancel", "lose", "stale"]), max_size=8
)


@given(walk=WALK)
@settings(max_examples=40)
async def test_however_it_goes_there_is_one_end_and_one_charge(stack, walk):
    """What is held, spent, stored and told always fits the status, and a final status stays."""
    steps = Steps(stack.admin.store, Tenant(new_id(), "test"))
    entry = stale = await steps.claimed()
    begun = Begun(new_id(), NewWorld("a lamp"), "")
    ended = ""
    for way in walk:
        await steps.take(way, stale if way == "stale" else entry, begun)
        if way == "lose" and not ended:
            stale, entry = entry, await steps.lose(entry)
        job = await steps.jobs.get(steps.tenant, entry.id)
        assert not ended or job.status == ended
        ended = job.status if job.is_final else ""
        made = int(ended == "succeeded")
        assert await steps.numbers() == (int(not ended), made, made)
        assert await waiting(steps.store, steps.tenant, JOBS) == ([], [] if ended else [entry.id])
        assert len(await events_of(steps.store, steps.tenant)) == (ended in {"succeeded", "failed"})


async def test_a_cancellation_that_meets_the_end_has_won_or_lost(stack):
    """Both at once, over two connections: one of them is told that it came too late."""
    async with administration(store_settings(stack.store_url), AuthSettings()) as other:
        for delay in range(30):
            steps = Steps(stack.admin.store, Tenant(new_id(), "test"))
            entry = await steps.claimed()
            begun = await steps.jobs.begin(entry)

            async def cancel(steps=steps, entry=entry, delay=delay):
                await asyncio.sleep((delay % 6) * 0.0002)
                try:
                    await job_store(other.store).cancel(steps.tenant, entry.id, new_id())
                except JobFinished:
                    return False
                return True

            ended, is_cancelled = await asyncio.gather(
                steps.jobs.succeed(entry, begun, SUMMARY, TEXT), cancel()
            )
            assert ended == ("lost" if is_cancelled else "succeeded")
            made = int(not is_cancelled)
            assert await steps.numbers() == (0, made, made)
