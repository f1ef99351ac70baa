"""One lease, one runtime credential, through the edge and with a runtime that is asked (CONTRACT 6.2, 6.3).

The runtime is a server that counts what it is asked for. What it authorises, a player with the token could
play; so it must never be much more than what was charged.
"""

from __future__ import annotations

import asyncio

import httpx
import pytest

from conjure.store.keyspace import credential
from support.edge.sessions import END, LEASE_S, assert_connected, assert_ended, used
from support.leases import lease_record, pass_time
from support.reactor import Reactor, a_new_token, answers, once
from support.rest import assert_error, bearer, connect, import_world, mint
from support.rpc import Client
from support.stack import running_edge, running_server
from support.until import LIMIT_S, until


@pytest.fixture(scope="module")
async def endpoint():
    async with Reactor(answer=a_new_token) as reactor:
        yield reactor


@pytest.fixture
def reactor(endpoint):
    endpoint.reset()
    endpoint.answer = a_new_token
    return endpoint


@pytest.fixture(scope="module")
async def rendered(stack, endpoint, tmp_path_factory):
    """A REST client of an edge with two servers whose runtime is asked."""
    environment = {
        "CONJURE_RUNTIME_PROVIDER": "reactor",
        "CONJURE_RUNTIME_REACTOR_URL": f"http://127.0.0.1:{endpoint.port}",
        "CONJURE_RUNTIME_REACTOR_API_KEY": "rk_key",
        "CONJURE_RUNTIME_REACTOR_MODEL": "a-model",
    }
    one, two, at = (tmp_path_factory.mktemp(name) for name in ("one", "two", "edge"))
    async with (
        running_server(one, stack.store_url, environment) as (_, first),
        running_server(two, stack.store_url, environment) as (_, second),
        running_edge(at, first, second) as (_, port, _),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{port}", timeout=LIMIT_S, trust_env=False
        ) as client,
    ):
        yield client


@pytest.fixture
async def minted(rendered, app):
    return await mint(rendered, app.secret, await import_world(rendered, app.secret))


def authorised(reactor) -> int:
    """The seconds for which the runtime gave tokens."""
    return sum(request.json["expires_after"] for request in reactor.requests)


async def ended(rest, token) -> int:
    return assert_ended(await rest.post(END, headers=bearer(token)))


async def test_thirty_connects_at_once_at_a_cap_of_one_are_one_token(
    rendered, reactor, app, minted
):
    await app.set_caps(live_sessions=1)
    found = await asyncio.gather(*(connect(rendered, minted["token"]) for _ in range(30)))
    assert len({assert_connected(answer)["reactorJwt"] for answer in found}) == 1
    assert len(reactor.requests) == 1
    assert authorised(reactor) == (await used(rendered, app.secret))["session_seconds"] == LEASE_S


async def test_connecting_and_ending_fifty_times_authorises_one_lease_more_than_was_charged(
    rendered, reactor, app, minted
):
    for _ in range(50):
        assert_connected(await connect(rendered, minted["token"]))
        seconds = await ended(rendered, minted["token"])
        assert authorised(reactor) <= seconds + LEASE_S
        assert (await used(rendered, app.secret))["session_seconds"] == seconds
    assert len(reactor.requests) == 1


async def test_also_when_time_passes_between_end_and_connect(stack, rendered, reactor, app, minted):
    """What could be played meanwhile with the token that was handed out is charged by the next connect.

    Two tokens that follow each other may overlap by a third of the first: a page has to change over.
    """
    passed = 0
    for seconds in (100, 150, 40, 20, 110, 220, 90, 130):
        assert_connected(await connect(rendered, minted["token"]))
        await ended(rendered, minted["token"])
        await pass_time(stack.admin.store, app.tenant(), seconds, minted["jti"])
        passed += seconds
    assert_connected(await connect(rendered, minted["token"]))
    cost = await ended(rendered, minted["token"])
    # It is given tokens at 0, 250, 640 and 860 s; from 550 to 640 none was good.
    assert len(reactor.requests) == 4
    assert passed - 90 <= cost <= passed - 90 + 60, (
        "all that passed, but for what nobody could play"
    )
    assert authorised(reactor) <= cost * 3 / 2 + LEASE_S


