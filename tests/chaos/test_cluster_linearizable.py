"""A master of a cluster dies, or freezes and wakes replaced, under sixteen callers whose histories are judged.

Writes are acknowledged once a replica has them, so what was acknowledged has an explanation whoever is master.
Reads do not wait: those of what died with its master are left out (`history.worlds`), and nothing else is.
"""

from __future__ import annotations

import contextlib
import time

import pytest

from conjure.administration import administration
from conjure.settings import AuthSettings
from conjure.store import keyspace
from support.chaos import history
from support.chaos.endpoint import Endpoint
from support.chaos.faces import GrpcFace
from support.chaos.judgement import JUDGE, judge
from support.chaos.ledger import Fate, Ledger
from support.chaos.load import JUDGED_MIX, ROOMS, Load, world_of_rooms
from support.chaos.observe import listed_names
from support.chaos.report import ROWS, Row
from support.chaos.work import until_quiet
from support.cluster_load import app_on
from support.programs import go_built, needed
from support.receiver import Receiver
from support.rpc import stubborn_client
from support.stack import agreed_on, running_server, store_settings
from support.until import until

pytestmark = pytest.mark.chaos

CALLERS, CAP, LEASE_S = 16, 8, 5
ENOUGH = 150
ENVIRONMENT = {
    "CONJURE_QUEUE_LEASE_S": "3",
    "CONJURE_QUEUE_SWEEP_S": "2",
    "CONJURE_SERVER_DEADLINE_S": "14",
    "CONJURE_SESSIONS_LEASE_S": str(LEASE_S),
    "CONJURE_CAPS_GENERATION": "1000000",
    "CONJURE_CAPS_SESSION": "1000000",
    "CONJURE_CAPS_SESSION_SECONDS": "1000000",
    "CONJURE_CAPS_LIVE_SESSIONS": str(CAP),
}
MIX = JUDGED_MIX | {"job": 5}


@pytest.fixture(scope="module", autouse=True)
def judge_is_built():
    with needed():
        go_built(JUDGE)


@pytest.mark.parametrize(
    "fault", ["killed", "killed, and its successor", "frozen until it is replaced"]
)
async def test_a_master_is_lost(whole, tmp_path, fault):
    victim = (await whole.masters())[0]
    ledger = Ledger()
    hurt: list[float] = []
    async with contextlib.AsyncExitStack() as opened:
        receiver = await opened.enter_async_context(Receiver())
        _, port = await opened.enter_async_context(running_server(tmp_path, whole.url, ENVIRONMENT))
        admin = await opened.enter_async_context(
            administration(store_settings(whole.url), AuthSettings())
        )
        app = await app_on(admin, whole, victim)
        endpoint = await Endpoint.registered(admin.store, app.id, receiver)
        caller = await opened.enter_async_context(stubborn_client(port, app.secret))
        worlds = [(await caller.create(world_of_rooms(f"common {n}"))).world_id for n in range(3)]

        async def until_busy():
            since = time.monotonic()
            await until(
                lambda: (
                    sum(a.begun >= since and a.fate is Fate.DONE for a in ledger.attempts) >= ENOUGH
                )
            )

        async with Load(
            [GrpcFace(caller, ledger)], worlds, ledger, callers=CALLERS, mix=MIX
        ).running():
            await until_busy()
            if fault.startswith("frozen"):
                hurt.append(time.monotonic())
                with victim.frozen():
                    await until_busy()
                hurt.append(time.monotonic())
                await until_busy()
            for _ in range(0 if fault.startswith("frozen") else 1 + ("successor" in fault)):
                hurt.append(time.monotonic())
                await victim.kill()
                await until_busy()
                await victim.start()
                await whole.until_whole()
                victim = await whole.master_of(keyspace.usage(app.tenant()))
        await whole.until_whole(replicas=1)
        await until_quiet(admin.store, app.tenant())
        operations = [
            *history.worlds(ledger, ROOMS[0], hurt=hurt),
            *history.sessions(ledger, cap=CAP, lease_s=LEASE_S, is_split=True),
            *history.keys(ledger, await listed_names(caller), endpoint.events()),
        ]
    name = f"linearizable on a cluster: a master is {fault}"
    judgement = await judge(operations, name)
    left_out = len(history.worlds(ledger, ROOMS[0])) - len(
        [one for one in operations if one["model"] == "world"]
    )
    print(*judgement.verdicts, f"left out: {left_out} reads and 409s", sep="\n")  # noqa: T201 - with -s it measures
    broken = [*judgement.violations(), *judgement.undecided()]
    ROWS.append(Row(name, ledger, hurt, len(broken), agreed_on()["calls"], judgement))
    assert not broken, "\n".join(broken)
    assert ledger.failures(), "it was felt"
    assert {verdict.model for verdict in judgement.verdicts} == {"world", "sessions", "keys"}
