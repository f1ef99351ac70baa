"""The Reactor runtime: what it is asked for, and what becomes of an admission when it fails (CONTRACT 6.2)."""

from __future__ import annotations

import asyncio
import gzip
import json
import time

import grpc
import pytest

from conjure.core.errors import Reason
from support.leases import pass_time
from support.reactor import Reactor, a_new_token, a_token, after, answers, drip, in_turn, once
from support.rpc import client, outcomes, refused
from support.stack import running_server
from support.until import until

TIMEOUT_S = 0.5  # of the server whose patience is tested
PATIENCE_S = 12.0  # of the other, below the deadline of its calls
LEASE_S = 300
API_KEY = "rk_a-reactor-key"
MODEL = "a-world-model"


@pytest.fixture(scope="module")
async def endpoint():
    async with Reactor() as reactor:
        yield reactor


def environment(endpoint, timeout_s) -> dict[str, str]:
    return {
        "CONJURE_RUNTIME_PROVIDER": "reactor",
        "CONJURE_RUNTIME_REACTOR_URL": f"http://127.0.0.1:{endpoint.port}/",
        "CONJURE_RUNTIME_REACTOR_API_KEY": API_KEY,
        "CONJURE_RUNTIME_REACTOR_MODEL": MODEL,
        "CONJURE_RUNTIME_TIMEOUT_S": str(timeout_s),
        # Failures follow each other here, of tests that are not about the circuit.
        "CONJURE_RUNTIME_CIRCUIT_FAILURES": "1000",
        "CONJURE_LOG_LEVEL": "debug",
    }


@pytest.fixture(scope="module")
async def server(stack, endpoint, tmp_path_factory):
    directory = tmp_path_factory.mktemp("reactor")
    patient = environment(endpoint, PATIENCE_S)
    async with running_server(directory, stack.store_url, patient) as (_, port):
        yield port, directory / "server.log"


@pytest.fixture
async def hasty(stack, endpoint, tmp_path, app):
    """A caller of a server that soon gives a runtime up."""
    impatient = environment(endpoint, TIMEOUT_S)
    async with (
        running_server(tmp_path, stack.store_url, impatient) as (_, port),
        client(port, app.secret) as opened,
    ):
        yield opened


@pytest.fixture
def reactor(endpoint):
    endpoint.reset()
    return endpoint


@pytest.fixture
async def caller(server, app):
    async with client(server[0], app.secret) as opened:
        yield opened


async def nothing_taken(caller) -> None:
    assert not await caller.live()
    assert await caller.used("session_seconds") == 0


async def test_a_token_is_asked_for_as_the_contract_says(caller, reactor):
    (minted,) = await caller.new_tokens(1)
    before = int(time.time())
    connected = await caller.connect(minted.token)
    (request,) = reactor.requests
    assert (request.method, request.path) == ("POST", "/tokens")
    assert request.headers["reactor-api-key"] == API_KEY
    assert request.headers["content-type"] == "application/json"
    assert "authorization" not in request.headers
    assert request.json == {
        "expires_after": LEASE_S,
        "authorization_details": [
            {
                "type": "session",
                "resources": {"models": {"match": [MODEL]}},
                "constraints": {"max_sessions": 1, "max_session_duration_seconds": LEASE_S},
            }
        ],
    }
    assert connected.reactor_jwt == "a.reactor.jwt"
    after_ = int(time.time())
    assert before + LEASE_S <= connected.expires_at <= after_ + LEASE_S
    assert LEASE_S - (after_ - before) - 1 <= connected.expires_in <= LEASE_S
    assert json.loads(connected.world.json)["id"] == minted.world_id
    assert list(await caller.live()) == [minted.jti]
    assert await caller.used("session_seconds") == LEASE_S


async def test_a_token_that_ends_before_the_lease_says_so(caller, reactor):
    (minted,) = await caller.new_tokens(1)
    begun = int(time.time())
    at = begun + 60
    reactor.answer = answers(201, {"jwt": "short", "expires_at": at + 0.5, "more": "members"})
    connected = await caller.connect(minted.token)
    assert (connected.reactor_jwt, connected.expires_at) == ("short", at)
    assert at - time.time() - 1 <= connected.expires_in <= at - begun


def soon() -> int:
    return int(time.time()) + 300


