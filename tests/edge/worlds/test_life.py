"""The rest of a world's life: described, shown to others, forked, removed (CONTRACT 2.2)."""

from __future__ import annotations

import asyncio

import pytest

from support.keys import key_names
from support.rest import assert_error, bearer, connect, import_world, mint
from support.revs import number
from support.worlds import small_world


@pytest.fixture
def api(rest, app):
    """Calls as the owner."""

    async def call(verb, path, key=None, **request):
        headers = bearer(key or app.secret) | request.pop("headers", {})
        return await rest.request(verb, path, headers=headers, **request)

    return call


async def keys_of(app, world_id):
    """Every key that speaks of a world, but for what the directory's last step leaves for an hour."""
    names = await key_names(app.admin.store, f"*{world_id}*")
    return [name for name in names if not name.startswith("public-step:")]


class TestSlugs:
    async def test_a_slug_is_made_from_the_name_and_unique_in_the_app(self, api, app, other_app):
        slugs = []
        for key in (app.secret, app.secret, app.secret, other_app.secret, app.live_secret):
            world = small_world(name="Café  of the Lost—Letters!")
            made = await api("POST", "/v1/worlds", key, json={"world": world})
            slugs.append(made.json()["slug"])
        first = "cafe-of-the-lost-letters"
        assert slugs == [first, f"{first}-2", f"{first}-3", first, first]

    @pytest.mark.parametrize("name", ["灯台守", "!!!", "🏰"])
    async def test_a_name_without_plain_letters_has_none(self, api, name):
        made = await api("POST", "/v1/worlds", json={"world": small_world(name=name)})
        assert made.json()["slug"] is None

    async def test_it_stands_wherever_the_contract_has_it(self, api, rest, app):
        made = (await api("POST", "/v1/worlds", json={"world": small_world()})).json()
        listed = (await api("GET", "/v1/worlds")).json()["worlds"]
        minted = await mint(rest, app.secret, made["worldId"])
        assert made["slug"] == listed[0]["slug"] == minted["slug"] == "two-rooms"

    async def test_a_replayed_creation_says_the_same_slug(self, api):
        await api("POST", "/v1/worlds", json={"world": small_world()})
        answers = [
            await api(
                "POST", "/v1/worlds", json={"world": small_world(cover='"@slug@"')},
                headers={"idempotency-key": "k"},
            )
            for _ in range(2)
        ]  # fmt: skip
        assert answers[0].json() == answers[1].json()
        assert answers[1].json()["slug"] == "two-rooms-2"
        assert answers[1].headers["idempotent-replayed"] == "true"

    async def test_a_removed_world_gives_its_slug_back(self, api):
        made = (await api("POST", "/v1/worlds", json={"world": small_world()})).json()
        await api("DELETE", f"/v1/worlds/{made['worldId']}")
        again = (await api("POST", "/v1/worlds", json={"world": small_world()})).json()
        assert again["slug"] == made["slug"]


class TestUpdate:
    async def test_the_answer_is_the_metadata(self, api, rest, app):
        world_id = await import_world(rest, app.secret)
        answer = await api("PATCH", f"/v1/worlds/{world_id}", json={"name": "Three rooms"})
        assert answer.status_code == 200
        body = answer.json()
        assert set(body) == {
            "id", "name", "description", "cover", "visibility", "slug", "created_at",
            "updated_at", "schemaVersion",
        }  # fmt: skip
        assert (body["id"], body["name"], body["slug"]) == (world_id, "Three rooms", "two-rooms")
        document = (await api("GET", f"/v1/worlds/{world_id}")).json()
        assert document["name"] == "Three rooms"
        assert (await api("GET", "/v1/worlds")).json()["worlds"][0]["name"] == "Three rooms"

    @pytest.mark.parametrize(
        ("body", "rev"),
        [
            ({"name": "Else"}, 2),
            ({"description": ""}, 2),
            ({"cover": "https://example.com/other.png", "visibility": "public"}, 2),
            ({"visibility": "unlisted"}, 1),
            ({"name": "Two rooms"}, 1),
        ],
    )
    async def test_the_revision_moves_only_when_the_document_changes(
        self, api, rest, app, body, rev
    ):
        world_id = await import_world(rest, app.secret)
        answer = await api("PATCH", f"/v1/worlds/{world_id}", json=body)
        assert number(answer.headers["etag"].strip('"')) == rev
        read = await api("GET", f"/v1/worlds/{world_id}")
        assert read.headers["etag"] == answer.headers["etag"]
        assert answer.json()["visibility"] == body.get("visibility", "private")

    @pytest.mark.parametrize(
        ("body", "named"),
        [
            ({"name": ""}, "name"),
            ({"name": "x" * 201}, "name"),
            ({"name": 5}, "name"),
            ({"description": "x" * 8001}, "description"),
            ({"cover": ""}, "cover"),
            ({"visibility": "secret"}, "visibility"),
            ({"visibility": ["public"]}, "visibility"),
        ],
    )
    async def test_bad_fields_are_named_and_nothing_changes(self, api, rest, app, body, named):
        world_id = await import_world(rest, app.secret)
        before = (await api("GET", "/v1/worlds")).json()
        error = assert_error(await api("PATCH", f"/v1/worlds/{world_id}", json=body), 400)
        assert error["errors"][0].startswith(named)
        assert (await api("GET", "/v1/worlds")).json() == before

    @pytest.mark.parametrize("body", [{"name": "Else"}, {"visibility": "public"}])
    async def test_a_stale_assertion_changes_nothing(self, api, rest, app, other_app, body):
        world_id = await import_world(rest, app.secret)
        path = f"/v1/worlds/{world_id}"
        assert_error(await api("PATCH", path, json=body, headers={"if-match": '"7"'}), 409)
        assert_error(await api("PATCH", path, json=body | {"expectedRev": "7"}), 409)
        assert_error(await api("GET", path, other_app.secret), 404)
        assert (await api("PATCH", path, json=body, headers={"if-match": '"1"'})).status_code == 200


