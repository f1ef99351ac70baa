"""What is not ours, or not where the settings say: keys of others, other servers, manifests by other hands."""

from __future__ import annotations

import hashlib
import json

import orjson
import pytest
from redis.asyncio import Redis

import conjure.store.restoring
from conjure.backup import restoring, saving
from conjure.backup.archive import MANIFEST
from conjure.backup.errors import BackupError
from conjure.store import keyspace
from conjure.store.client import Store
from conjure.store.link import NoReply
from conjure.store.restoring import Turn, TurnLost
from conjure.store.snapshot import read_snapshot
from conjure.store.topology import address_in
from support.backups import asked_at_once, contents, kept, settings_of
from support.cases import each_of
from support.cluster import running_cluster
from support.ports import claimed_port
from support.stack import running_store, store_settings
from support.until import until

SHA256 = "ab" * 32
FOREIGN = {
    b"key:\xff\xfe": "x",
    b"key:1": "x",
    b"rate:user:\xff": "x",
    b"t:{x:live}:world:\xff": "x",
    b"t:{x:live}:world:1": "x",
    b"t:{x:live}:leases": ["x"],
    f"key:{SHA256}".encode(): "x",
    f"key:{'cd' * 32}".encode(): {"id": "1"},
    f"asset:{{{SHA256}}}".encode(): "x",
    f"user:{{{SHA256}}}:app-rows".encode(): ["x"],
    b"user:{somebody}": "x",
    b"app:{one}": "x",
    b"app:{two}": {"name": "x"},
    b"app:{\xff}": {"name": "x"},
}
"""Names that are ours or nearly so, with what is not; in the types that other programs use."""
DIRECTORIES = (
    keyspace.places(), keyspace.apps(), keyspace.public_world("a-page"), keyspace.assets_due(),
    keyspace.queue_directory("emails"), keyspace.queue_graves("x"), keyspace.security_epoch(),
)  # fmt: skip


def quietly(_text):
    pass


@pytest.fixture(scope="module")
async def whole(source, tmp_path_factory):
    """A backup of the source."""
    directory = tmp_path_factory.mktemp("whole") / "backup"
    await saving.save(settings_of(source.url, source.assets), directory, assets=True, tell=quietly)
    return directory


@pytest.fixture
async def empty(tmp_path):
    """The URL of a store without keys."""
    async with running_store(tmp_path / "empty") as (_, url):
        await asked_at_once(url)
        yield url


def client_of(url):
    host, port = address_in(url)
    return Redis(host=host, port=port)


async def test_keys_that_are_named_like_ours_are_left_out(source, whole, empty, tmp_path):
    settings, told = settings_of(empty, source.assets), []
    await restoring.restore(settings, whole, assets=True, tell=quietly)
    before = await contents(empty)
    async with client_of(empty) as client:
        for key, value in FOREIGN.items():
            if isinstance(value, dict):
                await client.hset(key, mapping=value)
            elif isinstance(value, list):
                await client.rpush(key, *value)
            else:
                await client.set(key, value)
        await saving.save(settings, tmp_path / "backup", assets=True, tell=quietly)
        await client.flushall()
    done = await restoring.restore(settings, tmp_path / "backup", assets=True, tell=told.append)
    assert done.counts["foreign"] == len(FOREIGN)
    assert any("left out" in text and "app:{two}" in text for text in told), told
    after = await contents(empty)
    assert FOREIGN.keys() & after.keys() == set()
    assert kept(after, beyond_ms=0) == kept(before, beyond_ms=0)


@each_of("key", DIRECTORIES)
async def test_what_is_named_like_a_directory_is_not_removed(whole, empty, tmp_path, key):
    async with client_of(empty) as client:
        await client.set(key, "of somebody")
        before = await contents(empty)
        with pytest.raises(BackupError, match="is not empty"):
            await restoring.restore(
                settings_of(empty, tmp_path / "assets"), whole, assets=True, tell=quietly
            )
        assert await contents(empty) == before
        await client.delete(key)


async def test_a_replica_gives_no_backup_and_takes_none(whole, source, empty, tmp_path):
    """It may be behind what was acknowledged."""
    host, port = address_in(source.url)
    async with client_of(empty) as client:
        await client.execute_command("REPLICAOF", host, port)

        async def is_linked():
            return (await client.info("replication")).get("master_link_status") == "up"

        await until(is_linked)
        settings = settings_of(empty, source.assets)
        for assets in (False, True):
            with pytest.raises(BackupError, match="a read-only replica"):
                await saving.save(settings, tmp_path / "backup", assets=assets, tell=quietly)
            assert list((tmp_path / "backup").iterdir()) == []
        with pytest.raises(BackupError, match="nothing was restored: the store is a read-only"):
            await restoring.restore(settings, whole, assets=True, tell=quietly)


