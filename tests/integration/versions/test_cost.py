"""What versions cost in the store: bytes, round trips, and writes that are asked for twice (CONTRACT 4)."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from conjure.core.errors import NotFound, VersionIsHead
from conjure.core.ids import new_id
from conjure.settings import VersionSettings
from conjure.versions.packing import address_of, pack
from conjure.versions.store import NewVersion, Version, VersionStore
from support.rpc import Client
from support.versions import Kept, Versions
from support.worlds import prose_world

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

SAVES = 100
SIZE = 200_000
TRIES = 5


@pytest.fixture
def caller(server_channel, app) -> Client:
    return Client(server_channel, app.secret)


async def test_a_hundred_saves_of_a_nearly_unchanged_world_cost_little_more_than_one(
    stack, app, caller, record_property
):
    world = prose_world(SIZE)
    world_id = (await caller.create(world)).world_id
    versions = Versions(caller, world_id)
    kept = Kept(stack.admin.store, app.tenant(), world_id)
    text = (await caller.world(world_id)).document.json
    assert SIZE * 0.8 < len(text) < SIZE * 1.2
    rooms = list(world["scene"]["states"])

    first = (await versions.create()).version_id
    one = await kept.memory()
    made = {first: text}
    for n in range(1, SAVES):
        answer = await caller.set_entrance(world_id, rooms[n], src=f"https://x.test/{new_id()}")
        made[(await versions.create(title=f"save {n}")).version_id] = answer.result.world.json
    everything = await kept.memory()
    blobs = await kept.blobs()

    assert await kept.kinds() == "D" * (SAVES - 1) + "K"
    packed = sum(map(len, blobs.values()))
    record_property("text_bytes", len(text))
    record_property("one_version_bytes", one)
    record_property("hundred_versions_bytes", everything)
    record_property("hundred_blobs_bytes", packed)
    print(f"text {len(text)}, one {one}, {SAVES} {everything}, blobs {packed}")  # noqa: T201
    assert everything < 3 * one
    assert everything < len(text)
    assert max(len(blob) for blob in blobs.values() if blob[:1] == b"D") < 600

    for version, was in list(made.items())[:: SAVES // 10]:
        assert (await versions.get(version)).snapshot.json == was
    for version in list(made)[:-1]:
        await versions.delete(version)
    assert await kept.kinds() == "DK"
    assert await kept.memory() < 1.2 * one
    await kept.assert_consistent(list(made)[-1])


async def scripts_run(stack) -> int:
    """How many scripts the store has run so far; every step of a call is one."""
    text = (await stack.admin.store.read("INFO", "commandstats")).decode()
    ran = 0
    for line in text.splitlines():
        name, _, numbers = line.partition(":")
        if name in {"cmdstat_evalsha", "cmdstat_eval"}:
            stats = dict(pair.split("=") for pair in numbers.split(","))
            # A store that does not know a script yet refuses it, and gets it from the text.
            ran += int(stats["calls"]) - int(stats["failed_calls"])
    return ran


async def least_scripts(stack, call: Callable[[], Awaitable[Any]]) -> int:
    """Of some calls the one beside which nothing else ran: workers look for work a few times a second."""
    counts = []
    for _ in range(TRIES):
        before = await scripts_run(stack)
        await call()
        counts.append(await scripts_run(stack) - before)
    return min(counts)


@pytest.mark.one_store("it counts what one server has run")
async def test_each_call_is_one_round_trip_and_a_checkout_two(stack, caller):
    world_id = (await caller.create(prose_world(3_000))).world_id
    versions = Versions(caller, world_id)
    first = (await versions.create()).version_id
    await caller.set_entrance(world_id, "room 1")
    second = (await versions.create()).version_id
    spare = [(await versions.create(parent_version_id=first)).version_id for _ in range(TRIES)]
    await versions.check_out(second)
    await caller.set_entrance(world_id, "room 2")
    calls: list[Callable[[], Awaitable[Any]]] = [
        versions.create,
        versions.list,
        lambda: versions.get(second),
        lambda: versions.diff(first, second),
        lambda: versions.rename(first, "x"),
        lambda: versions.delete(spare.pop()),
        lambda: versions.check_out(second),
    ]
    assert [await least_scripts(stack, call) for call in calls] == [1, 1, 1, 1, 1, 1, 2]


class TestAskedTwice:
    """A write whose answer was lost is asked for again; it must not happen again."""

    @pytest.fixture
    async def world(self, caller) -> tuple[str, bytes]:
        world_id = (await caller.create()).world_id
        return world_id, (await caller.world(world_id)).document.json

    @pytest.fixture
    def store(self, stack) -> VersionStore:
        return VersionStore(stack.admin.store, VersionSettings(), idempotency_s=60)

    async def test_a_save_is_one_version(self, stack, app, caller, store, world):
        world_id, text = world
        packed = pack(address_of(json.loads(text)), text, None)
        new = NewVersion(new_id(), None, None, "once")
        args = (app.tenant(), world_id, new, "1", packed.address, packed.blob, None)
        first, again = (
            await store.create(*args, names_nothing=True),
            await store.create(*args, names_nothing=True),
        )
        assert isinstance(first, Version)
        assert again == first
        await caller.set_entrance(world_id, "cellar")
        assert await store.create(*args, names_nothing=True) == first, (
            "also after the world moved on"
        )
        page = await store.page(app.tenant(), world_id, after="", limit=10)
        assert (page.versions, page.head_id) == ([first], first.id)
        await Kept(stack.admin.store, app.tenant(), world_id).assert_consistent(first.id)

    async def test_a_rename_does_not_undo_a_later_one(self, app, caller, store, world):
        world_id, _ = world
        versions = Versions(caller, world_id)
        version = (await versions.create()).version_id
        request_id = new_id()
        await store.rename(app.tenant(), world_id, version, "first", None, request_id)
        await versions.rename(version, "second")
        await store.rename(app.tenant(), world_id, version, "first", None, request_id)
        assert (await versions.get(version)).version.title == "second"

    async def test_a_delete_is_answered_again(self, app, caller, store, world):
        world_id, _ = world
        versions = Versions(caller, world_id)
        version = (await versions.create()).version_id
        with pytest.raises(VersionIsHead):
            await store.delete(app.tenant(), world_id, version, None, new_id())
        await versions.create()
        request_id = new_id()
        for _ in range(2):
            await store.delete(app.tenant(), world_id, version, None, request_id)
        with pytest.raises(NotFound):
            await store.delete(app.tenant(), world_id, version, None, new_id())


async def test_a_tree_of_a_thousand_versions_is_listed_and_pruned(caller):
    versions = Versions(caller, (await caller.create()).world_id)
    root = (await versions.create()).version_id
    for _ in range(10):
        await asyncio.gather(*(versions.create(parent_version_id=root) for _ in range(100)))
    await versions.delete(root)
    top = (await versions.create()).version_id
    listed = await versions.list()
    assert len(listed.versions) == 1_000, "a page has as many as it may have, unless asked"
    rest = await versions.list(cursor=listed.next_cursor)
    assert not rest.HasField("next_cursor")
    nodes = [*listed.versions, *rest.versions]
    assert len(nodes) == 1_001
    times = [node.create_time.ToNanoseconds() for node in nodes]
    assert times == sorted(times)
    assert listed.head_version_id == rest.head_version_id == top
    assert {node.id for node in nodes if node.HasField("parent_version_id")} == {top}