class TestSight:
    async def test_it_begins_and_ends_with_the_visibility(self, api, rest, app, other_app):
        path = f"/v1/worlds/{await import_world(rest, app.secret)}"
        for visibility, status in (("public", 200), ("private", 404), ("unlisted", 200)):
            await api("PATCH", path, json={"visibility": visibility})
            for key in (other_app.secret, other_app.publishable):
                assert (await api("GET", path, key)).status_code == status

    async def test_it_stays_out_of_other_lists(self, api, rest, app, other_app):
        world_id = await import_world(rest, app.secret)
        await api("PATCH", f"/v1/worlds/{world_id}", json={"visibility": "public"})
        assert (await api("GET", "/v1/worlds", other_app.secret)).json()["worlds"] == []

    async def test_a_shown_character_keeps_its_secrets(self, api, rest, app, other_app):
        brain = {"persona": "A secret.", "greeting": "Hello."}
        world_id = await import_world(rest, app.secret, kind="character", character=brain)
        path = f"/v1/worlds/{world_id}"
        await api("PATCH", path, json={"visibility": "public"})
        assert (await api("GET", path)).json()["character"] == brain
        seen = await api("GET", path, other_app.secret)
        assert seen.json()["character"] == {"greeting": "Hello."}
        forked = (await api("POST", f"{path}/forks", other_app.secret)).json()["worldId"]
        assert "A secret." not in (await api("GET", f"/v1/worlds/{forked}", other_app.secret)).text


class TestForks:
    async def test_a_fork_is_a_private_copy_with_a_name_of_its_own(self, api, rest, app):
        world_id = await import_world(rest, app.secret, extra={"n": 9007199254740993, "f": 1.0})
        await api("PATCH", f"/v1/worlds/{world_id}", json={"visibility": "public"})
        answer = await api("POST", f"/v1/worlds/{world_id}/forks")
        assert answer.status_code == 200
        assert set(answer.json()) == {"worldId", "schemaVersion"}
        fork = (await api("GET", f"/v1/worlds/{answer.json()['worldId']}")).json()
        source = (await api("GET", f"/v1/worlds/{world_id}")).json()
        assert fork == source | {"id": answer.json()["worldId"], "name": "Two rooms (fork)"}
        assert (await api("GET", "/v1/worlds")).json()["worlds"][0]["visibility"] == "private"

    async def test_it_costs_one_generation_of_whoever_forks(self, api, rest, app, other_app):
        world_id = await import_world(rest, app.secret)
        path = f"/v1/worlds/{world_id}"
        assert_error(await api("POST", f"{path}/forks", other_app.secret), 404)
        await api("PATCH", path, json={"visibility": "unlisted"})
        await other_app.set_caps(generation=1)
        assert (await api("POST", f"{path}/forks", other_app.secret)).status_code == 200
        assert_error(await api("POST", f"{path}/forks", other_app.secret), 402)
        usage = (await api("GET", "/v1/usage", other_app.secret)).json()
        assert usage["usage"]["generation"] == 1
        assert len((await api("GET", "/v1/worlds", other_app.secret)).json()["worlds"]) == 1

    async def test_a_fork_of_a_world_with_the_longest_name_can_be_patched(self, api, rest, app):
        world_id = await import_world(rest, app.secret, name="\u6f22" * 200)
        fork = (await api("POST", f"/v1/worlds/{world_id}/forks")).json()["worldId"]
        name = (await api("GET", f"/v1/worlds/{fork}")).json()["name"]
        assert name == "\u6f22" * 193 + " (fork)"
        answer = await api("PATCH", f"/v1/worlds/{fork}", json={"name": name, "description": "D."})
        assert answer.status_code == 200
        again = (await api("POST", f"/v1/worlds/{fork}/forks")).json()["worldId"]
        assert len((await api("GET", f"/v1/worlds/{again}")).json()["name"]) == 200