FAILURES = {
    "401": lambda: answers(401, {"error": "the reactor's own words"}),
    "402": lambda: answers(402, {"error": "the reactor's own words"}),
    "404": lambda: answers(404, b""),
    "429": lambda: answers(429, b"", retry_after="30"),
    "500": lambda: answers(500, b"the reactor's own words"),
    "503": lambda: answers(503, b"<html>"),
    "a token with status 202": lambda: answers(202, {"jwt": "j", "expires_at": soon()}),
    "no json": lambda: answers(200, b"the reactor's own words"),
    "half a json": lambda: answers(200, b'{"jwt": "x", "expires_at": 1'),
    "no utf-8": lambda: answers(200, b'{"jwt": "\xff"}'),
    "a list": lambda: answers(200, b"[]"),
    "null": lambda: answers(200, b"null"),
    "empty": lambda: answers(200, b""),
    "no jwt": lambda: answers(200, {"expires_at": soon()}),
    "an empty jwt": lambda: answers(200, {"jwt": "", "expires_at": soon()}),
    "a jwt that is a number": lambda: answers(200, {"jwt": 5, "expires_at": soon()}),
    "no expires_at": lambda: answers(200, {"jwt": "j"}),
    "expires_at true": lambda: answers(200, {"jwt": "j", "expires_at": True}),
    "expires_at a text": lambda: answers(200, {"jwt": "j", "expires_at": str(soon())}),
    "expired": lambda: answers(200, {"jwt": "j", "expires_at": int(time.time()) - 1}),
    "expires_at in milliseconds": lambda: answers(200, {"jwt": "j", "expires_at": soon() * 1000}),
    "expires_at beyond all numbers": lambda: answers(200, {"jwt": "j", "expires_at": 1e300}),
    "huge": lambda: answers(200, {"jwt": "x" * 70_000, "expires_at": soon()}),
    "huge once unpacked": lambda: answers(
        200,
        gzip.compress(json.dumps({"jwt": "x" * 5_000_000, "expires_at": soon()}).encode()),
        content_encoding="gzip",
    ),
    "not really packed": lambda: answers(200, b"plain", content_encoding="gzip"),
}


@pytest.mark.parametrize("failure", FAILURES)
async def test_a_failing_runtime_is_503_and_slot_and_seconds_are_given_back(
    caller, reactor, failure
):
    reactor.answer = FAILURES[failure]()
    (minted,) = await caller.new_tokens(1)
    refusal = await refused(caller.connect(minted.token), Reason.RUNTIME_UNAVAILABLE)
    assert refusal.code is grpc.StatusCode.UNAVAILABLE
    assert refusal.error.http_status == 503
    assert int(refusal.trailers["retry-after"]) >= 1
    assert "own words" not in str(refusal)
    await nothing_taken(caller)
    reactor.answer = a_token
    await caller.connect(minted.token)
    assert await caller.used("session_seconds") == LEASE_S


async def test_the_api_key_goes_nowhere_but_to_the_configured_address(caller, reactor, server):
    (minted,) = await caller.new_tokens(1)
    async with Reactor() as elsewhere:
        for status in (301, 302, 303, 307, 308):
            reactor.answer = answers(
                status, b"", location=f"http://127.0.0.1:{elsewhere.port}/tokens"
            )
            await refused(caller.connect(minted.token), Reason.RUNTIME_UNAVAILABLE)
        assert not elsewhere.requests
    await nothing_taken(caller)
    assert API_KEY not in server[1].read_text()


async def test_a_runtime_that_nobody_reaches_is_503(caller, reactor):
    (minted,) = await caller.new_tokens(1)
    async with reactor.down():
        await refused(caller.connect(minted.token), Reason.RUNTIME_UNAVAILABLE)
        await nothing_taken(caller)
    await caller.connect(minted.token)


@pytest.mark.parametrize("answer", [after(3600), drip], ids=["silent", "dripping"])
async def test_a_slow_runtime_is_given_up(hasty, reactor, answer):
    """The timeout is for the whole exchange, not for each piece of it: the drops make a good token at last."""
    (minted,) = await hasty.new_tokens(1)
    reactor.answer = answer
    started = time.monotonic()
    await refused(hasty.connect(minted.token), Reason.RUNTIME_UNAVAILABLE)
    assert time.monotonic() - started >= TIMEOUT_S
    await nothing_taken(hasty)


async def test_a_failing_renewal_keeps_the_earlier_lease(stack, app, caller, reactor):
    (minted,) = await caller.new_tokens(1)
    await caller.connect(minted.token)
    await pass_time(stack.admin.store, app.tenant(), 250, minted.jti)
    (before,) = (await caller.live()).values()
    reactor.answer = answers(500, b"")
    for _ in range(3):
        await refused(caller.connect(minted.token), Reason.RUNTIME_UNAVAILABLE)
        (after_,) = (await caller.live()).values()
        assert after_ == before
        assert await caller.used("session_seconds") == LEASE_S
    reactor.answer = a_token
    await caller.connect(minted.token)
    (renewed,) = (await caller.live()).values()
    assert renewed.end_time.ToMilliseconds() >= before.end_time.ToMilliseconds() + 250_000
    assert await caller.used("session_seconds") == renewed.charged_seconds > LEASE_S


async def test_of_two_tries_of_one_token_one_asks_and_both_get_what_it_is_given(caller, reactor):
    (minted,) = await caller.new_tokens(1)
    let_go = asyncio.Event()
    reactor.answer = once(let_go, a_new_token)
    first = asyncio.ensure_future(caller.connect(minted.token))
    await until(lambda: bool(reactor.requests))
    second = asyncio.ensure_future(caller.connect(minted.token))
    for _ in range(20):  # time enough to ask, if it were to
        await caller.live()
    let_go.set()
    assert (await first).reactor_jwt == (await second).reactor_jwt
    assert len(reactor.requests) == 1
    assert await caller.used("session_seconds") == LEASE_S


