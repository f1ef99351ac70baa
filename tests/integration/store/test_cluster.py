"""A master dies under load, and a slot moves: the short part of tests/chaos/test_cluster_*.py."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace

import pytest

from conjure.core.errors import OutcomeUnknown
from conjure.store.client import Store
from conjure.store.topology import slot_of
from conjure.v1 import system_service_pb2 as system_pb
from support.cluster import QUICK_MS, running_cluster
from support.cluster_load import loaded
from support.stack import store_settings


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory):
    async with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture
async def store(cluster):
    async with Store(store_settings(cluster.url)) as opened:
        yield opened


async def test_a_slot_that_moves_is_followed_key_by_key(cluster, store):
    """MIGRATING here, IMPORTING there: each key is where it was until it was moved, and is always found."""
    keys = [f"{{moving}}:{n}" for n in range(4)]
    slot = slot_of(keys[0])
    for key in keys:
        await store.write("SET", key, key)
    source = await cluster.master_of(keys[0])
    target = next(server for server in await cluster.masters() if server is not source)
    await target.ask("CLUSTER", "SETSLOT", slot, "IMPORTING", source.id)
    await source.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id)
    await source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 1000, "KEYS", *keys[:2])
    assert await asyncio.gather(*(store.read("GET", key) for key in keys)) == [
        key.encode() for key in keys
    ]
    # One that was moved, one that was not, and a new one, which is made where the slot goes.
    for key in (keys[0], keys[3], "{moving}:new"):
        await store.write("SET", key, "changed")
        assert await store.read("GET", key) == b"changed"
    assert "{moving}:new" in await target.ask("CLUSTER", "GETKEYSINSLOT", slot, 100)

    left = await source.ask("CLUSTER", "GETKEYSINSLOT", slot, 100)
    await source.ask("MIGRATE", "127.0.0.1", target.port, "", 0, 1000, "KEYS", *left)
    for server in (target, source):
        await server.ask("CLUSTER", "SETSLOT", slot, "NODE", target.id)
    assert await store.read("GET", keys[2]) == keys[2].encode()
    await store.write("SET", keys[2], "and on")
    assert await store.read("GET", keys[2]) == b"and on"
    assert await cluster.master_of(keys[2]) is target


async def test_what_no_replica_has_is_not_acknowledged_to_anybody(cluster):
    """Nor to one who asks again, on a connection that has written nothing, and finds it done."""
    hasty = replace(store_settings(cluster.url), wait_timeout_s=1.0, failover_s=3.0)
    replicas = await cluster.replicas_of(await cluster.master_of("k"))
    async with Store(hasty) as first, Store(hasty) as second:
        await asyncio.gather(first.write("SET", "k", 1), second.write("SET", "k", 1))
        with contextlib.ExitStack() as frozen:
            for replica in replicas:
                frozen.enter_context(replica.frozen())
            with pytest.raises(OutcomeUnknown):
                await first.write("SET", "k", 2)
            assert await second.read("GET", "k") == b"2", "reads do not wait"
            with pytest.raises(OutcomeUnknown):
                await second.write("SET", "k", 2, "NX")
        assert await second.write("SET", "k", 2, "NX") is None


async def test_a_master_that_is_killed_takes_nothing_with_it(tmp_path):
    async with running_cluster(tmp_path / "cluster", node_timeout_ms=QUICK_MS) as cluster:
        victim, other, _ = await cluster.masters()
        async with loaded(tmp_path, cluster, [victim, other]) as load:
            hurt, well = load.tenants
            async with load.running():
                await load.until_busy()
                await victim.kill()
                health = await well.client.system.GetHealth(system_pb.GetHealthRequest())
                assert health.status == "ok", "most of the store is there"
                await hurt.until_answered()
                await load.until_busy()
            await load.check()
            assert hurt.refused, "it was felt"
