"""POST /v1/characters: its three forms, and what is wrong with others (CONTRACT 5)."""

from __future__ import annotations

import json

import pytest

from support.characters import maren
from support.rest import assert_error, bearer

FRAME = "R0lGODdhAQABAIAAAP8AAAAAACwAAAAAAQABAAACAkQBADs="


async def create(rest, key: str, body: object, **headers: str):
    return await rest.post("/v1/characters", json=body, headers=bearer(key) | headers)


def document(**members: object) -> dict[str, object]:
    """What a person has by hand: some states, one stance, nothing between them."""
    return {
        "name": "Ada",
        "entrance": {"state": "calm"},
        "scene": {"states": {"calm": {"base": "A clerk."}, "cross": {"base": "A cross clerk."}}, "events": []},
        "character": {"persona": "A clerk.", "stances": [{"id": "cross", "label": "Cross", "mine": [1.0]}]},
        "mine": {"kept": None},
    } | members  # fmt: skip


async def test_an_import_is_made_whole(rest, app):
    """What the document lacks is made; what it has stays; what is said beside it wins."""
    body = {"world": document(), "persona": "A judge.", "voiceId": "v", "name": "Judge Ada"}
    made = await create(rest, app.secret, body)
    assert made.status_code == 200, made.text
    one = made.json()["id"]
    assert made.json()["slug"] == "judge-ada"
    assert made.json()["cover"].startswith("http")
    world = (await rest.get(f"/v1/worlds/{one}", headers=bearer(app.secret))).json()
    assert world["character"] == {
        "persona": "A judge.",
        "voiceId": "v",
        "stances": [
            {"id": "cross", "label": "Cross", "mine": [1.0]},
            {"id": "calm", "label": "calm"},
        ],
    }
    assert (world["mine"], world["name"], world["kind"]) == (
        {"kept": None},
        "Judge Ada",
        "character",
    )
    assert world["scene"]["states"]["calm"] == {"base": "A clerk."}
    assert {event["name"] for event in world["scene"]["events"]} == {"calm", "Cross", "Speaking"}
    lint = await rest.post(f"/v1/worlds/{one}/lint", json={}, headers=bearer(app.secret))
    assert lint.json()["diagnostics"] == []
    # What it gives back can be imported again.
    again = await create(rest, app.secret, {"world": world})
    copy = (await rest.get(f"/v1/worlds/{again.json()['id']}", headers=bearer(app.secret))).json()
    assert copy | {"id": one} == world


async def test_one_is_written(rest, app):
    """The built-in author's are whole, and the kernel has nothing to say about them; what is said beside wins."""
    body = {
        "authored": True,
        "premise": "the keeper of a lighthouse who hears voices",
        "voiceId": "v",
    }
    made = await create(rest, app.secret, body)
    assert made.status_code == 200, made.text
    one, headers = made.json()["id"], bearer(app.secret)
    character = (await rest.get(f"/v1/characters/{one}", headers=headers)).json()
    for name in ("name", "description", "persona", "scene", "greeting", "lore", "examples"):
        assert character[name], name
    assert 4 <= len(character["stances"]) <= 6
    assert (character["voiceId"], character["free"]) == ("v", False)
    assert character["cover"] == made.json()["cover"]
    lint = await rest.post(f"/v1/worlds/{one}/lint", json={}, headers=headers)
    assert lint.json()["diagnostics"] == []
    scene = (await rest.get(f"/v1/worlds/{one}/scene", headers=headers)).text
    for name in ("persona", "scene", "lore"):
        assert character[name] not in scene