async def test_of_two_tries_of_one_token_both_are_refused_when_the_runtime_refuses_one(
    caller, reactor
):
    """It is not asked once for each who waits; who comes later asks anew."""
    (minted,) = await caller.new_tokens(1)
    let_go = asyncio.Event()
    reactor.answer = in_turn(once(let_go, answers(500, b"")), a_token)

    async def let_it_refuse() -> None:
        await until(lambda: bool(reactor.requests))
        let_go.set()

    tries = outcomes(caller.connect(minted.token) for _ in range(5))
    (admitted, reasons), _ = await asyncio.gather(tries, let_it_refuse())
    assert len(admitted) + reasons[Reason.RUNTIME_UNAVAILABLE] == 5
    assert len(reactor.requests) <= 2, "one that came after the refusal may have asked anew"
    await caller.connect(minted.token)
    assert await caller.used("session_seconds") == LEASE_S


async def test_many_tries_of_one_token_that_all_fail_leave_nothing(caller, reactor):
    (minted,) = await caller.new_tokens(1)
    reactor.answer = after(0.1, answers(503, b""))
    _, reasons = await outcomes(caller.connect(minted.token) for _ in range(30))
    assert reasons == {Reason.RUNTIME_UNAVAILABLE: 30}
    await nothing_taken(caller)


async def test_half_of_many_failing_leaves_the_other_half_and_exact_charges(caller, reactor, app):
    tokens = await caller.new_tokens(20)
    reactor.answer = in_turn(*([a_token, after(0.05, answers(500, b""))] * 10))
    admitted, reasons = await outcomes(caller.connect(minted.token) for minted in tokens)
    assert len(admitted) == 10
    assert reasons == {Reason.RUNTIME_UNAVAILABLE: 10}
    assert len(await caller.live()) == 10
    assert await caller.used("session_seconds") == 10 * LEASE_S


async def test_whoever_waits_for_the_runtime_holds_a_slot(caller, reactor, app):
    """The cap is on sessions that are being started, too: the runtime is never asked for more."""
    await app.set_caps(live_sessions=3)
    tokens = await caller.new_tokens(20)
    let_go = asyncio.Event()
    reactor.answer = once(let_go)
    first = asyncio.ensure_future(outcomes(caller.connect(m.token) for m in tokens[:3]))
    await until(lambda: len(reactor.requests) == 3)
    _, reasons = await outcomes(caller.connect(minted.token) for minted in tokens[3:])
    assert reasons == {Reason.SESSION_CAPACITY: 17}
    let_go.set()
    admitted, reasons = await first
    assert len(admitted) == len(reactor.requests) == 3
    assert not reasons


@pytest.mark.parametrize("cancel", [True, False], ids=["cancelled", "deadline"])
async def test_whoever_goes_away_while_the_runtime_thinks_leaves_nothing(caller, reactor, cancel):
    """The asker goes on, for the next connect; when it is refused, all is given back as for one who waits."""
    (minted,) = await caller.new_tokens(1)
    let_go = asyncio.Event()
    reactor.answer = once(let_go, answers(500, b""))
    call = caller.connect(minted.token, timeout=30 if cancel else 2)
    waiting = asyncio.ensure_future(asyncio.gather(call, return_exceptions=True))
    await until(lambda: bool(reactor.requests))
    assert list(await caller.live()) == [minted.jti], "its slot is held while it waits"
    if cancel:
        call.cancel()
    await asyncio.wait([waiting])
    assert list(await caller.live()) == [minted.jti]
    let_go.set()

    async def is_given_back() -> bool:
        return not await caller.live() and await caller.used("session_seconds") == 0

    await until(is_given_back)


async def test_a_session_that_was_ended_while_the_runtime_thinks_stays_ended(caller, reactor):
    """EndSession in between wins: nothing is charged or held for a session that was ended."""
    (minted,) = await caller.new_tokens(1)
    let_go = asyncio.Event()
    reactor.answer = once(let_go)
    begun = time.monotonic()
    call = asyncio.ensure_future(outcomes([caller.connect(minted.token)]))
    await until(lambda: bool(reactor.requests))
    refunded = (await caller.end(minted.jti)).refunded_seconds
    assert refunded >= LEASE_S - (time.monotonic() - begun) - 1
    let_go.set()
    admitted, reasons = await call
    assert not await caller.live()
    assert not admitted, "a runtime token without a session would play outside every cap"
    assert reasons.total() == 1


async def test_without_a_runtime_nothing_is_charged(stack, app, tmp_path):
    nobody = {"CONJURE_RUNTIME_PROVIDER": "none"}
    async with (
        running_server(tmp_path, stack.store_url, nobody) as (_, port),
        client(port, app.secret) as caller,
    ):
        tokens = await caller.new_tokens(10)
        _, reasons = await outcomes(caller.connect(minted.token) for minted in tokens)
        assert reasons == {Reason.RUNTIME_NOT_CONFIGURED: 10}
        await nothing_taken(caller)
