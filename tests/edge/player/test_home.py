"""The page for developers, and the way to the demo (CONTRACT 12)."""

from __future__ import annotations

import base64
import html
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from support.demo import demo_file, write_demo
from support.rest import assert_error, bearer, connect, import_world
from support.talks import character_world

NAMES = '<b>Skarn</b> $Head & "more" 燈塔'
NOWHERE = "11111111-2222-4333-8444-555555555555"
SECRET_KEY = "sk_test_of_the_demo"
METRICS = "http://127.0.0.1:9464/metrics?a=1&b=2"
BY_A_PERSON = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
}

BY_ANOTHER_PAGE = (
    {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
    {"sec-fetch-site": "same-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
    BY_A_PERSON | {"sec-fetch-dest": "iframe"},
    BY_A_PERSON | {"sec-fetch-dest": "object"},
    {"host": "evil.example"},
    {"host": "127.0.0.1.evil.example:8080"},
    {"host": "localhost.evil.example", "x-conjure-host": "localhost"},
    {"host": "192.0.2.7"},
)


@pytest.fixture(autouse=True)
def no_demo():
    demo_file().unlink(missing_ok=True)
    yield
    demo_file().unlink(missing_ok=True)


@pytest.fixture
async def demo(rest, app):
    """What the file says of a world and a character of `app`."""
    world_id = await import_world(rest, app.secret, name=NAMES)
    character_id = await import_world(rest, app.secret, **character_world())
    return write_demo(
        app.id,
        world_id,
        character_id,
        secretKey=SECRET_KEY,
        metricsUrl=METRICS,
        edgeMetricsUrl="javascript:alert(1)",
    )


async def token_of(answer) -> str:
    assert answer.status_code == 303, answer.text
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    way = urlsplit(answer.headers["location"])
    assert (way.scheme, way.netloc, way.path) == ("", "", "/embed.html")
    ((token,),) = parse_qs(way.query, strict_parsing=True).values()
    return token


async def sessions_of(rest, app) -> int:
    usage = await rest.get("/v1/usage", headers=bearer(app.secret))
    return usage.json()["usage"]["session"]


class TestTheDemo:
    @pytest.mark.both_ways
    async def test_it_leads_to_the_world_and_to_the_character(self, rest, demo, app):
        world = await connect(rest, await token_of(await rest.get("/demo", headers=BY_A_PERSON)))
        assert world.json()["worldId"] == demo["worldId"]
        for path, name in (
            ("/demo?play=world", "worldId"),
            ("/demo?play=character", "characterId"),
        ):
            token = await token_of(await rest.get(path))
            payload = token.split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
            assert (await connect(rest, token)).json()["worldId"] == demo[name]
            assert claims["exp"] - claims["iat"] == 3_600
            assert "demo" in claims.values()  # who it is: a character remembers
        assert await sessions_of(rest, app) == 3

    async def test_a_page_that_asked_for_the_way_finds_it(self, rest, demo):
        answer = await rest.get("/demo", follow_redirects=True)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert [each.status_code for each in answer.history] == [303]

    @pytest.mark.both_ways
    async def test_head_mints_nothing(self, rest, demo, app):
        answer = await rest.head("/demo")
        assert (answer.status_code, answer.content) == (303, b"")
        assert answer.headers["location"] == "/embed.html"
        assert await sessions_of(rest, app) == 0
        demo_file().unlink()
        assert (await rest.head("/demo")).status_code == 404

    @pytest.mark.parametrize("path", ["/demo?play=", "/demo?play=World", "/demo?play=%00"])
    async def test_there_is_nothing_else_to_play(self, rest, demo, app, path):
        assert_error(await rest.get(path), 400)
        assert_error(await rest.post("/demo"), 405)
        assert await sessions_of(rest, app) == 0

    async def test_over_quota(self, rest, demo, app):
        await app.set_caps(session=1)
        await token_of(await rest.get("/demo"))
        assert_error(await rest.get("/demo"), 402)

    @pytest.mark.both_ways
    async def test_no_page_of_another_origin_gets_at_it(self, rest, demo, app):
        """Not as a script, in a frame, as a picture, or under a name of its own that leads here."""
        for headers in BY_ANOTHER_PAGE:
            answer = await rest.get("/demo", headers=headers)
            assert_error(answer, 404)
            assert "location" not in answer.headers
        assert await sessions_of(rest, app) == 0
        for host in ("localhost", "LOCALHOST:8080", "[::1]:8080", "127.8.8.8", "demo.localhost"):
            await token_of(await rest.get("/demo", headers={"host": host}))

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "{",
            "null",
            "[]",
            '"dev"',
            "{}",
            '{"appId": 7, "mode": "test", "worldId": [], "characterId": null}',
            f'{{"appId": "{NOWHERE}", "mode": "test", "worldId": "{NOWHERE}"}}',
            f'{{"appId": "{NOWHERE}", "mode": "other", "worldId": "{NOWHERE}", "characterId": "{NOWHERE}"}}',
            f'{{"appId": "../*", "mode": "test", "worldId": "{NOWHERE}", "characterId": "{NOWHERE}"}}',
            f'{{"appId": "{NOWHERE}", "mode": "test", "worldId": "{NOWHERE}", "characterId": "{NOWHERE}"}}',
            "[" * 70_000,
            "\udcff",
        ],
        ids=range(13),
    )
    async def test_a_file_that_is_missing_or_broken_is_no_demo(self, rest, text):
        assert_error(await rest.get("/demo"), 404)
        demo_file().write_bytes(text.encode("utf-8", "surrogateescape"))
        assert_error(await rest.get("/demo"), 404)
        assert "/demo" not in (await rest.get("/")).text


