"""GET /v1/worlds: pages, their order, and queries that make no sense (CONTRACT 0, 2.2)."""

from __future__ import annotations

import base64
import re
from urllib.parse import quote

import pytest

from support.rest import assert_error, bearer, import_world

MEMBERS = {
    "id", "slug", "name", "description", "cover", "visibility", "created_at", "updated_at",
}  # fmt: skip
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


async def page(rest, key: str, query: str = "") -> dict:
    answer = await rest.get(f"/v1/worlds{query}", headers=bearer(key))
    assert answer.status_code == 200, answer.text
    body: dict = answer.json()
    assert set(body) == {"worlds", "nextCursor", "schemaVersion"}
    return body


@pytest.fixture
async def made(rest, app) -> list[str]:
    """Five worlds, in the order they were made."""
    return [await import_world(rest, app.secret, name=f"World {n}") for n in range(5)]


class TestItems:
    async def test_an_item_has_the_documented_members(self, rest, app):
        world_id = await import_world(rest, app.secret)
        (item,) = (await page(rest, app.secret))["worlds"]
        assert set(item) == MEMBERS
        assert item["id"] == world_id
        assert (item["name"], item["description"]) == ("Two rooms", "A hall and a cellar.")
        assert item["cover"] == "https://example.com/cover.png"
        assert (item["slug"], item["visibility"]) == ("two-rooms", "private")
        assert RFC_3339.fullmatch(item["created_at"])
        assert RFC_3339.fullmatch(item["updated_at"])
        assert item["created_at"] <= item["updated_at"]

    async def test_a_write_moves_updated_at_and_not_created_at(self, rest, app, world_id):
        (before,) = (await page(rest, app.secret))["worlds"]
        await rest.patch(
            f"/v1/worlds/{world_id}/entrance", json={"state": "cellar"}, headers=bearer(app.secret)
        )
        (after,) = (await page(rest, app.secret))["worlds"]
        assert after["created_at"] == before["created_at"]
        assert after["updated_at"] >= before["updated_at"]
        assert {key: after[key] for key in MEMBERS - {"updated_at"}} == {
            key: before[key] for key in MEMBERS - {"updated_at"}
        }

    async def test_characters_are_not_listed(self, rest, app, world_id):
        await import_world(rest, app.secret, kind="character", character={"persona": "x"})
        assert [item["id"] for item in (await page(rest, app.secret))["worlds"]] == [world_id]

    async def test_names_keep_their_characters(self, rest, app):
        name = 'שלום "🌍" e\u0301 \u2028 \\ </script>'
        await import_world(rest, app.secret, name=name, description=name)
        (item,) = (await page(rest, app.secret))["worlds"]
        assert item["name"] == item["description"] == name


class TestPages:
    async def test_newest_first(self, rest, app, made):
        body = await page(rest, app.publishable)
        assert [item["id"] for item in body["worlds"]] == made[::-1]
        assert body["nextCursor"] is None

    @pytest.mark.parametrize("limit", [1, 2, 4, 5, 6, 100])
    async def test_pages_cover_the_list_once(self, rest, app, made, limit):
        seen, query = [], f"?limit={limit}"
        while True:
            body = await page(rest, app.secret, query)
            assert 1 <= len(body["worlds"]) <= limit
            seen += [item["id"] for item in body["worlds"]]
            if body["nextCursor"] is None:
                break
            assert len(body["worlds"]) == limit
            query = f"?limit={limit}&cursor={quote(body['nextCursor'], safe='')}"
        assert seen == made[::-1]

    async def test_worlds_made_meanwhile_neither_repeat_nor_hide_any(self, rest, app, made):
        seen, query = [], "?limit=2"
        while query:
            body = await page(rest, app.secret, query)
            seen += [item["id"] for item in body["worlds"]]
            await import_world(rest, app.secret)
            following = body["nextCursor"]
            query = f"?limit=2&cursor={quote(following, safe='')}" if following else ""
        assert seen == made[::-1]

    async def test_a_cursor_may_be_used_again_and_with_another_limit(self, rest, app, made):
        cursor = quote((await page(rest, app.secret, "?limit=1"))["nextCursor"], safe="")
        for limit, expected in ((1, made[3:4]), (1, made[3:4]), (100, made[3::-1])):
            body = await page(rest, app.secret, f"?cursor={cursor}&limit={limit}")
            assert [item["id"] for item in body["worlds"]] == expected

    async def test_twenty_are_a_page_by_default(self, rest, app):
        for _ in range(21):
            await import_world(rest, app.secret)
        body = await page(rest, app.secret)
        assert len(body["worlds"]) == 20
        assert isinstance(body["nextCursor"], str)

    async def test_a_cursor_of_another_app_shows_nothing_of_it(self, rest, app, other_app, made):
        cursor = quote((await page(rest, app.secret, "?limit=1"))["nextCursor"], safe="")
        answer = await rest.get(f"/v1/worlds?cursor={cursor}", headers=bearer(other_app.secret))
        if answer.status_code == 200:
            assert answer.json()["worlds"] == []
        else:
            assert_error(answer, 400)

    async def test_an_empty_list_is_a_list(self, rest, app):
        body = await page(rest, app.secret)
        assert body == {"worlds": [], "nextCursor": None, "schemaVersion": "1.0"}


