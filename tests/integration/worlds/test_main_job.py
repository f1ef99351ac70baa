"""The whole way of a world: made, pointed, minted, played."""

from __future__ import annotations

from support.assets import is_asset_url
from support.rest import bearer, connect, mint


async def test_a_premise_becomes_a_world_that_a_browser_can_play(rest, app):
    """Create, read, set the entrance, mint, connect."""
    made = await rest.post(
        "/v1/worlds", json={"premise": "a clockmaker in a frozen city"}, headers=bearer(app.secret)
    )
    assert made.status_code == 200
    body = made.json()
    assert set(body) == {"worldId", "slug", "ok", "cover", "schemaVersion"}
    assert body["ok"] is True
    assert is_asset_url(body["cover"])
    world_id = body["worldId"]

    scene = await rest.get(f"/v1/worlds/{world_id}/scene", headers=bearer(app.publishable))
    assert scene.status_code == 200
    assert set(scene.json()) == {"states", "events", "entrance", "rev", "schemaVersion"}
    other = next(s for s in scene.json()["states"] if s != scene.json()["entrance"]["state"])

    written = await rest.patch(
        f"/v1/worlds/{world_id}/entrance", json={"state": other}, headers=bearer(app.secret)
    )
    assert written.status_code == 200
    assert set(written.json()) == {"world", "diagnostics", "rev", "schemaVersion"}
    assert written.json()["world"]["entrance"]["state"] == other
    assert written.headers["etag"] == f'"{written.json()["rev"]}"'

    minted = await mint(rest, app.secret, world_id, playerIdentity="player one")
    assert set(minted) == {"token", "expiresIn", "worldId", "slug", "jti", "schemaVersion"}
    connected = await connect(rest, minted["token"])
    assert connected.status_code == 200
    session = connected.json()
    assert session["worldId"] == world_id
    assert session["world"]["entrance"]["state"] == other
    assert session["expiresIn"] > 0
    assert isinstance(session["expiresAt"], int)

    usage = (await rest.get("/v1/usage", headers=bearer(app.secret))).json()
    assert usage["usage"]["generation"] == 1
    assert usage["usage"]["session"] == 1
    assert usage["usage"]["session_seconds"] == 300
