"""Admission: no cap is ever exceeded, nothing is charged twice, and what ends is given back (CONTRACT 6.2)."""

from __future__ import annotations

import asyncio
import time
from functools import partial

import grpc
import jwt
import pytest

from conjure.core.errors import Reason
from support.leases import pass_time
from support.rpc import Client, client, outcomes, refused
from support.stack import running_server
from support.until import until

CAP = 20  # live sessions of an app, by default
LEASE_S = 300


def player_of(answer):
    """The session that a runtime token belongs to."""
    return jwt.decode(answer.reactor_jwt, options={"verify_signature": False})["jti"]


@pytest.fixture
async def direct(server_channel, app):
    await app.set_caps(session=10_000, session_seconds=1_000_000)
    return Client(server_channel, app.secret)


class Elapsed:
    """Seconds since it was made, rounded up as the server rounds: what a session may have lasted at most."""

    def __init__(self) -> None:
        self._begun = time.monotonic()

    @property
    def most(self) -> int:
        return int(time.monotonic() - self._begun) + 2  # the store's clock tells whole milliseconds


@pytest.fixture(scope="module")
async def short_server(stack, tmp_path_factory):
    """A server whose leases last a second."""
    environment = {"CONJURE_SESSIONS_LEASE_S": "1"}
    directory = tmp_path_factory.mktemp("short")
    async with running_server(directory, stack.store_url, environment) as (_, port):
        yield port


async def test_two_hundred_at_once_fill_exactly_the_cap_and_again_after_they_ended(direct):
    """Also when some of those who get in the second time continue a session that was ended."""
    tokens = await direct.new_tokens(200)
    spent: dict[str, int] = {}
    for _ in range(2):
        elapsed = Elapsed()
        admitted, reasons = await outcomes(direct.connect(minted.token) for minted in tokens)
        assert len(admitted) == CAP
        assert reasons == {Reason.SESSION_CAPACITY: 200 - CAP}
        live = await direct.live()
        assert {session.charged_seconds for session in live.values()} == {LEASE_S}
        assert {player_of(answer) for answer in admitted} == set(live)
        charged = spent | {jti: session.charged_seconds for jti, session in live.items()}
        assert await direct.used("session_seconds") == sum(charged.values())
        ended = await asyncio.gather(*(direct.end(jti) for jti in live))
        assert not await direct.live()
        least = LEASE_S - elapsed.most
        assert all(least <= item.refunded_seconds <= LEASE_S for item in ended)
        spent |= {item.session.jti: item.session.charged_seconds for item in ended}
        assert await direct.used("session_seconds") == sum(spent.values())
    assert await direct.used("session") == 200


async def test_a_refusal_says_when_to_come_back(direct, app):
    await app.set_caps(live_sessions=1)
    one, two = await direct.new_tokens(2)
    elapsed = Elapsed()
    await direct.connect(one.token)
    refusal = await refused(direct.connect(two.token), Reason.SESSION_CAPACITY)
    assert refusal.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert LEASE_S - elapsed.most <= int(refusal.trailers["retry-after"]) <= LEASE_S


async def test_the_cap_is_exact_over_two_servers(stack, direct, second_server):
    tokens = await direct.new_tokens(200)
    async with client(second_server, direct.key) as other:
        admitted, reasons = await outcomes(
            (direct, other)[number % 2].connect(minted.token)
            for number, minted in enumerate(tokens)
        )
        assert len(admitted) == CAP
        assert reasons == {Reason.SESSION_CAPACITY: 200 - CAP}
        assert await other.live() == await direct.live()
    assert await direct.used("session_seconds") == CAP * LEASE_S


async def test_one_token_fifty_times_at_once_is_one_slot_and_one_lease(direct, app, second_server):
    """A page that reloads like mad, on two servers, with a cap of one."""
    await app.set_caps(live_sessions=1)
    (minted,) = await direct.new_tokens(1)
    elapsed = Elapsed()
    async with client(second_server, direct.key) as other:
        answers, reasons = await outcomes(
            (direct, other)[number % 2].connect(minted.token) for number in range(50)
        )
    assert not reasons
    assert len({answer.world.json for answer in answers}) == 1
    assert list(await direct.live()) == [minted.jti]
    assert LEASE_S <= await direct.used("session_seconds") <= LEASE_S + elapsed.most


async def test_a_renewal_in_the_last_third_charges_only_the_extra_seconds(stack, app, direct):
    (minted,) = await direct.new_tokens(1)
    elapsed = Elapsed()
    await direct.connect(minted.token)
    await pass_time(stack.admin.store, app.tenant(), 210, minted.jti)
    answer = await direct.connect(minted.token)
    assert LEASE_S - elapsed.most <= answer.expires_in <= LEASE_S
    used = await direct.used("session_seconds")
    assert LEASE_S + 210 <= used <= LEASE_S + 210 + elapsed.most
    (session,) = (await direct.live()).values()
    assert session.charged_seconds == used
    ended = await direct.end(minted.jti)
    assert 210 < ended.session.charged_seconds <= 210 + elapsed.most
    assert await direct.used("session_seconds") == ended.session.charged_seconds


