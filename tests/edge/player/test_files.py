"""The player's page and files, as a browser gets them (CONTRACT 12)."""

from __future__ import annotations

import re

import pytest

from conjure.player.files import player_files
from support.rest import assert_error

_LINK = re.compile(r'(?:href|src)="([^"]+)"')
IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.mark.both_ways
async def test_the_page_and_all_that_it_names(rest):
    page = await rest.get("/embed.html?token=x")
    assert page.status_code == 200
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["content-security-policy"].endswith("; frame-ancestors *")
    assert "microphone=()" in page.headers["permissions-policy"]
    assert "etag" not in page.headers
    named = set(_LINK.findall(page.text)) - {"data:,"}
    assert named == {f"player/{player_files().release}/{name}" for name in player_files().served}
    for path in named:
        file = await rest.get(f"/{path}")
        kind = "css" if path.endswith(".css") else "javascript"
        assert file.status_code == 200
        assert file.headers["content-type"] == f"text/{kind}; charset=utf-8"
        assert file.headers["cache-control"] == IMMUTABLE
        assert file.headers["x-content-type-options"] == "nosniff"
        again = await rest.get(f"/{path}", headers={"if-none-match": file.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["cache-control"] == IMMUTABLE
        head = await rest.head(f"/{path}")
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == file.headers["content-type"]


@pytest.mark.both_ways
async def test_they_come_in_gzip(rest):
    for path in (f"/player/{player_files().release}/player.css", "/embed.js", "/embed.html"):
        plain, packed = [
            await rest.get(path, headers={"accept-encoding": coding})
            for coding in ("identity", "gzip")
        ]
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.content == plain.content
        assert "Accept-Encoding" in packed.headers["vary"]
        if "etag" in packed.headers:
            assert packed.headers["etag"] != plain.headers["etag"]
            told = {"accept-encoding": "gzip", "if-none-match": packed.headers["etag"]}
            assert (await rest.get(path, headers=told)).status_code == 304


async def test_what_is_no_file(rest):
    release = player_files().release
    for path in (
        f"{'0' * 16}/player.js",
        f"{release.upper()}/player.css",
        f"{release}/types.js",
        f"{release}/embed.html",
        f"{release}/embed.core.js",
        f"{release}/reload.js",
        f"{release}/Player.js",
        f"{release}/player.js%20",
        f"{release}/..%5cservicer.py",
        f"{release}/{'x' * 5_000}",
    ):
        answer = await rest.get(f"/player/{path}")
        assert_error(answer, 404)
        assert answer.headers["cache-control"] == "no-store"
    for path in ("/player", f"/player/{release}", f"/player/{release}/"):
        assert_error(await rest.get(path), 404)
    assert_error(await rest.post(f"/player/{release}/player.js"), 405)
    assert_error(await rest.post("/embed.html"), 405)


@pytest.mark.parametrize(
    ("path", "word"), [("/embed.js", "export const"), ("/embed.global.js", "Alakazam")]
)
async def test_what_pages_mount_it_by(rest, path, word):
    answer = await rest.get(path, headers={"origin": "https://play.example"})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    assert answer.headers["cache-control"] == "public, max-age=300"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert word in answer.text
    again = await rest.get(path, headers={"if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
