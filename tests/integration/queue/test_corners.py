"""Durable work where two things meet: visits and announcements, claims that lapsed, drains, many idle lanes.

Each test has a kind of its own, so that no worker but its own takes its entries.
"""

from __future__ import annotations

import asyncio
import uuid

import pytest

from conjure.core.caller import Tenant
from conjure.core.errors import StoreUnavailable
from conjure.queue.directory import Directory
from conjure.queue.handler import Ack
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


async def test_what_is_announced_for_later_during_a_visit_is_not_overlooked(store, tenant, kind):
    """The visit ends with "empty", or with a far time: what came in between is due before."""
    directory = Directory(store, [kind])
    for ending in (None, 3_600_000):
        await directory.announce(tenant, kind)
        (visit,) = await directory.take(kind, 1)
        await directory.announce(tenant, kind, delay_s=5.0)
        await directory.settle(kind, [(visit, ending)])
        (_, score) = await store.read("ZRANGE", keyspace.queue_directory(kind), 0, 0, "WITHSCORES")
        assert int(float(score)) <= visit.score + 3_000
        await store.write("DEL", keyspace.queue_directory(kind))


async def test_what_is_due_soon_is_seen_when_a_full_lane_gets_room(store, tenant, kind):
    """The visit that found the lane full left it until the claim would lapse: an hour."""
    done = asyncio.Event()

    async def does(entry):
        if entry.id == "first":
            await done.wait()
        return Ack()

    handler = Recorder(kind, most=1, does=does)
    await put(store, tenant, kind, "first")
    await put(store, tenant, kind, "soon", after_s=1.0)
    async with worker_of(store, handler, lease_s=3600.0) as (_, directory):
        await directory.announce(tenant, kind)
        await until(lambda: handler.ids == ["first"])
        await asyncio.sleep(0.1)  # that visit ends
        done.set()
        await until(lambda: handler.ids == ["first", "soon"])


async def lapsed(store, tenant, kind):
    """A claim that lapsed and that a look at the lane has made due again, without claiming it."""
    queue = QueueStore(store, lease_s=0.02, kept_s=60)
    claimed = await queue.claim(tenant, kind, "", want=1, most_in_lane=1)
    await asyncio.sleep(0.05)
    await queue.claim(tenant, kind, "", want=1, most_in_lane=0)
    assert await waiting(store, tenant, kind) == (["e"], [])
    return claimed.entries[0]


async def test_a_lapsed_claim_that_nobody_took_is_renewed(store, tenant, kind):
    """As after a long outage of the store: it is not handled twice."""
    await put(store, tenant, kind, "e")
    entry = await lapsed(store, tenant, kind)
    assert await QueueStore(store, lease_s=60, kept_s=60).renew(entry)
    assert await waiting(store, tenant, kind) == ([], ["e"])


async def test_what_is_buried_under_a_lapsed_claim_is_dead_and_nothing_else(store, tenant, kind):
    await put(store, tenant, kind, "e")
    entry = await lapsed(store, tenant, kind)
    await QueueStore(store, lease_s=60, kept_s=60).bury(entry, "late")
    assert await waiting(store, tenant, kind) == ([], [])
    assert await store.read("ZCARD", keyspace.queue_dead(tenant, kind)) == 1


async def test_a_drain_lets_a_claim_that_is_on_its_way_come_home(store, tenant, kind):
    """Else it would be nobody's until it lapses, here for an hour, and count as an attempt."""
    asked, may_answer = asyncio.Event(), asyncio.Event()

    class Slow:
        def __getattr__(self, name):
            return getattr(store, name)

        async def effect(self, script, keys, args):
            answer = await store.effect(script, keys, args)
            if len(keys) == 3 and len(args) == 7:  # claim.lua
                asked.set()
                await may_answer.wait()
            return answer

    async def stays(entry):
        await asyncio.Event().wait()

    handler = Recorder(kind, does=stays)
    await put(store, tenant, kind, "e")
    async with worker_of(Slow(), handler, lease_s=3600.0) as (worker, directory):
        await directory.announce(tenant, kind)
        await asyncio.wait_for(asked.wait(), 60)
        draining = asyncio.create_task(worker.drain(0.0))
        await asyncio.sleep(0)
        may_answer.set()
        await draining
    assert await waiting(store, tenant, kind) == (["e"], [])
    assert await store.read("HGET", keyspace.queue_entry(tenant, kind, "e"), "attempts") == b"0"


