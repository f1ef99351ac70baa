"""Durable work: what is put is handled until it is done, whatever dies on the way.

Each test has a kind of its own, so that no worker but its own takes its entries.
"""

from __future__ import annotations

import asyncio
import uuid

import pytest

from conjure.core.caller import Tenant
from conjure.core.context import working_for
from conjure.core.errors import StoreUnavailable
from conjure.queue.directory import Directory
from conjure.queue.handler import Ack, Bury, Finished, Retry
from conjure.queue.store import QueueStore
from conjure.queue.survey import Survey
from conjure.queue.sweep import Sweep
from conjure.store import keyspace
from support.queue import Recorder, forever, put, waiting, worker_of
from support.until import until


@pytest.fixture
def kind() -> str:
    return f"test-{uuid.uuid4()}"


@pytest.fixture
def store(stack):
    return stack.admin.store


@pytest.fixture
def tenant(app) -> Tenant:
    return Tenant(app.id, "test")


async def test_what_is_put_is_handled_once_and_leaves_no_trace(store, tenant, kind):
    handler = Recorder(kind)
    for number in range(50):
        await put(store, tenant, kind, f"e{number}", payload=f"p{number}")
    async with worker_of(store, handler) as (worker, directory):
        await directory.announce(tenant, kind)
        await until(lambda: len(handler.seen) == 50 and not worker.running)
    assert sorted(handler.ids) == sorted(f"e{number}" for number in range(50))
    assert {entry.payload.decode()[1:] for entry in handler.seen} == {
        entry_id[1:] for entry_id in handler.ids
    }
    assert {(entry.attempt, entry.lane, entry.tenant) for entry in handler.seen} == {
        (1, "", tenant)
    }
    assert await waiting(store, tenant, kind) == ([], [])
    assert await store.read("EXISTS", keyspace.queue_entry(tenant, kind, "e1")) == 0
    assert await store.read("SISMEMBER", keyspace.queue_lanes(tenant), f"{kind}:") == 0


async def test_whom_an_entry_is_for_is_known_to_what_takes_turns(store, tenant, kind):
    seen = []

    async def does(entry):
        seen.append(working_for())
        return Ack()

    await put(store, tenant, kind, "e")
    async with worker_of(store, Recorder(kind, does=does)) as (_, directory):
        await directory.announce(tenant, kind)
        await until(lambda: seen == [tenant.app])


async def test_what_is_due_later_is_handled_then(store, tenant, kind):
    handler = Recorder(kind)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await put(store, tenant, kind, "late", after_s=0.5)
    async with worker_of(store, handler) as (_, directory):
        await directory.announce(tenant, kind)
        await until(lambda: handler.ids == ["late"])
    assert loop.time() - begun >= 0.5


async def test_the_same_id_twice_is_one_entry(store, tenant, kind):
    handler = Recorder(kind)
    await put(store, tenant, kind, "once", payload="first")
    await put(store, tenant, kind, "once", payload="second")
    async with worker_of(store, handler) as (worker, directory):
        await directory.announce(tenant, kind)
        await until(lambda: handler.seen and not worker.running)
    assert [entry.payload for entry in handler.seen] == [b"first"]


async def test_a_retry_comes_later_and_counts(store, tenant, kind):
    async def fails_twice(entry):
        return Retry(0.05, "not yet") if entry.attempt < 3 else Ack()

    handler = Recorder(kind, does=fails_twice)
    await put(store, tenant, kind, "again")
    async with worker_of(store, handler) as (_, directory):
        await directory.announce(tenant, kind)
        await until(lambda: len(handler.seen) == 3)
    assert [entry.attempt for entry in handler.seen] == [1, 2, 3]


async def test_a_fault_of_the_handler_is_a_retry(store, tenant, kind):
    async def breaks(entry):
        raise ZeroDivisionError

    handler = Recorder(kind, does=breaks)
    await put(store, tenant, kind, "broken")
    async with worker_of(store, handler) as (worker, directory):
        await directory.announce(tenant, kind)
        await until(lambda: handler.seen and not worker.running)
        cause, attempts = await store.read(
            "HMGET", keyspace.queue_entry(tenant, kind, "broken"), "cause", "attempts"
        )
    assert (cause, attempts) == (b"ZeroDivisionError", b"1")
    assert await waiting(store, tenant, kind) == (["broken"], [])


async def test_a_store_that_is_away_does_not_count_as_an_attempt(store, tenant, kind):
    async def away(entry):
        if len(handler.seen) == 1:
            raise StoreUnavailable
        return Ack()

    handler = Recorder(kind, does=away, most_attempts=1)
    await put(store, tenant, kind, "patient")
    async with worker_of(store, handler) as (_, directory):
        await directory.announce(tenant, kind)
        await until(lambda: len(handler.seen) == 2)
    assert [entry.attempt for entry in handler.seen] == [1, 1]


