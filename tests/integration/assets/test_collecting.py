"""What some document names is there; what none names goes (assets/README.md)."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from conjure.assets.collector import Collector
from conjure.assets.names import names_in, object_name
from conjure.assets.store import AssetStore
from conjure.core.caller import Tenant
from conjure.core.ids import new_id
from conjure.providers.objects import FolderObjects, ObjectsError
from conjure.settings import Settings
from conjure.store import keyspace
from support.assets import assets_of, sha256_of, svg
from support.rest import bearer
from support.stack import new_app
from support.worlds import small_world

SETTINGS = Settings.from_environment().assets


@pytest.fixture
def objects():
    folder = Settings.from_environment().assets.folder
    return FolderObjects(folder, timeout_s=5.0, concurrent=8)


@pytest.fixture
def store(stack):
    return AssetStore(stack.admin.store)


@pytest.fixture
def collector(store, objects):
    """One for which everything is old at once."""
    return Collector(store, objects, replace(SETTINGS, grace_s=-1.0, unnamed_s=-1.0))


@pytest.fixture
def assets(stack):
    return assets_of(stack.admin.store)


async def is_there(objects, sha256: str) -> bool:
    return await objects.get(object_name(sha256, "svg")) is not None


class Walk:
    """Two apps that do whatever makes, names and forgets pictures."""

    def __init__(self, rest, apps, assets, store, dice):
        self.rest, self.apps, self.assets, self.store, self.dice = rest, apps, assets, store, dice
        self.urls: list[str] = []  # those that are there: worlds may name them
        self.dead: list[str] = []  # those that somebody began to keep, or to delete
        self.worlds: dict[str, int] = {}  # id to the app that has it
        self.versions: dict[str, list[str]] = {}

    async def call(self, verb, path, app, *, fails=(), **body):
        headers = bearer(self.apps[app].secret)
        answer = await self.rest.request(verb, path, headers=headers, json=body or None)
        assert answer.status_code == 200 or answer.status_code in fails, answer.text
        return answer

    def some_url(self):
        return self.dice.choice(["https://example.com/a.png", *self.urls])

    async def step(self):
        steps = [self.make, self.make, self.generate]
        if self.worlds:
            steps += [
                self.edit,
                self.cover,
                self.save,
                self.save,
                self.save,
                self.forget,
                self.go_back,
            ]
            steps += [self.fork, self.delete, self.cover, self.crash]
        await self.dice.choice(steps)()

    async def make(self):
        app = self.dice.randrange(2)
        kept = await self.assets.keep(self.apps[app].tenant(), svg(new_id()))
        self.urls.append(kept.url)
        cover = {"cover": self.some_url()} if self.dice.random() < 0.7 else {"cover": ""}
        world = small_world(notes={"deep": [self.some_url()]}, **cover)
        made = await self.call("POST", "/v1/worlds", app, world=world)
        self.worlds[made.json()["worldId"]] = app
        if "cover" in made.json():
            self.note(made.json()["cover"])

    def note(self, url):
        if "/assets/" in url and url not in self.urls:
            self.urls.append(url)

    async def generate(self):
        app = self.dice.randrange(2)
        made = await self.call("POST", "/v1/worlds", app, premise=f"a harbour, {new_id()}")
        self.worlds[made.json()["worldId"]] = app
        self.note(made.json()["cover"])

    def one(self):
        world = self.dice.choice(list(self.worlds)[:3])  # much happens to a few
        return world, self.worlds[world]

    async def edit(self):
        world, app = self.one()
        scene = await self.call("GET", f"/v1/worlds/{world}/scene", app)
        image = {"src": self.some_url()}
        state = self.dice.choice(list(scene.json()["states"]))
        await self.call("PATCH", f"/v1/worlds/{world}/entrance", app, state=state, image=image)

    async def cover(self):
        world, app = self.one()
        await self.call("PATCH", f"/v1/worlds/{world}", app, cover=self.some_url())

    async def save(self):
        world, app = self.one()
        if (
            self.dice.random() < 0.5
        ):  # a picture of its own, which only this version names in the end
            kept = await self.assets.keep(self.apps[app].tenant(), svg(new_id()))
            self.urls.append(kept.url)
            await self.call("PATCH", f"/v1/worlds/{world}", app, cover=kept.url)
        made = await self.call("POST", f"/v1/worlds/{world}/versions", app, title="t")
        self.versions.setdefault(world, []).append(made.json()["versionId"])

    async def forget(self):
        """Deletes all versions of a world that are not HEAD."""
        world, app = self.one()
        path = f"/v1/worlds/{world}/versions"
        for version in list(self.versions.get(world, [])):
            gone = await self.call("DELETE", f"{path}/{version}", app, fails={409})
            if gone.status_code == 200:
                self.versions[world].remove(version)

    async def go_back(self):
        world, app = self.one()
        if self.versions.get(world):
            version = self.dice.choice(self.versions[world])
            await self.call("POST", f"/v1/worlds/{world}/checkout", app, versionId=version)

    async def fork(self):
        world, app = self.one()
        await self.call("PATCH", f"/v1/worlds/{world}", app, visibility="public")
        made = await self.call("POST", f"/v1/worlds/{world}/forks", 1 - app)
        self.worlds[made.json()["worldId"]] = 1 - app

    async def delete(self):
        world, app = self.one()
        await self.call("DELETE", f"/v1/worlds/{world}", app)
        del self.worlds[world]
        self.versions.pop(world, None)

    async def crash(self):
        """A process dies after one of the steps that come before, or after, the script of a write."""
        tenant = self.apps[self.dice.randrange(2)].tenant()
        sha256 = sha256_of(self.dice.choice(self.urls)) if self.urls else "0" * 64
        match self.dice.randrange(3):
            case 0:  # claimed, and never named: by a world that is none, and by one that is
                await self.assets.claim(tenant, new_id(), [sha256])
                await self.assets.claim(tenant, self.one()[0], [sha256])
            case 1:  # begun to be kept, and never stored
                abandoned = self.assets.address(svg(new_id()))
                await self.store.keep(tenant, abandoned.sha256, "svg", 1, look_s=60.0)
                self.dead.append(abandoned.url)
            case 2:  # begun to be deleted
                kept = await self.assets.keep(tenant, svg(new_id()))
                page = await self.store.claims(kept.sha256)
                assert await self.store.unclaim(kept.sha256, page.claims, may_delete=True)
                self.dead.append(kept.url)

    async def named(self) -> set[str]:
        """What all documents name, as the API shows them."""
        found: set[str] = set()
        for world, app in self.worlds.items():
            paths = [f"/v1/worlds/{world}"]
            paths += [f"/v1/worlds/{world}/versions/{one}" for one in self.versions.get(world, [])]
            for path in paths:
                found |= names_in((await self.call("GET", path, app)).content)
        return found


@pytest.mark.parametrize("seed", range(2))
async def test_exactly_what_some_document_names_is_there(
    stack, rest, assets, store, objects, collector, seed
):
    apps = [await new_app(stack.admin) for _ in range(2)]
    for app in apps:
        await app.set_caps(generation=1_000)
    walk = Walk(rest, apps, assets, store, random.Random(seed))
    deleted = 0
    for part in range(4):
        for _ in range(20):
            await walk.step()
        known = {sha256_of(url) for url in walk.urls + walk.dead}
        for sha256 in sorted(known):
            await collector.look(sha256)
        named = await walk.named() & known
        there = {sha256 for sha256 in known if await is_there(objects, sha256)}
        assert named <= there, f"lost after {part} parts"
        assert there == named
        for sha256 in known - named:
            assert not await stack.admin.store.read("EXISTS", keyspace.asset(sha256))
            deleted += 1
        # Who names what is gone has a dead link, and is not counted as one who needs it.
        walk.urls = [url for url in walk.urls if sha256_of(url) in named]
    assert deleted > 5


async def test_a_claim_holds_for_a_while_without_a_document(app, store, objects, assets):
    """The script that names the asset may be under way."""
    tenant, world_id = app.tenant(), new_id()
    kept = await assets.keep(tenant, svg("young"))
    patient = Collector(store, objects, replace(SETTINGS, grace_s=50.0, unnamed_s=90.0))
    assert 89 < await patient.look(kept.sha256) < 91
    await assets.claim(tenant, world_id, [kept.sha256])
    assert 49 < await patient.look(kept.sha256) < 51, "the tenant's own claim has done its part"
    assert await is_there(objects, kept.sha256)
    impatient = Collector(store, objects, replace(SETTINGS, grace_s=-1.0, unnamed_s=-1.0))
    assert await impatient.look(kept.sha256) is None
    assert not await is_there(objects, kept.sha256)


async def test_a_claim_that_is_made_again_during_the_look_holds(app, store, objects, assets):
    tenant, world_id = app.tenant(), new_id()
    kept = await assets.keep(tenant, svg(new_id()))
    page = await store.claims(kept.sha256)
    await assets.claim(tenant, world_id, [kept.sha256])
    assert await store.unclaim(kept.sha256, page.claims, may_delete=True) is None
    page = await store.claims(kept.sha256)
    await store._store.write("HSET", keyspace.asset_claims(kept.sha256), page.claims[0].text, 5)
    assert await store.unclaim(kept.sha256, page.claims, may_delete=True) is None
    assert [claim.made_ms for claim in (await store.claims(kept.sha256)).claims] == [5]


async def test_what_is_being_deleted_is_stored_anew_when_it_is_kept(app, store, objects, assets):
    picture = svg(new_id())
    kept = await assets.keep(app.tenant(), picture)
    page = await store.claims(kept.sha256)
    since = await store.unclaim(kept.sha256, page.claims, may_delete=True)
    assert await store.extension(kept.sha256) is None, "nobody sees it any more"
    assert await store.keep(app.tenant(), kept.sha256, "svg", 1, look_s=1.0) == "deleting"
    await assets.claim(app.tenant(), new_id(), [kept.sha256])
    assert (await store.claims(kept.sha256)).claims == [], "nor claims it"
    # Its process has died: after a minute somebody else goes on.
    await store._store.write("HSET", keyspace.asset(kept.sha256), "deleting", 1)
    await objects.delete(object_name(kept.sha256, "svg"))
    await assets.keep(app.tenant(), picture)
    assert await is_there(objects, kept.sha256)
    assert not await store.deleted(kept.sha256, since)
    assert await store.extension(kept.sha256) == "svg"


async def test_an_engine_that_fails_delays_the_end(app, store, assets, objects):
    kept = await assets.keep(app.tenant(), svg(new_id()))

    class Failing:
        async def delete(self, name):
            raise ObjectsError("away")

    settings = replace(SETTINGS, grace_s=-1.0, unnamed_s=-1.0)
    failing = Collector(store, Failing(), settings)
    with pytest.raises(ObjectsError):
        await failing.look(kept.sha256)
    assert await Collector(store, objects, settings).look(kept.sha256) is None
    assert not await is_there(objects, kept.sha256)
    assert await store.claims(kept.sha256) is None


async def test_what_an_earlier_release_has_written_keeps_what_it_may_name(
    stack, rest, app, assets, store, objects, collector
):
    """It leaves a world's counts behind; the next write of ours says what is named, and claims it."""
    raw, tenant, headers = stack.admin.store, app.tenant(), bearer(app.secret)
    first = await assets.keep(tenant, svg(new_id()))
    made = await rest.post(
        "/v1/worlds", json={"world": small_world(cover=first.url)}, headers=headers
    )
    world_id = made.json()["worldId"]
    key = keyspace.world(tenant, world_id)
    second = await assets.keep(tenant, svg(new_id()))
    text = (await raw.read("HGET", key, "doc")).replace(first.url.encode(), second.url.encode())
    await raw.write("HSET", key, "rev", "2", "doc", text)
    assert await collector.look(first.sha256) == SETTINGS.look_s, "nobody knows"
    assert await is_there(objects, first.sha256)
    entrance = {"state": "cellar"}
    wrote = await rest.patch(f"/v1/worlds/{world_id}/entrance", json=entrance, headers=headers)
    assert wrote.status_code == 200
    for kept, outcome in ((first, None), (second, SETTINGS.look_s)):
        assert await collector.look(kept.sha256) == outcome
    assert not await is_there(objects, first.sha256)
    assert await is_there(objects, second.sha256)
    # A version that it has saved: from then on more may be named than is counted.
    await raw.write("HSET", keyspace.version_counts(tenant, world_id), "seq", 1)
    third = await assets.keep(tenant, svg(new_id()))
    await assets.claim(tenant, world_id, [third.sha256])
    assert await collector.look(third.sha256) == SETTINGS.look_s
    # A world that it has deleted leaves what it does not know.
    await raw.write("DEL", key)
    for kept in (second, third):
        assert await collector.look(kept.sha256) is None
        assert not await is_there(objects, kept.sha256)
    assert not await raw.read("EXISTS", keyspace.asset_names(tenant, world_id))


