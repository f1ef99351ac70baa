"""A backup that is not whole restores nothing, a store that is not empty stays as it is, and halves show."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from redis.asyncio import Redis

import conjure.store.format
from conjure.administration import administration
from conjure.backup import restoring, saving
from conjure.backup.archive import MANIFEST, read_manifest, write_manifest
from conjure.backup.errors import BackupError
from conjure.settings import AuthSettings
from conjure.store import keyspace
from conjure.store.topology import address_in
from support.backups import contents, settings_of
from support.stack import running_store, store_settings
from support.until import LIMIT_S, until


def quietly(_text):
    pass


@pytest.fixture(scope="module")
async def whole(source, tmp_path_factory):
    """A backup of the source."""
    directory = tmp_path_factory.mktemp("whole") / "backup"
    settings = settings_of(source.url, source.assets)
    await saving.save(settings, directory, assets=True, tell=quietly)
    return directory


@pytest.fixture
def backup(whole, tmp_path):
    """A copy of it, to hurt."""
    return Path(shutil.copytree(whole, tmp_path / "backup"))


@pytest.fixture
async def empty(tmp_path):
    """The URL of a store without keys."""
    async with running_store(tmp_path / "empty") as (_, url):
        yield url


def admin_of(url):
    host, port = address_in(url)
    return Redis(host=host, port=port, decode_responses=True)


def environment_of(url, assets):
    return {
        **os.environ,
        "PYTHONPATH": str(Path(conjure.store.format.__file__).parents[2]),
        "CONJURE_STORE_URL": url,
        "CONJURE_ASSETS_URL": str(assets),
    }


async def started(url, assets, *arguments):
    """A command as a process of its own."""
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "conjure", *arguments,
        env=environment_of(url, assets), stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ended(process):
    """Its exit code, output and errors."""
    output, errors = await asyncio.wait_for(process.communicate(), LIMIT_S)
    return process.returncode, output.decode(), errors.decode()


def cut(backup):
    file = backup / "node-1.rdb"
    os.truncate(file, file.stat().st_size // 2)


def change_a_byte(backup):
    file = backup / "node-1.rdb"
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)


def change_an_asset(backup):
    next(path for path in (backup / "assets").rglob("*") if path.is_file()).write_bytes(b"<svg/>")


def lose_a_file(backup):
    (backup / "node-1.rdb").unlink()


def change_the_manifest(backup):
    path = backup / MANIFEST
    path.write_text(path.read_text().replace('"database": 0', '"database": 1'))


def cut_the_manifest(backup):
    path = backup / MANIFEST
    path.write_text(path.read_text()[:-20])


def lose_the_manifest(backup):
    (backup / MANIFEST).unlink()


def be_newer(backup):
    manifest = read_manifest(backup)
    write_manifest(backup, replace(manifest, format=manifest.format + 1))


def be_of_a_newer_store(backup):
    manifest = read_manifest(backup)
    write_manifest(backup, replace(manifest, store_format=manifest.store_format + 1))


@pytest.mark.parametrize(
    ("hurt", "why"),
    [
        (cut, "is damaged: it has"),
        (change_a_byte, "is not as it was written"),
        (change_an_asset, "is damaged"),
        (lose_a_file, "cannot be read"),
        (change_the_manifest, "backup.json is damaged"),
        (cut_the_manifest, "cannot be read"),
        (lose_the_manifest, "is no backup"),
        (be_newer, "of a newer Conjure"),
        (be_of_a_newer_store, "of a newer Conjure"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
async def test_a_backup_that_is_not_whole_restores_nothing(backup, empty, tmp_path, hurt, why):
    hurt(backup)
    settings = settings_of(empty, tmp_path / "assets")
    for attempt in (
        restoring.restore(settings, backup, assets=True, tell=quietly),
        restoring.check(backup, tell=quietly),
    ):
        with pytest.raises(BackupError, match=why):
            await attempt
    assert await contents(empty) == {}
    assert not (tmp_path / "assets").exists()


async def test_what_a_store_program_cannot_read_restores_nothing(backup, empty, tmp_path):
    """The sums are right, and the snapshot is not: it is loaded before anything is written."""
    manifest = read_manifest(backup)
    file = backup / manifest.nodes[0].file
    content = file.read_bytes()[:-9] + bytes(9)
    file.write_bytes(content)
    node = replace(manifest.nodes[0], sha256=hashlib.sha256(content).hexdigest())
    write_manifest(backup, replace(manifest, nodes=(node,)))
    with pytest.raises(BackupError, match=r"can read node-1\.rdb"):
        await restoring.check(backup, tell=quietly)
    settings = settings_of(empty, tmp_path / "assets")
    with pytest.raises(BackupError, match=r"can read node-1\.rdb"):
        await restoring.restore(settings, backup, assets=True, tell=quietly)
    assert {key for key in await contents(empty) if key.startswith(b"t:")} == set()


async def test_a_store_that_is_not_empty_stays_as_it_is(backup, empty, tmp_path):
    async with administration(store_settings(empty), AuthSettings()) as admin:
        await admin.apps.create("of somebody")
    before = await contents(empty)
    with pytest.raises(BackupError, match="is not empty"):
        await restoring.restore(
            settings_of(empty, tmp_path / "assets"), backup, assets=True, tell=quietly
        )
    assert await contents(empty) == before


async def test_a_folder_that_is_not_empty_gets_no_backup(source, tmp_path):
    (tmp_path / "mine").write_text("of somebody")
    with pytest.raises(BackupError, match="is not empty"):
        await saving.save(
            settings_of(source.url, source.assets), tmp_path, assets=True, tell=quietly
        )
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


async def test_a_restore_that_was_killed_shows_and_is_begun_again(backup, empty, tmp_path):
    process = await started(empty, tmp_path / "assets", "restore", str(backup))
    async with admin_of(empty) as store:

        async def has_begun():
            return await store.hexists(keyspace.store_format(), "restoring")

        # The mark is there before the snapshot is loaded, which takes longer than this look.
        await until(has_begun)
        process.send_signal(signal.SIGKILL)
        code, _, _ = await ended(process)
        assert code == -signal.SIGKILL
        await store.set(keyspace.api_key("f" * 64), "a part of it")
        code, _, errors = await ended(await started(empty, tmp_path / "assets", "serve"))
        assert (code, "being restored" in errors) == (2, True), errors
        code, _, errors = await ended(
            await started(empty, tmp_path / "assets", "backup", str(tmp_path / "of a part"))
        )
        assert (code, "being restored" in errors) == (2, True), errors
        await store.delete(keyspace.restoring_turn())  # as time does in some seconds
        code, output, errors = await ended(
            await started(empty, tmp_path / "assets", "restore", str(backup), "--json")
        )
        assert code == 0, errors
        assert "of a restore that was broken off" in errors
        assert json.loads(output)["apps"] == 2
        assert not await store.exists(keyspace.api_key("f" * 64))
        assert "restoring" not in await store.hgetall(keyspace.store_format())


async def test_two_restores_of_a_store_take_turns(backup, empty, tmp_path):
    """The second one waits, and then finds a store that is not empty."""
    both = [await started(empty, tmp_path / f"assets{n}", "restore", str(backup)) for n in range(2)]
    answers = [await ended(process) for process in both]
    assert sorted(code for code, _, _ in answers) == [0, 2], answers
    assert any("is not empty" in errors for _, _, errors in answers)


async def test_a_store_that_is_lost_half_way_leaves_no_backup(source, tmp_path):
    """The snapshot's own process is slowed down, so that there is a middle."""
    async with running_store(tmp_path / "store") as (child, url), admin_of(url) as store:
        await store.hset(keyspace.store_format(), mapping={"format": 2})
        for n in range(2_000):
            await store.set(f"other:{n}", os.urandom(2_000))
        await store.config_set("rdb-key-save-delay", 1_000)
        target = tmp_path / "backup"
        saved = asyncio.create_task(
            saving.save(settings_of(url, source.assets), target, assets=False, tell=quietly)
        )
        await until(
            lambda: (target / "node-1.rdb").exists() and (target / "node-1.rdb").stat().st_size > 0
        )
        os.kill(child.pid, signal.SIGKILL)
        with pytest.raises(BackupError, match="the store was lost"):
            await saved
        assert list(target.iterdir()) == []
        with contextlib.suppress(Exception):
            await store.ping()


