"""Jobs over gRPC, on a server whose author is the test's (`support.authors`), and a store of their own."""

from __future__ import annotations

import asyncio
import contextlib
import json

import grpc.aio
import pytest

from conjure.administration import administration
from conjure.core.errors import Reason
from conjure.queue.store import QueueStore
from conjure.settings import AuthSettings, QueueSettings
from conjure.store import keyspace
from support.authors import (
    EndlessAuthor,
    FailingAuthor,
    HeldAuthor,
    SlowAuthor,
    UnfitAuthor,
)
from support.jobs import Jobs, making
from support.rpc import client, outcomes, refused
from support.stack import new_app, running_store, store_settings
from support.until import LIMIT_S


@pytest.fixture(scope="module")
async def own_store(tmp_path_factory):
    async with running_store(tmp_path_factory.mktemp("store")) as (_, url):
        yield url


@pytest.fixture
async def store_url(own_store):
    """A store without jobs: those of another test would be done by this one's author."""
    async with administration(store_settings(own_store), AuthSettings()) as admin:
        await admin.store.write("FLUSHALL")
    return own_store


@pytest.fixture
async def held(store_url):
    """A server whose author waits for the test."""
    author = HeldAuthor()
    async with making(store_url, author, concurrent=2) as maker:
        yield maker, author


async def states(stream):
    """What a stream says, to its end."""
    found = []
    async with asyncio.timeout(LIMIT_S):
        while (answer := await stream.read()) is not grpc.aio.EOF:
            found.append(answer.job)
    return found


def steps_of(jobs):
    return [(job.status, job.phase, round(job.progress, 2)) for job in jobs]


async def test_a_job_makes_a_world_and_is_charged_once(held):
    maker, author = held
    author.may_write.release()
    accepted = await maker.jobs.begin("a lighthouse")
    assert accepted.accepted.status == "queued"
    assert not accepted.world_id
    job = await maker.jobs.finished(accepted.accepted.job_id)
    assert (job.status, job.progress, job.HasField("phase"), job.HasField("error")) == (
        "succeeded", 1.0, False, False,
    )  # fmt: skip
    world = await maker.jobs.caller.world(job.world_id)
    assert json.loads(world.document.json)["id"] == job.world_id
    assert await maker.jobs.used() == 1
    assert await maker.holds() == 0


async def test_who_watches_sees_every_step_in_order(held):
    """Whoever is late has the present state first; all are served by one poll, and it ends with them."""
    maker, author = held
    job_id = await maker.jobs.begun()
    await author.asked.acquire()
    early = maker.jobs.watch(job_id)
    first = await early.read()
    assert steps_of([first.job]) == [("running", "writing", 0.4)]
    late = [asyncio.create_task(states(maker.jobs.watch(job_id))) for _ in range(5)]
    author.may_write.release()
    rest = [
        ("running", "checking", 0.7),
        ("running", "drawing", 0.9),
        ("succeeded", "", 1.0),
    ]
    seen = steps_of(await states(early))
    assert seen == rest
    for one in await asyncio.gather(*late):
        assert steps_of(one)[-1] == rest[-1]
        assert [step for step in rest if step in steps_of(one)] == steps_of(one)[-len(rest) :]
    final = await states(maker.jobs.watch(job_id))
    assert steps_of(final) == rest[-1:]
    assert final[0].world_id == (await maker.jobs.job(job_id)).world_id


async def test_a_watched_job_begins_at_its_beginning(store_url):
    async with making(store_url, SlowAuthor(0.05), concurrent=1) as maker:
        await maker.jobs.begun("the first one")
        second = await maker.jobs.begun("waits for the first one")
        seen = steps_of(await states(maker.jobs.watch(second)))
    assert seen == [
        ("queued", "", 0.0),
        ("running", "planning", 0.0),
        ("running", "writing", 0.4),
        ("running", "checking", 0.7),
        ("running", "drawing", 0.9),
        ("succeeded", "", 1.0),
    ]


async def test_a_stream_ends_when_the_server_does(held):
    maker, author = held
    job_id = await maker.jobs.begun()
    await author.asked.acquire()
    stream = maker.jobs.watch(job_id)
    await stream.read()
    draining = asyncio.create_task(maker.server.drain())
    refusal = await refused(stream.read(), Reason.STREAM_INTERRUPTED)
    assert refusal.error.http_status == 503
    await draining


async def test_ten_calls_with_one_key_are_one_job(held):
    maker, author = held
    answers, reasons = await outcomes(
        maker.jobs.begin("a lighthouse", idempotency_key="k") for _ in range(10)
    )
    assert not reasons
    (job_id,) = {answer.accepted.job_id for answer in answers}
    author.may_write.release()
    job = await maker.jobs.finished(job_id)
    again = maker.jobs.begin("a lighthouse", idempotency_key="k")
    assert dict(await again.initial_metadata())["idempotent-replayed"] == "true"
    assert (await again).accepted.job_id == job_id
    assert (await again).accepted.status == "queued"
    for other in (
        maker.jobs.begin("another one", idempotency_key="k"),
        maker.jobs.caller.generate("a lighthouse", idempotency_key="k"),
    ):
        await refused(other, Reason.IDEMPOTENCY_MISMATCH)
    assert await maker.jobs.used() == 1
    assert [world.id for world in await maker.worlds()] == [job.world_id]