async def test_a_server_of_a_cluster_is_not_taken_for_all_of_it(whole, source, tmp_path):
    """It would give a whole backup of a third."""
    async with running_cluster(tmp_path / "cluster") as cluster:
        settings = settings_of(cluster.url, source.assets)
        await restoring.restore(settings, whole, assets=True, tell=quietly)
        before = await contents(cluster.url)
        for url in cluster.url.split(","):
            settings = settings_of(url, source.assets)
            with pytest.raises(BackupError, match=r"must be true|read-only replica"):
                await saving.save(settings, tmp_path / "backup", assets=False, tell=quietly)
            assert list((tmp_path / "backup").iterdir()) == []
            with pytest.raises(BackupError, match=r"must be true|read-only replica"):
                await restoring.restore(settings, whole, assets=False, tell=quietly)
        assert kept(await contents(cluster.url), beyond_ms=0) == kept(before, beyond_ms=0)


async def test_a_turn_that_has_lapsed_is_never_taken_again(empty, monkeypatch):
    """Its process stood still meanwhile, and another restore has begun and come to its end."""
    monkeypatch.setattr(conjure.store.restoring, "_RENEW_S", 0.01)
    async with Store(store_settings(empty)) as store, client_of(empty) as client:
        first, second = Turn(store), Turn(store)
        assert await first.take()
        first.require()
        await client.delete(keyspace.restoring_turn())
        assert await second.take()
        assert not await first.take()
        await second.give_back()
        await first.keep()
        with pytest.raises(TurnLost):
            first.require()
        assert await client.get(keyspace.restoring_turn()) is None


def without(name):
    return lambda members: members.pop(name)


def node(**changed):
    return lambda members: members["nodes"][0].update(changed)


def top(**changed):
    return lambda members: members.update(changed)


@each_of(
    "change",
    [
        node(file="../../elsewhere.rdb"), node(file="/etc/passwd"), node(file="node-1.rdb\n"),
        node(file=1), node(file="node-\u0661.rdb"), node(bytes="1"), node(sha256=None),
        node(slots=[["0", "16383"]]), node(slots=[[0]]),  without("nodes"), without("id"),
        top(nodes=[]), top(nodes={}), top(database=-1), top(database=10**12), top(database="0"),
        top(store_format="2"), top(store_format=0), top(store_format=-7), top(store_format=None),
        top(store_format=True), top(format="1"), top(format=None), top(assets=[]), top(assets={}),
        top(assets={"count": 0, "bytes": 0, "sha256": 1, "missing": []}),
        top(assets={"count": 0, "bytes": 0, "sha256": "", "missing": [1]}), top(cluster=0), top(id=1),
        lambda members: members["nodes"].append(members["nodes"][0]),
    ],
)  # fmt: skip
async def test_a_manifest_by_another_hand_restores_nothing(whole, empty, tmp_path, change):
    """With a sum that is right: whoever edits it can reckon that, too."""
    members = json.loads((whole / MANIFEST).read_text())
    del members["sha256"]
    change(members)
    text = orjson.dumps(members, option=orjson.OPT_SORT_KEYS)
    backup = tmp_path / "backup"
    backup.mkdir(exist_ok=True)
    for path in whole.iterdir():
        if path.name != MANIFEST and not (backup / path.name).exists():
            (backup / path.name).symlink_to(path)
    sum_of = hashlib.sha256(text).hexdigest()
    (backup / MANIFEST).write_bytes(orjson.dumps({**members, "sha256": sum_of}))
    with pytest.raises(BackupError):
        await restoring.restore(
            settings_of(empty, tmp_path / "assets"), backup, assets=True, tell=quietly
        )
    with pytest.raises(BackupError):
        await restoring.check(backup, tell=quietly)
    assert await contents(empty) == {}


async def test_a_server_that_cannot_yet_is_not_one_that_forbids_it(empty):
    async with client_of(empty) as client:
        await client.execute_command("REPLICAOF", "127.0.0.1", claimed_port())
        with pytest.raises(NoReply, match="NOMASTERLINK"):
            async for _ in read_snapshot(store_settings(empty), empty):
                pass


async def test_a_user_who_may_not_scan_restores_nothing(whole, empty, tmp_path):
    async with client_of(empty) as client:
        await client.execute_command(
            "ACL", "SETUSER", "limited", "on", ">p", "~*", "+@all", "-scan"
        )
    url = empty.replace("redis://", "redis://limited:p@")
    with pytest.raises(BackupError, match=r"the store refused a command.*'scan'"):
        await restoring.restore(
            settings_of(url, tmp_path / "assets"), whole, assets=True, tell=quietly
        )
    assert await contents(empty) == {}
