"""What a backup brings back: every key of ours, on whatever the store is then, and directories that agree."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import stat
import time
from dataclasses import replace

import pytest
from redis.asyncio import Redis

from conjure.administration import administration
from conjure.backup import restoring, saving
from conjure.backup.archive import ASSET_LIST, ASSETS, write_manifest
from conjure.core.errors import Reason
from conjure.settings import AuthSettings
from conjure.store import keyspace
from conjure.store.topology import address_in
from support.backups import asked_at_once, contents, kept, settings_of
from support.cluster import running_cluster
from support.revs import number
from support.rpc import refused, stubborn_client
from support.stack import new_app, running_server, running_store, store_settings
from support.until import until


def quietly(_text):
    pass


async def backed_up(url, assets, directory):
    return await saving.save(settings_of(url, assets), directory, assets=True, tell=quietly)


async def restored(url, assets, directory):
    return await restoring.restore(settings_of(url, assets), directory, assets=True, tell=quietly)


async def assert_same(source_url, target_url):
    """Every key of ours that has not lapsed, its expiry included; directories that agree with it."""
    beyond_ms = int(time.time() * 1000) + 60_000
    before, after = await contents(source_url), await contents(target_url)
    expected, found = kept(before, beyond_ms=beyond_ms), kept(after, beyond_ms=beyond_ms)
    assert found.keys() == expected.keys()
    for key, value in expected.items():
        assert found[key] == value, key
    for directory in (keyspace.apps(), keyspace.places()):
        assert after[directory.encode()] == before[directory.encode()]
    for kind in ("jobs", "deliveries", "events", "forgetting"):
        lanes = members(before, keyspace.queue_directory(kind))
        assert members(after, keyspace.queue_directory(kind)) >= lanes
    public = {key: value for key, value in before.items() if key.startswith(b"public:")}
    assert public
    assert {key: value for key, value in after.items() if key.startswith(b"public:")} == public
    assert members(after, keyspace.assets_due()) == members(before, keyspace.assets_due())


def members(found, key):
    _, _, value = found.get(key.encode(), (b"zset", -1, []))
    return set(value[::2])


@contextlib.asynccontextmanager
async def empty_store(directory):
    async with running_store(directory) as (_, url):
        await asked_at_once(url)
        yield url


async def test_all_comes_back_on_another_server(source, tmp_path):
    saved = await backed_up(source.url, source.assets, tmp_path / "backup")
    assert saved.manifest.assets.count > 0
    for path in (tmp_path / "backup").rglob("*"):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path
    checked = await restoring.check(tmp_path / "backup", tell=quietly)
    async with empty_store(tmp_path / "store") as url:
        done = await restored(url, tmp_path / "assets", tmp_path / "backup")
        assert done.assets_put_back == saved.manifest.assets.count
        assert not done.assets_missing
        assert done.counts["keys"] <= checked.counts["keys"], "directories are made anew"
        assert (done.mended.keys_written, done.mended.keys_removed, done.mended.apps_listed) == (
            0,
            0,
            0,
        )
        await assert_same(source.url, url)
        environment = {"CONJURE_ASSETS_URL": str(tmp_path / "assets")}
        async with (
            running_server(tmp_path, url, environment) as (_, port),
            stubborn_client(port, source.app.secret) as caller,
            administration(store_settings(url), AuthSettings()) as admin,
            stubborn_client(port, (await new_app(admin)).secret) as stranger,
        ):
            before = (await caller.scene(source.public_id)).rev
            after = (await caller.set_entrance(source.public_id, "cellar")).result.rev
            assert number(after) == number(before) + 1
            assert (await stranger.world(source.public_id)).rev == after
            assert (await caller.world(source.world_id)).document.json
            assert len((await caller.live()).values()) >= 3


async def test_all_comes_back_on_a_cluster_and_from_there_on_one_server(source, tmp_path):
    await backed_up(source.url, source.assets, tmp_path / "first")
    async with running_cluster(tmp_path / "cluster") as cluster:
        await restored(cluster.url, tmp_path / "assets", tmp_path / "first")
        await assert_same(source.url, cluster.url)
        saved = await backed_up(cluster.url, tmp_path / "assets", tmp_path / "second")
        assert len(saved.manifest.nodes) == 3
        async with empty_store(tmp_path / "store") as url:
            done = await restored(url, tmp_path / "assets", tmp_path / "second")
            assert (done.mended.keys_written, done.mended.keys_removed) == (0, 0)
            await assert_same(source.url, url)
        master = await cluster.master_of(keyspace.usage(source.app.tenant()))
        slot = await master.ask("CLUSTER", "KEYSLOT", keyspace.usage(source.app.tenant()))
        other = next(one for one in await cluster.masters() if one is not master)
        await master.ask("CLUSTER", "SETSLOT", slot, "MIGRATING", other.id)
        told = []
        saving_again = asyncio.create_task(
            saving.save(
                settings_of(cluster.url, tmp_path / "assets"),
                tmp_path / "third",
                assets=False,
                tell=told.append,
            )
        )
        await until(lambda: any("begun again" in text for text in told))
        await master.ask("CLUSTER", "SETSLOT", slot, "STABLE")
        assert len((await saving_again).manifest.nodes) == 3


async def test_what_two_moments_disagree_on_is_made_to_agree(source, tmp_path):
    """As the snapshots of a cluster's masters may: each of these keys is in another slot than its cause."""
    first = await backed_up(source.url, source.assets, tmp_path / "first")
    async with empty_store(tmp_path / "torn") as torn, empty_store(tmp_path / "store") as url:
        await restored(torn, tmp_path / "assets", tmp_path / "first")
        async with administration(store_settings(torn), AuthSettings()) as admin:
            revoked = await admin.keys.create(source.app.id, kind="secret", mode="test")
            _, orphan = await admin.keys.create(source.app.id, kind="secret", mode="test")
            rows = await admin.keys.list(source.app.id)
        host, port = address_in(torn)
        async with Redis(host=host, port=port, decode_responses=True) as client:
            app_keys = await client.hgetall(keyspace.app_keys(source.app.id))
            # An app that has just made a key, of which calls know nothing yet.
            digest = app_keys[source.app.keys["secret"]]
            await client.delete(keyspace.api_key(digest))
            # A key that calls know, of an app that has not made it yet.
            (orphan_id,) = {row.id for row in rows} - {*source.app.keys.values(), revoked[0].id}
            await client.hdel(keyspace.app_keys(source.app.id), orphan_id)
            # One that the app knows to be revoked, and calls do not.
            await client.zadd(keyspace.app_revoked_keys(source.app.id), {revoked[0].id: 1})
            await client.delete(
                keyspace.public_world(source.public_id), keyspace.places(), keyspace.apps(),
                keyspace.user_apps("somebody"), keyspace.user_app_rows("somebody"),
                *[key async for key in client.scan_iter("asset:*")], keyspace.assets_due(),
            )  # fmt: skip
            await client.set(keyspace.public_world("gone"), source.app.tenant().tag)
        second = await backed_up(torn, tmp_path / "assets", tmp_path / "second")
        # Assets are listed after the snapshots, so the list knows those that were made in between.
        shutil.rmtree(tmp_path / "second" / ASSETS, ignore_errors=True)
        shutil.copytree(tmp_path / "first" / ASSETS, tmp_path / "second" / ASSETS)
        shutil.copy(tmp_path / "first" / ASSET_LIST, tmp_path / "second" / ASSET_LIST)
        listed = replace(second.manifest, assets=first.manifest.assets)
        write_manifest(tmp_path / "second", listed)
        done = await restored(url, tmp_path / "others", tmp_path / "second")
        mended = done.mended
        assert (mended.keys_written, mended.keys_removed, mended.apps_listed) == (1, 1, 1)
        assert done.assets_put_back == first.manifest.assets.count
        assert not done.assets_missing
        found, whole = await contents(url), await contents(source.url)
        assert keyspace.public_world("gone").encode() not in found
        assert members(found, keyspace.assets_due()) == members(whole, keyspace.assets_due())
        for key in (keyspace.public_world(source.public_id), keyspace.places(), keyspace.apps()):
            assert found[key.encode()] == whole[key.encode()], key
        environment = {"CONJURE_ASSETS_URL": str(tmp_path / "others")}
        async with running_server(tmp_path, url, environment) as (_, port):
            async with stubborn_client(port, source.app.secret) as caller:
                assert (await caller.world(source.world_id)).document.json
            for secret in (orphan, revoked[1]):
                async with stubborn_client(port, secret) as caller:
                    await refused(caller.list_worlds(), Reason.INVALID_CREDENTIAL)
        async with administration(store_settings(url), AuthSettings()) as admin:
            page, _ = await admin.apps.page("somebody", limit=10, cursor=None)
            assert [app.name for app in page] == ["of a user"]