async def test_a_reload_gets_what_the_page_had(stack, rendered, reactor, app, minted):
    first = assert_connected(await connect(rendered, minted["token"]))
    await ended(rendered, minted["token"])
    again = assert_connected(await connect(rendered, minted["token"]))
    assert again["reactorJwt"] == first["reactorJwt"]
    assert again["expiresAt"] == first["expiresAt"]
    assert again["expiresIn"] <= first["expiresIn"]
    await pass_time(stack.admin.store, app.tenant(), 199 - 30, minted["jti"])
    late = assert_connected(await connect(rendered, minted["token"]))
    assert late["reactorJwt"] == first["reactorJwt"]
    assert 100 <= late["expiresIn"] <= LEASE_S - 169
    await pass_time(stack.admin.store, app.tenant(), 31 + 1, minted["jti"])
    renewed = assert_connected(await connect(rendered, minted["token"]))
    assert renewed["reactorJwt"] != first["reactorJwt"]
    assert len(reactor.requests) == 2


async def test_a_revoked_token_never_connects_again_and_its_credential_is_gone(
    stack, rendered, reactor, app, minted, server_channel
):
    assert_connected(await connect(rendered, minted["token"]))
    assert await stack.admin.store.read("EXISTS", credential(app.tenant(), minted["jti"]))
    await Client(server_channel, app.secret).end(minted["jti"], revoke=True)
    assert_error(await connect(rendered, minted["token"]), 401)
    assert not await stack.admin.store.read("EXISTS", credential(app.tenant(), minted["jti"]))


async def test_whoever_leaves_while_the_runtime_thinks_finds_the_token_when_he_is_back(
    rendered, reactor, app, minted
):
    """And nobody can have the runtime asked again and again by leaving."""
    let_go = asyncio.Event()
    reactor.answer = once(let_go, a_new_token)
    for _ in range(3):
        call = asyncio.ensure_future(connect(rendered, minted["token"]))
        await until(lambda: bool(reactor.requests))
        call.cancel()
        await asyncio.gather(call, return_exceptions=True)
    let_go.set()
    assert_connected(await connect(rendered, minted["token"]))
    assert len(reactor.requests) == 1
    assert (await used(rendered, app.secret))["session_seconds"] == LEASE_S


async def test_a_refused_renewal_leaves_the_page_what_it_has(stack, rendered, reactor, app, minted):
    first = assert_connected(await connect(rendered, minted["token"]))
    await pass_time(stack.admin.store, app.tenant(), 250, minted["jti"])
    before = await lease_record(stack.admin.store, app.tenant(), minted["jti"])
    reactor.answer = answers(500, b"")
    assert_error(await connect(rendered, minted["token"]), 503)
    after = await lease_record(stack.admin.store, app.tenant(), minted["jti"])
    for name in ("end", "from", "to", "charged", "idle"):
        assert after.get(name, "0") == before.get(name, "0")  # what is missing is 0 (lease.lua)
    reactor.answer = a_new_token
    assert (
        assert_connected(await connect(rendered, minted["token"]))["reactorJwt"]
        != first["reactorJwt"]
    )


async def test_when_the_day_has_nothing_left_the_page_keeps_its_credential(
    stack, rendered, reactor, app, minted
):
    await app.set_caps(session_seconds=LEASE_S)
    first = assert_connected(await connect(rendered, minted["token"]))
    await pass_time(stack.admin.store, app.tenant(), 280, minted["jti"])
    late = assert_connected(await connect(rendered, minted["token"]))
    assert late["reactorJwt"] == first["reactorJwt"]
    assert late["expiresIn"] <= LEASE_S - 280
    assert len(reactor.requests) == 1
    assert (await used(rendered, app.secret))["session_seconds"] == LEASE_S


async def test_no_third_credential_while_two_are_good(stack, rendered, reactor, app, minted):
    """The day's last seconds come in drops: none of them brings a third token before the first is over."""
    store, tenant, jti = stack.admin.store, app.tenant(), minted["jti"]
    await app.set_caps(session_seconds=LEASE_S + 10)
    assert_connected(await connect(rendered, minted["token"]))  # until 300
    await pass_time(store, tenant, 205, jti)
    second = assert_connected(await connect(rendered, minted["token"]))  # from 205 until 310
    await pass_time(store, tenant, 73, jti)
    for more in range(20, 60, 10):  # at 278: both are in their last third
        await app.set_caps(session_seconds=LEASE_S + more)
        again = assert_connected(await connect(rendered, minted["token"]))
        assert again["reactorJwt"] == second["reactorJwt"]
    assert len(reactor.requests) == 2
    await pass_time(store, tenant, 24, jti)
    third = assert_connected(await connect(rendered, minted["token"]))
    assert third["reactorJwt"] != second["reactorJwt"]
    assert len(reactor.requests) == 3
