"""Reconnects step by step: who may ask, what is told to whom waits, and what a lost step leaves (CONTRACT 6.2).

Each step is a script of the store, called here as two servers would.
"""

from __future__ import annotations

import dataclasses
import time

import jwt
import pytest

from conjure.administration import administration
from conjure.core.caller import SessionCaller
from conjure.core.errors import (
    InvalidCredential,
    RuntimeUnavailable,
    SessionCapacity,
)
from conjure.core.ids import new_id
from conjure.providers.runtime import LocalRuntime, RuntimeLease
from conjure.queue.directory import Directory
from conjure.sessions.endings import Endings
from conjure.sessions.store import Admission, SessionStore, Waiting
from conjure.sessions.tokens import SessionTokens
from conjure.settings import AuthSettings, CapSettings, SessionSettings
from conjure.store import keyspace
from conjure.store.client import Store
from support.leases import lease_record, pass_time
from support.rpc import Client
from support.stack import running_store, store_settings

LEASE_S = 300
HOLD_MS = 10_000
ASKED = {"hold_ms": HOLD_MS, "is_stored": True}
MADE = {"hold_ms": 0, "is_stored": False}


@pytest.fixture
async def direct(server_channel, app):
    return Client(server_channel, app.secret)


@pytest.fixture
async def session(direct, app):
    world_id = await direct.new_world()
    return SessionCaller(app.tenant(), world_id, new_id(), "p", int(time.time()) + 3600)


@pytest.fixture
async def leases(stack):
    how = store_settings(stack.store_url)
    async with Store(how) as store:
        yield SessionStore(
            store, CapSettings(), SessionSettings(), is_cluster=how.cluster, idempotency_s=60
        )


@pytest.fixture
def endings(stack, leases):
    return Endings(stack.admin.store, leases, Directory(stack.admin.store))


@pytest.fixture
def record(stack, session):
    async def read() -> dict[str, str]:
        return await lease_record(stack.admin.store, session.tenant, session.jti)

    return read


async def admitted(leases, session, op, **how):
    found = await leases.admit(session, op, known_rev="1", **how)
    assert isinstance(found, Admission)
    return found


async def settled(leases, session, op, admission, *, kept=b'{"jwt":"j","expires_at_s":1}'):
    return await leases.settle(
        session, op, admission, kept=kept, to_ms=admission.to_ms, exp_ms=admission.to_ms
    )


async def test_while_one_asks_all_others_wait_and_then_have_what_it_was_given(leases, session):
    first = await admitted(leases, session, "a", **ASKED)
    assert (first.is_fresh, first.must_settle, first.has_charged) == (True, True, True)
    waiting = await leases.admit(session, "b", known_rev="1", **ASKED)
    assert isinstance(waiting, Waiting)
    assert (waiting.asker, 0 < waiting.longest_ms <= HOLD_MS) == ("a", True)
    assert await settled(leases, session, "a", first)
    again = await admitted(leases, session, "b", waited_for="a", **ASKED)
    assert (again.is_fresh, again.must_settle, again.has_charged) == (False, False, False)
    assert again.kept == b'{"jwt":"j","expires_at_s":1}'
    assert (again.from_ms, again.to_ms) == (first.from_ms, first.to_ms)


async def test_each_step_may_be_repeated(leases, endings, session, direct, record):
    """The store's answer was lost, so it is asked again with the same op."""
    first = await admitted(leases, session, "a", **ASKED)
    again = await admitted(leases, session, "a", **ASKED)
    assert (again.from_ms, again.to_ms, again.is_fresh, again.must_settle) == (
        first.from_ms, first.to_ms, True, True,
    )  # fmt: skip
    for _ in range(2):
        assert await settled(leases, session, "a", first)
    before = await record()
    await leases.withdraw(session, "a", "runtime")  # it is settled
    assert await record() == before
    assert await direct.used("session_seconds") == LEASE_S
    ends = [await endings.end(session.tenant, session.jti, "e") for _ in range(2)]
    assert ends[0] == ends[1]
    assert ends[0].was_live
    assert await direct.used("session_seconds") == ends[0].lease.charged_s


