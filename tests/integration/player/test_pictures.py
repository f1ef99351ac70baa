"""Pictures of states over gRPC: drawn once, remembered by their world, and gone with it (CONTRACT 6.3)."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
import redis

from conjure.assets.collector import Collector
from conjure.assets.names import object_name
from conjure.assets.store import AssetStore
from conjure.core.errors import Reason
from conjure.core.ids import new_id
from conjure.providers.objects import FolderObjects
from conjure.settings import Settings
from conjure.store import keyspace
from load.meters import monitored, round_trips
from support.assets import is_asset_url, sha256_of
from support.plays import new_play, played_world
from support.rpc import Client, refused
from support.talks import character_world

if TYPE_CHECKING:
    import grpc.aio

    from conjure.core.caller import Tenant
    from support.stack import Stack, TestApp

SETTINGS = Settings.from_environment().assets


@pytest.fixture
def client(server_channel: grpc.aio.Channel, app: TestApp) -> Client:
    return Client(server_channel, app.secret)


@pytest.fixture
def objects() -> FolderObjects:
    assert SETTINGS.folder is not None
    return FolderObjects(SETTINGS.folder, timeout_s=5.0, concurrent=8)


@pytest.fixture
def collector(stack: Stack, objects: FolderObjects) -> Collector:
    """One for which everything is old at once."""
    settings = replace(SETTINGS, grace_s=-1.0, unnamed_s=-1.0)
    return Collector(AssetStore(stack.admin.store), objects, settings)


async def remembered(stack: Stack, tenant: Tenant, world_id: str) -> dict[bytes, bytes]:
    flat = await stack.admin.store.read("HGETALL", keyspace.pictures(tenant, world_id))
    return dict(zip(flat[::2], flat[1::2], strict=True))


async def test_a_state_is_drawn_once_for_all(client: Client) -> None:
    """Whoever plays it gets the same picture, at no cost where no model draws."""
    play = await new_play(client)
    first, *others = await asyncio.gather(*(play.picture() for _ in range(8)))
    assert is_asset_url(first.url)
    assert first.mime_type == "image/svg+xml"
    assert all(other == first for other in others)
    other = await new_play(client, world_id=play.world_id)
    assert await other.picture() == first
    states = ("hall", "cellar", "out", "lost")
    # Two states with the same words, one of them a win: another light.
    assert len({(await play.picture(state)).url for state in states}) == 4
    assert await client.used("image") == 0


async def test_what_is_drawn_is_what_a_state_says_now(client: Client) -> None:
    """Other prose is another picture; an edit of anything else is none."""
    play = await new_play(client)
    before = await play.picture()
    await client.apply_ops(play.world_id, {"op": "update_state", "id": "cellar", "base": "Water."})
    assert await play.picture() == before
    prose = {"base": "A hall that is under water."}
    await client.apply_ops(play.world_id, {"op": "update_state", "id": "hall", "patch": prose})
    assert await play.picture() != before
    await client.apply_ops(play.world_id, {"op": "add_state", "id": "new", "base": "A new room."})
    assert (await play.picture("new")).url


async def test_a_stance_of_a_character_is_a_state(client: Client) -> None:
    play = await new_play(client, character_world())
    assert len({(await play.picture(state)).url for state in ("calm", "glad")}) == 2


@pytest.mark.parametrize("state", ["", "x" * 257, "hall\0"])
async def test_what_is_no_name_of_a_state(client: Client, state: str) -> None:
    play = await new_play(client)
    await refused(play.picture(state), Reason.INVALID_FIELD)


async def test_who_is_refused(client: Client) -> None:
    """A revoked session, a state that is not there, a world that is gone."""
    play = await new_play(client)
    await play.picture()
    await refused(play.picture("attic"), Reason.NOT_FOUND)
    revoked = await new_play(client, world_id=play.world_id)
    await client.end(revoked.jti, revoke=True)
    await refused(revoked.picture(), Reason.INVALID_CREDENTIAL)
    await client.delete_world(play.world_id)
    await refused(play.picture(), Reason.NOT_FOUND)


async def test_the_world_names_its_pictures(
    stack: Stack, client: Client, app: TestApp, collector: Collector, objects: FolderObjects
) -> None:
    """They are kept as long as it is there, and go with it; a fork begins without."""
    tenant, store = app.tenant(), stack.admin.store
    play = await new_play(client, played_world(name=new_id()))
    sha256 = sha256_of((await play.picture()).url)
    fork = (await client.fork(play.world_id)).world_id
    assert await remembered(stack, tenant, fork) == {}
    assert await collector.look(sha256) is not None
    assert await objects.get(object_name(sha256, "svg")) is not None
    await client.delete_world(play.world_id)
    left = [
        key for key in keyspace.of_world(tenant, play.world_id) if await store.read("EXISTS", key)
    ]
    assert left == []
    assert await collector.look(sha256) is None
    assert await objects.get(object_name(sha256, "svg")) is None


async def test_an_earlier_release_deletes_the_world(
    stack: Stack, client: Client, app: TestApp, collector: Collector
) -> None:
    """It does not know of pictures: the look at an asset finds what it has left."""
    tenant = app.tenant()
    play = await new_play(client, played_world(name=new_id()))
    sha256 = sha256_of((await play.picture()).url)
    for key in keyspace.of_world(tenant, play.world_id):
        if key != keyspace.pictures(tenant, play.world_id):
            await stack.admin.store.write("DEL", key)
    await collector.look(sha256)
    assert await remembered(stack, tenant, play.world_id) == {}


async def test_what_is_remembered_may_be_of_another_release(
    stack: Stack, client: Client, app: TestApp
) -> None:
    """What cannot be read is drawn anew."""
    tenant = app.tenant()
    play = await new_play(client, played_world(name="Another"))
    drawn = await play.picture()
    (name,) = await remembered(stack, tenant, play.world_id)
    key = keyspace.pictures(tenant, play.world_id)
    await stack.admin.store.write("HSET", key, name, "{}")
    assert await play.picture() == drawn
    assert (await remembered(stack, tenant, play.world_id))[name].endswith(b".svg")


async def test_what_is_known_is_one_round_trip(stack: Stack, client: Client) -> None:
    """Each scene of each player asks: neither a picture that is remembered nor an answer takes more."""
    if "," in stack.store_url:
        pytest.skip("NOT TESTED on a cluster: MONITOR tells of one server")
    play = await new_play(client)
    await play.picture()
    with contextlib.closing(redis.Redis.from_url(stack.store_url, decode_responses=True)) as store:

        async def asked() -> None:
            await play.picture()
            await play.ask("What happened to the reactor?")

        lines = await monitored(store, asked())
    assert round_trips(line for line in lines if play.world_id in line) == 2