STANCE = {"id": "calm"}
WRONG = [
    ({}, ["name is required", "persona is required", "stances is required"]),
    ({"name": "A", "persona": "P", "stances": []}, ["stances is required"]),
    ({"name": " ", "persona": "\t", "stances": [STANCE]}, ["name must", "persona must"]),
    ({"authored": True}, ["premise is required"]),
    ({"authored": True, "premise": " "}, ["premise is required"]),
    ({"authored": True, "premise": "x" * 8_001}, ["premise must have at most 8000"]),
    ({"authored": True, "frame_b64": FRAME, "frame_url": "x"}, ["frame_b64 must not", "frame_url must not"]),
    ({"authored": True, "frame_url": "ftp://x"}, ["frame_url "]),
    ({"authored": True, "frame_b64": "AAAA"}, ["frame_b64 "]),
    (maren(premise="A keeper."), ["premise is only for characters that are written"]),
    (
        {"world": document(), "authored": True, "premise": "x", "stances": [STANCE]},
        ["authored must not", "premise must not", "stances must not"],
    ),
    ({"world": [1]}, ["world must be an object"]),
    ({"world": document(kind="world")}, ["world.kind must be character"]),
    ({"world": document(character=5)}, ["world.character must be an object"]),
    (
        {"world": document(character={"lore": [], "free": "no"})},
        ["world.character.lore must be a string", "world.character.free must be true or false"],
    ),
    (maren(cover=""), ["cover must be a URL"]),
    (maren(lore="x" * 64_001), ["lore must have at most 64000"]),
    (maren(description="x" * 8_001), ["description must have at most 8000"]),
    (maren(intro={"title": "x" * 201}), ["intro.title must have at most 200"]),
    (
        maren(stances=[{"id": "a"}, {"id": ".."}, {"id": "a\0"}, {"id": " b"}, {}, {"id": "x" * 65}]),
        ["stances[1].id", "stances[2].id", "stances[3].id", "stances[4].id", "stances[5].id"],
    ),
    (
        maren(stances=[{"id": "Caf\u00e9"}, {"id": "cafe\u0301"}, {"id": "Caf\u00e9"}]),
        ["stances[1].id differs only in case", "stances[2].id is the id of stances[0]"],
    ),
    (maren(stances=[{"id": "a", "label": " "}]), ["stances[0].label must have at least one"]),
    (maren(stances=[{"id": "a", "mood": "x" * 201}]), ["stances[0].mood must have at most 200"]),
    (maren(stances=[{"id": f"s{n}"} for n in range(25)]), ["stances must hold at most 24"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "told"), WRONG)
async def test_what_is_none_is_refused_by_name(rest, app, body, told):
    """Each field that is wrong is named, with 422; nothing is made and nothing charged."""
    error = assert_error(await create(rest, app.secret, body), 422)
    errors = error["errors"]
    assert len(errors) == len(told), errors
    assert all(found.startswith(begins) for found, begins in zip(errors, told, strict=True)), errors
    headers = bearer(app.secret)
    assert (await rest.get("/v1/usage", headers=headers)).json()["usage"]["generation"] == 0
    assert (await rest.get("/v1/characters", headers=headers)).json()["characters"] == []


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{"name": 5, "persona": "x", "stances": [{"id": "a"}]}', 422),
        ('{"name": "x", "persona": "x", "stances": "a"}', 422),
        ('{"name": "x", "persona": "x", "stances": ["a"]}', 422),
        ('{"name": "x", "persona": "x", "stances": [{"id": 1}]}', 422),
        ('{"name": "x", "persona": "x", "stances": [{"id": "a"}], "intro": []}', 422),
        ('{"authored": "yes"}', 422),
        ('{"world": null, "name": null}', 422),
        ("[]", 400),
    ],
)
async def test_ill_typed(rest, app, text, status):
    """A member of another type is a field error of a creation, as for worlds; null is what is absent."""
    headers = bearer(app.secret) | {"content-type": "application/json"}
    assert_error(await rest.post("/v1/characters", content=text, headers=headers), status)


async def test_what_the_kernel_refuses(rest, app):
    """An import that the gate refuses is a 422 with its findings, and costs nothing."""
    broken = document(entrance={"state": "attic", "image": {"src": "x"}})
    body = assert_error(await create(rest, app.secret, {"world": broken}), 422)
    assert [finding["lint"] for finding in body["diagnostics"]] == ["dangling-ref"]
    usage = (await rest.get("/v1/usage", headers=bearer(app.secret))).json()["usage"]
    assert usage["generation"] == 0


async def test_a_retry_is_answered_as_the_first_time(rest, app):
    """The same key and body make one character and cost one unit; another body is refused."""
    picture = "data:image/png;base64,AAAA"
    body = maren(cover=picture)
    first = await create(rest, app.secret, body, **{"idempotency-key": "k"})
    again = await create(
        rest, app.secret, json.loads(json.dumps(body, sort_keys=True)), **{"idempotency-key": "k"}
    )
    assert again.json() == first.json()
    assert again.json()["cover"] == picture
    assert (again.headers["etag"], again.headers["idempotent-replayed"]) == (
        first.headers["etag"], "true",
    )  # fmt: skip
    for other in (maren(cover=picture, lore="x"), maren(cover=picture, stances=[STANCE]), maren()):
        assert_error(await create(rest, app.secret, other, **{"idempotency-key": "k"}), 422)
    path, key = f"/v1/characters/{first.json()['id']}/forks", {"idempotency-key": "k"}
    forks = [await rest.post(path, headers=bearer(app.secret) | key) for _ in range(2)]
    assert forks[0].json() == forks[1].json() != first.json()
    usage = (await rest.get("/v1/usage", headers=bearer(app.secret))).json()["usage"]
    assert usage["generation"] == 2


async def test_over_quota(rest, app):
    """Without a unit left nothing is made."""
    await app.set_caps(generation=0)
    answer = await create(rest, app.secret, maren())
    assert assert_error(answer, 402)["detail"] == "daily generation quota exceeded"
    assert_error(await create(rest, app.publishable, maren()), 403)


HOSTILE = "never \u0000 washed out \u202e blinding \U0001f98a no. " * 9


async def test_any_words(rest, app):
    """Whatever words a person has for a character, they are kept, and the kernel finds nothing in the graph."""
    stances = [
        {"id": "Speaking", "label": "Speaking", "mood": HOSTILE[:200], "expression": HOSTILE},
        {"id": "a/b ?#%", "label": "Speaking 2"},
        {"id": "\U0001f98a", "label": "\u0000"},
    ]
    body = maren(stances=stances, subject=HOSTILE, style=HOSTILE[:500], persona=HOSTILE, name="No")
    made = await create(rest, app.secret, body)
    assert made.status_code == 200, made.text
    one = made.json()["id"]
    lint = await rest.post(f"/v1/worlds/{one}/lint", json={}, headers=bearer(app.secret))
    assert lint.json()["diagnostics"] == []
    world = (await rest.get(f"/v1/worlds/{one}", headers=bearer(app.secret))).json()
    assert (world["character"]["persona"], world["character"]["subject"]) == (HOSTILE, HOSTILE)
    assert world["character"]["stances"] == stances