async def test_those_who_wait_are_refused_with_the_asker_and_the_next_one_asks(
    leases, session, direct
):
    await admitted(leases, session, "a", **ASKED)
    for _ in range(2):
        await leases.withdraw(session, "a", "runtime")
    assert await direct.used("session_seconds") == 0
    assert not await direct.live()
    with pytest.raises(RuntimeUnavailable):
        await leases.admit(session, "b", known_rev="1", waited_for="a", **ASKED)
    assert (await admitted(leases, session, "c", **ASKED)).is_fresh
    await leases.withdraw(session, "c", "system")
    with pytest.raises(SessionCapacity):
        await leases.admit(session, "b", known_rev="1", waited_for="c", **ASKED)
    # One that gave up for reasons of its own says nothing of the runtime.
    await admitted(leases, session, "d", **ASKED)
    await leases.withdraw(session, "d")
    assert (await admitted(leases, session, "b", waited_for="d", **ASKED)).is_fresh


async def test_an_asker_that_never_came_back_is_replaced_and_its_answer_comes_too_late(
    leases, session, direct, stack
):
    crashed = await admitted(leases, session, "a", **ASKED)
    await pass_time(stack.admin.store, session.tenant, HOLD_MS / 1000 + 1, session.jti)
    second = await admitted(leases, session, "b", **ASKED)
    assert second.is_fresh
    assert await direct.used("session_seconds") == LEASE_S, "the crashed one's were given back"
    assert not await settled(leases, session, "a", crashed, kept=b"late")
    await leases.withdraw(session, "a")
    assert await settled(leases, session, "b", second)
    kept = await stack.admin.store.read("GET", keyspace.credential(session.tenant, session.jti))
    assert kept != b"late"
    assert await direct.used("session_seconds") == LEASE_S


async def test_an_asker_that_is_slow_but_alone_is_in_time(leases, session, stack):
    first = await admitted(leases, session, "a", **ASKED)
    await pass_time(stack.admin.store, session.tenant, HOLD_MS / 1000 + 1, session.jti)
    assert await settled(leases, session, "a", first)


async def test_what_was_asked_for_when_the_session_was_ended_continues_it(
    leases, endings, session, direct, stack
):
    first = await admitted(leases, session, "a", **ASKED)
    await endings.end(session.tenant, session.jti, "e")
    assert not await settled(leases, session, "a", first), "nobody is let in by it"
    assert isinstance(await leases.admit(session, "b", known_rev="1", **ASKED), Waiting)
    await leases.withdraw(session, "a", placed=first)
    assert not await direct.live()
    again = await leases.admit(session, "b", known_rev="1", **ASKED)
    assert isinstance(again, Admission)
    assert (again.is_fresh, again.has_charged, again.to_ms) == (False, True, first.to_ms)
    assert await direct.used("session_seconds") == LEASE_S


async def test_a_revoked_token_gets_nothing_and_what_was_asked_for_is_dropped(
    leases, endings, session, stack, direct
):
    first = await admitted(leases, session, "a", **ASKED)
    await endings.end(session.tenant, session.jti, "e", revoke_s=3600)
    assert not await settled(leases, session, "a", first)
    key = keyspace.credential(session.tenant, session.jti)
    assert not await stack.admin.store.read("EXISTS", key)
    for op in ("b", "c"):
        with pytest.raises(InvalidCredential):
            await leases.admit(session, op, known_rev="1", **ASKED)
    await leases.withdraw(session, "a")
    with pytest.raises(InvalidCredential):
        await leases.admit(session, "d", known_rev="1", **ASKED)
    assert not await direct.live()


