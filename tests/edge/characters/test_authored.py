"""Characters that the built-in author writes, over REST (CONTRACT 5)."""

from __future__ import annotations

import base64

from conjure.providers.author.character import SECRET
from support.picture_files import landscape
from support.rest import assert_error, bearer

PREMISE = "a grumpy lighthouse keeper who hides a letter"


async def test_written_from_a_premise_or_a_frame(rest, app):
    """What is written can be read by its owner, passes lint, and costs a generation; a refused one none."""
    headers = bearer(app.secret)
    frame = base64.b64encode(landscape()).decode()
    read = []
    for body in ({"premise": PREMISE}, {"frame_b64": frame}, {"premise": PREMISE, "name": "Ada"}):
        made = await rest.post("/v1/characters", json={"authored": True} | body, headers=headers)
        assert made.status_code == 200, made.text
        assert "/assets/" in made.json()["cover"]
        path = f"/v1/characters/{made.json()['id']}"
        read.append((await rest.get(path, headers=headers)).json())
        assert read[-1]["cover"] == made.json()["cover"]
        lint = await rest.post(f"/v1/worlds/{made.json()['id']}/lint", json={}, headers=headers)
        assert lint.json()["diagnostics"] == []
    keeper, framed, ada = read
    assert "lighthouse keeper" in keeper["persona"]
    assert "hide the letter" in keeper["persona"]
    assert keeper["stances"][0]["id"] == "neutral"
    assert 4 <= len(keeper["stances"]) <= 6
    assert SECRET in keeper["lore"]
    assert framed["cover"].endswith((".jpg", ".png"))
    assert ada["name"] == "Ada"
    assert ada["persona"] == keeper["persona"].replace(keeper["name"], "Ada")
    refused = {"authored": True, "frame_b64": "aGVsbG8="}
    assert_error(await rest.post("/v1/characters", json=refused, headers=headers), 422)
    usage = (await rest.get("/v1/usage", headers=headers)).json()
    assert usage["usage"]["generation"] == 3
