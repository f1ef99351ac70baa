"""What keeps the objects of assets: a folder, and a store that speaks S3."""

from __future__ import annotations

import asyncio
import hashlib
import multiprocessing
import os
import time
from pathlib import Path

import pytest

from conjure.assets.names import object_name
from conjure.providers.objects import MOST_OBJECT_BYTES, FolderObjects, ObjectsError
from conjure.providers.objects.folder import _ABANDONED_S
from conjure.providers.objects.opening import objects_of
from conjure.settings import AssetSettings, SettingsError
from support.s3 import SECRET_KEY, running_s3
from support.until import LIMIT_S

NAME = object_name(hashlib.sha256(b"content").hexdigest(), "png")


@pytest.fixture(scope="module")
def bucket():
    with running_s3() as running:
        yield running


@pytest.fixture
def s3(bucket, monkeypatch):
    from conjure.providers.objects.remote import RemoteObjects

    bucket.trouble, bucket.always, bucket.requests = [], "", []
    bucket.objects.clear()
    for name, text in bucket.environment().items():
        monkeypatch.setenv(name, text)
    return RemoteObjects("s3://pictures/of/conjure", timeout_s=0.7, concurrent=4)


@pytest.fixture
def folder(tmp_path):
    return FolderObjects(str(tmp_path / "new" / "assets"), timeout_s=5.0, concurrent=4)


@pytest.fixture(params=["folder", "s3"])
def objects(request):
    return request.getfixturevalue(request.param)