async def test_a_world_of_an_earlier_release_is_counted_by_its_first_version(
    stack, rest, app, assets, store, objects, collector
):
    raw, tenant, headers = stack.admin.store, app.tenant(), bearer(app.secret)
    made = await rest.post("/v1/worlds", json={"world": small_world()}, headers=headers)
    path = f"/v1/worlds/{made.json()['worldId']}"
    key = keyspace.world(tenant, made.json()["worldId"])
    await raw.write("HDEL", key, "named")
    saved = await rest.post(f"{path}/versions", json={}, headers=headers)
    assert saved.status_code == 200
    kept = await assets.keep(tenant, svg(new_id()))
    for cover in (kept.url, "https://x/y.png"):
        assert (await rest.patch(path, json={"cover": cover}, headers=headers)).status_code == 200
        is_named = cover == kept.url
        assert await collector.look(kept.sha256) == (SETTINGS.look_s if is_named else None)
        assert await is_there(objects, kept.sha256) == is_named


async def test_who_drops_an_asset_has_it_looked_at_soon(rest, app, assets, store, stack):
    headers = bearer(app.secret)
    kept = await assets.keep(app.tenant(), svg(new_id()))

    async def due_in_s() -> float:
        due = await stack.admin.store.read("ZSCORE", keyspace.assets_due(), kept.sha256)
        seconds, _ = await stack.admin.store.read("TIME")
        return float(due) / 1000 - int(seconds)

    assert due_in_s is not None
    assert await due_in_s() > SETTINGS.unnamed_s - 60
    made = await rest.post(
        "/v1/worlds", json={"world": small_world(cover=kept.url)}, headers=headers
    )
    path = f"/v1/worlds/{made.json()['worldId']}"
    assert (
        await rest.patch(path, json={"cover": "https://x/y.png"}, headers=headers)
    ).status_code == 200
    assert await due_in_s() < SETTINGS.grace_s + 60
    for again in ("versions", "delete"):
        await stack.admin.store.write("ZADD", keyspace.assets_due(), 9e15, kept.sha256)
        assert (
            await rest.patch(path, json={"cover": kept.url}, headers=headers)
        ).status_code == 200
        if again == "versions":
            for _ in range(2):
                saved = await rest.post(f"{path}/versions", json={}, headers=headers)
                await rest.patch(path, json={"cover": "https://x/y.png"}, headers=headers)
            first = (await rest.get(f"{path}/versions", headers=headers)).json()["versions"][0][
                "id"
            ]
            assert saved.status_code == 200
            assert await due_in_s() > 1e6, "a version names it still"
            assert (
                await rest.delete(f"{path}/versions/{first}", headers=headers)
            ).status_code == 200
        else:
            assert (await rest.delete(path, headers=headers)).status_code == 200
        assert await due_in_s() < SETTINGS.grace_s + 60


async def test_a_collector_collects_what_is_due_one_process_at_a_time(
    app, store, objects, assets, stack
):
    kept = await assets.keep(app.tenant(), svg(new_id()))
    await stack.admin.store.write("ZADD", keyspace.assets_due(), 1, kept.sha256)
    collector = Collector(store, objects, replace(SETTINGS, grace_s=-1.0, unnamed_s=-1.0))
    assert await collector.collect() >= 1
    assert not await is_there(objects, kept.sha256)
    assert await stack.admin.store.read("ZSCORE", keyspace.assets_due(), kept.sha256) is None
    name = keyspace.assets_collector()
    await stack.admin.store.write("DEL", name)
    assert await store.take_turn("a", 60_000)
    assert not await store.take_turn("b", 60_000)
    assert await store.take_turn("a", 60_000)
    await stack.admin.store.write("DEL", name)


def test_keys_of_tenants_are_read_back_from_claims():
    """An app's id and a world's are UUIDs: no colon stands in them."""
    assert Tenant.of_tag("app:test") == Tenant("app", "test")
    assert Path(object_name("ab" * 32, "svg")).parent == Path("ab/ab")