@pytest.mark.parametrize("moment", ["queued", "running"])
async def test_a_cancelled_job_makes_no_world_and_is_refunded(held, moment):
    maker, author = held
    others = [await maker.jobs.begun() for _ in range(2 if moment == "queued" else 1)]
    job_id = others[-1] if moment == "running" else await maker.jobs.begun()
    for _ in others:
        await author.asked.acquire()
    assert (await maker.jobs.job(job_id)).status == moment
    before = await maker.jobs.used()
    cancelled = (await maker.jobs.cancel(job_id)).job
    assert (cancelled.status, cancelled.HasField("phase"), cancelled.HasField("world_id")) == (
        "cancelled", False, False,
    )  # fmt: skip
    assert await maker.jobs.used() == before - 1
    refusal = await refused(maker.jobs.cancel(job_id), Reason.JOB_FINISHED)
    assert (refusal.error.http_status, "cancelled" in refusal.error.detail) == (409, True)
    for _ in others:
        author.may_write.release()
    made = [one for one in others if one != job_id]
    for one in made:
        await maker.jobs.finished(one)
    # A place of the lane is free again.
    author.may_write.release()
    assert (await maker.jobs.finished(await maker.jobs.begun())).status == "succeeded"
    assert len(await maker.worlds()) == len(made) + 1
    assert (await maker.jobs.job(job_id)).status == "cancelled"


async def test_a_cancelled_job_ends_what_its_author_does(store_url):
    """At once, also while the author waits for a model and tells nothing: what is written costs."""
    author = EndlessAuthor()
    # Its claim is renewed too seldom to tell.
    async with making(store_url, author, queue=QueueSettings(lease_s=3_600.0)) as maker:
        job_id = await maker.jobs.begun()
        await author.asked.wait()
        await maker.jobs.cancel(job_id)
        async with asyncio.timeout(LIMIT_S):
            await author.ended.wait()
        assert (await maker.jobs.job(job_id)).status == "cancelled"


async def test_a_finished_job_cannot_be_cancelled(held):
    maker, author = held
    author.may_write.release()
    job = await maker.jobs.finished(await maker.jobs.begun())
    refusal = await refused(maker.jobs.cancel(job.job_id), Reason.JOB_FINISHED)
    assert "succeeded" in refusal.error.detail
    assert await maker.jobs.job(job.job_id) == job
    assert await maker.jobs.used() == 1


async def test_a_job_is_nobody_elses(held):
    """Of another app, of the other mode, and what is no id at all: not to be told apart."""
    maker, _ = held
    job_id = await maker.jobs.begun()
    other = await new_app(maker.admin, "somebody else")
    said = set()
    async with contextlib.AsyncExitStack() as stack:
        for key in (other.secret, maker.app.live_secret):
            stranger = Jobs(await stack.enter_async_context(client(maker.port, key)))
            for name in (job_id, "11111111-2222-4333-8444-555555555555", "no-id", "", "x" * 9_000):
                for call in (stranger.get, stranger.cancel):
                    reason = Reason.NOT_FOUND if name else Reason.INVALID_FIELD
                    said.add((await refused(call(name), reason)).message)
                if name:
                    await refused(stranger.watch(name).read(), Reason.NOT_FOUND)
        reader = Jobs(await stack.enter_async_context(client(maker.port, maker.app.publishable)))
        assert (await reader.job(job_id.upper())).job_id == job_id
        assert (await reader.watch(job_id).read()).job.job_id == job_id
        await refused(reader.cancel(job_id), Reason.MISSING_SCOPE)
        await refused(reader.begin(), Reason.MISSING_SCOPE)
    assert (await maker.jobs.job(job_id)).status in {"queued", "running"}
    assert len(said) == 2


async def test_an_app_does_so_many_at_a_time_and_no_other_waits_for_it(held):
    maker, author = held
    ids = [await maker.jobs.begun() for _ in range(4)]
    for _ in range(2):
        await author.asked.acquire()
    other = await new_app(maker.admin, "somebody else")
    async with client(maker.port, other.secret) as caller:
        await Jobs(caller).begun()
        await author.asked.acquire()
    statuses = [(await maker.jobs.job(job_id)).status for job_id in ids]
    assert sorted(statuses) == ["queued", "queued", "running", "running"]
    claimed = keyspace.queue_claimed(maker.tenant, "jobs", "")
    assert await maker.store.read("ZCARD", claimed) == 2
    for _ in range(5):
        author.may_write.release()
    for job_id in ids:
        assert (await maker.jobs.finished(job_id)).status == "succeeded"