async def test_a_disk_that_hangs_holds_up_nothing_else(tmp_path):
    """Its threads are its own: what else runs in threads (drawings, edits, lookups) goes on."""
    objects = FolderObjects(str(tmp_path), timeout_s=0.1, concurrent=64)
    path = tmp_path / NAME
    path.parent.mkdir(parents=True)
    os.mkfifo(path)  # opening it waits for somebody who writes
    reads = [objects.get(NAME) for _ in range(40)]
    try:
        outcomes = await asyncio.gather(*reads, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [ObjectsError] * 40
        async with asyncio.timeout(LIMIT_S):
            assert await asyncio.to_thread(lambda: "done") == "done"
    finally:
        writer = os.open(path, os.O_RDWR)
        path.unlink()  # who comes only now finds nothing
        os.close(writer)


class TestBoth:
    async def test_an_object_lives_until_it_is_deleted(self, objects):
        assert await objects.get(NAME) is None
        await objects.delete(NAME)
        await objects.put(NAME, b"content", "image/png")
        await objects.put(NAME, b"content", "image/png")
        assert await objects.get(NAME) == b"content"
        await objects.delete(NAME)
        await objects.delete(NAME)
        assert await objects.get(NAME) is None

    async def test_many_at_once_and_large(self, objects):
        contents = {f"ab/cd/{at:064x}.png": os.urandom(10_000) for at in range(20)}
        contents["ab/cd/large.png"] = os.urandom(12 * 1024 * 1024)
        await asyncio.gather(
            *(objects.put(name, each, "image/png") for name, each in contents.items())
        )
        found = await asyncio.gather(*map(objects.get, contents))
        assert found == list(contents.values())


class TestFolder:
    async def test_what_a_writer_that_died_has_left_is_nothing(self, folder, tmp_path):
        await folder.put(NAME, b"content", "image/png")
        place = (tmp_path / "new" / "assets" / NAME).parent
        left, fresh = place / ".part-00", place / ".part-01"
        left.write_bytes(b"con")
        fresh.write_bytes(b"con")
        old = time.time() - 2 * _ABANDONED_S
        os.utime(left, (old, old))
        await folder.put(NAME, b"content", "image/png")
        assert {path.name for path in place.iterdir()} == {Path(NAME).name, fresh.name}

    async def test_a_folder_that_cannot_be_used(self, tmp_path):
        blocked = tmp_path / "file"
        blocked.write_bytes(b"")
        objects = FolderObjects(str(blocked), timeout_s=5.0, concurrent=1)
        with pytest.raises(ObjectsError):
            await objects.put(NAME, b"content", "image/png")
        assert await objects.get(NAME) is None
        objects = FolderObjects(str(tmp_path), timeout_s=5.0, concurrent=1)
        (tmp_path / NAME).mkdir(parents=True)
        for call in (objects.put(NAME, b"c", "image/png"), objects.get(NAME), objects.delete(NAME)):
            with pytest.raises(ObjectsError):
                await call
        assert [path.name for path in (tmp_path / NAME).parent.iterdir()] == [Path(NAME).name]

    async def test_what_is_too_large_is_not_read(self, folder, tmp_path):
        await folder.put(NAME, b"content", "image/png")
        with (tmp_path / "new" / "assets" / NAME).open("r+b") as file:
            file.truncate(MOST_OBJECT_BYTES + 1)
        with pytest.raises(ObjectsError):
            await folder.get(NAME)

    async def test_processes_that_write_the_same_at_once(self, folder, tmp_path):
        """A reader finds all of it or nothing."""
        content = os.urandom(300_000)
        with multiprocessing.get_context("spawn").Pool(2) as pool:
            writing = pool.map_async(
                _write_often, [(str(tmp_path / "new" / "assets"), content)] * 2
            )
            seen = set()
            while not writing.ready():
                found = await folder.get(NAME)
                seen.add(None if found is None else found == content)
                await asyncio.sleep(0)
            writing.get()
        assert False not in seen
        assert await folder.get(NAME) == content
        assert len(list((tmp_path / "new" / "assets" / NAME).parent.iterdir())) == 1


def _write_often(job):
    place, content = job

    async def write():
        objects = FolderObjects(place, timeout_s=60.0, concurrent=4)
        for _ in range(20):
            await objects.put(NAME, content, "image/png")

    asyncio.run(write())


class TestS3:
    async def test_what_is_sent(self, s3, bucket):
        bucket.heads.clear()
        await s3.put(NAME, b"content", "image/png")
        assert bucket.requests == [("PUT", f"/pictures/of/conjure/{NAME}")]
        (head,) = bucket.heads
        assert head["content-type"] == "image/png"
        assert "immutable" in head["cache-control"]
        assert head["authorization"].startswith("AWS4-HMAC-SHA256")
        assert SECRET_KEY not in repr(bucket.heads)

    @pytest.mark.parametrize("trouble", ["500", "503", "cut"])
    async def test_one_failure_is_borne(self, s3, bucket, trouble):
        bucket.trouble = [trouble]
        await s3.put(NAME, b"content", "image/png")
        bucket.trouble = [trouble]
        assert await s3.get(NAME) == b"content"

    @pytest.mark.parametrize(
        "trouble", ["500", "403", "slow", "cut", "garbage", "cut answer", "huge"]
    )
    async def test_a_store_that_fails_is_an_error_within_its_time(self, s3, bucket, trouble):
        bucket.objects[f"/pictures/of/conjure/{NAME}"] = (b"content", "image/png")
        bucket.always = trouble
        with pytest.raises(ObjectsError) as told:
            async with asyncio.timeout(LIMIT_S):  # a net: what hangs is no error of ours
                await s3.get(NAME)
        assert SECRET_KEY not in str(told.value)
        if trouble not in {"cut answer", "huge"}:  # of a PUT they are an answer
            with pytest.raises(ObjectsError) as told:
                await s3.put(NAME.replace("png", "jpg"), b"other", "image/jpeg")
            assert SECRET_KEY not in str(told.value)
            assert list(bucket.objects) == [f"/pictures/of/conjure/{NAME}"]
        bucket.always = ""
        assert await s3.get(NAME) == b"content"

    async def test_a_store_that_is_away(self, monkeypatch, bucket):
        from conjure.providers.objects.remote import RemoteObjects

        for name, text in (bucket.environment() | {"AWS_ENDPOINT": "http://127.0.0.1:1"}).items():
            monkeypatch.setenv(name, text)
        objects = RemoteObjects("s3://pictures", timeout_s=0.3, concurrent=1)
        with pytest.raises(ObjectsError) as told:
            await objects.get(NAME)
        assert SECRET_KEY not in str(told.value)
        assert SECRET_KEY not in repr(objects)

    async def test_whoever_leaves_waits_no_longer(self, s3, bucket):
        bucket.always = "slow"
        task = asyncio.create_task(s3.get(NAME))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("url", ["gs://pictures/of", "az://pictures/of"])
def test_other_stores_are_named_by_their_scheme(url, monkeypatch):
    from conjure.providers.objects.remote import RemoteObjects

    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_NAME", "account")
    monkeypatch.setenv("AZURE_STORAGE_ACCOUNT_KEY", "aGlkZGVu")
    RemoteObjects(url, timeout_s=1.0, concurrent=1)


def test_a_store_that_cannot_be_asked_is_a_setting_that_cannot_work(monkeypatch):
    for name in ("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match="CONJURE_ASSETS_URL"):
        objects_of(AssetSettings(url="az://pictures"))
    assert isinstance(objects_of(AssetSettings(url="file:///tmp/x")), FolderObjects)
