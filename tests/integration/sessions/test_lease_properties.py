"""Whatever connects, ends, fails and leaves, in whatever order and at once: what a token has paid bounds what it
may play, and counts are exact (CONTRACT 6.2, 6.3).

Two processes share the store, and are killed now and then in the middle of what they do (support/lease_process.py).
The runtime is a server that answers, refuses, dawdles or gives less than it was asked for. Time passes by moving the
records back (support/leases.py).

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
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st

from conjure.core.caller import SessionCaller
from conjure.core.ids import new_id
from conjure.store import keyspace
from support.lease_process import HOLD_MS, Dropped, LeaseProcess, Made, Place
from support.leases import lease_record, pass_time
from support.reactor import Reactor, a_new_token, after, answers
from support.stack import new_app, patient_store_settings, store_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.store.client import Store

LEASE_S = 30
LIVE_CAP = 2
MINUTES_S = 400
TOKENS = 3
SLACK_S = 2.0  # whole seconds in claims and charges, and what the machine takes


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
TOO_SLOW = {"takes longer than an asker may": after(1.5 * HOLD_MS / 1000, a_new_token)}
"""Another one asks meanwhile, and what the first is given is dropped. On a busy machine each of them is such."""


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
    is_split: bool
    is_local: bool
    callers: list[SessionCaller]
    given: dict[str, dict[str, Given]] = field(default_factory=lambda: defaultdict(dict))
    handed: set[str] = field(default_factory=set)
    makers: dict[str, LeaseProcess] = field(default_factory=dict)
    lost: dict[str, Given] = field(default_factory=dict)
    passed_ms: int = 0
    revoked: set[str] = field(default_factory=set)

    def now_ms(self) -> int:
        return int(time.time() * 1000) + self.passed_ms

    def note(self, maker: LeaseProcess, made: Made) -> None:
        """A runtime has given a process a credential."""
        found = Given(made.begin_ms + self.passed_ms, made.end_ms + self.passed_ms, made.jwt)
        # Of a runtime that asks nobody the same lease is the same text; after a move it is another.
        known = next(
            (
                one
                for one in self.given[made.jti].values()
                if abs(one.begin_ms - found.begin_ms) < 1000
                and abs(one.end_ms - found.end_ms) < 1000
            ),
            None,
        )
        self.given[made.jti][made.jwt] = known if self.is_local and known is not None else found
        self.makers[made.jwt] = maker

    def hand(self, jti: str, jwt: str) -> Given:
        """A caller has it: also one that was stored before the process died that had asked for it."""
        if jwt in self.lost:
            self.given[jti][jwt] = self.lost.pop(jwt)
        self.handed.add(jwt)
        return self.given[jti][jwt]

    def drop(self, dropped: Dropped) -> None:
        """Nobody has what a process was given too late."""
        self.given[dropped.jti].pop(dropped.jwt, None)

    def lose(self, killed: LeaseProcess) -> None:
        """Nobody has what a process was given that was killed before it handed it out."""
        for known in self.given.values():
            for jwt in list(known):
                if self.makers[jwt] is killed and jwt not in self.handed:
                    self.lost[jwt] = known.pop(jwt)


WHAT = ["connect"] * 6 + ["end"] * 3 + ["end session", "revoke", "track", "leave", "leave", "crash", "kill"]  # fmt: skip
ACTIONS = st.tuples(
    st.sampled_from(WHAT),
    st.integers(0, 1),
    st.integers(0, TOKENS - 1),
    st.sampled_from([0, 0, 0.001, 0.003, 0.008]),  # seconds before it
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


@pytest.fixture(scope="module", params=["reactor", "local"])
def kind(request) -> str:
    return request.param


class Pair:
    """Two processes, which go on from example to example."""

    def __init__(self, place: Place) -> None:
        self.world: World | None = None
        self.processes = [LeaseProcess(place, self._made, self._dropped) for _ in range(2)]

    def _made(self, maker: LeaseProcess, made: Made) -> None:
        assert self.world is not None
        self.world.note(maker, made)

    def _dropped(self, dropped: Dropped) -> None:
        assert self.world is not None
        self.world.drop(dropped)


@pytest.fixture(scope="module")
async def pair(stack, endpoint, kind):
    port = endpoint.port if kind == "reactor" else None
    pair = Pair(Place(patient_store_settings(stack.store_url), LEASE_S, port))
    yield pair
    for process in pair.processes:
        process.close()


@contextlib.asynccontextmanager
async def world_of(stack, pair, kind) -> AsyncIterator[World]:
    app = await new_app(stack.admin)
    tenant, world_id = app.tenant(), new_id()
    await app.set_caps(live_sessions=LIVE_CAP, session_seconds=MINUTES_S)
    await stack.admin.store.write("HSET", keyspace.world(tenant, world_id), "rev", "1", "doc", "{}")
    ends = int(time.time()) + 3600
    callers = [SessionCaller(tenant, world_id, new_id(), "p", ends) for _ in range(TOKENS)]
    is_split = store_settings(stack.store_url).cluster
    pair.world = World(stack.admin.store, tenant, is_split, kind == "local", callers)
    yield pair.world


async def act(
    world: World, processes: list[LeaseProcess], action: tuple[str, int, int, float]
) -> None:
    what, at, number, after_s = action
    session, process = world.callers[number], processes[at]
    await asyncio.sleep(after_s)
    match what:
        case "connect" | "leave":
            was_revoked = session.jti in world.revoked
            jwt = await process.ask(what, session)
            if jwt is not None:
                assert not was_revoked
                ends_ms = world.hand(session.jti, jwt).end_ms
                assert ends_ms > world.now_ms() - 1000 * SLACK_S, (
                    "it was handed out when it was over"
                )
        case "kill":
            await process.kill()
            world.lose(process)
        case "crash" | "track":
            await process.ask(what, session)
        case _:
            await process.ask("end", session, 3600 if what == "revoke" else 0)
            # Of one that was killed nobody knows whether it has.
            if what == "revoke" and await is_revoked(world, session.jti):
                world.revoked.add(session.jti)


async def is_revoked(world: World, jti: str) -> bool:
    return "revoked" in await lease_record(world.store, world.tenant, jti)


async def used(world: World) -> int:
    """The seconds of the day."""
    return int(await world.store.read("HGET", keyspace.usage(world.tenant), "session_seconds") or 0)


async def check(world: World) -> None:
    """Everything that must hold when nothing is under way."""
    await used(world)  # a round trip: by then the store has read what killed processes had sent
    now = int(time.time() * 1000)
    seconds, before = await used(world), None
    while seconds != before:  # the stack's server takes back what crashed, when that has run out
        before = seconds
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
    least = live - crashed if world.is_split else live
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
    max_examples=40,
    deadline=None,
    # An example that fails takes seconds: made shorter it would take an hour.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
@example([([("connect", 0, 0, 0), ("connect", 1, 0, 0.001)], *TOO_SLOW, 0, None)])
async def test_any_interleaving_keeps_counts_exact_and_play_paid(
    stack, pair, endpoint, kind, steps
):
    day = int(time.time() // 86_400)
    endpoint.reset()
    async with world_of(stack, pair, kind) as world:
        for actions, runtime, seconds, left in steps:
            endpoint.answer = (RUNTIME | TOO_SLOW)[runtime]
            cap = MINUTES_S if left is None else min(MINUTES_S, await used(world) + left)
            await stack.admin.apps.set_caps(world.tenant, {"session_seconds": cap})
            await asyncio.gather(*(act(world, pair.processes, action) for action in actions))
            await asyncio.gather(*(process.ask("settle") for process in pair.processes))
            if time.time() // 86_400 != day:
                return  # at midnight usage begins anew
            await check(world)
            if seconds:
                await pass_time(
                    world.store, world.tenant, seconds, *(caller.jti for caller in world.callers)
                )
                world.passed_ms += seconds * 1000
                await check(world)
