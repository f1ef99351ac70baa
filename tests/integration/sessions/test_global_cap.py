"""The cap of the whole system: exact over tenants, and a refusal takes nothing from the tenant."""

from __future__ import annotations

import asyncio
import time

import pytest

from conjure.administration import administration
from conjure.core.errors import Reason
from conjure.settings import AuthSettings
from conjure.store import keyspace
from support.cluster import running_cluster
from support.rpc import client, outcomes, refused
from support.stack import new_app, running_server, running_store, store_settings
from support.until import until

GLOBAL_CAP = 5
LEASE_S = 300


@pytest.fixture(scope="module", params=["one server", "cluster"])
async def store(tmp_path_factory, request):
    """On one server an admission is one script; on a cluster two, on two servers."""
    directory = tmp_path_factory.mktemp("global-store")
    if request.param == "cluster":
        async with running_cluster(directory) as cluster:
            yield cluster.url
    else:
        async with running_store(directory) as (_, url):
            yield url


@pytest.fixture(scope="module")
async def admin(store):
    async with administration(store_settings(store), AuthSettings()) as opened:
        yield opened


@pytest.fixture(scope="module")
async def target(store, tmp_path_factory):
    environment = {
        "CONJURE_SESSIONS_GLOBAL_LIVE_SESSIONS": str(GLOBAL_CAP),
        "CONJURE_SESSIONS_LEASE_S": str(LEASE_S),
    }
    directory = tmp_path_factory.mktemp("global-server")
    async with running_server(directory, store, environment) as (_, port):
        yield port


@pytest.fixture
async def short_target(store, tmp_path):
    """A server on the same store whose leases are over in a second."""
    environment = {
        "CONJURE_SESSIONS_GLOBAL_LIVE_SESSIONS": str(GLOBAL_CAP),
        "CONJURE_SESSIONS_LEASE_S": "1",
    }
    async with running_server(tmp_path, store, environment) as (_, port):
        yield port


@pytest.fixture
async def pair(admin, target):
    """Two apps of their own on the server, and no place taken by an earlier test."""
    first, second = await new_app(admin), await new_app(admin)
    await admin.store.write("DEL", keyspace.places())
    async with client(target, first.secret) as one, client(target, second.secret) as two:
        yield (one, first), (two, second)


async def nothing_taken_but(caller, admitted):
    """Slots and seconds of a tenant are those of its admitted sessions and no more."""
    live = await caller.live()
    assert len(live) == admitted
    assert await caller.used("session_seconds") == LEASE_S * admitted


async def test_two_apps_that_rush_in_share_exactly_the_places_there_are(pair):
    """Never more, and a place that is there is not refused to all either."""
    (one, _), (two, _) = pair
    tokens = [(one, t) for t in await one.new_tokens(50)]
    tokens += [(two, t) for t in await two.new_tokens(50)]
    admitted, reasons = await outcomes(caller.connect(t.token) for caller, t in tokens[::2])
    live = len(await one.live()) + len(await two.live())
    assert live == len(admitted) <= GLOBAL_CAP
    assert reasons == {Reason.SESSION_CAPACITY: 50 - len(admitted)}
    assert live == GLOBAL_CAP
    await nothing_taken_but(one, len(await one.live()))
    await nothing_taken_but(two, len(await two.live()))


async def test_a_rush_of_more_than_the_apps_own_cap_still_fills_every_place(pair):
    """Two hundred of one app: those whom the app's cap refuses must not keep the system's places."""
    (one, _), _ = pair
    tokens = await one.new_tokens(200)
    admitted, _ = await outcomes(one.connect(minted.token) for minted in tokens)
    await nothing_taken_but(one, len(admitted))
    assert len(admitted) == GLOBAL_CAP