async def test_a_disk_that_is_full_leaves_no_backup(source, tmp_path):
    """The limit of a file's size stands for it: the system answers the same way, without room."""
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192));"
        "sys.argv = ['conjure', 'backup', sys.argv[1]];"
        "from conjure.cli import main; main()"
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", limited, str(tmp_path / "backup"),
        env=environment_of(source.url, source.assets),
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    code, _, errors = await ended(process)
    assert code == 2, errors
    assert "conjure: no backup was made" in errors
    assert "Traceback" not in errors
    assert list((tmp_path / "backup").iterdir()) == []


async def test_a_store_that_forbids_sync_is_told_apart(source, tmp_path):
    """As managed services do, or an ACL."""
    async with admin_of(source.url) as store:
        await store.execute_command(
            "ACL", "SETUSER", "limited", "on", ">secret", "~*", "+@all", "-sync"
        )
        url = source.url.replace("redis://", "redis://limited:secret@")
        with pytest.raises(BackupError, match=r"gives no snapshot .*snapshots of the service"):
            await saving.save(
                settings_of(url, source.assets), tmp_path / "backup", assets=True, tell=quietly
            )
        assert list((tmp_path / "backup").iterdir()) == []
        await store.execute_command("ACL", "DELUSER", "limited")


async def test_the_commands_say_what_they_did(source, empty, tmp_path):
    made = await ended(
        await started(source.url, source.assets, "backup", str(tmp_path / "backup"), "--json")
    )
    told = json.loads(made[1])
    assert (made[0], told["snapshots"], told["assets"]["missing"]) == (0, 1, [])
    checked = await ended(
        await started(empty, source.assets, "backup", "--check", str(tmp_path / "backup"))
    )
    assert checked[0] == 0, checked[2]
    assert checked[1].startswith(f"backup {told['id']} of {told['createdAt']} is whole: ")
    done = await ended(
        await started(empty, tmp_path / "assets", "restore", str(tmp_path / "backup"))
    )
    assert done[0] == 0, done[2]
    assert done[1].startswith(f"restored backup {told['id']} of {told['createdAt']}: ")
    assert ", no assets" not in done[1]


async def test_a_backup_that_is_told_to_end_leaves_nothing(source, tmp_path):
    """As a timer's unit is stopped. The snapshot's own process is slowed down, so that there is a middle."""
    async with running_store(tmp_path / "store") as (_, url), admin_of(url) as store:
        await store.hset(keyspace.store_format(), mapping={"format": 2})
        for n in range(1_000):
            await store.set(f"other:{n}", os.urandom(4_000))
        await store.config_set("rdb-key-save-delay", 5_000)
        await store.config_set("repl-diskless-sync-delay", 0)
        target = tmp_path / "backup"
        process = await started(url, source.assets, "backup", str(target))
        await until(
            lambda: (target / "node-1.rdb").exists() and (target / "node-1.rdb").stat().st_size > 0
        )
        process.send_signal(signal.SIGTERM)
        assert (await ended(process))[0] == 128 + signal.SIGTERM
        assert list(target.iterdir()) == []
        assert not await store.exists(keyspace.assets_collector())
