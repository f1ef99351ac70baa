"""What nobody here knows keeps its meaning, wherever a document is read (CONTRACT 0)."""

from __future__ import annotations

import pytest

from support.assets import is_asset_url
from support.edge.exact import exact
from support.edge.faithful import MEMBERS, VALUES, WORLD
from support.rest import assert_error, bearer, connect, mint


@pytest.fixture
async def faithful(rest, app) -> str:
    return await imported(rest, app, WORLD)


async def imported(rest, app, world: str) -> str:
    answer = await rest.post(
        "/v1/worlds", content=f'{{"world":{world}}}'.encode(), headers=bearer(app.secret)
    )
    assert answer.status_code == 200, answer.text
    world_id: str = answer.json()["worldId"]
    return world_id


async def get(rest, app, path: str):
    answer = await rest.get(path, headers=bearer(app.secret))
    assert answer.status_code == 200, answer.text
    return exact(answer.content)


class TestEveryReader:
    """The imported document, exactly, with nothing but the `id` that the server gives."""

    async def test_the_world(self, rest, app, faithful):
        read = await get(rest, app, f"/v1/worlds/{faithful}")
        assert read.pop("schemaVersion") == "1.0"
        assert read == exact(WORLD) | {"id": faithful}

    async def test_the_scene(self, rest, app, faithful):
        read = await get(rest, app, f"/v1/worlds/{faithful}/scene")
        world = exact(WORLD)
        assert set(read) == {"states", "events", "entrance", "rev", "schemaVersion"}
        assert read["states"] == world["scene"]["states"]
        assert read["events"] == world["scene"]["events"]
        assert read["entrance"] == world["entrance"]

    async def test_the_answer_of_a_write_and_what_it_stored(self, rest, app, faithful):
        answer = await rest.patch(
            f"/v1/worlds/{faithful}/entrance", json={"state": "cellar"}, headers=bearer(app.secret)
        )
        expected = exact(WORLD) | {"id": faithful}
        expected["entrance"]["state"] = "cellar"
        assert exact(answer.content)["world"] == expected
        read = await get(rest, app, f"/v1/worlds/{faithful}")
        assert read == expected | {"schemaVersion": "1.0"}

    async def test_many_writes_wear_nothing_off(self, rest, app, faithful):
        for state in ("cellar", "hall") * 3:
            answer = await rest.patch(
                f"/v1/worlds/{faithful}/entrance", json={"state": state}, headers=bearer(app.secret)
            )
        assert exact(answer.content)["world"] == exact(WORLD) | {"id": faithful}

    async def test_connect(self, rest, app, faithful):
        token = (await mint(rest, app.secret, faithful))["token"]
        for _ in range(2):
            answer = await connect(rest, token)
            assert exact(answer.content)["world"] == exact(WORLD) | {"id": faithful}

    async def test_connect_of_a_character(self, rest, app):
        world = f'{WORLD[:-1]},"kind":"character","character":{{"intro":{MEMBERS},"lore":1}}}}'
        world_id = await imported(rest, app, world)
        token = (await mint(rest, app.secret, world_id))["token"]
        played = exact((await connect(rest, token)).content)["world"]
        assert played.pop("character") == {"intro": exact(MEMBERS)}
        assert played == exact(WORLD) | {"id": world_id, "kind": "character"}


@pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
async def test_each_value_alone_keeps_its_meaning_and_type(rest, app, value):
    """Alone, as one value can change the way in which the whole document is read."""
    world = f'{WORLD.replace(MEMBERS, "0")[:-1]},"y":{value}}}'
    await app.set_caps(generation=1000)
    world_id = await imported(rest, app, world)
    assert (await get(rest, app, f"/v1/worlds/{world_id}"))["y"] == exact(value)


class TestSchemaVersion:
    async def test_what_get_returned_can_be_imported_again(self, rest, app, faithful):
        first = await rest.get(f"/v1/worlds/{faithful}", headers=bearer(app.secret))
        again = await imported(rest, app, first.text)
        assert again != faithful
        second = await get(rest, app, f"/v1/worlds/{again}")
        assert second == exact(first.content) | {"id": again}

    @pytest.mark.parametrize("version", ['"1.0"', '"2.0"', "1", "null", "{}", '""'])
    async def test_it_stands_in_every_body_once_whatever_was_imported(self, rest, app, version):
        """The contract owns this member of a body; `exact` refuses one that comes twice."""
        made = await rest.post(
            "/v1/worlds",
            content=f'{{"world":{{"schemaVersion":{version},{WORLD[1:]}}}'.encode(),
            headers=bearer(app.secret),
        )
        if made.status_code != 200:
            assert version != '"1.0"'
            assert_error(made, 422)
            return
        read = await get(rest, app, f"/v1/worlds/{made.json()['worldId']}")
        assert read["schemaVersion"] == "1.0"

    async def test_it_is_no_member_of_the_world_inside_an_answer(self, rest, app, faithful):
        answer = await rest.patch(
            f"/v1/worlds/{faithful}/entrance", json={"state": "hall"}, headers=bearer(app.secret)
        )
        body = exact(answer.content)
        assert body["schemaVersion"] == "1.0"
        assert "schemaVersion" not in body["world"]


class TestWhatTheServerGives:
    async def test_the_id_is_the_servers(self, rest, app):
        for claimed in ('"mine"', "null", "5", '"11111111-2222-4333-8444-555555555555"'):
            world_id = await imported(rest, app, f'{WORLD[:-1]},"id":{claimed}}}')
            assert (await get(rest, app, f"/v1/worlds/{world_id}"))["id"] == world_id

    async def test_without_a_cover_one_is_drawn_and_seeds_the_entrance(self, rest, app):
        scene = '"scene":{"states":{"a":{"base":"A."}},"events":[]}'
        for cover in ("", '"cover":null,', '"cover":"",'):
            for image in ("", ',"image":null', ',"image":{}', ',"image":{"x":1.0}'):
                world = f'{{"name":"N",{cover}"entrance":{{"state":"a"{image}}},{scene}}}'
                world_id = await imported(rest, app, world)
                read = await get(rest, app, f"/v1/worlds/{world_id}")
                assert is_asset_url(read["cover"])
                assert read["entrance"]["image"].pop("src") == read["cover"]
                assert read["entrance"]["image"] == (exact('{"x":1.0}') if "x" in image else {})

    @pytest.mark.parametrize("empty", ["{}", '{"name":""}', '{"entrance":{},"scene":{}}'])
    async def test_an_empty_world_is_refused_with_what_it_lacks(self, rest, app, empty):
        answer = await rest.post(
            "/v1/worlds", content=f'{{"world":{empty}}}'.encode(), headers=bearer(app.secret)
        )
        found = assert_error(answer, 422)["diagnostics"]
        assert {finding["severity"] for finding in found} >= {"error"}

    async def test_a_world_without_events_or_description_reads_back_so(self, rest, app):
        world = (
            '{"name":"N","cover":"c","entrance":{"state":"a","image":{"src":"s"}},'
            '"scene":{"states":{"a":{"base":"A."}},"events":[]}}'
        )
        world_id = await imported(rest, app, world)
        read = await get(rest, app, f"/v1/worlds/{world_id}")
        assert read == exact(world) | {"id": world_id, "schemaVersion": "1.0"}
