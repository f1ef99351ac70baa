"""Pages of versions: joined they are the whole list, whatever happens meanwhile (CONTRACT 0 and 4)."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING, Any

import pytest

from conjure.core.errors import Reason
from conjure.store import keyspace
from support.rpc import refused
from support.versions import Kept, Versions
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


@pytest.fixture
async def world_id(both) -> str:
    return str((await both[0].create(small_world())).world_id)


@pytest.fixture
def versions(both, world_id) -> tuple[Versions, Versions]:
    return Versions(both[0], world_id), Versions(both[1], world_id)


async def pages(versions: Versions, limit: int, cursor: str | None = None) -> AsyncIterator[Any]:
    while True:
        page = await versions.list(limit=limit, cursor=cursor)
        assert len(page.versions) <= limit
        assert page.versions or cursor or not page.HasField("next_cursor")
        yield page
        if not page.HasField("next_cursor"):
            return
        cursor = page.next_cursor


async def joined(versions: Versions, limit: int, cursor: str | None = None) -> list[str]:
    return [node.id async for page in pages(versions, limit, cursor) for node in page.versions]


async def test_pages_of_any_size_joined_are_the_whole_list_and_each_tells_head(versions):
    made = [(await versions[n % 2].create()).version_id for n in range(7)]
    assert await joined(versions[0], 1_000) == made
    for limit in range(1, 9):
        assert await joined(versions[1], limit) == made
        sizes = [len(page.versions) async for page in pages(versions[0], limit)]
        assert sizes == [limit] * (7 // limit) + ([7 % limit] if 7 % limit else [])
        async for page in pages(versions[0], limit):
            assert page.head_version_id == made[-1]


async def test_a_world_without_versions_has_one_empty_page(versions):
    page = await versions[0].list()
    assert not page.versions
    assert not page.HasField("head_version_id")
    assert not page.HasField("next_cursor")


async def test_a_page_begins_after_a_version_that_has_gone(versions):
    made = [(await versions[0].create()).version_id for _ in range(4)]
    cursor = (await versions[0].list(limit=2)).next_cursor
    await versions[0].delete(made[1])
    assert await joined(versions[0], 2, cursor) == made[2:]


async def test_a_page_begins_at_a_time(versions):
    """As its millisecond may have more versions than the caller has, they come again."""
    made = []
    for _ in range(4):
        made.append(await versions[0].create())
        await asyncio.sleep(0.002)
    created = made[1].version.create_time.ToJsonString()
    assert await joined(versions[0], 2, created) == [answer.version_id for answer in made[1:]]
    assert await joined(versions[0], 2, "2999-01-01T00:00:00Z") == []


@pytest.mark.parametrize("limit", [0, -1, 1_001, 2**31 - 1])
async def test_a_limit_out_of_range_is_refused(versions, limit):
    await refused(versions[0].list(limit=limit), Reason.INVALID_FIELD)


@pytest.mark.parametrize("cursor", ["", "x", "2026-13-01T00:00:00Z", "MDAw", "é"])
async def test_a_cursor_of_nothing_is_refused(versions, cursor):
    await refused(versions[0].list(cursor=cursor), Reason.INVALID_CURSOR)


@pytest.mark.parametrize("seed", range(4))
async def test_who_pages_while_others_save_and_delete_misses_nothing_and_meets_nothing_twice(
    stack, app, world_id, versions, seed
):
    """What was there all the time is met once, in its order; what is saved meanwhile stands behind it."""
    dice = random.Random(seed)
    order = [(await versions[n % 2].create()).version_id for n in range(12)]
    doomed = set(dice.sample(order[:-1], 5))
    staying = [version for version in order if version not in doomed]

    async def save() -> list[str]:
        return [(await versions[dice.randrange(2)].create()).version_id for _ in range(6)]

    async def delete() -> None:
        for version in sorted(doomed):
            await versions[dice.randrange(2)].delete(version)

    async def page() -> list[str]:
        return await joined(versions[dice.randrange(2)], dice.randrange(1, 5))

    saved, _, *lists = await asyncio.gather(save(), delete(), *(page() for _ in range(6)))
    for met in lists:
        assert len(met) == len(set(met))
        assert [version for version in met if version in set(order)] == [
            version for version in order if version in set(met)
        ]
        assert [version for version in met if version in set(staying)] == staying
        late = [version for version in met if version not in set(order)]
        assert late == saved[: len(late)], "a save that was met has all earlier ones before it"
        assert met[len(met) - len(late) :] == late
    assert await joined(versions[0], 3) == staying + saved
    await Kept(stack.admin.store, app.tenant(), world_id).assert_consistent(saved[-1])


class TestOlderReleases:
    """Versions that a release without the index has saved, or saves beside this one, are listed too."""

    @pytest.mark.parametrize("first", ["list", "create", "delete"])
    async def test_the_index_is_made_at_the_first_call(self, stack, app, world_id, versions, first):
        made = [(await versions[0].create()).version_id for _ in range(5)]
        index = keyspace.version_index(app.tenant(), world_id)
        await stack.admin.store.write("DEL", index)
        if first == "create":
            made.append((await versions[0].create()).version_id)
        elif first == "delete":
            await versions[0].delete(made.pop(1))
        assert await joined(versions[0], 2) == made
        kept = Kept(stack.admin.store, app.tenant(), world_id)
        await kept.assert_consistent(made[-1])

    async def test_one_that_was_deleted_beside_the_index_is_not_listed(
        self, stack, app, world_id, versions
    ):
        made = [(await versions[0].create()).version_id for _ in range(3)]
        nodes = keyspace.versions(app.tenant(), world_id)
        node = await stack.admin.store.read("HGET", nodes, made[0])
        await stack.admin.store.write("HDEL", nodes, made[0])
        other = "0b5e3c1e-6a34-4a53-9d5e-7f0c9c9c9c9c"
        await stack.admin.store.write("HSET", nodes, other, node)
        assert await joined(versions[0], 2) == [other, *made[1:]]
