"""Versions through the edge: each row of CONTRACT 4, with success and with each failure."""

from __future__ import annotations

import re
import uuid
from urllib.parse import quote

import pytest

from support.edge.editor import NOWHERE, Editor
from support.edge.exact import exact
from support.edge.faithful import WORLD
from support.rest import assert_error, bearer, import_world
from support.revs import number
from support.worlds import small_world

NODE = {
    "id", "worldId", "parentVersionId", "source", "title", "createdAt", "created_at"
}  # fmt: skip


class TestCreate:
    async def test_the_first_one_is_a_root_and_head(self, editor):
        answer = await editor.call("POST", "/versions", json={"title": "Before the storm"})
        assert answer.status_code == 200
        body = answer.json()
        assert set(body) == {"versionId", "version", "schemaVersion"}
        node = body["version"]
        assert set(node) == NODE
        assert node["id"] == body["versionId"]
        assert uuid.UUID(node["id"]).version == 4
        assert node["worldId"] == editor.world_id
        assert node["parentVersionId"] is None
        assert (node["source"], node["title"]) == ("save", "Before the storm")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", node["createdAt"])
        assert node["created_at"] == node["createdAt"]
        assert await editor.tree() == ({node["id"]: None}, node["id"])

    @pytest.mark.parametrize(
        "request_",
        [
            {},
            {"content": b""},
            {"json": {}},
            {"json": {"title": None, "parentVersionId": None, "source": None}},
        ],
        ids=["no body", "empty", "no members", "nulls"],
    )
    async def test_nothing_needs_to_be_said(self, editor, request_):
        body = await editor.ok("POST", "/versions", **request_)
        node = body["version"]
        assert (node["source"], node["title"], node["parentVersionId"]) == ("save", None, None)

    async def test_onto_head_it_advances_head(self, editor):
        a = await editor.save()
        b = await editor.save()
        body = await editor.ok("POST", "/versions", json={"parentVersionId": b.upper()})
        c = body["versionId"]
        assert body["version"]["source"] == "save"
        assert await editor.tree() == ({a: None, b: a, c: b}, c)

    async def test_onto_an_older_one_it_forks_and_head_stays(self, editor):
        a = await editor.save()
        b = await editor.save()
        body = await editor.ok("POST", "/versions", json={"parentVersionId": a})
        assert body["version"]["source"] == "branch"
        assert body["version"]["parentVersionId"] == a
        assert await editor.tree() == ({a: None, b: a, body["versionId"]: a}, b)

    @pytest.mark.parametrize("source", ["save", "branch", "manual", "ai", "import"])
    async def test_a_source_may_be_named(self, editor, source):
        head = await editor.ok("POST", "/versions", json={"source": source})
        await editor.save()
        fork = {"source": source, "parentVersionId": head["versionId"]}
        forked = await editor.ok("POST", "/versions", json=fork)
        assert head["version"]["source"] == forked["version"]["source"] == source

    async def test_it_moves_no_revision(self, editor):
        before = await editor.call("GET", "")
        await editor.save()
        after = await editor.call("GET", "")
        assert (after.headers["etag"], after.content) == (before.headers["etag"], before.content)

    @pytest.mark.parametrize(
        ("body", "status", "named"),
        [
            ({"source": "Save"}, 400, "source"),
            ({"source": ""}, 400, "source"),
            ({"source": 1}, 400, "source"),
            ({"title": "x" * 201}, 400, "title"),
            ({"title": ["x"]}, 400, "title"),
            ({"parentVersionId": 5}, 400, "parentVersionId"),
            ({"parentVersionId": NOWHERE}, 404, ""),
            ({"parentVersionId": "nope"}, 404, ""),
            ({"parentVersionId": ""}, 404, ""),
        ],
    )
    async def test_what_it_refuses(self, editor, body, status, named):
        refusal = assert_error(await editor.call("POST", "/versions", json=body), status)
        if status == 400:
            assert refusal["errors"][0].startswith(named)
        assert await editor.tree() == ({}, None)

    @pytest.mark.parametrize("content", [b"{", b"[]", b'"x"'])
    async def test_what_is_no_json_object(self, editor, content):
        assert_error(await editor.call("POST", "/versions", content=content), 400)

    async def test_a_title_may_have_200_characters_of_any_kind(self, editor):
        for title in ("\U0001f409" * 200, 'a/b "c" \\ \n \u0000 é', ""):
            body = await editor.ok("POST", "/versions", json={"title": title})
            assert body["version"]["title"] == title
            read = await editor.ok("GET", f"/versions/{body['versionId']}")
            assert read["title"] == title

    async def test_another_worlds_version_is_no_parent(self, rest, app, editor):
        other = Editor(rest, app.secret, await import_world(rest, app.secret))
        theirs = await other.save()
        answer = await editor.call("POST", "/versions", json={"parentVersionId": theirs})
        assert_error(answer, 404)
        assert_error(await editor.call("GET", f"/versions/{theirs}"), 404)


