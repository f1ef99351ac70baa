"""The directory of public worlds only follows what a world says of itself (CONTRACT 0.1)."""

from __future__ import annotations

import asyncio
import random

import pytest

from conjure.core.errors import Reason
from conjure.core.ids import new_id
from conjure.settings import AuthSettings, StoreSettings, WorldSettings
from conjure.store import keyspace
from conjure.worlds.directory import PublicDirectory
from conjure.worlds.store import WorldStore
from support.keys import key_names
from support.rpc import Client, client, outcomes, refused
from support.stack import administration, new_app, running_server, running_store
from support.worlds import small_world


@pytest.fixture
def owner(server_channel, app) -> Client:
    return Client(server_channel, app.secret)


@pytest.fixture
def stranger(server_channel, other_app) -> Client:
    return Client(server_channel, other_app.secret)


@pytest.fixture
async def world_id(owner) -> str:
    """A public world."""
    made = await owner.new_world()
    await owner.describe(made, visibility="public")
    return made


@pytest.fixture
def by_hand(stack) -> WorldStore:
    """The tenant's own scripts, without what follows them: as a server that dies in between."""
    return WorldStore(
        stack.admin.store, WorldSettings(cache_entries=1, cache_bytes=1, idempotency_s=60)
    )


async def entry(stack, world_id) -> bytes | None:
    return await stack.admin.store.read("GET", keyspace.public_world(world_id))


async def unconfirmed(stack, app, world_id) -> bytes | None:
    key = keyspace.world(app.tenant(), world_id)
    return await stack.admin.store.read("HGET", key, "unconfirmed")


class TestRefused:
    async def test_a_strangers_delete_hides_nothing(self, stranger, world_id):
        await refused(stranger.delete_world(world_id), Reason.NOT_FOUND)
        assert (await stranger.world(world_id)).world.visibility == "public"

    async def test_a_strangers_patch_hides_nothing(self, stranger, world_id):
        await refused(stranger.describe(world_id, visibility="private"), Reason.NOT_FOUND)
        assert (await stranger.world(world_id)).world.visibility == "public"

    @pytest.mark.parametrize(
        ("how", "reason"),
        [
            ({"expected_rev": "9"}, Reason.REVISION_CONFLICT),
            ({"headers": {"if_match": '"9"'}}, Reason.REVISION_CONFLICT),
            ({"name": "Else", "expected_rev": "9"}, Reason.REVISION_CONFLICT),
            ({"name": "x" * 201}, Reason.INVALID_FIELD),
            ({"cover": ""}, Reason.INVALID_FIELD),
        ],
    )
    async def test_a_refused_patch_hides_nothing(self, owner, stranger, world_id, how, reason):
        await refused(owner.describe(world_id, visibility="private", **how), reason)
        for caller in (owner, stranger):
            assert (await caller.world(world_id)).world.visibility == "public"

    async def test_a_delete_on_a_stale_revision_hides_nothing(self, owner, stranger, world_id):
        await refused(owner.delete_world(world_id, "9"), Reason.REVISION_CONFLICT)
        assert (await stranger.world(world_id)).world.visibility == "public"


class TestAServerDiedInBetween:
    async def test_a_world_to_be_published_is_found_once_its_owner_has_read_it(
        self, stack, app, owner, stranger, by_hand
    ):
        world_id = await owner.new_world()
        await by_hand.set_visibility(app.tenant(), world_id, "public", None, new_id())
        await refused(stranger.world(world_id), Reason.NOT_FOUND)
        assert (await owner.world(world_id)).world.visibility == "public"
        assert (await stranger.world(world_id)).world.visibility == "public"
        assert await unconfirmed(stack, app, world_id) is None

    async def test_a_change_that_is_asked_again_undoes_no_later_one(self, app, owner, by_hand):
        """Its answer was lost; meanwhile the owner has made the world private again."""
        world_id, request_id = await owner.new_world(), new_id()
        await by_hand.set_visibility(app.tenant(), world_id, "public", None, request_id)
        await owner.describe(world_id, visibility="private")
        await by_hand.set_visibility(app.tenant(), world_id, "public", None, request_id)
        assert (await owner.world(world_id)).world.visibility == "private"

    async def test_a_patch_again_repairs_it_too(self, app, owner, stranger, by_hand):
        world_id = await owner.new_world()
        await by_hand.set_visibility(app.tenant(), world_id, "unlisted", None, new_id())
        await owner.describe(world_id, visibility="unlisted")
        assert (await stranger.world(world_id)).world.visibility == "unlisted"

    async def test_a_hidden_world_is_hidden_at_once_and_a_stranger_clears_it_away(
        self, stack, app, stranger, world_id, by_hand
    ):
        await by_hand.set_visibility(app.tenant(), world_id, "private", None, new_id())
        assert await entry(stack, world_id) is not None
        await refused(stranger.world(world_id), Reason.NOT_FOUND)
        assert await entry(stack, world_id) is None
        assert await unconfirmed(stack, app, world_id) is None

    async def test_an_owners_read_clears_it_away_too(self, stack, app, owner, world_id, by_hand):
        await by_hand.set_visibility(app.tenant(), world_id, "private", None, new_id())
        await owner.scene(world_id)
        assert await entry(stack, world_id) is None

    @pytest.mark.parametrize("who", ["owner", "stranger"])
    async def test_a_deleted_world_is_cleared_away_by_the_next_read(
        self, stack, app, owner, stranger, world_id, by_hand, who
    ):
        caller = {"owner": owner, "stranger": stranger}[who]
        assert await by_hand.delete(app.tenant(), world_id, None, new_id())
        assert await entry(stack, world_id) is not None
        await refused(caller.world(world_id), Reason.NOT_FOUND)
        assert await entry(stack, world_id) is None

    async def test_a_world_that_an_older_release_published_is_hidden_and_deleted(
        self, stack, app, owner, stranger
    ):
        """It has neither number nor note."""
        for undo in (owner.delete_world, lambda gone: owner.describe(gone, visibility="private")):
            world_id = await owner.new_world()
            store, tenant = stack.admin.store, app.tenant()
            await store.write("HSET", keyspace.world(tenant, world_id), "visibility", "public")
            await store.write("SET", keyspace.public_world(world_id), tenant.tag)
            assert (await stranger.world(world_id)).world.visibility == "public"
            await undo(world_id)
            assert await entry(stack, world_id) is None
            await refused(stranger.world(world_id), Reason.NOT_FOUND)


