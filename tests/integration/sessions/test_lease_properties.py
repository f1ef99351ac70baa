"""Whatever connects, ends, fails and leaves, in whatever order and at once: what a token has paid bounds what it
may play, and counts are exact (CONTRACT 6.2, 6.3).

Two servers' worth of leases share the store; the runtime is a server that answers, refuses, dawdles or gives less
than it was asked for. Time passes by moving the records back (support/leases.py).

*Authorised* is here the time in which some credential of a token was or will be good, each moment once: a
credential plays one session. Two may overlap, as a page changes over; that they are never more than two, and
that a second comes only in the last third of the first, is held by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from conjure.core.caller import SessionCaller
from conjure.core.cleanup import Cleanup
from conjure.core.errors import (
    AppError,
    InvalidCredential,
    RuntimeUnavailable,
    SessionCapacity,
    SessionMinutesExhausted,
)
from conjure.core.ids import new_id
from conjure.providers.runtime import LocalRuntime, ReactorRuntime
from conjure.sessions.leases import Leases
from conjure.sessions.store import SessionStore
from conjure.sessions.tokens import SessionTokens
from conjure.settings import CapSettings, RuntimeSettings, SessionSettings
from conjure.store import keyspace
from conjure.store.client import Store
from support.leases import lease_record, pass_time
from support.reactor import Reactor, a_new_token, after, answers
from support.stack import new_app, store_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

LEASE_S = 30
LIVE_CAP = 2
MINUTES_S = 400
TOKENS = 3
SLACK_S = 2.0  # whole seconds in claims and charges, and what the machine takes

EXPECTED = (InvalidCredential, RuntimeUnavailable, SessionCapacity, SessionMinutesExhausted)


async def a_short_token(request: Any) -> bytes:
    """A token for less time than was asked for."""
    less = {"expires_after": max(2, request.json["expires_after"] // 3)}
    return await a_new_token(type("Less", (), {"json": less})())


RUNTIME = {
    "gives": a_new_token,
    "gives less": a_short_token,
    "dawdles": after(0.03, a_new_token),
    "refuses": answers(500, b""),
    "dawdles and refuses": after(0.03, answers(503, b"")),
}


@dataclass(frozen=True)
class Given:
    """A credential and its life, in ms of the time that the test lets pass."""

    begin_ms: int
    end_ms: int
    jwt: str


@dataclass
class World:
    """All of one example."""

    store: Store
    tenant: Any
    stores: list[SessionStore]
    runtimes: list[Any]
    callers: list[SessionCaller]
    given: dict[str, dict[str, Given]] = field(default_factory=lambda: defaultdict(dict))
    passed_ms: int = 0
    revoked: set[str] = field(default_factory=set)

    def now_ms(self) -> int:
        return int(time.time() * 1000) + self.passed_ms

    def note(self, lease: Any, jwt: str, ends_at_s: int | None) -> None:
        begin = lease.ends_at_ms - lease.seconds * 1000
        end = min(lease.ends_at_ms, (ends_at_s or 0) * 1000 or lease.ends_at_ms)
        found = Given(begin + self.passed_ms, end + self.passed_ms, jwt)
        # Of a runtime that asks nobody the same lease is the same text; after a move it is another.
        known = next(
            (
                one
                for one in self.given[lease.jti].values()
                if abs(one.begin_ms - found.begin_ms) < 1000
                and abs(one.end_ms - found.end_ms) < 1000
            ),
            None,
        )
        if isinstance(self.runtimes[0], LocalRuntime) and known is not None:
            found = known
        self.given[lease.jti][jwt] = found


ACTIONS = st.tuples(
    st.sampled_from(
        ["connect"] * 6 + ["end"] * 3 + ["end session", "revoke", "leave", "leave", "crash"]
    ),
    st.integers(0, 1),
    st.integers(0, TOKENS - 1),
)
STEPS = st.lists(
    st.tuples(
        st.lists(ACTIONS, min_size=1, max_size=6),
        st.sampled_from([*["gives"] * 5, *RUNTIME]),
        st.sampled_from([0, 0, 1, 4, 9, 11, 19, 21, 25, 29, 31, 45]),
        st.sampled_from([None, None, None, 0, 3, 8]),  # seconds that are left of the day
    ),
    min_size=1,
    max_size=14,
)


@pytest.fixture(scope="module")
async def endpoint():
    async with Reactor() as reactor:
        yield reactor


@pytest.fixture(params=["reactor", "local"])
def kind(request) -> str:
    return request.param


@contextlib.asynccontextmanager
async def world_of(stack, endpoint, kind) -> AsyncIterator[World]:
    app = await new_app(stack.admin)
    tenant, world_id = app.tenant(), new_id()
    await app.set_caps(live_sessions=LIVE_CAP, session_seconds=MINUTES_S)
    await stack.admin.store.write("HSET", keyspace.world(tenant, world_id), "rev", "1", "doc", "{}")
    how = store_settings(stack.store_url)
    ends = int(time.time()) + 3600
    callers = [SessionCaller(tenant, world_id, new_id(), "p", ends) for _ in range(TOKENS)]
    async with contextlib.AsyncExitStack() as opened:
        stores, runtimes = [], []
        world = World(stack.admin.store, tenant, stores, runtimes, callers)
        for _ in range(2):
            store = await opened.enter_async_context(Store(how))
            stores.append(
                SessionStore(
                    store, CapSettings(), SessionSettings(lease_s=LEASE_S, global_live_sessions=10_000),
                    is_cluster=how.cluster, idempotency_s=60,
                )
            )  # fmt: skip
            if kind == "local":
                keys = stack.admin.signing_keys
                tokens = SessionTokens(SessionSettings(), keys)
                runtimes.append(NotingLocal(world, tokens.sign, keys.kid_at, issuer="conjure"))
            else:
                reached = RuntimeSettings(
                    reactor_url=f"http://127.0.0.1:{endpoint.port}",
                    reactor_api_key="k", reactor_model="m", timeout_s=30,
                )  # fmt: skip
                runtimes.append(await opened.enter_async_context(NotingReactor(world, reached)))
        yield world


class NotingLocal(LocalRuntime):
    """Notes what it gives, and to whom."""

    def __init__(self, world: World, *how: Any, **more: Any) -> None:
        super().__init__(*how, **more)
        self._world = world

    async def token(self, lease: Any) -> Any:
        token = await super().token(lease)
        self._world.note(lease, token.jwt, token.expires_at_s)
        return token


class NotingReactor(ReactorRuntime):
    """The same for the one that is asked."""

    def __init__(self, world: World, *how: Any) -> None:
        super().__init__(*how)
        self._world = world

    async def token(self, lease: Any) -> Any:
        token = await super().token(lease)
        self._world.note(lease, token.jwt, token.expires_at_s)
        return token


async def connect(world: World, leases: Leases, session: SessionCaller) -> None:
    """As SessionService does it."""
    op = new_id()
    was_revoked = session.jti in world.revoked
    try:
        admission = await leases.admit(session, op, known_rev="1")
    except EXPECTED:
        return
    except BaseException:
        await leases.withdraw(session, op)
        raise
    assert not was_revoked
    try:
        token = await leases.credential(session, admission, op)
    except EXPECTED:
        return
    given = world.given[session.jti][token.jwt]
    assert given.end_ms > world.now_ms() - 1000 * SLACK_S, "it was handed out when it was over"


async def act(world: World, leases: list[Leases], action: tuple[str, int, int]) -> None:
    what, at, number = action
    session = world.callers[number]
    store = world.stores[at]
    match what:
        case "connect":
            await connect(world, leases[at], session)
        case "leave":
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.003):
                    await connect(world, leases[at], session)
        case "crash":  # between admission and everything else
            hold_ms = leases[at]._hold_ms
            with contextlib.suppress(AppError):
                await store.admit(
                    session,
                    new_id(),
                    known_rev="1",
                    hold_ms=min(hold_ms, 50),
                    is_stored=hold_ms > 0,
                )
        case _:
            revoke_s = 3600 if what == "revoke" else 0
            await store.end(world.tenant, session.jti, new_id(), revoke_s=revoke_s)
            if revoke_s:
                world.revoked.add(session.jti)


async def used(world: World) -> int:
    """The seconds of the day."""
    return int(await world.store.read("HGET", keyspace.usage(world.tenant), "session_seconds") or 0)


async def check(world: World) -> None:
    """Everything that must hold when nothing is under way."""
    now = int(time.time() * 1000)
    records = {
        caller.jti: await lease_record(world.store, world.tenant, caller.jti)
        for caller in world.callers
    }
    seconds = await used(world)
    charged = {jti: int(record.get("charged", 0)) for jti, record in records.items()}
    assert seconds == sum(charged.values()), (seconds, charged)
    cap = await world.store.read("HGET", keyspace.caps(world.tenant), "session_seconds")
    assert 0 <= seconds <= int(cap)
    for record in records.values():
        assert int(record.get("charged", 0)) >= int(record.get("today", 0)) >= 0, record
    live = {jti for jti, record in records.items() if int(record.get("end", 0)) > now}
    assert len(live) <= LIVE_CAP
    assert live == await _counted(world, keyspace.leases(world.tenant), now)
    mine = f"{world.tenant.tag}:"
    places = await _counted(world, keyspace.places(), now)
    placed = {name.removeprefix(mine) for name in places if name.startswith(mine)}
    # On a cluster one that crashed before it had its place is live, and nobody plays by it.
    crashed = {jti for jti, record in records.items() if int(record.get("asking_until", 0)) > 0}
    least = live - crashed if world.stores[0].is_split else live
    assert least - _just_ending(records, now) <= placed <= live | _just_ending(records, now)
    for jti in records:
        _check_credentials(world, jti, charged[jti], is_live=jti in live)


def _just_ending(records: dict[str, dict[str, str]], now: int) -> set[str]:
    return {jti for jti, record in records.items() if abs(int(record.get("end", 0)) - now) < 1000}


async def _counted(world: World, key: str, now: int) -> set[str]:
    found = await world.store.read("ZRANGEBYSCORE", key, now, "+inf")
    return {item.decode() for item in found}


def _check_credentials(world: World, jti: str, charged_s: int, *, is_live: bool) -> None:
    credentials = sorted(set(world.given[jti].values()), key=lambda one: one.begin_ms)
    credentials = list({(one.begin_ms, one.end_ms): one for one in credentials}.values())
    authorised = _union_ms(credentials) / 1000
    assert authorised <= charged_s + LEASE_S + SLACK_S, (authorised, charged_s, credentials)
    if is_live:  # what has been played is paid
        now = world.now_ms()
        past = [Given(one.begin_ms, min(one.end_ms, now), "") for one in credentials]
        played = _union_ms([one for one in past if one.end_ms > one.begin_ms]) / 1000
        assert played <= charged_s + SLACK_S, (played, charged_s, credentials)
    for number, one in enumerate(credentials):
        good = [
            other for other in credentials[: number + 1]
            if other.begin_ms <= one.begin_ms < other.end_ms
        ]  # fmt: skip
        assert len(good) <= 2, credentials
        if number and len(good) == 2:
            before = good[0]
            third = (before.end_ms - before.begin_ms) / 3
            assert one.begin_ms >= before.end_ms - third - 1000 * SLACK_S, credentials


def _union_ms(spans: list[Given]) -> int:
    total, reached = 0, 0
    for one in sorted(spans, key=lambda one: one.begin_ms):
        total += max(0, one.end_ms - max(one.begin_ms, reached))
        reached = max(reached, one.end_ms)
    return total


@settings(
    max_examples=60,
    deadline=None,
    # An example that fails takes seconds: made shorter it would take an hour.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
async def test_any_interleaving_keeps_counts_exact_and_play_paid(stack, endpoint, kind, steps):
    day = int(time.time() // 86_400)
    endpoint.reset()
    async with world_of(stack, endpoint, kind) as world:
        for actions, runtime, seconds, left in steps:
            endpoint.answer = RUNTIME[runtime]
            cap = MINUTES_S if left is None else min(MINUTES_S, await used(world) + left)
            await stack.admin.apps.set_caps(world.tenant, {"session_seconds": cap})
            async with Cleanup(last_wait_s=60) as cleanup:  # waits for what goes on
                leases = [
                    Leases(store, runtime, cleanup)
                    for store, runtime in zip(world.stores, world.runtimes, strict=True)
                ]
                await asyncio.gather(*(act(world, leases, action) for action in actions))
            if time.time() // 86_400 != day:
                return  # at midnight usage begins anew
            await check(world)
            if seconds:
                await pass_time(
                    world.store, world.tenant, seconds, *(caller.jti for caller in world.callers)
                )
                world.passed_ms += seconds * 1000
                await check(world)