class TestRead:
    async def test_a_world_without_versions(self, editor):
        assert await editor.ok("GET", "/versions") == {
            "versions": [], "headVersionId": None, "nextCursor": None, "schemaVersion": "1.0"
        }  # fmt: skip

    async def test_pages_follow_each_other_and_each_tells_head(self, editor):
        made = [await editor.save(title=str(n)) for n in range(5)]
        listed, query = [], "?limit=2"
        while query:
            page = await editor.ok("GET", f"/versions{query}")
            assert page["headVersionId"] == made[-1]
            listed += [node["id"] for node in page["versions"]]
            following = page["nextCursor"]
            query = following and f"?limit=2&cursor={quote(following, safe='')}"
        assert listed == made
        last = await editor.ok("GET", f"/versions?cursor={page['versions'][-1]['created_at']}")
        assert [node["id"] for node in last["versions"]][-1:] == made[-1:]

    @pytest.mark.parametrize(
        "query", ["limit=0", "limit=1001", "limit=x", "cursor=", "cursor=x", "cursor=MDAw"]
    )
    async def test_no_page_is_made_of_a_bad_limit_or_cursor(self, editor, query):
        assert_error(await editor.call("GET", f"/versions?{query}"), 400)

    async def test_the_list_is_oldest_first_and_whole(self, editor):
        made = [await editor.save(title=str(n)) for n in range(30)]
        listed = await editor.ok("GET", "/versions")
        assert set(listed) == {"versions", "headVersionId", "nextCursor", "schemaVersion"}
        assert [node["id"] for node in listed["versions"]] == made
        assert [node["title"] for node in listed["versions"]] == [str(n) for n in range(30)]
        assert all(set(node) == NODE for node in listed["versions"])
        assert listed["headVersionId"] == made[-1]

    async def test_one_is_its_node_and_the_world_as_it_was(self, editor):
        was = await editor.world()
        version = await editor.save(title="first")
        await editor.edit("hall", "Another hall.")
        later = await editor.save()
        read = await editor.ok("GET", f"/versions/{version.upper()}")
        assert set(read) == NODE | {"snapshot", "schemaVersion"}
        assert read["snapshot"] == was
        assert read["title"] == "first"
        now = (await editor.ok("GET", f"/versions/{later}"))["snapshot"]
        assert now == await editor.world() != was

    async def test_what_is_unknown_keeps_its_meaning(self, rest, app):
        answer = await rest.post(
            "/v1/worlds", content=f'{{"world":{WORLD}}}'.encode(), headers=bearer(app.secret)
        )
        editor = Editor(rest, app.secret, answer.json()["worldId"])
        was = exact((await editor.call("GET", "")).text)
        del was["schemaVersion"]
        keyframe = await editor.save()
        state = next(iter(was["scene"]["states"]))
        await editor.edit(state, "Edited.")
        delta = await editor.save()
        now = exact((await editor.call("GET", "")).text)
        del now["schemaVersion"]
        for version, world in ((keyframe, was), (delta, now)):
            answer = await editor.call("GET", f"/versions/{version}")
            assert exact(answer.text)["snapshot"] == world
        answer = await editor.call("POST", "/checkout", json={"versionId": keyframe})
        assert exact(answer.text)["world"] == was
        after = exact((await editor.call("GET", "")).text)
        del after["schemaVersion"]
        assert after == was

    async def test_a_publishable_key_does_not_see_a_characters_secrets(self, rest, app):
        members = {"kind": "character", "character": {"persona": "secret", "greeting": "Hello."}}
        editor = Editor(rest, app.secret, await import_world(rest, app.secret, **members))
        version = await editor.save()
        path = f"{editor.path}/versions/{version}"
        owner = await rest.get(path, headers=bearer(app.secret))
        assert owner.json()["snapshot"]["character"] == members["character"]
        public = await rest.get(path, headers=bearer(app.publishable))
        assert public.json()["snapshot"]["character"] == {"greeting": "Hello."}