async def test_what_dies_with_its_process_is_claimed_again_and_given_up_after_its_attempts(
    store, tenant, kind
):
    """Four claims that nobody renews; the handler is asked what to do instead of a third try."""
    given_up = []

    async def gives_up(entry):
        given_up.append(entry.attempt)
        return Bury("it kills its workers")

    await put(store, tenant, kind, "killer")
    dying = QueueStore(store, lease_s=0.05, kept_s=60)
    for attempt in (1, 2):
        claimed = await dying.claim(tenant, kind, "", want=1, most_in_lane=1)
        assert [entry.attempt for entry in claimed.entries] == [attempt]
        await asyncio.sleep(0.1)
    handler = Recorder(kind, most_attempts=2, gives_up=gives_up)
    async with worker_of(store, handler) as (worker, directory):
        await directory.announce(tenant, kind)
        await until(lambda: given_up == [3] and not worker.running)
        letters = await Survey(store, directory).dead_letters(kind, limit=10)
    assert [(letter.id, letter.cause, letter.attempts) for letter in letters] == [
        ("killer", "it kills its workers", 3)
    ]
    assert handler.seen == []


async def test_a_claim_is_renewed_while_its_work_goes_on(store, tenant, kind):
    """Twice as long as a claim lasts, beside another worker that would take it."""
    done = asyncio.Event()

    async def takes_long(entry):
        await asyncio.sleep(1.2)
        done.set()
        return Ack()

    handler = Recorder(kind, does=takes_long)
    await put(store, tenant, kind, "long")
    async with (
        worker_of(store, handler, lease_s=0.6) as (_, directory),
        worker_of(store, Recorder(kind, does=forever)) as (other, _),
    ):
        await directory.announce(tenant, kind)
        await until(lambda: handler.seen or other.running)
        if handler.seen:  # else the other one was faster, and renews as well
            await asyncio.wait_for(done.wait(), 60)
            assert not other.running


async def test_whoever_lost_its_claim_is_stopped_and_changes_nothing(store, tenant, kind):
    stopped = asyncio.Event()

    async def waits(entry):
        try:
            await asyncio.Event().wait()
        finally:
            stopped.set()

    handler = Recorder(kind, does=waits)
    await put(store, tenant, kind, "stolen")
    async with worker_of(store, handler, lease_s=0.5) as (_, directory):
        await directory.announce(tenant, kind)
        await until(lambda: handler.seen)
        entry = handler.seen[0]
        await store.write("HSET", keyspace.queue_entry(tenant, kind, "stolen"), "token", "another")
        await asyncio.wait_for(stopped.wait(), 60)
        queue = QueueStore(store, lease_s=1, kept_s=60)
        await queue.ack(entry)
        await queue.retry(entry, 0, "late")
        await queue.bury(entry, "late")
    assert await store.read("EXISTS", keyspace.queue_entry(tenant, kind, "stolen")) == 1
    assert await store.read("EXISTS", keyspace.queue_dead(tenant, kind)) == 0


async def test_a_drain_gives_back_what_has_not_ended(store, tenant, kind):
    """Another worker has it at once, and the attempt does not count."""
    await put(store, tenant, kind, "moved")
    first = Recorder(kind, does=forever)
    async with worker_of(store, first) as (worker, directory):
        await directory.announce(tenant, kind)
        await until(lambda: first.seen)
        await worker.drain(0.05)
    assert await waiting(store, tenant, kind) == (["moved"], [])
    second = Recorder(kind)
    async with worker_of(store, second):
        await until(lambda: second.seen)
    assert [entry.attempt for entry in second.seen] == [1]


async def test_a_drain_waits_for_what_ends_in_time(store, tenant, kind):
    async def short(entry):
        await asyncio.sleep(0.2)
        return Ack()

    handler = Recorder(kind, does=short)
    await put(store, tenant, kind, "short")
    async with worker_of(store, handler) as (worker, directory):
        await directory.announce(tenant, kind)
        await until(lambda: handler.seen)
        await worker.drain(60)
    assert await waiting(store, tenant, kind) == ([], [])


async def test_a_lane_has_no_more_at_a_time_than_it_may_by_all_workers_together(
    store, tenant, kind
):
    async def short(entry):
        await asyncio.sleep(0.01)
        return Ack()

    handler = Recorder(kind, does=short, most=3)
    for number in range(40):
        await put(store, tenant, kind, f"e{number}")
    async with (
        worker_of(store, handler) as (_, directory),
        worker_of(store, handler),
        worker_of(store, handler),
    ):
        await directory.announce(tenant, kind)
        await until(lambda: len(handler.seen) == 40 and not handler.running)
    assert handler.most_running <= 3
    assert len(set(handler.ids)) == 40


async def test_lanes_take_turns(store, tenant, kind):
    """One app has five hundred entries, older than the one of the other app."""
    other = Tenant(str(uuid.uuid4()), "live")
    for number in range(500):
        await put(store, tenant, kind, f"many{number}")
    await put(store, other, kind, "one")
    handler = Recorder(kind, batch=4)
    async with worker_of(store, handler, at_once=4) as (_, directory):
        await directory.announce_all(kind, [(tenant, "")])
        await directory.announce(other, kind)
        await until(lambda: "one" in handler.ids)
    assert handler.ids.index("one") < 50


