"""GET /assets/{file}: pictures for anybody, for ever (CONTRACT 11)."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from conjure.assets.names import object_name
from conjure.providers.pictures import Picture
from conjure.settings import Settings
from support.assets import asset_path, assets_of, is_asset_url, svg
from support.rest import assert_error, bearer

IMMUTABLE = "public, max-age=31536000, immutable"


@pytest.mark.both_ways
async def test_the_cover_of_a_new_world(rest, app):
    premise = {"premise": "a lighthouse in the fog"}
    made = await rest.post("/v1/worlds", json=premise, headers=bearer(app.secret))
    assert is_asset_url(made.json()["cover"])
    path = asset_path(made.json()["cover"])
    answer = await rest.get(path, headers={"origin": "https://play.example"})
    assert answer.status_code == 200
    sha256 = path.removeprefix("/assets/").partition(".")[0]
    assert hashlib.sha256(answer.content).hexdigest() == sha256
    told = answer.headers
    assert told["content-type"] == "image/svg+xml"
    assert told["content-length"] == str(len(answer.content))
    assert told["cache-control"] == IMMUTABLE
    assert told["etag"] == f'"{sha256}"'
    assert told["access-control-allow-origin"] == "*"
    assert told["cross-origin-resource-policy"] == "cross-origin"
    assert told["x-content-type-options"] == "nosniff"
    assert "sandbox" in told["content-security-policy"]
    assert "set-cookie" not in told
    for named in (told["etag"], f"W/{told['etag']}", f'"x", {told["etag"]}', "*"):
        again = await rest.get(path, headers={"if-none-match": named})
        assert (again.status_code, again.content) == (304, b"")
        assert (again.headers["etag"], again.headers["cache-control"]) == (told["etag"], IMMUTABLE)
    assert (await rest.get(path, headers={"if-none-match": '"x"'})).status_code == 200
    assert (await rest.get(path, headers=bearer("sk_test_wrong"))).status_code == 200


@pytest.mark.both_ways
async def test_any_size_and_every_kind(rest, app, stack):
    assets = assets_of(stack.admin.store)
    for media_type in ("image/png", "image/jpeg", "image/webp", "image/gif"):
        size = 12 * 1024 * 1024 + 4_096 if media_type == "image/png" else 100
        content = media_type.encode() * (size // len(media_type))
        kept = await assets.keep(app.tenant(), Picture(content, media_type))
        answer = await rest.get(asset_path(kept.url))
        assert answer.status_code == 200
        assert answer.headers["content-type"] == media_type
        assert answer.content == content
        head = await rest.head(asset_path(kept.url))
        assert (head.status_code, head.content) == (200, b"")
        assert head.headers["content-type"] == media_type


async def test_what_is_no_asset(rest, app, stack):
    kept = await assets_of(stack.admin.store).keep(app.tenant(), svg("of its own kind"))
    sha256 = kept.sha256
    for name in (
        f"{sha256}.png",
        f"{sha256}.exe",
        f"{sha256}.SVG",
        f"{sha256}.svg.svg",
        f"{sha256}.",
        sha256,
        f"{sha256.upper()}.svg",
        f"{sha256[:-1]}.svg",
        f"{sha256}0.svg",
        f"{'0' * 64}.svg",
        f"{sha256}.svg%0a",
        "%F0%9F%8E%A8",
        "x" * 5_000,
    ):
        answer = await rest.get(f"/assets/{name}")
        assert_error(answer, 404)
        assert "immutable" not in answer.headers.get("cache-control", "")
    # The edge itself takes no such path, of whatever route.
    for name in ("..%2f..%2fetc%2fpasswd", "%2e%2e%2f", f"{sha256}.svg%00"):
        assert (await rest.get(f"/assets/{name}")).status_code in {400, 404}
    for path in ("/assets", "/assets/", f"/assets/a/{sha256}.svg"):
        assert_error(await rest.get(path), 404)
    assert_error(await rest.post(f"/assets/{sha256}.svg"), 405)


async def test_what_is_damaged_is_not_served_and_heals_when_it_is_made_again(rest, app, stack):
    assets, picture = assets_of(stack.admin.store), svg("to be damaged")
    kept = await assets.keep(app.tenant(), picture)
    folder = Settings.from_environment().assets.folder
    assert folder is not None
    file = Path(folder) / object_name(kept.sha256, kept.extension)
    for damage in (b"", picture.content[:-1], picture.content + b" ", b"<svg/>"):
        file.write_bytes(damage)
        assert_error(await rest.get(asset_path(kept.url)), 404)
    await assets.keep(app.tenant(), picture)
    answer = await rest.get(asset_path(kept.url))
    assert (answer.status_code, answer.content) == (200, picture.content)
    assert sorted(file.parent.iterdir()) == [file]