class TestDiff:
    @pytest.fixture
    async def two(self, rest, app):
        world = small_world()
        states, events = world["scene"]["states"], world["scene"]["events"]
        states |= {"one": {"base": "x", "n": 1}, "gone": {"base": "Gone."}, "big": {"base": "x"}}
        editor = Editor(rest, app.secret, await import_world(rest, app.secret, **world))
        a = await editor.save()
        ops = [
            {"op": "update_state", "id": "one", "patch": {"n": 1.0}},
            {"op": "delete_state", "id": "gone"},
            {"op": "add_state", "id": "new", "base": "New."},
            {"op": "update_event", "name": events[0]["name"], "patch": {"base": "Steps."}},
            {"op": "delete_event", "name": events[1]["name"]},
            {"op": "add_event", "name": "Look/see", "kind": "override", "from": ["hall"]},
        ]
        await editor.ok("POST", "/ops", json={"ops": ops})
        return editor, a, await editor.save()

    async def test_states_go_by_key_and_events_by_name(self, two):
        editor, a, b = two
        assert await editor.ok("GET", f"/versions/{a}/diff/{b}") == {
            "a": a,
            "b": b,
            "states": {"added": ["new"], "removed": ["gone"], "changed": ["one"]},
            "events": {"added": ["Look/see"], "removed": ["Go up"], "changed": ["Go down"]},
            "schemaVersion": "1.0",
        }

    async def test_the_other_way_round(self, two):
        editor, a, b = two
        answer = await editor.ok("GET", f"/versions/{b}/diff/{a}")
        assert answer["states"] == {"added": ["gone"], "removed": ["new"], "changed": ["one"]}
        assert answer["events"]["added"] == ["Go up"]

    async def test_with_itself(self, two):
        editor, a, _ = two
        answer = await editor.ok("GET", f"/versions/{a}/diff/{a}")
        assert answer["states"] == answer["events"] == {"added": [], "removed": [], "changed": []}

    async def test_with_what_is_not_there(self, two):
        editor, a, _ = two
        for other in (NOWHERE, "nope"):
            assert_error(await editor.call("GET", f"/versions/{a}/diff/{other}"), 404)
            assert_error(await editor.call("GET", f"/versions/{other}/diff/{a}"), 404)


class TestAssertedRevision:
    """Of the world: a version has none, and a snapshot moves none (CONTRACT 0, 4)."""

    @pytest.mark.parametrize("write", ["POST", "PATCH", "DELETE"])
    async def test_every_write_of_versions_honours_it(self, editor, write):
        old = await editor.save()
        await editor.save()
        rev = await editor.edit("hall", "Another hall.")
        path = "/versions" if write == "POST" else f"/versions/{old}"
        body = {} if write == "DELETE" else {"title": "Else"}
        before = (await editor.call("GET", "/versions")).json()
        for headers, field in (
            ({"if-match": '"1"'}, {}),
            ({"if-match": f'W/"{rev}"'}, {}),
            ({}, {"expectedRev": "1"}),
        ):
            assert_error(await editor.call(write, path, headers, json=body | field), 409)
        headers = {"if-match": f'"{rev}"'}
        assert_error(await editor.call(write, path, headers, json=body | {"expectedRev": "1"}), 400)
        assert (await editor.call("GET", "/versions")).json() == before
        answer = await editor.call(write, path, headers, json=body | {"expectedRev": rev})
        assert answer.status_code == 200
        assert (await editor.call("GET", "/versions")).json() != before


