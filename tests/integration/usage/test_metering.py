"""What is held is given back whatever the work fails with (CONTRACT 7)."""

from __future__ import annotations

import pytest

from conjure.core import jsondoc
from conjure.core.cleanup import Cleanup
from conjure.core.errors import (
    AuthorUnavailable,
    IdempotencyInProgress,
    KernelRefused,
    NotFound,
    QuotaExceeded,
    StoreUnavailable,
)
from conjure.core.ids import new_id
from conjure.settings import CapSettings, WorldSettings
from conjure.store import keyspace
from conjure.usage.idempotency import Idempotency
from conjure.usage.metering import Hold, Metering
from conjure.usage.store import UsageStore
from conjure.worlds.model import Summary
from conjure.worlds.store import WorldStore
from support.until import until
from support.worlds import small_world


@pytest.fixture
async def metering(stack):
    async with Cleanup(last_wait_s=5) as cleanup:
        yield Metering(UsageStore(stack.admin.store, CapSettings(), WorldSettings()), cleanup)


async def used(stack, app) -> int:
    _, counts, _ = await UsageStore(stack.admin.store, CapSettings(), WorldSettings()).read(
        app.tenant()
    )
    return counts["generation"]


@pytest.mark.parametrize(
    "failure",
    [QuotaExceeded("image"), IdempotencyInProgress(), KernelRefused([]), ValueError("x")],
    ids=lambda failure: type(failure).__name__,
)
async def test_a_unit_comes_back_when_its_work_fails(stack, app, metering, failure):
    """Also when the work asked for a second unit that there was not: the first one was held all the same."""
    key = Idempotency.of("tests", "key", "body")

    async def work() -> None:
        async with metering.held(app.tenant(), "generation", key):
            assert await used(stack, app) == 1
            raise failure

    with pytest.raises(type(failure)):
        await work()
    assert await used(stack, app) == 0
    again = metering.held(app.tenant(), "generation", key, again=True)
    async with again as hold:  # the key is not still running
        assert hold.first is None


async def test_a_hold_that_has_lapsed_is_not_spent(stack, app):
    """The script that stores the result is told so, and stores nothing (spend.lua)."""
    store, tenant, world_id = stack.admin.store, app.tenant(), new_id()
    await UsageStore(store, CapSettings(), WorldSettings(hold_s=1)).reserve(
        tenant, "generation", "a-hold"
    )
    lapses = int(await store.read("ZSCORE", keyspace.holds(tenant, "generation"), "a-hold"))

    async def has_lapsed() -> bool:
        seconds, micros = await store.read("TIME")
        return int(seconds) * 1000 + int(micros) // 1000 > lapses

    await until(has_lapsed)
    world = small_world(id=world_id)
    worlds = WorldStore(store, WorldSettings())
    made = await worlds.create(
        tenant, world_id, jsondoc.dumps(world), Summary.of(world),
        asset_names=frozenset(), hold=Hold("a-hold", "generation"), answer=b"", slug="",
    )  # fmt: skip
    assert made is None
    assert await used(stack, app) == 0
    with pytest.raises(NotFound):
        await worlds.get(tenant, world_id)


async def test_work_that_stores_nothing_is_spent_with_its_answer(stack, app, metering):
    """Once, however often it is asked; a hold that is no more is not spent."""
    tenant, key = app.tenant(), Idempotency.of("tests", "answer", "body")
    async with metering.held(tenant, "generation", key) as hold:
        await metering.spend(tenant, hold, b'{"reply":"Which one?"}', rev="7")
        await metering.spend(tenant, hold, b'{"reply":"Which one?"}', rev="7")
    assert await used(stack, app) == 1
    async with metering.held(tenant, "generation", key) as again:
        assert again.first is not None
        assert (again.first.members, again.first.rev) == ({"reply": "Which one?"}, "7")
    assert await used(stack, app) == 1
    with pytest.raises(StoreUnavailable):
        await metering.spend(tenant, Hold("of-nobody", "generation"), b"{}")
    assert await used(stack, app) == 1


async def test_the_hold_of_long_work_is_renewed(stack, app):
    """And with it the Idempotency-Key, which is still running all the while; not once the work has failed."""
    store, tenant = stack.admin.store, app.tenant()
    usage = UsageStore(store, CapSettings(), WorldSettings(hold_s=1))
    key = Idempotency.of("tests", "long", "body")
    holds, record = keyspace.holds(tenant, "edit"), key.key(tenant)

    async def lapses_at(hold_id):
        return int(await store.read("ZSCORE", holds, hold_id) or 0)

    async def is_renewed_twice():
        return await lapses_at(hold.id) > first + 500

    async with Cleanup(last_wait_s=5) as cleanup:
        work = Metering(usage, cleanup).held(tenant, "edit", key, is_long=True)
        hold = await work.__aenter__()
        first = await lapses_at(hold.id)
        await until(is_renewed_twice)
        assert int(await store.read("HGET", record, "running_until")) > first
        with pytest.raises(IdempotencyInProgress):
            await usage.reserve(tenant, "edit", "another", key)
        assert not await work.__aexit__(AuthorUnavailable, AuthorUnavailable(), None)
    assert await lapses_at(hold.id) == 0
    assert not await usage.renew(tenant, "edit", hold.id, key)
    assert await store.read("EXISTS", record) == 0


async def test_a_creation_that_is_asked_again_answers_its_own_revision(stack, app):
    """Though the world has been edited since: the caller has the text of the first revision."""
    store, tenant, world_id = stack.admin.store, app.tenant(), new_id()
    await UsageStore(store, CapSettings(), WorldSettings()).reserve(tenant, "generation", "hold")
    world = small_world(id=world_id)
    worlds = WorldStore(store, WorldSettings())

    async def create():
        return await worlds.create(
            tenant, world_id, jsondoc.dumps(world), Summary.of(world),
            asset_names=frozenset(), hold=Hold("hold", "generation"), answer=b"", slug="",
        )  # fmt: skip

    first = await create()
    _, base = await worlds.get(tenant, world_id)
    text = jsondoc.dumps(world | {"name": "Edited"})
    await worlds.replace(
        tenant,
        world_id,
        base,
        text,
        Summary.of(world),
        new_id(),
        asset_names=None,
        ops=("set name",),
    )
    assert await create() == first == ("1", None)