async def test_a_full_app_does_not_shut_others_out(pair):
    """An app at its own cap knocks on and on; the places it cannot have are for the others."""
    (one, first), (two, _) = pair
    await first.set_caps(live_sessions=1)
    knocking, waiting = await one.new_tokens(60), await two.new_tokens(3)
    await one.connect(knocking[0].token)
    for _ in range(5):
        noise = asyncio.gather(*(outcomes([one.connect(t.token)]) for t in knocking[1:]))
        admitted, reasons = await outcomes(two.connect(minted.token) for minted in waiting)
        await noise
        assert (len(admitted), dict(reasons)) == (3, {})
        await asyncio.gather(*(two.end(minted.jti) for minted in waiting))


async def test_one_token_many_times_in_a_full_system_takes_nothing(pair):
    """Each of these is refused; withdrawing one must not make another's admission look paid."""
    (one, _), (two, _) = pair
    full = await one.new_tokens(GLOBAL_CAP)
    for minted in full:
        await one.connect(minted.token)
    (minted,) = await two.new_tokens(1)
    admitted, reasons = await outcomes(two.connect(minted.token) for _ in range(20))
    assert not admitted
    assert reasons == {Reason.SESSION_CAPACITY: 20}
    await nothing_taken_but(two, 0)


async def test_a_place_is_free_when_its_session_ended(pair):
    (one, _), (two, _) = pair
    tokens = await one.new_tokens(GLOBAL_CAP)
    for minted in tokens:
        await one.connect(minted.token)
    (waiting,) = await two.new_tokens(1)
    await refused(two.connect(waiting.token), Reason.SESSION_CAPACITY)
    await one.end(tokens[0].jti)
    await two.connect(waiting.token)
    await refused(one.connect(tokens[0].token), Reason.SESSION_CAPACITY)


async def place_ends_ms(admin) -> dict[str, int]:
    """When each place ends, by the session that has it."""
    flat = await admin.store.read("ZRANGE", keyspace.places(), 0, -1, "WITHSCORES")
    return {
        member.decode().rpartition(":")[2]: int(ends)
        for member, ends in zip(flat[::2], flat[1::2], strict=True)
    }


async def test_a_reload_without_minutes_prolongs_neither_lease_nor_place(pair, admin, store):
    """One server: both end in the same millisecond. On a cluster a place ends later by the time between
    two scripts, and not by the time between connect and reload."""
    (one, first), _ = pair
    await first.set_caps(session_seconds=LEASE_S * GLOBAL_CAP)
    tokens = await one.new_tokens(GLOBAL_CAP)
    await asyncio.gather(*(one.connect(minted.token) for minted in tokens))
    ends = {jti: lease.end_time.ToMilliseconds() for jti, lease in (await one.live()).items()}
    connected = time.monotonic()
    await asyncio.sleep(2)
    between_ms = (time.monotonic() - connected) * 1000
    _, reasons = await outcomes(one.connect(minted.token) for minted in tokens)
    assert not reasons
    after = {jti: lease.end_time.ToMilliseconds() for jti, lease in (await one.live()).items()}
    assert after == ends
    places = await place_ends_ms(admin)
    assert set(places) == set(ends)
    late_ms = [places[jti] - ends[jti] for jti in ends]
    if store_settings(store).cluster:
        assert 0 <= min(late_ms) <= max(late_ms) < between_ms
    else:
        assert set(late_ms) == {0}


async def test_places_whose_leases_are_over_are_free(pair, short_target):
    """Nobody ends them: GLOBAL_CAP of one app lapse, and as many of another app get in."""
    (one, _), (two, _) = pair
    async with client(short_target, one.key) as first, client(short_target, two.key) as second:
        for caller in (first, second):
            for minted in await caller.new_tokens(GLOBAL_CAP):
                await connected_when_free(caller, minted.token)


async def connected_when_free(caller, token) -> None:
    """Connects, however long an earlier place lasts."""

    async def is_connected() -> bool:
        answers, reasons = await outcomes([caller.connect(token)])
        assert reasons.keys() <= {Reason.SESSION_CAPACITY}
        return bool(answers)

    await until(is_connected)