async def test_a_lane_that_is_not_wanted_now_is_looked_at_later(store, tenant, kind):
    handler = Recorder(kind, most=0)
    await put(store, tenant, kind, "not-now")
    async with worker_of(store, handler) as (_, directory):
        await directory.announce(tenant, kind)
        await asyncio.sleep(0.2)
        assert handler.seen == []
        handler.most = 1
        await until(lambda: handler.ids == ["not-now"])


async def test_the_sweep_finds_what_nobody_announced(store, tenant, kind):
    handler = Recorder(kind)
    await put(store, tenant, kind, "forgotten", lane="a-lane")
    async with worker_of(store, handler) as (_, directory):
        await asyncio.sleep(0.2)
        assert handler.seen == []
        assert await Sweep(store, directory, every_s=1).sweep() >= 1
        await until(lambda: handler.ids == ["forgotten"])
    assert handler.seen[0].lane == "a-lane"


async def test_a_lane_that_is_announced_during_a_visit_stays_in_the_directory(store, tenant, kind):
    """The visit found it empty; what came meanwhile is not overlooked."""
    directory = Directory(store, [kind])
    await directory.announce(tenant, kind)
    (visit,) = await directory.take(kind, 10)
    assert await directory.take(kind, 10) == []  # visits are exclusive
    await directory.announce(tenant, kind)
    await directory.settle(kind, [(visit, None)])
    (again,) = await directory.take(kind, 10)
    await directory.settle(kind, [(again, None)])
    assert await store.read("EXISTS", keyspace.queue_directory(kind)) == 0


async def test_a_claim_asked_again_is_the_same_claim(store, tenant, kind):
    """As when the store's answer is lost: `effect` runs the script once more."""
    for number in range(5):
        await put(store, tenant, kind, f"e{number}")

    class Twice:
        def __getattr__(self, name):
            return getattr(store, name)

        async def effect(self, *args):
            await store.effect(*args)
            return await store.effect(*args)

    claimed = await QueueStore(Twice(), lease_s=10, kept_s=60).claim(
        tenant, kind, "", want=2, most_in_lane=10
    )
    assert [entry.attempt for entry in claimed.entries] == [1, 1]
    ready, held = await waiting(store, tenant, kind)
    assert (len(ready), sorted(held)) == (3, sorted(entry.id for entry in claimed.entries))


async def test_dead_letters_are_listed_revived_and_dropped(store, tenant, kind):
    async def hopeless(entry):
        return Bury("no use")

    handler = Recorder(kind, does=hopeless)
    for number in range(3):
        await put(store, tenant, kind, f"e{number}", lane="l", payload="text")
    async with worker_of(store, handler) as (worker, directory):
        survey = Survey(store, directory)
        await directory.announce(tenant, kind, "l")
        await until(lambda: len(handler.seen) == 3 and not worker.running)
        letters = await survey.dead_letters(kind, limit=2)
        assert len(letters) == 2
        assert {(letter.lane, letter.payload, letter.cause) for letter in letters} == {
            ("l", b"text", "no use")
        }
        assert (await survey.depth(kind)).dead == 3
        assert await survey.drop(tenant, kind, "e0") == 1
        assert await survey.drop(tenant, kind, "e0") == 0
        handler.does = None
        assert await survey.retry(tenant, kind) == 2
        await until(lambda: len(handler.seen) == 5 and not worker.running)
        assert (await survey.depth(kind)).dead == 0
    assert [entry.attempt for entry in handler.seen[3:]] == [1, 1]
    assert await store.read("SMEMBERS", keyspace.queue_lanes(tenant)) == []


async def test_the_depth_counts_what_waits_and_how_long(store, tenant, kind):
    for number in range(4):
        await put(store, tenant, kind, f"e{number}")
    directory = Directory(store, [kind])
    survey = Survey(store, directory)
    assert (await survey.depth(kind)).lanes == 0
    await directory.announce(tenant, kind)
    await asyncio.sleep(0.2)
    depth = await survey.depth(kind)
    assert (depth.lanes, depth.entries) == (1, 4)
    assert depth.oldest_due_s >= 0.1


async def test_a_script_of_the_domain_may_end_the_work_itself(store, tenant, kind):
    async def ends(entry):
        await QueueStore(store, lease_s=1, kept_s=60).ack(
            entry
        )  # as `queue_remove` in a script does
        return Finished()

    handler = Recorder(kind, does=ends, most=1)
    for number in range(3):
        await put(store, tenant, kind, f"e{number}")
    async with worker_of(store, handler) as (_, directory):
        await directory.announce(tenant, kind)
        await until(lambda: len(handler.seen) == 3)
    assert await waiting(store, tenant, kind) == ([], [])
