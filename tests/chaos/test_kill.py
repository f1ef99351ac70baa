"""The store freezes, stays frozen, or refuses: each single call is told the truth, in time.

What holds for many callers at once is in test_faults_*.py.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time

import pytest

from conjure.administration import administration
from conjure.core.errors import Reason
from conjure.settings import AuthSettings, StoreSettings
from support.revs import number
from support.rpc import outcomes, stubborn_client
from support.stack import new_app, running_server, running_store
from support.until import until

LEASE_S = 3
HOLD_S = 4
SHORT = {
    "CONJURE_SERVER_DEADLINE_S": "3",
    "CONJURE_STORE_TIMEOUT_S": "1",
    "CONJURE_WORLDS_HOLD_S": str(HOLD_S),
    "CONJURE_SESSIONS_LEASE_S": str(LEASE_S),
}


@contextlib.asynccontextmanager
async def deployment(directory, environment=SHORT):
    """A store and a server that may be hurt, an app, and a client of it."""
    async with (
        running_store(directory / "store") as (store, url),
        running_server(directory, url, environment) as (server, port),
        administration(StoreSettings(url=url), AuthSettings()) as admin,
    ):
        app = await new_app(admin)
        much = 1_000_000
        await app.set_caps(generation=much, session=much, session_seconds=much, live_sessions=much)
        async with stubborn_client(port, app.secret) as caller:
            yield store, server, admin, app, caller


async def until_it_serves(caller) -> None:
    """Waits until the server and its store answer again; changes nothing."""

    async def serves() -> bool:
        answers, _ = await tried(caller.list_worlds())
        return bool(answers)

    await until(serves)


async def tried(call):
    try:
        return [await call], None
    except Exception as error:  # noqa: BLE001 - whatever it is, it is not an answer
        return [], error


async def test_a_store_that_freezes_doubles_nothing(tmp_path):
    """Everything is asked for again under its request id, and happens once."""
    patient = SHORT | {
        "CONJURE_SERVER_DEADLINE_S": "60",
        "CONJURE_STORE_RECOVERY_S": "30",
        "CONJURE_WORLDS_HOLD_S": "70",
        "CONJURE_SESSIONS_LEASE_S": "300",
    }
    async with deployment(tmp_path, patient) as (store, _, _, _, caller):
        world_id = await caller.new_world()
        tokens = await caller.new_tokens(7, world_id)
        begun = time.monotonic()
        # Each script is known to the store before it freezes: else it would run none of the first tries.
        await caller.connect(tokens[-2].token)
        await caller.end(tokens[-2].jti)
        await caller.set_entrance(world_id, "hall")
        await caller.connect(tokens[-1].token)
        before = dict((await caller.get_usage()).usage)
        os.kill(store.pid, signal.SIGSTOP)
        try:
            calls = asyncio.gather(
                outcomes(caller.set_entrance(world_id, "cellar") for _ in range(6)),
                outcomes(caller.create(idempotency_key=f"k{n}") for n in range(6)),
                outcomes(caller.mint(world_id) for _ in range(6)),
                outcomes(caller.connect(minted.token) for minted in tokens[:3]),
                outcomes([caller.end(tokens[-1].jti)]),
            )
            await asyncio.sleep(3)
        finally:
            os.kill(store.pid, signal.SIGCONT)
        writes, creates, mints, connects, ends = await calls
        for answers, reasons in (writes, creates, mints, connects, ends):
            assert answers, "a store that is back within the recovery time is waited for"
            assert not reasons
        usage = (await caller.get_usage()).usage
        assert usage["generation"] - before["generation"] == 6
        assert usage["session"] - before["session"] == 6
        assert len((await caller.list_worlds(limit=100)).worlds) == 7
        assert sorted(number(a.result.rev) for a in writes[0]) == [3, 4, 5, 6, 7, 8]
        assert number((await caller.scene(world_id)).rev) == 8
        refunded = ends[0][0].refunded_seconds
        assert 300 - (time.monotonic() - begun) - 1 <= refunded <= 300
        assert usage["session_seconds"] - before["session_seconds"] == 3 * 300 - refunded
        assert len(await caller.live()) == 3


@pytest.mark.chaos
async def test_a_store_that_stays_frozen_is_a_clean_failure_in_time(tmp_path):
    """No caller waits longer than the server's deadline says, and each is told the truth."""
    async with deployment(tmp_path) as (store, _, _, _, caller):
        world_id = await caller.new_world()
        (minted,) = await caller.new_tokens(1, world_id)
        os.kill(store.pid, signal.SIGSTOP)
        try:
            calls = {
                "write": caller.set_entrance(world_id, "cellar"),
                "create": caller.create(),
                "mint": caller.mint(world_id),
                "connect": caller.connect(minted.token),
                "read": caller.scene(world_id),
            }
            # While the store is frozen: whoever waited for it would be told of the caller's own deadline.
            done = await asyncio.gather(*(outcomes([call]) for call in calls.values()))
        finally:
            os.kill(store.pid, signal.SIGCONT)
        for kind, (answers, reasons) in zip(calls, done, strict=True):
            assert not answers
            assert set(reasons) <= {
                Reason.STORE_UNAVAILABLE, Reason.OUTCOME_UNKNOWN, Reason.DEADLINE_EXCEEDED
            }  # fmt: skip
            if kind == "read":
                assert reasons == {Reason.STORE_UNAVAILABLE: 1}, "a failed read is no mystery"


@pytest.mark.parametrize("trouble", ["full", "replica"])
async def test_a_store_that_refuses_writes_is_503_and_reads_go_on(tmp_path, trouble):
    """Out of memory, or demoted by a failover: it did nothing, and it may recover (CONTRACT 0)."""
    async with deployment(tmp_path) as (_, _, admin, _, caller):
        world_id = await caller.new_world()
        (minted,) = await caller.new_tokens(1, world_id)
        if trouble == "full":
            ill, well = ("CONFIG", "SET", "maxmemory", 1), ("CONFIG", "SET", "maxmemory", 0)
        else:
            ill, well = ("REPLICAOF", "127.0.0.1", 1), ("REPLICAOF", "NO", "ONE")
        await admin.store.write(*ill)
        try:
            assert (await caller.scene(world_id)).rev == "1"
            for call in (
                caller.set_entrance(world_id, "cellar"),
                caller.create(),
                caller.mint(world_id),
                caller.connect(minted.token),
            ):
                answers, reasons = await outcomes([call])
                assert not answers
                assert reasons == {Reason.STORE_UNAVAILABLE: 1}
        finally:
            await admin.store.write(*well)
        assert number((await caller.set_entrance(world_id, "cellar")).result.rev) == 2
        await caller.connect(minted.token)
