"""Covers are assets that are kept before their world is stored: no world names a picture that is not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conjure.administration import administration
from conjure.core.errors import Reason
from conjure.providers.author import BuiltinAuthor
from conjure.settings import AuthSettings
from support.assets import asset_path, is_asset_url, sha256_of
from support.jobs import making
from support.rest import bearer
from support.rpc import refused
from support.stack import running_store, store_settings
from support.worlds import small_world

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
async def own_store(tmp_path_factory):
    async with running_store(tmp_path_factory.mktemp("store")) as (_, url):
        yield url


@pytest.fixture
async def broken(own_store, tmp_path, monkeypatch):
    """A server whose engine fails as long as a file is where its folder is to be."""
    async with administration(store_settings(own_store), AuthSettings()) as admin:
        await admin.store.write("FLUSHALL")
    blocking = tmp_path / "assets"
    blocking.write_bytes(b"")
    monkeypatch.setenv("CONJURE_ASSETS_URL", str(blocking))
    async with making(own_store, BuiltinAuthor()) as maker:
        yield maker, blocking


def names_of_files(folder: Path) -> list[str]:
    return [path.stem for path in folder.rglob("*.svg")]


async def test_an_engine_that_fails_fails_the_creation_which_costs_nothing(broken):
    maker, blocking = broken
    caller = maker.jobs.caller
    without_cover = small_world(cover=None)
    for make in (caller.generate, lambda: caller.create(without_cover)):
        await refused(make(), Reason.ASSETS_UNAVAILABLE)
        assert await maker.jobs.used() == 0
        assert await maker.worlds() == []
    # What brings its own cover needs no engine.
    world_id = (await caller.create(small_world())).world_id
    blocking.unlink()
    made = await caller.generate()
    assert is_asset_url(made.cover)
    assert {world.id for world in await maker.worlds()} == {world_id, made.world_id}
    assert await maker.jobs.used() == 2


async def test_a_job_waits_for_the_engine_or_fails_and_costs_nothing(broken):
    maker, blocking = broken
    failed = await maker.jobs.finished(await maker.jobs.begun())
    assert (failed.status, await maker.jobs.used()) == ("failed", 0)
    assert failed.error == "the pictures of the world could not be kept; nothing was charged"
    assert await maker.worlds() == []
    blocking.unlink()
    done = await maker.jobs.finished(await maker.jobs.begun())
    assert done.status == "succeeded"
    (world,) = await maker.worlds()
    assert names_of_files(blocking) == [sha256_of(world.cover)]


async def test_a_retry_answers_the_same_cover_and_keeps_one_picture(rest, app):
    for body in ({"premise": "a mill in the snow"}, {"world": small_world(cover="")}):
        headers = bearer(app.secret) | {"idempotency-key": f"k-{next(iter(body))}"}
        first = await rest.post("/v1/worlds", json=body, headers=headers)
        again = await rest.post("/v1/worlds", json=body, headers=headers)
        assert again.headers["idempotent-replayed"] == "true"
        assert again.json() == first.json()
        assert (await rest.get(asset_path(first.json()["cover"]))).status_code == 200


async def test_jobs_and_forks_name_pictures_that_are_there(rest, app):
    headers = bearer(app.secret)
    imported = {"world": small_world(cover=None, name="Without"), "async": True}
    for body in (imported, {"premise": "a tower of glass", "async": True}):
        job = (await rest.post("/v1/worlds", json=body, headers=headers)).json()["jobId"]
        async with rest.stream("GET", f"/v1/jobs/{job}/events-stream", headers=headers) as events:
            await events.aread()
        world_id = (await rest.get(f"/v1/jobs/{job}", headers=headers)).json()["worldId"]
        cover = (await rest.get(f"/v1/worlds/{world_id}", headers=headers)).json()["cover"]
        assert is_asset_url(cover)
        assert (await rest.get(asset_path(cover))).status_code == 200
        forked = await rest.post(f"/v1/worlds/{world_id}/forks", json={}, headers=headers)
        fork = await rest.get(f"/v1/worlds/{forked.json()['worldId']}", headers=headers)
        assert fork.json()["cover"] == cover
    # An erased cover is drawn anew for a fork: the document there has one.
    await rest.patch(f"/v1/worlds/{world_id}", json={"cover": None}, headers=headers)
    forked = await rest.post(f"/v1/worlds/{world_id}/forks", json={}, headers=headers)
    fork = await rest.get(f"/v1/worlds/{forked.json()['worldId']}", headers=headers)
    assert is_asset_url(fork.json()["cover"])
    assert fork.json()["cover"] != cover


async def test_what_a_client_sends_stays_as_it_was_sent(rest, app):
    headers = bearer(app.secret)
    data = "data:image/png;base64,AAAA"
    image = {"src": "data:image/gif;base64,AA==", "label": "x"}
    world = small_world(cover=data, entrance={"state": "hall", "image": image})
    made = await rest.post("/v1/worlds", json={"world": world}, headers=headers)
    assert made.json()["cover"] == data
    read = (await rest.get(f"/v1/worlds/{made.json()['worldId']}", headers=headers)).json()
    assert (read["cover"], read["entrance"]["image"]) == (data, image)
