"""Quotas: exact at the cap under concurrency, given back on failure, charged once (CONTRACT 0, 7)."""

from __future__ import annotations

import asyncio
import uuid

import grpc
import pytest

from conjure.core.errors import Reason
from support.rpc import Client, outcomes, refused
from support.until import until
from support.worlds import small_world

CALLS = 50


def refused_world() -> dict:
    return small_world(entrance={"state": "nowhere"})


async def test_generation_is_exact_at_the_cap(both, app):
    """Fifty at once over two servers with a cap of seven: seven worlds, forty-three times 402."""
    await app.set_caps(generation=7)
    made, reasons = await outcomes(both[n % 2].create() for n in range(CALLS))
    assert len(made) == 7
    assert reasons == {Reason.QUOTA_EXCEEDED: CALLS - 7}
    assert await both[0].used("generation") == 7
    listed = (await both[0].list_worlds(limit=100)).worlds
    assert {world.id for world in listed} == {item.world_id for item in made}
    refusal = await refused(both[1].generate(), Reason.QUOTA_EXCEEDED)
    assert refusal.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refusal.error.http_status == 402
    assert refusal.error.detail == "daily generation quota exceeded"  # CONTRACT 2.1, to the letter


async def test_sessions_are_exact_at_the_cap(both, app):
    await app.set_caps(session=7)
    world_id = await both[0].new_world()
    made, reasons = await outcomes(both[n % 2].mint(world_id) for n in range(CALLS))
    assert len({item.jti for item in made}) == len(made) == 7
    assert reasons == {Reason.QUOTA_EXCEEDED: CALLS - 7}
    assert await both[0].used("session") == 7


async def test_caps_are_of_one_app_and_one_mode(server_channel, app, other_app):
    await app.set_caps(generation=1)
    test, live, other = (
        Client(server_channel, key) for key in (app.secret, app.live_secret, other_app.secret)
    )
    await test.create()
    await refused(test.create(), Reason.QUOTA_EXCEEDED)
    for caller in (live, other):
        await caller.create()
        await caller.create()
        usage = await caller.get_usage()
        assert (usage.usage["generation"], usage.caps["generation"]) == (2, 50)
    usage = await test.get_usage()
    assert (usage.usage["generation"], usage.caps["generation"]) == (1, 1)


async def test_a_cap_of_nothing_lets_nobody_in(server_channel, app):
    await app.set_caps(generation=0, session=0, live_sessions=0)
    caller = Client(server_channel, app.secret)
    await refused(caller.create(), Reason.QUOTA_EXCEEDED)
    await app.set_caps(generation=1)
    world_id = await caller.new_world()
    await refused(caller.mint(world_id), Reason.QUOTA_EXCEEDED)
    await app.set_caps(session=1)
    (minted,) = await caller.new_tokens(1, world_id)
    await refused(caller.connect(minted.token), Reason.SESSION_CAPACITY)
    assert await caller.used("session_seconds") == 0


async def test_what_the_kernel_refuses_costs_nothing(both, app):
    """Refusals beside successes, with room for the successes only: each of them gets through."""
    await app.set_caps(generation=CALLS)
    worlds = [small_world() if n % 4 < 2 else refused_world() for n in range(CALLS)]
    made, reasons = await outcomes(both[n % 2].create(worlds[n]) for n in range(CALLS))
    assert len(made) == 26
    assert reasons == {Reason.KERNEL_REFUSED: 24}
    assert await both[0].used("generation") == 26


async def test_a_hold_that_was_given_back_is_room_for_the_next(both, app):
    await app.set_caps(generation=1)
    for n in range(10):
        await refused(both[n % 2].create(refused_world()), Reason.KERNEL_REFUSED)
    await both[0].create()
    await refused(both[1].create(), Reason.QUOTA_EXCEEDED)


async def test_a_mint_for_no_world_costs_nothing(both):
    await asyncio.gather(
        *(refused(both[0].mint(str(uuid.uuid4())), Reason.NOT_FOUND) for _ in range(5))
    )
    assert await both[0].used("session") == 0