async def test_a_store_that_goes_on_after_a_restore_gives_no_revision_twice(source, tmp_path):
    """It was emptied and not started anew: its replication id is that of the revisions since the backup."""
    await backed_up(source.url, source.assets, tmp_path / "first")
    async with empty_store(tmp_path / "store") as url:
        given = []
        for _ in range(2):
            await restored(url, tmp_path / "assets", tmp_path / "first")
            async with (
                running_server(tmp_path, url) as (_, port),
                stubborn_client(port, source.app.secret) as caller,
            ):
                given.append((await caller.set_entrance(source.public_id, "cellar")).result.rev)
            async with administration(store_settings(url), AuthSettings()) as admin:
                await admin.store.write("FLUSHALL")
        assert number(given[0]) == number(given[1])
        assert given[0] != given[1]


async def test_keys_of_other_users_of_the_store_are_left_out(source, tmp_path):
    async with empty_store(tmp_path / "shared") as shared, empty_store(tmp_path / "store") as url:
        await backed_up(source.url, source.assets, tmp_path / "first")
        host, port = address_in(shared)
        async with Redis(host=host, port=port) as client:
            await client.set("somebody-else:1", "theirs")
            await client.set(b"\xff\xfe", "theirs")
        await restored(shared, tmp_path / "assets", tmp_path / "first")
        assert b"somebody-else:1" in await contents(shared)
        await backed_up(shared, tmp_path / "assets", tmp_path / "second")
        done = await restored(url, tmp_path / "assets", tmp_path / "second")
        assert done.counts["foreign"] == 2
        assert b"somebody-else:1" not in await contents(url)


@pytest.mark.parametrize("diskless", ["yes", "no"])
async def test_a_store_sends_its_snapshot_either_way(source, tmp_path, diskless):
    """Straight from memory it does not know how long it will be; through a file it does."""
    host, port = address_in(source.url)
    async with Redis(host=host, port=port) as client:
        before = await client.config_get("repl-diskless-sync")
        await client.config_set("repl-diskless-sync", diskless)
        try:
            await backed_up(source.url, source.assets, tmp_path / "backup")
        finally:
            await client.config_set("repl-diskless-sync", before["repl-diskless-sync"])
    done = await restoring.check(tmp_path / "backup", tell=quietly)
    assert done.counts["keys"] > 50
