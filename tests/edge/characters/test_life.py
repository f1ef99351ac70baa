"""Characters over REST: made, read, listed, changed, forked, deleted (CONTRACT 5)."""

from __future__ import annotations

from support.characters import BRAIN, GREETING, STANCES, maren
from support.rest import assert_error, bearer

SHOWN_STANCES = [{name: stance[name] for name in ("id", "label", "mood")} for stance in STANCES]
HIDDEN = dict.fromkeys((*BRAIN, "modelId", "free"))


def whole(character_id: str, **members: object) -> dict[str, object]:
    return {
        "id": character_id,
        "slug": "maren",
        "name": "Maren",
        "description": "The keeper of a lighthouse.",
        "cover": "https://example.com/maren.png",
        "visibility": "private",
        "voiceId": "alto-1",
        "modelId": "small-1",
        "free": True,
        "greeting": GREETING,
        "intro": {"kicker": "Skarn Head", "title": "Maren", "hint": "Ask about the lamp."},
        "stances": SHOWN_STANCES,
        **BRAIN,
        "schemaVersion": "1.0",
    } | members


async def test_explicit_life(rest, app):
    """A character is made of what is said, and is read, listed, changed and deleted as that."""
    headers = bearer(app.secret)
    made = await rest.post("/v1/characters", json=maren(), headers=headers)
    assert made.status_code == 200, made.text
    body = made.json()
    character_id = body.pop("id")
    assert body == {
        "slug": "maren",
        "kind": "character",
        "cover": "https://example.com/maren.png",
        "schemaVersion": "1.0",
    }
    path = f"/v1/characters/{character_id}"
    read = await rest.get(path, headers=headers)
    assert read.json() == whole(character_id)
    assert read.headers["etag"] == made.headers["etag"]
    listed = (await rest.get("/v1/characters", headers=headers)).json()
    shown = whole(character_id)
    del shown["schemaVersion"]
    assert listed == {"characters": [shown], "nextCursor": None, "schemaVersion": "1.0"}
    assert (await rest.get("/v1/worlds", headers=headers)).json()["worlds"] == []
    lint = await rest.post(f"/v1/worlds/{character_id}/lint", json={}, headers=headers)
    assert lint.json()["diagnostics"] == []
    deleted = await rest.delete(path, headers=headers)
    assert deleted.json() == {"ok": True, "deleted": character_id, "schemaVersion": "1.0"}
    assert_error(await rest.get(path, headers=headers), 404)