async def test_a_drain_lets_an_outcome_reach_the_store(store, tenant, kind):
    """It is done, so it is not left for another worker to do again."""
    ending, may_end = asyncio.Event(), asyncio.Event()

    class Slow:
        def __getattr__(self, name):
            return getattr(store, name)

        async def effect(self, script, keys, args):
            if args[0] == "ack":
                ending.set()
                await may_end.wait()
            return await store.effect(script, keys, args)

    await put(store, tenant, kind, "e")
    async with worker_of(Slow(), Recorder(kind)) as (worker, directory):
        await directory.announce(tenant, kind)
        await asyncio.wait_for(ending.wait(), 60)
        draining = asyncio.create_task(worker.drain(0.0))
        await asyncio.sleep(0.1)
        may_end.set()
        await draining
    assert await waiting(store, tenant, kind) == ([], [])


async def test_lanes_with_nothing_due_do_not_hold_up_the_one_behind_them(store, tenant, kind):
    """A sweep has announced them all; a worker that paused between sixteen would need 25 pauses of 10 s."""
    handler = Recorder(kind)
    idle = [(tenant, f"idle{number}") for number in range(400)]
    await put(store, tenant, kind, "one", lane="last")
    async with worker_of(store, handler, poll_s=10.0) as (_, directory):
        await directory.announce_all(kind, idle)
        await store.write("ZADD", keyspace.queue_directory(kind), 1, f"{tenant.tag}|busy")
        await directory.announce(tenant, kind, "last")
        async with asyncio.timeout(9):
            await until(lambda: handler.ids == ["one"])


async def test_the_sweep_forgets_who_has_no_dead_letters_any_more(store, tenant, kind):
    """They lapse by themselves, and nobody says so."""
    queue = QueueStore(store, lease_s=10, kept_s=0.05)
    await put(store, tenant, kind, "e")
    (entry,) = (await queue.claim(tenant, kind, "", want=1, most_in_lane=1)).entries
    await queue.bury(entry, "no use")
    directory = Directory(store, [kind])
    await directory.note_grave(tenant, kind)
    await asyncio.sleep(0.1)
    await Sweep(store, directory, every_s=1).sweep()
    assert await store.read("EXISTS", keyspace.queue_graves(kind)) == 0
    assert await store.read("SMEMBERS", keyspace.queue_lanes(tenant)) == []


async def test_all_dead_letters_are_revived_however_many_tenants_have_some(store, app, kind):
    """Those that were there: one that fails again at once stays dead, and nothing goes on for ever."""
    directory = Directory(store, [kind])
    survey, queue = Survey(store, directory), QueueStore(store, lease_s=10, kept_s=60)
    tenants = [Tenant(app.id, "test"), Tenant(app.id, "live")]
    for tenant in tenants:
        for number in range(3):
            await put(store, tenant, kind, f"e{number}")
        for entry in (await queue.claim(tenant, kind, "", want=3, most_in_lane=3)).entries:
            await queue.bury(entry, "no use")
        await directory.note_grave(tenant, kind)
    assert (await survey.depth(kind)).dead == 6
    assert await survey.retry_all(kind) == 6
    assert await store.read("EXISTS", keyspace.queue_graves(kind)) == 0
    for tenant in tenants:
        assert len((await waiting(store, tenant, kind))[0]) == 3
    assert await survey.drop_all(kind) == 0


async def test_a_lane_that_is_looked_at_for_nothing_is_not_late(store, tenant, kind):
    """The sweep has announced it, and its work is due in an hour: nobody waits for a worker."""
    await put(store, tenant, kind, "e", after_s=3600.0)
    directory = Directory(store, [kind])
    await store.write("ZADD", keyspace.queue_directory(kind), 1, f"{tenant.tag}|")
    depth = await Survey(store, directory).depth(kind)
    assert (depth.lanes, depth.entries, depth.running, depth.oldest_due_s) == (1, 1, 0, 0.0)


async def test_thousands_of_lanes_are_announced_at_once(store, tenant, kind):
    """An app may have many endpoints, and the sweep looks at a hundred apps together."""
    directory = Directory(store, [kind])
    await directory.announce_all(kind, [(tenant, f"lane-{number}") for number in range(6_000)])
    assert await store.read("ZCARD", keyspace.queue_directory(kind)) == 6_000


async def test_of_many_dead_letters_the_newest_are_kept(store, tenant, kind):
    queue = QueueStore(store, lease_s=10, kept_s=60, most_dead=3)
    for number in range(5):
        await put(store, tenant, kind, f"e{number}")
        (entry,) = (await queue.claim(tenant, kind, "", want=1, most_in_lane=10)).entries
        await queue.bury(entry, "no use")
    kept = await store.read("ZRANGE", keyspace.queue_dead(tenant, kind), 0, -1)
    assert kept == [b"e2", b"e3", b"e4"]
    entries = [keyspace.queue_entry(tenant, kind, f"e{number}") for number in range(5)]
    assert [await store.read("EXISTS", key) for key in entries] == [0, 0, 1, 1, 1]