class TestDeletion:
    async def test_a_stale_assertion_deletes_nothing(self, api, rest, app):
        """In the header, the body or the query (CONTRACT 0)."""
        world_id = await import_world(rest, app.secret)
        path = f"/v1/worlds/{world_id}"
        rev = (await api("PATCH", path, json={"name": "Else"})).headers["etag"].strip('"')
        for tag in ('"1"', f'W/"{rev}"', "other", '"*"'):
            assert_error(await api("DELETE", path, headers={"if-match": tag}), 409)
        assert_error(await api("DELETE", path, json={"expectedRev": "1"}), 409)
        assert_error(await api("DELETE", path, params={"expectedRev": "1"}), 409)
        both = await api("DELETE", path, json={"expectedRev": rev}, headers={"if-match": '"1"'})
        assert_error(both, 400)
        assert (await api("GET", path)).headers["etag"] == f'"{rev}"'
        answer = await api("DELETE", path, headers={"if-match": f'"1", "{rev}"'})
        assert answer.json()["deleted"] == world_id

    async def test_a_creation_has_no_revision_to_assert(self, api, rest, app):
        world_id = await import_world(rest, app.secret)
        before = (await api("GET", "/v1/usage")).json()["usage"]
        for path, body in (
            ("/v1/worlds", {"premise": "A lighthouse."}),
            (f"/v1/worlds/{world_id}/forks", {}),
            ("/v1/sessions/token", {"worldId": world_id}),
        ):
            error = assert_error(
                await api("POST", path, json=body, headers={"if-match": '"1"'}), 400
            )
            assert error["errors"][0].startswith("if-match")
        assert (await api("GET", "/v1/usage")).json()["usage"] == before

    async def test_nothing_of_it_is_left(self, api, rest, app, other_app):
        world_id = await import_world(rest, app.secret)
        path = f"/v1/worlds/{world_id}"
        minted = await mint(rest, app.secret, world_id)
        await api("PATCH", path, json={"visibility": "public", "name": "Else"})
        await api("POST", f"{path}/ops", json={"ops": [{"op": "add_state", "base": "b"}]})
        assert await keys_of(app, world_id)
        answer = await api("DELETE", path)
        assert answer.json() == {"ok": True, "deleted": world_id, "schemaVersion": "1.0"}
        assert await keys_of(app, world_id) == []
        for key in (app.secret, other_app.secret):
            assert_error(await api("GET", path, key), 404)
        assert_error(await api("DELETE", path), 404)
        assert_error(await connect(rest, minted["token"]), 404)
        assert (await api("GET", "/v1/worlds")).json()["worlds"] == []

    async def test_pages_stay_stable_while_worlds_come_and_go(self, api, rest, app):
        """A cursor goes on behind its world, also when that one is removed."""
        made = [await import_world(rest, app.secret, name=f"World {n}") for n in range(6)]
        first = (await api("GET", "/v1/worlds", params={"limit": 2})).json()
        assert [world["id"] for world in first["worlds"]] == made[:3:-1]
        await api("DELETE", f"/v1/worlds/{made[4]}")
        await import_world(rest, app.secret, name="Newest")
        query = {"limit": 3, "cursor": first["nextCursor"]}
        second = (await api("GET", "/v1/worlds", params=query)).json()
        assert [world["id"] for world in second["worlds"]] == made[3:0:-1]

    async def test_at_the_same_time_one_deletion_wins(self, api, rest, app):
        world_id = await import_world(rest, app.secret)
        answers = await asyncio.gather(*(api("DELETE", f"/v1/worlds/{world_id}") for _ in range(8)))
        assert sorted(answer.status_code for answer in answers) == [200] + [404] * 7

    async def test_two_revisions_that_differ_are_400_wherever_they_stand(self, api, rest, app):
        world_id = await import_world(rest, app.secret)
        path = f"/v1/worlds/{world_id}?expectedRev=1"
        assert_error(await api("DELETE", path, json={"expectedRev": "other"}), 400)
        assert (await api("GET", f"/v1/worlds/{world_id}")).status_code == 200
        assert (await api("DELETE", path, json={"expectedRev": "1"})).status_code == 200