class TestThePage:
    @pytest.mark.both_ways
    async def test_it_says_what_runs_and_where_to_go(self, rest, demo, app):
        answer = await rest.get("/")
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert "unsafe" not in policy
        page = answer.text
        assert html.escape(NAMES) in page
        assert "<b>" not in page
        links = [html.unescape(link) for link in re.findall(r'href="([^"]*)"', page)]
        assert {"/demo", "/demo?play=character", "/docs", METRICS} <= set(links)
        assert not [link for link in links if "javascript" in link]
        for link in links:
            if link.startswith("/") and link != "/demo?play=character":
                assert (await rest.get(link)).status_code in {200, 303}, link
        for secret in (SECRET_KEY, app.secret, app.publishable):
            assert secret not in page

    @pytest.mark.both_ways
    async def test_a_page_of_another_origin_reads_nothing_of_the_demo(self, rest, demo):
        """Any page may read what is public (CORS), and a name of its own may lead here."""
        for headers in BY_ANOTHER_PAGE:
            answer = await rest.get("/", headers=headers)
            assert answer.status_code == 200
            assert "/docs" in answer.text
            for secret in (html.escape(NAMES), demo["worldId"], METRICS.partition("?")[0], "<img"):
                assert secret not in answer.text, headers

    async def test_it_has_no_script_and_asks_nobody_else(self, rest, demo):
        page = (await rest.get("/")).text
        assert re.findall(r"<(?:script|link|iframe|form|object|embed)\b[^>]*", page) == [
            '<link rel="icon" href="data:,"'
        ]
        assert re.findall(r' (?:on\w+|style)="', page) == []
        assert {source.partition(",")[0] for source in re.findall(r'src="([^"]*)"', page)} == {
            "data:image/svg+xml;base64"
        }

    async def test_the_picture_is_the_world_as_it_is_now(self, rest, demo, app):
        def picture(page: str) -> bytes:
            (source,) = re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', page)
            return base64.b64decode(source)

        path, key = f"/v1/worlds/{demo['worldId']}", bearer(app.secret)
        first = picture((await rest.get("/")).text)
        assert first == (await rest.get(f"{path}/graph.svg", headers=key)).content
        op = {"op": "update_event", "name": "Go down", "patch": {"requires": ["key"]}}
        await rest.post(f"{path}/ops", json={"ops": [op]}, headers=key)
        assert picture((await rest.get("/")).text) != first

    async def test_without_a_demo_it_says_the_rest(self, rest, demo, app):
        await rest.delete(f"/v1/worlds/{demo['worldId']}", headers=bearer(app.secret))
        gone = (await rest.get("/")).text
        demo_file().unlink()
        none = (await rest.get("/")).text
        for page in (gone, none):
            assert "/docs" in page
            assert "/demo" not in page
            assert "<img" not in page
        assert METRICS not in none

    async def test_a_world_that_is_large_has_no_picture(self, rest, demo, app):
        """It is drawn where all calls are answered."""
        states = {f"room {n}": {"base": "A room."} for n in range(3_000)}
        scene = {"states": states, "events": []}
        entrance = {"state": "room 0", "image": {"src": "x"}}
        world_id = await import_world(rest, app.secret, scene=scene, entrance=entrance)
        write_demo(app.id, world_id, demo["characterId"])
        page = (await rest.get("/")).text
        assert "/demo" in page
        assert "<img" not in page
