"""Whatever happens to sessions, in whatever order: as many events as ends (CONTRACT 6.2, 8).

A model counts the ends of each token from what was answered: an end that ended something, and a lease that was over
when nobody had ended it. The events are counted in the store.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from conjure.core.errors import InvalidCredential
from conjure.core.ids import new_id
from conjure.sessions.finder import LapseFinder
from conjure.sessions.store import Admission, Lapsed, Waiting
from conjure.store import keyspace
from conjure.store.client import Store
from support.ended import LEASE_S, Sessions
from support.leases import lease_record, pass_time
from support.stack import patient_store_settings

if TYPE_CHECKING:
    from conjure.core.caller import SessionCaller

WHAT = ["connect"] * 6 + ["crash"] * 3 + ["settle", "withdraw", "withdraw"] + ["end"] * 3 + ["repeat", "revoke", "look", "look", "place is lost"]  # fmt: skip
STEPS = st.lists(
    st.tuples(st.sampled_from(WHAT), st.integers(0, 1), st.sampled_from([0, 0, 0, 3, 9, 12, 21, 27, 33, 48])),
    min_size=1,
    max_size=30,
)  # fmt: skip


@dataclass
class Token:
    """What the model knows of one."""

    caller: SessionCaller
    live_until: float = 0  # ms; 0: there is no session whose end is still to come
    asked: tuple[str, Admission] | None = None
    end_op: str = ""
    ends: int = 0

    def run_out(self) -> None:
        """A lease that is over has ended its session."""
        if self.live_until and self.live_until <= time.time() * 1000:
            self.live_until = 0
            self.ends += 1


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
@example(steps=[("crash", 0, 33), ("settle", 0, 0)])  # by then it has run out
@example(steps=[("crash", 0, 33), ("revoke", 0, 0)])
@example(steps=[("connect", 0, 27), ("crash", 0, 12), ("settle", 0, 0)])
async def test_as_many_events_as_ends(quiet_store, steps):
    how = patient_store_settings(quiet_store)
    async with Store(how) as store:
        one = await Sessions.opened(store, is_cluster=how.cluster)
        tokens = [Token(one.caller()) for _ in range(2)]
        for what, number, seconds in steps:
            await act(one, tokens[number], what)
            if seconds:
                await let_pass(one, tokens, seconds)
        await let_pass(one, tokens, 3 * LEASE_S)
        await look(one)
        await one.finder.visit([one.tenant])  # what has no place
        for token in tokens:
            token.run_out()
        told = Counter(await one.told())
        assert told == Counter({token.caller.jti: token.ends for token in tokens}), steps
        assert await one.left() == (0, 0)
        charged = 0
        for token in tokens:
            record = await lease_record(store, one.tenant, token.caller.jti)
            charged += int(record.get("charged", 0))
        used = await store.read("HGET", keyspace.usage(one.tenant), "session_seconds")
        assert int(used or 0) == charged


async def let_pass(one: Sessions, tokens: list[Token], seconds: int) -> None:
    await pass_time(one.store, one.tenant, seconds, *(token.caller.jti for token in tokens))
    for token in tokens:
        if token.live_until:
            token.live_until -= seconds * 1000


async def look(one: Sessions) -> None:
    await asyncio.gather(*(LapseFinder(one.store, one.endings).look() for _ in range(2)))


async def act(one: Sessions, token: Token, what: str) -> None:
    session = token.caller
    match what:
        case "connect" | "crash":
            await connect(one, token, is_settled=what == "connect")
        case "settle":
            if token.asked is not None:
                op, admission = token.asked
                settled = await one.settle(session, op, admission)
                if settled:
                    await is_live(one, token)
                elif settled is not None:
                    await one.sessions.withdraw(session, op, placed=admission)
                token.asked = None
        case "withdraw":
            if token.asked is not None:
                op, admission = token.asked
                await one.sessions.withdraw(session, op, placed=admission)
                token.asked = None
        case "end" | "revoke" | "repeat":
            op = token.end_op if what == "repeat" and token.end_op else new_id()
            revoke_s = 3600 if what == "revoke" else 0
            ended = await one.endings.end(one.tenant, session.jti, op, revoke_s=revoke_s)
            if ended is not None and ended.was_live and op != token.end_op:
                token.ends += 1
                token.live_until, token.end_op = 0, op
        case "place is lost":
            await one.store.write("ZREM", keyspace.places(), f"{one.tenant.tag}:{session.jti}")
        case _:
            await look(one)


async def connect(one: Sessions, token: Token, *, is_settled: bool) -> None:
    op = new_id()
    try:
        found = await one.admit(token.caller, op)
        while isinstance(found, Lapsed):
            await one.endings.lapse_first(one.tenant, token.caller.jti)
            found = await one.admit(token.caller, op)
    except InvalidCredential:
        return
    if isinstance(found, Waiting):
        return
    token.run_out()
    token.asked = None
    if not found.must_settle:
        return
    if not is_settled:
        token.asked = op, found
    elif await one.settle(token.caller, op, found):
        await is_live(one, token)


async def is_live(one: Sessions, token: Token) -> None:
    record = await lease_record(one.store, one.tenant, token.caller.jti)
    token.live_until = int(record["end"])
