"""Keys from one store to another: every type, of any size, with what a retry does."""

from __future__ import annotations

import os
import time

import pytest
from redis.asyncio import Redis

from conjure.core.caller import Tenant
from conjure.settings import StoreSettings
from conjure.store import keyspace
from conjure.store.client import Store
from conjure.store.copying import read_parts, write_parts
from conjure.store.masters import connected, keys_on
from support.backups import contents
from support.stack import running_store

TENANT = Tenant("app", "test")


@pytest.fixture
async def both(tmp_path):
    """Two stores: the URLs."""
    async with running_store(tmp_path / "a") as (_, a), running_store(tmp_path / "b") as (_, b):
        yield a, b


async def copied(source, target, *, twice=False):
    """Copies all keys; `twice`: as when an answer was lost, and each part is written again."""
    settings = StoreSettings(url=source)
    async with connected(settings, source) as run, Store(StoreSettings(url=target)) as store:
        parts = 0
        async for keys in keys_on(run):
            async for some in read_parts(run, keys):
                parts += len(some)
                for _ in range(1 + twice):
                    await write_parts(store, some)
        return parts


async def fill(client, *, count, size):
    """A key of each type with so many elements of that size."""
    text = os.urandom(size // 2).hex
    key = keyspace.usage(TENANT)
    pipeline = client.pipeline(transaction=False)
    pipeline.set(f"{key}:string", text() * 3)
    for n in range(count):
        pipeline.hset(f"{key}:hash", f"field {n}", text())
        pipeline.sadd(f"{key}:set", f"{n} {text()}")
        pipeline.zadd(f"{key}:zset", {f"{n} {text()}": n / 3})
        pipeline.rpush(f"{key}:list", f"{n} {text()}")
        pipeline.xadd(f"{key}:stream", {"n": n, "text": text()}, id=f"{n + 1}-0")
    pipeline.zadd(f"{key}:zset", {"first": float("-inf"), "last": float("inf")})
    pipeline.pexpireat(f"{key}:hash", int(time.time() * 1000) + 3_600_123)
    await pipeline.execute()


@pytest.mark.parametrize("twice", [False, True], ids=["once", "again"])
@pytest.mark.parametrize(("count", "size"), [(3, 20), (1_300, 1_200)], ids=["small", "in parts"])
async def test_every_type_comes_over(both, count, size, twice):
    source, target = both
    async with Redis.from_url(source) as client:
        await fill(client, count=count, size=size)
    parts = await copied(source, target, twice=twice)
    before, after = await contents(source), await contents(target)
    assert len(before) == 6
    assert (parts > len(before)) == (count > 1_000), "large ones come in parts"
    assert after == before


async def test_what_is_there_already_is_replaced(both):
    source, target = both
    key = keyspace.usage(TENANT)
    async with Redis.from_url(source) as a, Redis.from_url(target) as b:
        await a.rpush(key, "one", "two")
        await b.rpush(key, "other")
    await copied(source, target)
    assert await contents(target) == await contents(source)
