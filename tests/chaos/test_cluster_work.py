"""A master of a cluster dies, or freezes and wakes replaced, under jobs, sessions and their events."""

from __future__ import annotations

import asyncio
import contextlib
import time

import pytest

from conjure.administration import administration
from conjure.settings import AuthSettings
from conjure.store import keyspace
from support.chaos.endpoint import WEBHOOKS, Endpoint, failing_at_random
from support.chaos.faces import GrpcFace
from support.chaos.ledger import Fate, Ledger
from support.chaos.load import Load, world_of_rooms
from support.chaos.observe import count_live, listed_names
from support.chaos.report import ROWS, Row
from support.chaos.work import see_work, until_quiet, work_violations
from support.cluster_load import app_on
from support.receiver import Receiver
from support.rpc import stubborn_client
from support.stack import agreed_on, running_server, store_settings
from support.until import until

pytestmark = pytest.mark.chaos

LEASE_S, HOLD_S = 5, 16
FOUND_S = 10
"""For what has run out while a master was away; else it takes 5 s at most."""
ENVIRONMENT = WEBHOOKS | {
    "CONJURE_QUEUE_LEASE_S": "3",
    "CONJURE_QUEUE_SWEEP_S": "2",
    "CONJURE_SERVER_DEADLINE_S": "14",
    "CONJURE_SESSIONS_LEASE_S": str(LEASE_S),
    "CONJURE_WORLDS_HOLD_S": str(HOLD_S),
    "CONJURE_CAPS_GENERATION": "1000000",
    "CONJURE_CAPS_SESSION": "1000000",
    "CONJURE_CAPS_SESSION_SECONDS": "1000000",
    "CONJURE_CAPS_LIVE_SESSIONS": "1000",
}
MIX = {"write": 10, "job": 50, "play": 40}
ENOUGH = 40


@pytest.mark.parametrize("fault", ["killed", "frozen until it is replaced"])
async def test_a_master_is_lost_under_jobs_and_deliveries(whole, tmp_path, fault):
    victim = (await whole.masters())[0]
    ledger = Ledger()
    async with contextlib.AsyncExitStack() as opened:
        receiver = await opened.enter_async_context(Receiver())
        _, port = await opened.enter_async_context(running_server(tmp_path, whole.url, ENVIRONMENT))
        admin = await opened.enter_async_context(
            administration(store_settings(whole.url), AuthSettings())
        )
        app = await app_on(admin, whole, victim)
        endpoint = await Endpoint.registered(admin.store, app.id, receiver)
        receiver.script(endpoint.path, failing_at_random())
        caller = await opened.enter_async_context(stubborn_client(port, app.secret))
        world_id = (await caller.create(world_of_rooms("common"))).world_id

        def acknowledged(since: float) -> int:
            return sum(job.begun >= since for job in ledger.of("job", Fate.DONE))

        async with Load(
            [GrpcFace(caller, ledger)], [world_id], ledger, callers=8, mix=MIX
        ).running():
            await until(lambda: acknowledged(0.0) >= ENOUGH)
            hurt = time.monotonic()
            if fault == "killed":
                await victim.kill()
                await until(lambda: acknowledged(hurt) >= ENOUGH)
            else:
                with victim.frozen():
                    await until(lambda: acknowledged(hurt) >= ENOUGH)
                woken = time.monotonic()
                await until(lambda: acknowledged(woken) >= ENOUGH)
        await _check(whole, admin.store, app, caller, ledger, endpoint, hurt, fault)


async def _check(cluster, store, app, caller, ledger, endpoint, hurt, fault):
    await cluster.until_whole(replicas=1)
    await asyncio.sleep(LEASE_S + FOUND_S)
    tenant = app.tenant()
    await until_quiet(store, tenant)

    async def nothing_is_held() -> bool:
        return await count_live(store, keyspace.holds(tenant, "generation")) == 0

    await until(nothing_is_held)
    # SCAN of a cluster is of one server: whichever has the tenant now.
    master = await cluster.master_of(keyspace.usage(tenant))
    leases = await master.ask("KEYS", keyspace.lease(tenant, "*"))
    charged = {key.rpartition(":")[2]: await master.ask("HGET", key, "charged") for key in leases}
    worlds = await listed_names(caller)
    seen = await see_work(
        caller, ledger, endpoint, worlds=worlds,
        charged={jti: int(seconds) for jti, seconds in charged.items() if seconds is not None},
        left=await master.ask("KEYS", f"t:{{{tenant.tag}}}:queue*"),
    )  # fmt: skip
    broken = work_violations(ledger, seen)
    used = (await caller.get_usage()).usage["generation"]
    if used != len(worlds):
        broken.append(f"{len(worlds)} worlds, but {used} generations charged")
    name = f"jobs and webhooks on a cluster: a master is {fault}"
    ROWS.append(Row(name, ledger, [hurt], len(broken), agreed_on()["calls"]))
    assert not broken, "\n".join(broken[:20])
    assert seen.charged, "sessions were begun"
