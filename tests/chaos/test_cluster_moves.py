"""A tenant's slot is moved to another server while the tenant works."""

from __future__ import annotations

import asyncio

import pytest
from redis.exceptions import ResponseError

from conjure.store import keyspace
from conjure.store.topology import slot_of
from support.cluster import QUICK_MS, running_cluster
from support.cluster_load import loaded
from support.until import LIMIT_S

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory):
    directory = tmp_path_factory.mktemp("cluster")
    async with running_cluster(directory, node_timeout_ms=QUICK_MS) as running:
        yield running


async def move_key_by_key(slot, source, target, others):
    """As `valkey-cli --cluster reshard` does it."""
    await target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
    await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
    while keys := await source.ask("CLUSTER", "GETKEYSINSLOT", slot, 10):
        await source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 5000, "KEYS", *keys)
    for server in (target, source, *others):
        await server.ask("CLUSTER", "SETSLOT", slot, "NODE", target.id)


async def move_at_once(slot, source, target, others):
    """Valkey 9: all of it in one step."""
    await source.ask("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", slot, slot, "NODE", target.id)
    async with asyncio.timeout(LIMIT_S):
        while True:
            jobs = str(await source.ask("CLUSTER", "GETSLOTMIGRATIONS"))
            if "success" in jobs:
                return
            assert "failed" not in jobs, jobs
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("move", [move_key_by_key, move_at_once])
async def test_a_tenant_moves_under_load(cluster, tmp_path, move):
    source, target, other = await cluster.masters()
    async with loaded(tmp_path, cluster, [source, target]) as load:
        tenant = load.tenants[0]
        slot = slot_of(keyspace.usage(tenant.app.tenant()))
        async with load.running():
            await load.until_busy()
            try:
                await move(slot, source, target, [other])
            except ResponseError as error:
                if "unknown subcommand" not in str(error).lower():
                    raise
                pytest.skip("this store moves slots key by key only")
            await tenant.until_answered()
            await load.until_busy()
        assert await cluster.master_of(keyspace.usage(tenant.app.tenant())) is target
        await load.check()
        assert not load.tenants[1].refused.keys() - {"SESSION_CAPACITY"}, "the others felt nothing"
        print(f"longest silence {tenant.longest_silence_s:.2f} s; refusals: {tenant.refused}")  # noqa: T201 - with -s it measures