async def test_a_place_that_a_cancellation_frees_is_taken_at_once(store_url):
    """And not when the claim would have lapsed."""
    author = HeldAuthor()
    patient = QueueSettings(poll_s=0.02, lease_s=3_600.0)
    async with making(store_url, author, queue=patient, concurrent=1) as maker:
        running, waiting = await maker.jobs.begun(), await maker.jobs.begun()
        await author.asked.acquire()
        assert (await maker.jobs.job(waiting)).status == "queued"
        await maker.jobs.cancel(running)
        async with asyncio.timeout(LIMIT_S):
            await author.asked.acquire()
        assert (await maker.jobs.job(waiting)).status == "running"


async def test_an_attempt_that_takes_too_long_is_given_up(store_url):
    async with making(store_url, SlowAuthor(3_600), attempt_s=0.05) as maker:
        job = await maker.jobs.finished(await maker.jobs.begun())
        assert (job.status, job.error) == (
            "failed", "the author is not available; nothing was charged",
        )  # fmt: skip
        assert await maker.jobs.used() == 0


async def test_more_unfinished_jobs_than_allowed_are_refused(store_url):
    author = HeldAuthor()
    async with making(store_url, author, unfinished=3) as maker:
        ids = [await maker.jobs.begun() for _ in range(3)]
        refusal = await refused(maker.jobs.begin(idempotency_key="k"), Reason.JOB_CAPACITY)
        assert refusal.error.http_status == 429
        assert int(refusal.trailers["retry-after"]) > 0
        assert await maker.jobs.used() == 3
        await maker.jobs.cancel(ids[0])
        assert (await maker.jobs.begin(idempotency_key="k")).accepted.job_id
        assert await maker.jobs.used() == 3


async def test_over_quota_nothing_is_left(held):
    maker, _ = held
    await maker.app.set_caps(generation=1)
    await maker.jobs.begun()
    refusal = await refused(maker.jobs.begin(idempotency_key="k"), Reason.QUOTA_EXCEEDED)
    assert refusal.error.detail == "daily generation quota exceeded"
    assert await maker.store.read("ZCARD", keyspace.open_jobs(maker.tenant)) == 1
    await maker.app.set_caps(generation=2)
    assert (await maker.jobs.begin(idempotency_key="k")).accepted.job_id
    assert await maker.jobs.used() == 2


async def test_an_author_that_fails_is_asked_again(store_url):
    author = FailingAuthor(2)
    async with making(store_url, author) as maker:
        job = await maker.jobs.finished(await maker.jobs.begun())
        assert (job.status, author.calls) == ("succeeded", 3)
        assert await maker.jobs.used() == 1


@pytest.mark.parametrize(("author", "says"), [
    (FailingAuthor(), "the author is not available; nothing was charged"),
    (UnfitAuthor(), "the author did not write a world that can be played; nothing was charged"),
], ids=["unavailable", "unfit"])  # fmt: skip
async def test_a_job_without_a_world_says_so_in_words_for_callers(store_url, author, says):
    async with making(store_url, author) as maker:
        answer = await maker.jobs.begin(idempotency_key="k")
        job = await maker.jobs.finished(answer.accepted.job_id)
        assert (job.status, job.error, job.HasField("world_id")) == ("failed", says, False)
        assert await maker.jobs.used() == 0
        assert await maker.worlds() == []
        again = await maker.jobs.begin(idempotency_key="k")
        assert again.accepted.job_id == job.job_id
        await refused(maker.jobs.cancel(job.job_id), Reason.JOB_FINISHED)


async def test_a_job_that_takes_its_worker_with_it_three_times_fails(store_url):
    """No server is there at first: three claims are made and lapse, as those of processes that were killed."""
    async with making(store_url, HeldAuthor(), queue=QueueSettings(inline=False)) as maker:
        job_id = await maker.jobs.begun()
        queue = QueueStore(maker.store, lease_s=0.001, kept_s=60)
        for attempt in range(3):
            await asyncio.sleep(0.002)
            claimed = await queue.claim(maker.tenant, "jobs", "", want=1, most_in_lane=1)
            assert [entry.attempt for entry in claimed.entries] == [attempt + 1]
        assert await maker.jobs.used() == 1
        async with making(store_url, SlowAuthor(0.0)):
            job = await maker.jobs.finished(job_id)
        assert (job.status, job.error) == (
            "failed", "the job was given up after 3 attempts; nothing was charged",
        )  # fmt: skip
        assert await maker.jobs.used() == 0
        assert await maker.worlds() == []


async def test_a_server_that_stops_gives_its_jobs_to_another(store_url):
    """At once, and not after a lease: the other one finishes it, with one world and one charge."""
    held = HeldAuthor()
    patient = QueueSettings(poll_s=0.02, lease_s=3_600.0)
    async with making(store_url, held, queue=patient) as maker:
        job_id = await maker.jobs.begun()
        await held.asked.acquire()
        await maker.server.drain()
    async with (
        making(store_url, SlowAuthor(0.0)) as other,
        client(other.port, maker.app.secret) as caller,
    ):
        jobs = Jobs(caller)
        job = await jobs.finished(job_id)
        assert job.status == "succeeded"
        assert await jobs.used() == 1
        assert [world.id for world in (await caller.list_worlds()).worlds] == [job.world_id]
