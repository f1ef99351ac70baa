"""`session.ended`: one event for each time that a session ends, whoever ends it and whatever is lost (CONTRACT 8)."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from conjure.core.cleanup import Cleanup
from conjure.core.ids import new_id
from conjure.providers.runtime import NoRuntime
from conjure.queue.kinds import EVENTS
from conjure.sessions.finder import LapseFinder
from conjure.sessions.leases import Leases
from conjure.sessions.store import Lapsed, Waiting
from conjure.store import keyspace
from conjure.store.client import Store
from support.ended import LEASE_S, Sessions
from support.leases import lease_record, pass_time
from support.stack import store_settings
from support.until import until

if TYPE_CHECKING:
    from conjure.core.caller import SessionCaller

OVER_S = LEASE_S + 1


@pytest.fixture
async def one(quiet_store):
    how = store_settings(quiet_store)
    async with Store(how) as store:
        await store.write("DEL", keyspace.places())
        yield await Sessions.opened(store, is_cluster=how.cluster)


async def used(one) -> int:
    return int(await one.store.read("HGET", keyspace.usage(one.tenant), "session_seconds") or 0)


async def place_end(one, session) -> int | None:
    found = await one.store.read("ZSCORE", keyspace.places(), f"{one.tenant.tag}:{session.jti}")
    return None if found is None else int(found)


async def test_an_end_is_told_once_with_what_the_session_has_cost(one):
    (session,) = await one.connected()
    await pass_time(one.store, one.tenant, 9, session.jti)
    op, not_before = new_id(), int(time.time())
    ended = await one.endings.end(one.tenant, session.jti, op)
    for again in (op, new_id(), new_id()):
        await one.endings.end(one.tenant, session.jti, again)
    (event,) = await one.events()
    seconds = ended.lease.charged_s
    assert 9 <= seconds <= LEASE_S
    assert not_before <= event.pop("created") <= time.time()
    assert event == {
        "id": op,
        "type": "session.ended",
        "data": {"worldId": one.world_id, "jti": session.jti, "seconds": seconds},
    }
    assert await one.finder.look() == 0
    assert await one.left() == (0, 0)


async def test_a_session_that_is_continued_and_ends_again_is_told_again(one):
    (session,) = await one.connected()
    for at in (1, 2):
        await one.endings.end(one.tenant, session.jti, new_id())
        assert len(await one.events()) == at
        await one.connect(session)
    await pass_time(one.store, one.tenant, OVER_S, session.jti)
    await one.finder.look()
    assert await one.told() == [session.jti] * 3
    record = await lease_record(one.store, one.tenant, session.jti)
    seconds = [event["data"]["seconds"] for event in await one.events()]
    assert max(seconds) == int(record["charged"]) == await used(one)


async def test_a_lease_that_runs_out_is_told_and_leaves_nothing(one):
    first, second = await one.connected(2)
    await pass_time(one.store, one.tenant, OVER_S, first.jti)
    assert await one.finder.look() == 1
    (event,) = await one.events()
    data = {"worldId": one.world_id, "jti": first.jti, "seconds": LEASE_S}
    assert event["data"] == data
    assert await one.left() == (1, 1)
    assert await one.finder.look() == 0
    for _ in range(2):
        assert not (await one.endings.end(one.tenant, first.jti, new_id())).was_live
    assert await one.told() == [first.jti]
    assert await place_end(one, second)


async def test_an_end_that_comes_before_the_finder_leaves_the_telling_to_it(one):
    (session,) = await one.connected()
    await pass_time(one.store, one.tenant, OVER_S, session.jti)
    ended = await one.endings.end(one.tenant, session.jti, new_id(), revoke_s=3600)
    assert (ended.was_live, ended.lease.charged_s) == (False, LEASE_S)
    assert await one.told() == []
    await one.finder.look()
    assert await one.told() == [session.jti]


async def test_a_revoked_session_is_told_once_and_a_revoked_token_never(one):
    (live, lapsed), never = await one.connected(2), one.caller()
    await pass_time(one.store, one.tenant, OVER_S, lapsed.jti)
    await one.finder.look()
    for session in (live, lapsed, never):
        for _ in range(2):
            await one.endings.end(one.tenant, session.jti, new_id(), revoke_s=3600)
    await one.finder.look()
    assert await one.told() == sorted([live.jti, lapsed.jti])


async def test_a_connect_does_not_pass_over_an_end_that_nobody_has_told(one):
    """The player comes back before the finder does: the session has ended, and goes on."""
    (session,) = await one.connected()
    await pass_time(one.store, one.tenant, OVER_S, session.jti)
    assert isinstance(await one.admit(session), Lapsed)

    async with Cleanup(last_wait_s=5) as cleanup:
        leases = Leases(one.sessions, one.endings, NoRuntime(), cleanup)
        admissions = await asyncio.gather(
            *(leases.admit(session, f"{new_id()}", known_rev="1") for _ in range(2)),
            return_exceptions=True,
        )
    assert any(not isinstance(found, BaseException) for found in admissions)
    assert await one.told() == [session.jti]
    record = await lease_record(one.store, one.tenant, session.jti)
    assert int(record["end"]) > time.time() * 1000
    await one.finder.look()
    assert await one.told() == [session.jti]


async def test_who_connects_while_finders_look_keeps_the_place(one):
    """A finder has read that the place is over; it must not remove the one that is there by now."""
    callers = await one.connected(40)
    await pass_time(one.store, one.tenant, OVER_S, *(session.jti for session in callers))

    async def comes_back(session: SessionCaller) -> None:
        while isinstance(await one.connect(session), Lapsed):
            await one.endings.lapse_first(one.tenant, session.jti)

    await asyncio.gather(
        one.finder.look(), *map(comes_back, callers), *(one.finder.look() for _ in range(20))
    )
    ends = [await place_end(one, session) for session in callers]
    assert min(ends) > time.time() * 1000
    assert await one.told() == sorted(session.jti for session in callers)
    assert await one.finder.look() == 0


async def test_what_was_never_live_is_not_told_and_costs_nothing(one):
    """Its asker crashed, or gave up: nobody has played by it."""
    crashed, gave_up = one.caller(), one.caller()
    found = [await one.admit(session, session.jti) for session in (crashed, gave_up)]
    if one.sessions.is_split:
        await one.sessions.take_place(crashed, found[0])
    await one.sessions.withdraw(gave_up, gave_up.jti, placed=found[1])
    assert await used(one) == LEASE_S
    await pass_time(one.store, one.tenant, OVER_S, crashed.jti)
    await one.finder.look()
    assert await one.told() == []
    assert await used(one) == 0
    assert await one.left() == (0, 0)


async def test_a_renewal_whose_asker_crashed_leaves_the_old_end_to_be_told(one):
    (session,) = await one.connected()
    await pass_time(one.store, one.tenant, 27, session.jti)
    admission = await one.admit(session)
    assert admission.must_settle
    if one.sessions.is_split:
        await one.sessions.take_place(session, admission)
    assert await used(one) > LEASE_S
    await pass_time(one.store, one.tenant, 9, session.jti)  # its old end is over
    await one.finder.look()
    assert await one.told() == [], "it may yet settle"
    await pass_time(one.store, one.tenant, LEASE_S, session.jti)
    await one.finder.look()
    (event,) = await one.events()
    assert event["data"]["seconds"] == LEASE_S == await used(one)
    assert await one.left() == (0, 0)


@pytest.mark.parametrize(
    "how", ["withdrawn", "taken back by the next connect", "of a release before"]
)
async def test_a_renewal_that_is_taken_back_after_the_old_end(one, how):
    (session,) = await one.connected()
    await pass_time(one.store, one.tenant, 27, session.jti)
    admission = await one.admit(session, "a")
    if one.sessions.is_split:
        await one.sessions.take_place(session, admission)
    await pass_time(one.store, one.tenant, 12, session.jti)
    admission = replace(
        admission, to_ms=admission.to_ms - 12_000, before_ms=admission.before_ms - 12_000
    )
    if how == "withdrawn":
        await one.sessions.withdraw(session, "a", placed=admission)
    elif how == "of a release before":  # it does not know whether the session was live
        key = keyspace.lease(one.tenant, session.jti)
        undo = (await one.store.read("HGET", key, "undo")).rstrip(b"+")
        await one.store.write("HSET", key, "undo", undo)
        await one.sessions.withdraw(session, "a", placed=admission)
        await one.connect(session)
        return
    else:
        assert isinstance(await one.admit(session), Lapsed)
        await one.endings.lapse_first(one.tenant, session.jti)
        await one.connect(session)
    await one.finder.look()
    assert await one.told() == [session.jti]


async def test_what_was_told_cannot_be_taken_back(one):
    """A caller that goes away late: its admission was final, and its session has ended since."""
    if one.sessions.is_split:
        pytest.skip("there each admission is settled")
    session = one.caller()
    await one.admit(session, "a", hold_ms=0, is_stored=False)
    await pass_time(one.store, one.tenant, OVER_S, session.jti)
    await one.finder.look()
    await one.sessions.withdraw(session, "a")
    assert await used(one) == LEASE_S
    assert await one.told() == [session.jti]


async def test_a_finder_that_was_killed_on_its_way_is_followed_by_the_next(one):
    """It had told the end, and neither announced it nor removed the place."""
    (session,) = await one.connected()
    await pass_time(one.store, one.tenant, OVER_S, session.jti)
    assert await one.endings.lapse(one.tenant, [session.jti]) == [0]
    directory = keyspace.queue_directory(EVENTS)
    assert await one.store.read("ZSCORE", directory, f"{one.tenant.tag}|") is None
    assert await one.finder.look() == 1
    assert await one.told() == [session.jti]
    assert await one.store.read("ZSCORE", directory, f"{one.tenant.tag}|") is not None


async def test_a_session_without_a_place_is_found_with_others_and_by_the_sweep(one):
    lost, another = await one.connected(2)
    await one.store.write("ZREM", keyspace.places(), f"{one.tenant.tag}:{lost.jti}")
    await pass_time(one.store, one.tenant, OVER_S, lost.jti)
    assert await one.finder.look() == 0
    await pass_time(one.store, one.tenant, OVER_S, another.jti)
    await one.finder.look()
    assert await one.told() == sorted([lost.jti, another.jti])

    elsewhere = await one.of_another_app()
    (lost,) = await elsewhere.connected()
    await one.store.write("ZREM", keyspace.places(), f"{elsewhere.tenant.tag}:{lost.jti}")
    await pass_time(one.store, elsewhere.tenant, LEASE_S + 60, lost.jti)
    await one.finder.visit([one.tenant, elsewhere.tenant])
    assert await elsewhere.told() == [lost.jti]
    assert len(await one.told()) == 2


async def test_a_place_that_is_over_too_early_follows_its_lease(one):
    """Another server, with another clock, took over; or an admission is under way, which decides."""
    (live,), asking = await one.connected(), one.caller()
    assert not isinstance(await one.admit(asking), Waiting)
    for session in (live, asking):
        await one.store.write("ZADD", keyspace.places(), 5, f"{one.tenant.tag}:{session.jti}")
    await one.finder.look()
    record = await lease_record(one.store, one.tenant, live.jti)
    assert abs(await place_end(one, live) - int(record["end"])) < 5_000
    assert await place_end(one, asking) == 5
    assert await one.told() == []


async def test_what_is_no_place_is_removed_and_holds_up_nobody(one):
    for junk in ("", ":", "x", "::", "a:b:c", "\x00\xff", "no-such-app:live:" + "j" * 10_000):
        await one.store.write("ZADD", keyspace.places(), 1, junk)
    (session,) = await one.connected()
    await pass_time(one.store, one.tenant, OVER_S, session.jti)
    assert await one.finder.look() == 8
    assert await one.told() == [session.jti]


async def test_a_tenant_that_cannot_be_read_holds_up_nobody(one):
    ill = await one.of_another_app()
    (session,), (unread,) = await one.connected(), await ill.connected()
    await one.store.write("DEL", keyspace.lease(ill.tenant, unread.jti))
    await one.store.write("SET", keyspace.lease(ill.tenant, unread.jti), "no hash")
    for at, caller in ((one, session), (ill, unread)):
        for key, member in (
            (keyspace.leases(at.tenant), caller.jti),
            (keyspace.places(), f"{at.tenant.tag}:{caller.jti}"),
        ):
            await one.store.write("ZADD", key, 1, member)
    await one.store.write("HSET", keyspace.lease(one.tenant, session.jti), "end", 1)
    assert await one.finder.look() == 1
    assert await one.told() == [session.jti]
    await one.store.write("DEL", keyspace.lease(ill.tenant, unread.jti))
    assert await one.finder.look() == 1, "its record is gone: nothing is left to tell"
    assert await ill.told() == []
    assert await ill.left() == (0, 0)


async def test_sessions_that_are_over_take_no_slot_and_no_place_though_nobody_looks(one):
    crowded = await Sessions.opened(one.store, is_cluster=one.sessions.is_split, places=3)
    old = await crowded.connected(3)
    await pass_time(one.store, crowded.tenant, OVER_S, *(session.jti for session in old))
    new = await crowded.connected(3)
    assert await crowded.left() == (6, 6)
    await crowded.finder.look()
    assert await crowded.told() == sorted(session.jti for session in old)
    assert await crowded.left() == (len(new), len(new))


async def test_a_thousand_that_end_at_once_are_a_thousand_events_whoever_looks(one):
    others = [await one.of_another_app() for _ in range(50)]
    apps = [(one, 800), *((other, 4) for other in others)]
    callers: list[SessionCaller] = []
    for app, count in apps:
        callers += await app.connected(count)
    for session in callers:  # what pass_time does, for many
        await one.store.write("HSET", keyspace.lease(session.tenant, session.jti), "end", 1)
        await one.store.write("ZADD", keyspace.leases(session.tenant), 1, session.jti)
        place = f"{session.tenant.tag}:{session.jti}"
        await one.store.write("ZADD", keyspace.places(), 1, place)
    finders = [LapseFinder(one.store, one.endings) for _ in range(4)]

    async def until_done(finder: LapseFinder) -> None:
        while await one.store.read("ZCARD", keyspace.places()):
            await finder.look()

    await asyncio.gather(*map(until_done, finders))
    told = [jti for app, _ in apps for jti in await app.told()]
    assert sorted(told) == sorted(session.jti for session in callers)
    assert len(callers) == 1_000


async def test_a_server_finds_what_has_run_out(stack, app):
    """No step of ours: the server's own finder takes the session out, and puts the event in the same step."""
    how = store_settings(stack.store_url)
    async with Store(how) as store:
        served = await Sessions.opened(store, is_cluster=how.cluster)
        (session,) = await served.connected()
        await pass_time(store, served.tenant, OVER_S, session.jti)

        async def is_found() -> bool:
            return await served.left() == (0, 0)

        await until(is_found)