@pytest.mark.parametrize("kind", ["import", "premise"])
async def test_one_idempotency_key_thirty_times_at_once_makes_one_world(both, kind):
    key = uuid.uuid4().hex
    calls = [
        both[n % 2].create(idempotency_key=key)
        if kind == "import"
        else both[n % 2].generate(idempotency_key=key)
        for n in range(30)
    ]
    made, reasons = await outcomes(calls)
    assert made
    assert len({item.SerializeToString() for item in made}) == 1
    assert set(reasons) <= {Reason.IDEMPOTENCY_IN_PROGRESS}
    assert len(made) + reasons.total() == 30
    assert len((await both[0].list_worlds()).worlds) == 1
    assert await both[0].used("generation") == 1
    replayed = [
        "idempotent-replayed" in dict(await call.initial_metadata())
        for call in calls
        if await call.code() is grpc.StatusCode.OK
    ]
    assert replayed.count(False) == 1, "exactly one of them is the first"


async def test_the_first_answer_comes_again_whatever_happened_since(both):
    made = await both[0].create(idempotency_key="k1")
    await both[0].set_entrance(made.world_id, "cellar")
    again = await both[1].create(idempotency_key="k1")
    assert again == made
    assert await both[0].used("generation") == 1


async def test_a_replay_works_when_the_quota_is_used_up(both, app):
    await app.set_caps(generation=1)
    made = await both[0].create(idempotency_key="k1")
    assert await both[1].create(idempotency_key="k1") == made
    await refused(both[0].create(idempotency_key="k2"), Reason.QUOTA_EXCEEDED)


async def test_a_key_with_another_body_is_refused(both):
    await both[0].create(idempotency_key="k1")
    for call in (
        both[1].create(small_world(name="Another"), idempotency_key="k1"),
        both[1].generate(idempotency_key="k1"),
    ):
        refusal = await refused(call, Reason.IDEMPOTENCY_MISMATCH)
        assert refusal.error.http_status == 422
    # Key order and spacing are no other body.
    reordered = dict(reversed(small_world().items()))
    assert (await both[1].create(reordered, idempotency_key="k1")).rev == "1"
    assert await both[0].used("generation") == 1


async def test_a_refused_body_keeps_its_key_and_a_refused_quota_does_not(both, app):
    """The same body is refused again, not replayed; another one may not use its key (CONTRACT 0)."""
    for caller in both:
        await refused(caller.create(refused_world(), idempotency_key="k1"), Reason.KERNEL_REFUSED)
    await refused(both[1].create(idempotency_key="k1"), Reason.IDEMPOTENCY_MISMATCH)
    assert await both[0].used("generation") == 0
    await app.set_caps(generation=0)
    await refused(both[0].create(idempotency_key="k2"), Reason.QUOTA_EXCEEDED)
    await app.set_caps(generation=1)
    await both[1].create(small_world(name="Another"), idempotency_key="k2")


async def test_a_key_is_of_one_app_and_mode(server_channel, app, other_app):
    ids = {
        (await Client(server_channel, key).create(idempotency_key="shared")).world_id
        for key in (app.secret, app.live_secret, other_app.secret)
    }
    assert len(ids) == 3


async def test_creations_that_were_cancelled_leave_no_unit_taken(both, app):
    """Whoever goes away, at any moment, gets a world that is listed and charged, or nothing."""
    await app.set_caps(generation=1000)
    calls = [both[n % 2].create() for n in range(80)]
    loop = asyncio.get_running_loop()
    for n, call in enumerate(calls):
        loop.call_later(0.0005 * n, call.cancel)
    await asyncio.gather(*calls, return_exceptions=True)

    async def each_unit_is_a_world() -> bool:
        worlds = (await both[0].list_worlds(limit=100)).worlds
        return await both[0].used("generation") == len(worlds)

    # The servers may still be at it; but well before a hold would lapse by itself (60 s), which is no way
    # to give a unit back.
    await until(each_unit_is_a_world, limit_s=40)