class TestBadQueries:
    @pytest.mark.parametrize(
        "limit",
        ["0", "101", "-1", "abc", "", "1.0", "1e1", "0x10", "99999999999999999999", "+5", "%205",
         "5%20", "true", "null", "%EF%BC%95", "1_0", "%ff", "%00", "[]"],
    )  # fmt: skip
    async def test_a_limit_out_of_range_or_no_integer_is_400_and_named(self, rest, app, limit):
        answer = await rest.get(f"/v1/worlds?limit={limit}", headers=bearer(app.secret))
        problems = assert_error(answer, 400).get("errors", [])
        assert len(problems) == 1, answer.text
        assert problems[0].startswith("limit")

    @pytest.mark.parametrize(
        "cursor",
        ["x", "", "null", "0", "é", "=", "%3D%3D", "%00", "%ff", "a" * 5000, "..%2F..", "eyJ9",
         base64.urlsafe_b64encode(b"0000000000000:").decode(),
         base64.urlsafe_b64encode(b"-000000000001:11111111-2222-4333-8444-555555555555").decode(),
         base64.urlsafe_b64encode(b"+").decode(),
         base64.urlsafe_b64encode("\u0660".encode() * 13 + b":x").decode()],
        ids=lambda cursor: cursor[:20],
    )  # fmt: skip
    async def test_a_cursor_that_no_page_gave_is_400(self, rest, app, cursor):
        answer = await rest.get(f"/v1/worlds?cursor={cursor}", headers=bearer(app.secret))
        assert_error(answer, 400)

    @pytest.mark.parametrize(
        "query",
        ["?", "?&&", "?unknown=1", "?unknown", "?=", "?Limit=0", "?LIMIT=abc", "?limit[]=0",
         "?id=x&world=y", "?%6Cimi=0", "?q=%zz%", "?http_body=1", "?unknown=" + "x" * 5000],
        ids=lambda query: query[:20],
    )  # fmt: skip
    async def test_parameters_that_nobody_knows_are_ignored(self, rest, app, world_id, query):
        body = await page(rest, app.secret, query)
        assert [item["id"] for item in body["worlds"]] == [world_id]

    async def test_a_limit_may_be_percent_encoded(self, rest, app, made):
        assert len((await page(rest, app.secret, "?%6Cimit=%32"))["worlds"]) == 2

    async def test_a_bad_query_does_not_come_before_the_credential(self, rest):
        assert_error(await rest.get("/v1/worlds?limit=0"), 401)


async def test_the_time_of_the_last_row_is_a_cursor_too(rest, app, made):
    """Rows of that same millisecond may come again; none is left out (CONTRACT 0)."""
    seen: list[str] = []
    query = "?limit=2"
    while len(seen) < 2 * len(made):  # else it does not move on
        rows = (await page(rest, app.secret, query))["worlds"]
        fresh = [row["id"] for row in rows if row["id"] not in seen]
        if not fresh:
            break
        seen += fresh
        query = f"?limit=2&cursor={quote(rows[-1]['created_at'])}"
    assert seen == made[::-1]
