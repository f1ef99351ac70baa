"""Which pages an edge with lists of origins is for, and whom routes of user sessions are for (CONTRACT 0)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from conjure.edge.cors import Cors
from support.cases import each_of
from support.edge.envoy import Edge
from support.edge.pages import FROM_A_PAGE, ORIGIN, PREFLIGHT, assert_readable, listed, page_of

if TYPE_CHECKING:
    import httpx


KEYS = "/v1/apps/a1/keys/k1"
LISTED = "https://studio.example, HTTPS://*.Tools.example:443, http://localhost:*, https://*.lab.example:*"


@pytest.fixture(scope="module")
async def narrow(upstream, tmp_path_factory):
    """An edge with lists."""
    cors = Cors(LISTED, "https://console.example")
    async with (
        Edge(tmp_path_factory.mktemp("narrow"), upstream.port, cors=cors) as edge,
        page_of(edge) as client,
    ):
        yield client


def allowed_of(answer: httpx.Response) -> str | None:
    """Whom an answer lets read it. Caches are told that it depends on who asks."""
    assert [item for item in answer.headers["vary"].split(",") if item == "Origin"] == ["Origin"]
    return answer.headers.get("access-control-allow-origin")


class TestLists:
    @each_of(
        ("origin", "is_listed"),
        [
            ("https://studio.example", True),
            ("https://a.tools.example", True),
            ("https://a.b.tools.example", True),
            ("http://localhost", True),
            ("http://localhost:5173", True),
            ("https://x.lab.example", True),
            ("https://x.lab.example:8443", True),
            ("http://studio.example", False),
            ("https://studio.example:8443", False),
            ("https://studio.example.evil.example", False),
            ("https://evilstudio.example", False),
            ("https://tools.example", False),
            ("https://eviltools.example", False),
            ("https://a.tools.example:8443", False),
            ("http://a.tools.example", False),
            ("https://localhost:5173", False),
            ("http://localhost.evil.example", False),
            ("https://lab.example:8443", False),
            ("https://x.lab.example.evil.example:1", False),
            ("https://console.example", False),
            ("null", False),
            ("*", False),
            ("", False),
            ("https://studio.example, https://studio.example", False),
            ("https://bücher.example", False),
        ],
    )
    async def test_only_who_is_listed_is_named(self, narrow, upstream, origin, is_listed):
        upstream.reset()
        page: dict[str, Any] = {"origin": origin.encode()}
        for answer, status in (
            (await narrow.get("/v1/usage", headers=page), 200),
            (await narrow.get("/nope", headers=page), 404),
            (await narrow.put("/v1/usage", headers=page), 405),
            (await narrow.options("/v1/worlds", headers=PREFLIGHT | page), 200),
        ):
            assert answer.status_code == status
            assert allowed_of(answer) == (origin if is_listed else None)

    async def test_who_comes_from_no_page_gets_what_it_asks_for(self, narrow):
        answer = await narrow.get("/v1/usage")
        assert answer.status_code == 200
        assert allowed_of(answer) is None

    async def test_user_sessions_are_for_the_console_alone(self, narrow, upstream):
        for origin in ("https://console.example", ORIGIN):
            page = {"origin": origin}
            coded = page | {"content-encoding": "gzip"}
            for answer, status in (
                (await narrow.delete(KEYS, headers=page), 200),
                (await narrow.put(KEYS, headers=page), 405),
                (await narrow.delete(KEYS, headers=coded), 415),
                (await narrow.delete(KEYS, headers=page | {"expect": "x"}), 417),
                (await narrow.options(KEYS, headers=PREFLIGHT | page), 200),
                (await narrow.post(f"{KEYS}/revoke", headers=page, content=b"x" * 20_000), 413),
            ):
                assert answer.status_code == status
                if status != 417:  # of no route: it says nothing of a path
                    is_console = origin == "https://console.example"
                    assert allowed_of(answer) == (origin if is_console else None)
        answer = await narrow.options(
            KEYS, headers=PREFLIGHT | {"origin": "https://console.example"}
        )
        assert listed(answer, "allow-methods") == {"DELETE"}


class TestUserSessionsByDefault:
    async def test_no_page_reads_them(self, upstream, tmp_path):
        async with Edge(tmp_path, upstream.port) as edge, page_of(edge) as client:
            for answer, status in (
                (await client.delete(KEYS, headers=FROM_A_PAGE), 200),
                (await client.put(KEYS, headers=FROM_A_PAGE), 405),
                (await client.options(KEYS, headers=PREFLIGHT), 405),
                (await client.post(f"{KEYS}/revoke", headers=FROM_A_PAGE, content=b"x" * 20_000), 413),
            ):  # fmt: skip
                assert answer.status_code == status
                assert not [name for name in answer.headers if name.startswith("access-control-")]
            assert_readable(await client.get("/v1/usage", headers=FROM_A_PAGE))

    async def test_an_empty_list_is_nobody(self, upstream, tmp_path):
        async with Edge(tmp_path, upstream.port, cors=Cors("")) as edge, page_of(edge) as client:
            assert allowed_of(await client.get("/v1/usage", headers=FROM_A_PAGE)) is None
            assert (await client.options("/v1/usage", headers=PREFLIGHT)).status_code == 405
            assert (await client.options("/nope", headers=PREFLIGHT)).status_code == 404
