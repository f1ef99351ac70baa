"""Writes of one world in one process: made from each other while they are under way, and none is lost."""

from __future__ import annotations

import asyncio

import pytest

from conjure.core.errors import KernelRefused, RevisionConflict
from conjure.core.ids import new_id
from conjure.core.preconditions import ANYTHING, Precondition
from conjure.kernel import ops
from conjure.settings import WorldSettings
from conjure.worlds.editor import Edit, WorldEditor
from conjure.worlds.pipeline import MOST_UNDER_WAY
from conjure.worlds.store import WorldStore
from support.revs import number
from support.until import until
from support.worlds import small_world

SETTINGS = WorldSettings(cache_entries=10, cache_bytes=10_000_000, idempotency_s=60)


class HeldUp(WorldStore):
    """A world store whose writes wait before they are sent, and again before their answer is handed on."""

    def __init__(self, store):
        super().__init__(store, SETTINGS)
        self.asked = []  # the ids of the writes that were handed over, in order
        self.to_send = asyncio.Semaphore(1_000)
        self.to_answer = asyncio.Semaphore(1_000)

    async def replace(self, tenant, world_id, base, text, summary, request_id, **more):
        self.asked.append((request_id, more["after"]))
        async with self.to_send:
            outcome = await super().replace(
                tenant, world_id, base, text, summary, request_id, **more
            )
        async with self.to_answer:
            return outcome


@pytest.fixture
def store(stack):
    return HeldUp(stack.admin.store)


@pytest.fixture
async def world_id(both):
    world = small_world()
    world["scene"]["states"] |= {f"room {n}": {"base": f"Room {n}."} for n in range(20)}
    return (await both[0].create(world)).world_id


def adding(name):
    """Adds a state."""
    op = {"op": "add_state", "state": {"id": name, "base": "A room."}}
    return Edit(lambda world: ops.apply(world, op), lambda made: (ops.summarize(op, made.name),))


async def begun(store, count):
    """Returns when so many writes were handed over."""
    await until(lambda: len(store.asked) >= count)


def closed():
    """A gate that lets nobody through until it is released."""
    return asyncio.Semaphore(0)


def has(snapshot, *names):
    return set(names) <= set(snapshot.value["scene"]["states"])


async def test_a_write_waits_for_no_answer_but_its_own(store, app, world_id):
    editor, tenant = WorldEditor(store, None), app.tenant()
    await store.get(tenant, world_id)
    store.to_answer = closed()
    first = asyncio.create_task(editor.write(tenant, world_id, adding("a"), None))
    await begun(store, 1)
    second = asyncio.create_task(editor.write(tenant, world_id, adding("b"), None))
    await begun(store, 2)
    assert not first.done()
    assert store.asked[1][1] == store.asked[0][0]  # made from the first, by its name
    store.to_answer.release()
    edited = await first, await second
    assert len(store.asked) == 2  # none was stale
    assert [number(made.snapshot.rev) for made in edited] == [2, 3]
    assert not has(edited[0].snapshot, "b")
    assert has(edited[1].snapshot, "a", "b")
    _, stored = await WorldStore(store._store, SETTINGS).get(tenant, world_id)
    assert stored.text == edited[1].snapshot.text
    assert store.cached(tenant, world_id).rev == stored.rev


async def test_what_is_made_from_a_write_that_came_too_late_is_made_again(
    store, app, world_id, both
):
    """The second arrives when the first has not happened, and cannot any more."""
    editor, tenant = WorldEditor(store, None), app.tenant()
    await store.get(tenant, world_id)
    store.to_send = closed()
    writes = [
        asyncio.create_task(editor.write(tenant, world_id, adding(name), None)) for name in "abc"
    ]
    await begun(store, 3)
    await both[1].set_entrance(world_id, "room 7")
    held, store.to_send = store.to_send, asyncio.Semaphore(1_000)
    held.release()
    edited = [await write for write in writes]
    assert len({request_id for request_id, _ in store.asked}) == len(store.asked) >= 6
    assert sorted(number(made.snapshot.rev) for made in edited) == [3, 4, 5]
    _, stored = await store.get(tenant, world_id)
    assert has(stored, "a", "b", "c")
    assert stored.value["entrance"]["state"] == "room 7"


async def test_a_write_that_is_given_up_takes_nobody_along(store, app, world_id):
    editor, tenant = WorldEditor(store, None), app.tenant()
    await store.get(tenant, world_id)
    store.to_send = closed()
    first, second = [
        asyncio.create_task(editor.write(tenant, world_id, adding(name), None)) for name in "ab"
    ]
    await begun(store, 2)
    first.cancel()
    held, store.to_send = store.to_send, asyncio.Semaphore(1_000)
    held.release()
    edited = await second
    assert first.cancelled()
    assert number(edited.snapshot.rev) == 2
    assert has(edited.snapshot, "b")
    assert not has(edited.snapshot, "a")
    third = await editor.write(tenant, world_id, adding("c"), None)
    assert has(third.snapshot, "b", "c")


async def test_a_refusal_is_of_a_world_that_is(store, app, world_id):
    """Only a write under way has the state: what is made from it is refused or not as that happens."""
    editor, tenant = WorldEditor(store, None), app.tenant()
    await store.get(tenant, world_id)
    entering = Edit(
        lambda world: ops.Applied(ops.set_entrance(world, "attic", None), "attic"),
        lambda _: ("enter",),
    )
    with pytest.raises(KernelRefused):
        await editor.write(tenant, world_id, entering, None)
    done = await asyncio.gather(
        editor.write(tenant, world_id, adding("attic"), None),
        editor.write(tenant, world_id, entering, None),
    )
    assert [number(made.snapshot.rev) for made in done] == [2, 3]


async def test_who_asserts_a_revision_waits_for_those_under_way(store, app, world_id):
    editor, tenant = WorldEditor(store, None), app.tenant()
    _, before = await store.get(tenant, world_id)
    store.to_answer = closed()
    first = asyncio.create_task(editor.write(tenant, world_id, adding("a"), None))
    await begun(store, 1)
    at_old = Precondition(revs=frozenset((before.rev,)))
    asserted = asyncio.create_task(editor.write(tenant, world_id, adding("b"), at_old))
    anything = asyncio.create_task(editor.write(tenant, world_id, adding("c"), ANYTHING))
    await asyncio.sleep(0.05)
    assert len(store.asked) == 1
    store.to_answer.release()
    await first
    with pytest.raises(RevisionConflict):
        await asserted
    assert number((await anything).snapshot.rev) == 3
    assert has((await anything).snapshot, "a", "c")


async def test_so_many_are_under_way_and_no_more(store, app, world_id):
    editor, tenant = WorldEditor(store, None), app.tenant()
    await store.get(tenant, world_id)
    store.to_answer = closed()
    writes = [
        asyncio.create_task(editor.write(tenant, world_id, adding(new_id()), None))
        for _ in range(MOST_UNDER_WAY + 5)
    ]
    await begun(store, MOST_UNDER_WAY)
    await asyncio.sleep(0.05)
    assert len(store.asked) == MOST_UNDER_WAY
    store.to_answer.release()
    edited = await asyncio.gather(*writes)
    assert [number(made.snapshot.rev) for made in edited] == list(range(2, MOST_UNDER_WAY + 7))