class TestOrder:
    async def test_a_late_publication_undoes_nothing(self, stack, app, owner, world_id):
        """A server that stood still between its steps takes the second one after all that came since."""
        directory = PublicDirectory(stack.admin.store)
        key = keyspace.world(app.tenant(), world_id)
        seq = await stack.admin.store.read("HGET", key, "visibility_seq")
        await owner.describe(world_id, visibility="private")
        await directory._step(world_id, int(seq), app.tenant().tag)
        assert await entry(stack, world_id) is None
        await owner.describe(world_id, visibility="public")
        assert await entry(stack, world_id) == app.tenant().tag.encode()
        await owner.delete_world(world_id)
        await directory._step(world_id, int(seq) + 10**6, app.tenant().tag)
        assert await entry(stack, world_id) is None

    async def test_what_orders_the_steps_does_not_stay(self, stack, owner, world_id):
        await owner.delete_world(world_id)
        key = keyspace.public_world_step(world_id)
        assert 3_000_000 < await stack.admin.store.read("PTTL", key) <= 3_600_000

    async def test_a_thousand_races_leave_no_entry_without_its_world(self, stack, app, both):
        """Publications, withdrawals and deletions at once from two servers, then all that is left."""
        await app.set_caps(generation=2_000)
        dice = random.Random(7)
        rounds, at_once = 1_000, 25
        worlds: list[str] = []

        async def race(n: int) -> None:
            world_id = await both[n % 2].new_world(name=f"Race {n}")
            worlds.append(world_id)
            calls = [
                lambda caller: caller.describe(world_id, visibility="public"),
                lambda caller: caller.describe(world_id, visibility="private"),
                lambda caller: caller.describe(world_id, visibility="public", name="Else"),
            ]
            if n % 4:
                calls.append(lambda caller: caller.delete_world(world_id))
            dice.shuffle(calls)
            _, reasons = await outcomes(call(dice.choice(both)) for call in calls)
            assert set(reasons) <= {Reason.NOT_FOUND}

        for first in range(0, rounds, at_once):
            await asyncio.gather(*map(race, range(first, first + at_once)))
        prefix = keyspace.public_world("")
        listed = {
            name.removeprefix(prefix) for name in await key_names(stack.admin.store, f"{prefix}*")
        }
        public = {world_id for world_id in worlds if await is_public(stack, app, world_id)}
        assert listed & set(worlds) == public
        assert len(public) > 50
        assert len(worlds) - len(public) > 500


async def is_public(stack, app, world_id) -> bool:
    key = keyspace.world(app.tenant(), world_id)
    return await stack.admin.store.read("HGET", key, "visibility") == b"public"


async def test_a_store_that_takes_only_the_first_step(tmp_path):
    """It refuses every write beside the tenants' keys: no success is claimed, and all is put right later."""
    async with (
        running_store(tmp_path / "store") as (_, url),
        running_server(tmp_path, url) as (_, port),
        administration(StoreSettings(url=url), AuthSettings()) as admin,
    ):
        app, other = await new_app(admin), await new_app(admin)
        async with client(port, app.secret) as owner, client(port, other.secret) as stranger:
            world_id = str((await owner.create(small_world())).world_id)
            hidden, gone = await owner.new_world(), await owner.new_world()
            for shown in (hidden, gone):
                await owner.describe(shown, visibility="public")
            await admin.store.write("ACL", "SETUSER", "default", "resetkeys", "%R~*", "~[^p]*")
            answers, reasons = await outcomes([owner.describe(world_id, visibility="public")])
            assert not answers, "others do not find it yet"
            assert sum(reasons.values()) == 1
            await refused(stranger.world(world_id), Reason.NOT_FOUND)
            # What is hidden is hidden by the world itself; so is what is gone.
            await owner.describe(hidden, visibility="private")
            await owner.delete_world(gone)
            for world in (hidden, gone):
                await refused(stranger.world(world), Reason.NOT_FOUND)
            assert (await owner.world(world_id)).world.visibility == "public"
            await admin.store.write("ACL", "SETUSER", "default", "resetkeys", "~*")
            assert (await owner.world(world_id)).world.visibility == "public"
            assert (await stranger.world(world_id)).world.visibility == "public"
            for world in (hidden, gone):
                await refused(stranger.world(world), Reason.NOT_FOUND)
                assert await admin.store.read("GET", keyspace.public_world(world)) is None
