"""The cap of the whole system: exact over tenants, and a refusal takes nothing from the tenant."""

from __future__ import annotations

import asyncio

import pytest

from conjure.administration import administration
from conjure.core.errors import Reason
from conjure.settings import AuthSettings
from conjure.store import keyspace
from support.cluster import running_cluster
from support.rpc import client, outcomes, refused
from support.stack import new_app, running_server, running_store, store_settings

GLOBAL_CAP = 5
LEASE_S = 2


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


async def test_a_place_ends_with_its_lease_and_not_later(pair):
    """A reload without minutes prolongs no lease, so it must not prolong the place either."""
    (one, first), (two, _) = pair
    await first.set_caps(session_seconds=LEASE_S * GLOBAL_CAP)
    tokens = await one.new_tokens(GLOBAL_CAP)
    await asyncio.gather(*(one.connect(minted.token) for minted in tokens))
    await asyncio.sleep(LEASE_S - 0.5)
    _, reasons = await outcomes(one.connect(minted.token) for minted in tokens)
    assert not reasons
    await asyncio.sleep(0.7)
    assert not await one.live()
    (waiting,) = await two.new_tokens(1)
    await two.connect(waiting.token)