async def test_an_admission_that_another_connect_plays_by_is_not_taken_back(
    leases, session, direct
):
    """Where nobody is asked: the first one's caller goes away after a second one was answered."""
    if leases.is_split:
        pytest.skip("there each admission is settled")
    await admitted(leases, session, "a", **MADE)
    again = await admitted(leases, session, "b", **MADE)
    assert not again.is_fresh
    await leases.withdraw(session, "a")
    assert list(await direct.live()) == [session.jti]
    assert await direct.used("session_seconds") == LEASE_S


async def test_an_admission_that_nobody_plays_by_is(leases, session, direct):
    if leases.is_split:
        pytest.skip("there each admission is settled")
    await admitted(leases, session, "a", **MADE)
    await admitted(leases, session, "a", **MADE)
    await leases.withdraw(session, "a")
    assert not await direct.live()
    assert await direct.used("session_seconds") == 0


async def test_a_credential_ends_with_its_lease_and_the_record_a_day_after_the_token(
    leases, session, stack
):
    first = await admitted(leases, session, "a", **ASKED)
    await settled(leases, session, "a", first)
    store = stack.admin.store
    key = keyspace.credential(session.tenant, session.jti)
    assert await store.read("PEXPIRETIME", key) == first.to_ms
    kept_until_ms = await store.read("PEXPIRETIME", keyspace.lease(session.tenant, session.jti))
    assert kept_until_ms == (session.expires_at_s + 86_400 + 60) * 1000


@pytest.mark.parametrize(("player", "bytes_at_most"), [("p", 600), ("p" * 256, 4_000)])
async def test_what_a_session_takes_in_the_store(
    leases, endings, session, stack, player, bytes_at_most
):
    """All that its record ever holds at once: ARCHITECTURE 1.7 has the number.

    Beyond 64 bytes a value makes it a table, of which the store may keep two while it grows.
    """
    session = dataclasses.replace(session, player=player)
    store, tenant, jti = stack.admin.store, session.tenant, session.jti
    await leases.admit(session, new_id(), known_rev="1", **ASKED)
    await endings.end(tenant, jti, new_id())
    for _ in range(3):
        await pass_time(store, tenant, 20, jti)
        await leases.admit(session, new_id(), known_rev="1", **MADE)
        await pass_time(store, tenant, 250, jti)
        await leases.track(tenant, jti, "r" * len(player))
        op = new_id()
        await leases.admit(session, op, known_rev="1", **MADE)
        await leases.withdraw(session, op, "runtime")
        await leases.admit(session, new_id(), known_rev="1", **MADE)
        size = await store.read("MEMORY", "USAGE", keyspace.lease(tenant, jti))
        assert size <= bytes_at_most, await lease_record(store, tenant, jti)


async def test_the_same_lease_is_the_same_token_when_another_key_signs_by_now(tmp_path):
    """`local` stores no credential: it makes the same again, also after a rotation."""
    async with (
        running_store(tmp_path) as (_, url),
        administration(store_settings(url), AuthSettings()) as admin,
    ):
        tokens = SessionTokens(SessionSettings(), admin.signing_keys)
        runtime, another_servers = (
            LocalRuntime(tokens.sign, admin.signing_keys.kid_at, issuer="conjure") for _ in range(2)
        )
        await admin.signing_keys.current()
        ends = int(time.time()) + LEASE_S
        lease = RuntimeLease(new_id(), new_id(), "p", ends_at_ms=ends * 1000, seconds=LEASE_S)
        first = await runtime.token(lease)
        made = await admin.signing_keys.rotate(ahead_s=1)
        after = RuntimeLease(
            lease.jti, lease.world_id, "p", ends_at_ms=(ends + 60) * 1000, seconds=LEASE_S
        )
        assert await runtime.token(lease) == first
        assert await another_servers.token(lease) == first
        renewed = await runtime.token(after)  # its lease begins when the new key signs
        assert jwt.get_unverified_header(renewed.jwt)["kid"] == made.kid
        assert jwt.get_unverified_header(first.jwt)["kid"] != made.kid