async def test_a_session_ends_once(direct):
    """Twenty callers end one session: one is told of the refund, and it happens once (CONTRACT 6.3)."""
    (minted,) = await direct.new_tokens(1)
    elapsed = Elapsed()
    await direct.connect(minted.token)
    ended, reasons = await outcomes(direct.end(minted.jti) for _ in range(20))
    assert not reasons
    assert sorted(answer.refunded_seconds > 0 for answer in ended) == [False] * 19 + [True]
    assert len({answer.session.charged_seconds for answer in ended}) == 1
    assert 0 <= await direct.used("session_seconds") <= elapsed.most


async def test_a_token_of_a_session_that_ended_continues_it(direct):
    (minted,) = await direct.new_tokens(1)
    begun = Elapsed()
    for _ in range(3):
        elapsed = Elapsed()
        await direct.connect(minted.token)
        assert list(await direct.live()) == [minted.jti]
        assert (await direct.end(minted.jti)).refunded_seconds >= LEASE_S - elapsed.most
    assert 0 <= await direct.used("session_seconds") <= begun.most


async def test_exhausted_minutes_refuse_and_charge_nothing(direct, app):
    await app.set_caps(session_seconds=3 * LEASE_S + LEASE_S // 2)
    tokens = await direct.new_tokens(50)
    admitted, reasons = await outcomes(direct.connect(minted.token) for minted in tokens)
    assert len(admitted) == 3
    assert reasons == {Reason.SESSION_MINUTES_EXHAUSTED: 47}, "three sessions are no full house"
    assert await direct.used("session_seconds") == 3 * LEASE_S
    assert len(await direct.live()) == 3
    paid = {player_of(answer) for answer in admitted}
    unpaid = next(minted for minted in tokens if minted.jti not in paid)
    refusal = await refused(direct.connect(unpaid.token), Reason.SESSION_MINUTES_EXHAUSTED)
    assert refusal.code is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert refusal.error.http_status == 402


async def test_a_reload_of_a_paid_session_works_when_the_minutes_are_exhausted(direct, app):
    await app.set_caps(session_seconds=LEASE_S)
    one, two = await direct.new_tokens(2)
    await direct.connect(one.token)
    (before,) = (await direct.live()).values()
    await asyncio.sleep(1.1)
    for _ in range(3):
        await direct.connect(one.token)
    (after,) = (await direct.live()).values()
    assert await direct.used("session_seconds") == LEASE_S
    assert after.end_time == before.end_time
    await refused(direct.connect(two.token), Reason.SESSION_MINUTES_EXHAUSTED)


async def test_a_lease_that_ends_by_its_time_frees_the_slot(app, short_server):
    """Nobody has to end anything; the seconds stay charged, they were held."""
    await app.set_caps(live_sessions=3)
    async with client(short_server, app.secret) as caller:
        tokens = await caller.new_tokens(6)
        for batch in (tokens[:3], tokens[3:]):
            admitted, reasons = await outcomes(caller.connect(minted.token) for minted in batch)
            assert (len(admitted), dict(reasons)) == (3, {})
            await until(partial(nobody_is_live, caller))
            assert (await caller.end(batch[0].jti)).refunded_seconds == 0
        assert await caller.used("session_seconds") == 6


async def nobody_is_live(caller) -> bool:
    return not await caller.live()


async def test_a_live_key_and_a_test_key_have_a_cap_each(direct, app, server_channel):
    """Modes are walls (CONTRACT 0.1)."""
    await app.set_caps(live_sessions=1)
    await app.set_caps("live", live_sessions=1)
    live_mode = Client(server_channel, app.live_secret)
    (one,), (two,) = await direct.new_tokens(1), await live_mode.new_tokens(1)
    await direct.connect(one.token)
    await live_mode.connect(two.token)
    assert list(await direct.live()) == [one.jti]
    assert list(await live_mode.live()) == [two.jti]
    await refused(direct.end(two.jti), Reason.NOT_FOUND)


async def test_callers_that_go_away_leave_at_most_a_clean_lease(direct):
    """Cancelled at any moment: a slot is either given back or listed, charged, and can be ended."""
    tokens = await direct.new_tokens(CAP)
    for delay_ms in (0, 1, 2, 4, 8):
        calls = [direct.connect(minted.token) for minted in tokens]
        await asyncio.sleep(delay_ms / 1000)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

    async def what_is_charged_is_listed() -> bool:
        """The server may still be giving back what a caller left behind."""
        live = await direct.live()
        charged = sum(session.charged_seconds for session in live.values())
        return await direct.used("session_seconds") == charged

    await until(what_is_charged_is_listed)
    await asyncio.gather(*(direct.end(jti) for jti in await direct.live()))
    answers, reasons = await outcomes(direct.connect(minted.token) for minted in tokens)
    assert len(answers) == CAP
    assert not reasons


async def test_a_token_of_a_world_that_is_not_there_is_not_admitted(direct, other_app):
    """A forged tenant cannot be named; a world of another app cannot be minted for."""
    (minted,) = await direct.new_tokens(1)
    body = minted.token.split(".")
    await refused(direct.connect(f"{body[0]}.{body[1]}.AAAA"), Reason.INVALID_CREDENTIAL)
    direct.key = other_app.secret
    await refused(direct.mint(minted.world_id), Reason.NOT_FOUND)