class TestCheckout:
    async def test_graph_and_head_move_together(self, editor):
        was = await editor.world()
        a = await editor.save()
        await editor.edit("hall", "Another hall.")
        b = await editor.save()
        answer = await editor.call("POST", "/checkout", json={"versionId": a})
        assert answer.status_code == 200
        body = answer.json()
        assert set(body) == {"world", "rev", "schemaVersion"}
        assert body["world"] == was == await editor.world()
        assert number(body["rev"]) == 3
        assert answer.headers["etag"] == f'"{body["rev"]}"'
        assert (await editor.call("GET", "")).headers["etag"] == answer.headers["etag"]
        assert await editor.tree() == ({a: None, b: a}, a)
        c = await editor.save()
        assert (await editor.tree())[0][c] == a, "what is saved next descends from it"

    @pytest.mark.parametrize("form", ['"{rev}"', "{rev}", "*", '"x", "{rev}"'])
    async def test_the_current_revision_may_be_asserted(self, editor, form):
        a = await editor.save()
        rev = await editor.edit("hall", "Another hall.")
        headers = {"if-match": form.format(rev=rev)}
        answer = await editor.ok("POST", "/checkout", headers, json={"versionId": a})
        assert number(answer["rev"]) == 3

    async def test_a_stale_revision_is_409_and_nothing_is_written(self, editor):
        a = await editor.save()
        rev = await editor.edit("hall", "Another hall.")
        b = await editor.save()
        now = await editor.world()
        for headers, body in (
            ({"if-match": '"1"'}, {}),
            ({"if-match": f'W/"{rev}"'}, {}),
            ({}, {"expectedRev": "1"}),
            ({"if-match": "1"}, {"expectedRev": "1"}),
        ):
            answer = await editor.call("POST", "/checkout", headers, json={"versionId": a} | body)
            assert_error(answer, 409)
        assert await editor.world() == now
        assert (await editor.call("GET", "")).headers["etag"] == f'"{rev}"'
        assert (await editor.tree())[1] == b

    @pytest.mark.parametrize(
        ("body", "headers", "status"),
        [
            ({}, {}, 400),
            ({"versionId": None}, {}, 400),
            ({"versionId": 5}, {}, 400),
            ({"versionId": "A", "expectedRev": 1}, {}, 400),
            ({"versionId": "A", "expectedRev": "1"}, {"if-match": '"2"'}, 400),
            ({"versionId": NOWHERE}, {}, 404),
            ({"versionId": "nope"}, {}, 404),
        ],
    )
    async def test_what_it_refuses(self, editor, body, headers, status):
        a = await editor.save()
        if body.get("versionId") == "A":
            body = body | {"versionId": a}
        assert_error(await editor.call("POST", "/checkout", headers, json=body), status)
        assert (await editor.call("GET", "")).headers["etag"] == '"1"'


class TestUpdate:
    async def test_it_renames(self, editor):
        a = await editor.save(title="old", source="manual")
        before = await editor.ok("GET", f"/versions/{a}")
        assert await editor.ok("PATCH", f"/versions/{a}", json={"title": "new"}) == {
            "ok": True, "versionId": a, "title": "new", "schemaVersion": "1.0"
        }  # fmt: skip
        assert await editor.ok("GET", f"/versions/{a}") == before | {"title": "new"}

    @pytest.mark.parametrize("title", ["", None])
    async def test_an_empty_title_is_one_and_null_takes_it_away(self, editor, title):
        """The answer has a string either way."""
        a = await editor.save(title="old")
        answer = await editor.ok("PATCH", f"/versions/{a}", json={"title": title})
        assert answer["title"] == ""
        found = await editor.ok("GET", f"/versions/{a}")
        assert found["title"] == title
        assert found["createdAt"] == found["created_at"]

    @pytest.mark.parametrize("title", ["x" * 201, 5, {}])
    async def test_a_title_that_is_none_is_400(self, editor, title):
        a = await editor.save(title="old")
        answer = await editor.call("PATCH", f"/versions/{a}", json={"title": title})
        assert assert_error(answer, 400)["errors"][0].startswith("title")
        assert (await editor.ok("GET", f"/versions/{a}"))["title"] == "old"


class TestDelete:
    async def test_children_go_to_the_grandparent(self, editor):
        a = await editor.save()
        b = await editor.save()
        c = await editor.save()
        fork = await editor.save(parentVersionId=b)
        assert await editor.ok("DELETE", f"/versions/{b}") == {
            "ok": True, "deleted": b, "schemaVersion": "1.0"
        }  # fmt: skip
        assert await editor.tree() == ({a: None, c: a, fork: a}, c)
        await editor.ok("DELETE", f"/versions/{a}")
        assert await editor.tree() == ({c: None, fork: None}, c)
        assert_error(await editor.call("DELETE", f"/versions/{a}"), 404)

    async def test_head_is_409_until_another_is_checked_out(self, editor):
        a = await editor.save()
        b = await editor.save()
        refusal = assert_error(await editor.call("DELETE", f"/versions/{b}"), 409)
        assert refusal["detail"] == "HEAD cannot be deleted; check another version out first"
        assert await editor.tree() == ({a: None, b: a}, b)
        await editor.ok("POST", "/checkout", json={"versionId": a})
        await editor.ok("DELETE", f"/versions/{b}")
        assert await editor.tree() == ({a: None}, a)


class TestWrongVerbs:
    async def test_another_verb_is_405(self, editor):
        for path, allowed in (
            ("/versions", "GET, HEAD, POST"),
            (f"/versions/{NOWHERE}", "DELETE, GET, HEAD, PATCH"),
            (f"/versions/{NOWHERE}/diff/{NOWHERE}", "GET, HEAD"),
            ("/checkout", "POST"),
        ):
            answer = await editor.call("PUT", path, json={})
            assert_error(answer, 405)
            assert sorted(answer.headers["allow"].split(", ")) == allowed.split(", ")
