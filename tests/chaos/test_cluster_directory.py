"""A server is killed between a world's own step and that of the directory of public worlds.

On a cluster they are on two servers, so the second can be held up alone: its writes are paused, and what a dead
client had asked for meanwhile is never done.
"""

from __future__ import annotations

import asyncio
import os
import signal

import grpc.aio
import pytest

from conjure.administration import administration
from conjure.core.errors import Reason
from conjure.run.ports import wait_for_port
from conjure.settings import AuthSettings
from conjure.store import keyspace
from support.cluster import running_cluster
from support.cluster_load import app_on
from support.rpc import client, refused
from support.stack import new_app, running_server, store_settings

pytestmark = pytest.mark.chaos


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory):
    async with running_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.mark.parametrize("change", ["publish", "hide", "delete"])
async def test_a_kill_between_the_two_steps_is_repaired_by_reads(cluster, tmp_path, change):
    async with (
        running_server(tmp_path, cluster.url) as (server, port),
        administration(store_settings(cluster.url), AuthSettings()) as admin,
    ):
        (master, *_) = await cluster.masters()
        app, other = await app_on(admin, cluster, master), await new_app(admin)
        async with client(port, app.secret) as owner:
            world_id = await world_elsewhere(owner, cluster, master)
            if change != "publish":
                await owner.describe(world_id, visibility="public")
            key = keyspace.world(app.tenant(), world_id)
            before = await admin.store.read("HGET", key, "visibility_seq")
            directory = await cluster.master_of(keyspace.public_world(world_id))
            await directory.ask("CLIENT", "PAUSE", 20_000, "WRITE")
            try:
                call = asyncio.ensure_future(ask(owner, world_id, change))
                await has_changed(admin.store, key, before)
                await asyncio.sleep(0.2)
                assert not call.done(), "it waits for its second step"
                os.kill(server.pid, signal.SIGKILL)
                with pytest.raises(grpc.aio.AioRpcError):
                    await call
                await asyncio.sleep(0.2)  # the store hears of it
            finally:
                await directory.ask("CLIENT", "UNPAUSE")

        entry = await admin.store.read("GET", keyspace.public_world(world_id))
        assert (entry is None) == (change == "publish"), "the second step was not taken"
        await wait_for_port(port)
        async with client(port, app.secret) as owner, client(port, other.secret) as stranger:
            await refused(stranger.world(world_id), Reason.NOT_FOUND)
            if change == "publish":
                await owner.world(world_id)
                assert (await stranger.world(world_id)).world.visibility == "public"
            else:
                assert await admin.store.read("GET", keyspace.public_world(world_id)) is None


async def has_changed(store, key, before) -> None:
    """Returns once a world has another visibility than it had, or is gone."""
    async with asyncio.timeout(5):
        while True:
            if await store.read("HGET", key, "visibility_seq") != before:
                return
            await asyncio.sleep(0.02)


async def world_elsewhere(owner, cluster, tenant_master) -> str:
    """A world whose directory entry is on another server than itself."""
    while True:
        world_id = await owner.new_world()
        if await cluster.master_of(keyspace.public_world(world_id)) is not tenant_master:
            return str(world_id)


def ask(owner, world_id, change):
    if change == "delete":
        return owner.delete_world(world_id)
    return owner.describe(world_id, visibility="public" if change == "publish" else "private")
