"""A backup that is made under load, restored into an empty store: all that was acknowledged before it is there.

What began after it is not; what overlapped it may be; and whatever is there is whole, by the same checker that
judges faults. A deployment that serves is not disturbed by its backup: no call fails.
"""

from __future__ import annotations

import contextlib
import time

import pytest

from conjure.administration import administration
from conjure.backup import restoring, saving
from conjure.settings import AuthSettings
from support.backups import settings_of
from support.chaos.checker import violations
from support.chaos.deployment import HOLD_S, LEASE_S, LIVE_CAP, MUCH, deployment
from support.chaos.faces import GrpcFace
from support.chaos.ledger import Fate, Ledger
from support.chaos.load import Load, world_of_rooms
from support.chaos.moment import as_of
from support.chaos.observe import Sampler, see
from support.chaos.report import ROWS, Row
from support.cluster import running_cluster
from support.cluster_load import app_on
from support.rpc import stubborn_client
from support.stack import agreed_on, running_server, running_store, store_settings
from support.until import until

pytestmark = pytest.mark.chaos

ENOUGH = 60
"""Acknowledged writes before a backup, and after it."""
ENVIRONMENT = {
    "CONJURE_SESSIONS_LEASE_S": str(LEASE_S),
    "CONJURE_WORLDS_HOLD_S": str(HOLD_S),
    "CONJURE_SERVER_DEADLINE_S": "5",
}


async def until_busy(*ledgers):
    """Returns when each has had a good number of writes acknowledged from now on."""
    now = time.monotonic()

    def is_busy():
        return all(
            sum(write.begun > now for write in ledger.of("write", Fate.DONE)) >= ENOUGH
            for ledger in ledgers
        )

    await until(is_busy)


async def backed_up(url, directory, *ledgers):
    """Makes a backup in the middle of a run; returns when it began and ended."""
    await until_busy(*ledgers)
    begun = time.monotonic()
    await saving.save(
        settings_of(url, directory / "assets"), directory / "backup", assets=True, tell=print
    )
    ended = time.monotonic()
    await until_busy(*ledgers)
    return begun, ended


@contextlib.asynccontextmanager
async def restored(directory):
    """A server and an administrative way in, on what was restored into an empty store."""
    async with running_store(directory / "restored") as (_, url):
        settings = settings_of(url, directory / "assets")
        await restoring.restore(settings, directory / "backup", assets=True, tell=print)
        async with (
            running_server(directory, url, ENVIRONMENT) as (_, port),
            administration(store_settings(url), AuthSettings()) as admin,
        ):
            yield port, admin


async def verdict(port, admin, app, day, ledger, moments, name):
    """What the checker says of a tenant as it was restored; and that it objects to what the backup cannot have."""
    sampler = Sampler(admin.store, app.tenant(), ledger, day)
    async with stubborn_client(port, app.secret) as caller:
        seen = await see(
            caller,
            admin.store,
            app.tenant(),
            sampler,
            live_cap=LIVE_CAP,
            lease_s=LEASE_S,
            hold_s=HOLD_S,
        )
    broken = violations(as_of(ledger, *moments), seen)
    ROWS.append(Row(name, ledger, [moments[1]], len(broken), agreed_on()["calls"]))
    assert not broken, "\n".join(broken[:20])
    told = violations(ledger, seen)
    assert any("an acknowledged write is lost" in text for text in told), "there was load after it"


async def test_a_backup_under_load_restores_all_that_was_acknowledged(tmp_path):
    async with deployment(tmp_path) as deployed:
        async with deployed.load():
            moments = await backed_up(deployed.store_url, tmp_path, deployed.ledger)
        broken = await deployed.violations()
        assert not broken, "\n".join(broken[:20])
        failures = deployed.ledger.failures()
        assert not failures, "\n".join(map(str, failures[:20]))
        day = await _day(deployed.ports[0], deployed.app)
    async with restored(tmp_path) as (port, admin):
        name = "a backup is made under load, and restored into an empty store"
        await verdict(port, admin, deployed.app, day, deployed.ledger, moments, name)


async def test_a_clusters_backup_under_load_restores_all_that_was_acknowledged(tmp_path):
    """A tenant on each master; restored into a single server."""
    async with contextlib.AsyncExitStack() as opened:
        cluster = await opened.enter_async_context(running_cluster(tmp_path / "cluster"))
        _, port = await opened.enter_async_context(
            running_server(
                tmp_path,
                cluster.url,
                ENVIRONMENT | {"CONJURE_ASSETS_URL": str(tmp_path / "assets")},
            )
        )
        admin = await opened.enter_async_context(
            administration(store_settings(cluster.url), AuthSettings())
        )
        apps, ledgers, loads = [], [], []
        for master in await cluster.masters():
            app = await app_on(admin, cluster, master)
            await app.set_caps(
                generation=MUCH, session=MUCH, session_seconds=MUCH, live_sessions=LIVE_CAP
            )
            caller = await opened.enter_async_context(stubborn_client(port, app.secret))
            worlds = [
                (await caller.create(world_of_rooms(f"common {n}"))).world_id for n in range(2)
            ]
            ledger = Ledger()
            apps.append(app)
            ledgers.append(ledger)
            loads.append(Load([GrpcFace(caller, ledger)], worlds, ledger, callers=4))
        day = await _day(port, apps[0])
        async with contextlib.AsyncExitStack() as running:
            for load in loads:
                await running.enter_async_context(load.running())
            moments = await backed_up(cluster.url, tmp_path, *ledgers)
        for ledger in ledgers:
            failures = ledger.failures()
            assert not failures, "\n".join(map(str, failures[:20]))
    async with restored(tmp_path) as (port, admin):
        for number, (app, ledger) in enumerate(zip(apps, ledgers, strict=True), 1):
            name = f"a cluster's backup is made under load, tenant {number} of 3, and restored into one server"
            await verdict(port, admin, app, day, ledger, moments, name)


async def _day(port, app):
    async with stubborn_client(port, app.secret) as caller:
        return (await caller.get_usage()).day