async def test_a_lane_that_nothing_may_be_claimed_of_is_left_until_its_work_is_due(
    store, tenant, kind
):
    """Ten thousand dead receivers whose next tries are in an hour are not looked at every second until then."""
    queue = QueueStore(store, lease_s=10, kept_s=60)
    await put(store, tenant, kind, "e", after_s=3600.0)
    far = (await queue.claim(tenant, kind, "", want=1, most_in_lane=0)).next_ms
    assert 3_000_000 < far <= 3_600_000
    await put(store, tenant, kind, "due")
    assert (await queue.claim(tenant, kind, "", want=1, most_in_lane=0)).next_ms == 1_000


async def test_what_a_handler_cancels_itself_is_a_fault_of_its_own(store, tenant, kind):
    """Nobody stops and the claim holds, so it counts: else it would be tried for ever, without a pause."""

    async def breaks(entry):
        raise asyncio.CancelledError

    handler = Recorder(kind, does=breaks)
    await put(store, tenant, kind, "e")
    async with worker_of(store, handler) as (worker, directory):
        await directory.announce(tenant, kind)
        await until(lambda: handler.seen and not worker.running)
        await asyncio.sleep(0.2)
        cause, attempts = await store.read(
            "HMGET", keyspace.queue_entry(tenant, kind, "e"), "cause", "attempts"
        )
    assert (len(handler.seen), cause, attempts) == (1, b"CancelledError", b"1")


async def test_claims_are_renewed_also_after_a_fault_of_ours(store, tenant, kind):
    """Else whatever takes longer than a claim lasts would be done by two from then on."""
    asked = []

    class Faulty:
        def __getattr__(self, name):
            return getattr(store, name)

        async def effect(self, script, keys, args):
            if len(args) == 3 and args[0] == "e":  # renew.lua
                asked.append(args)
                if len(asked) == 1:
                    raise ZeroDivisionError
            return await store.effect(script, keys, args)

    await put(store, tenant, kind, "e")
    async with worker_of(Faulty(), Recorder(kind, does=forever), lease_s=0.5) as (_, directory):
        await directory.announce(tenant, kind)
        await until(lambda: len(asked) > 1)


async def test_what_ends_while_the_store_is_away_is_not_done_again(store, tenant, kind):
    """It is stored when the store is back: no second try, and none that was for nothing is counted."""

    class Away:
        left = 2

        def __getattr__(self, name):
            return getattr(store, name)

        async def effect(self, script, keys, args):
            if args[0] in {"ack", "back"} and self.left:
                self.left -= 1
                raise StoreUnavailable
            return await store.effect(script, keys, args)

    async def does(entry):
        if len(handler.seen) == 1:
            raise StoreUnavailable
        return Ack()

    handler, away = Recorder(kind, does=does), Away()
    await put(store, tenant, kind, "e")
    async with worker_of(away, handler, lease_s=3.0) as (worker, directory):
        await directory.announce(tenant, kind)
        await until(lambda: len(handler.seen) == 2)
        away.left = 1
        await until(lambda: not worker.running)
    assert [entry.attempt for entry in handler.seen] == [1, 1]
    assert await waiting(store, tenant, kind) == ([], [])


async def test_what_is_noted_is_sent_also_after_a_fault_of_ours(store, tenant, kind):
    """Else all that this process puts would wait for the sweep from then on."""

    class Faulty:
        calls = 0

        async def effect(self, script, keys, args):
            self.calls += 1
            if self.calls == 1:
                raise ZeroDivisionError
            return await store.effect(script, keys, args)

    faulty = Faulty()
    async with Directory(faulty, [kind]) as directory:
        directory.note(tenant, kind, "")
        await until(lambda: faulty.calls == 1)
        await asyncio.sleep(0)
        directory.note(tenant, kind, "")
        await until(lambda: faulty.calls == 2)


@pytest.mark.parametrize("said", ["at once", "in a moment"])
async def test_what_the_directory_does_not_take_is_said_again(store, tenant, kind, said):
    """As in a failover of its node. Until then it would wait for the sweep, for minutes."""

    class Away:
        left = 2

        async def effect(self, script, keys, args):
            if self.left:
                self.left -= 1
                raise StoreUnavailable
            return await store.effect(script, keys, args)

    async with Directory(Away(), [kind]) as directory:
        if said == "in a moment":
            directory.note(tenant, kind, "lane")
        else:
            await directory.announce(tenant, kind, "lane")

        async def is_there() -> bool:
            key = keyspace.queue_directory(kind)
            return await store.read("ZSCORE", key, f"{tenant.tag}|lane") is not None

        await until(is_there, limit_s=10)
