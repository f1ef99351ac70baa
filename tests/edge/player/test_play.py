"""What a page asks for while it plays, over REST: pictures of states, and answers of terminals (CONTRACT 6.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from support.assets import asset_path, is_asset_url
from support.plays import FACTS, TERMINAL, played_world
from support.rest import assert_error, bearer, mint

if TYPE_CHECKING:
    import httpx

    from support.stack import TestApp

PICTURE, ASK = "/v1/sessions/picture", "/v1/sessions/ask"
QUESTION = {"event": "Console", "text": "What is the code of the vault?"}
REACTOR, CODE, DOCTOR = (fact["text"] for fact in FACTS)


@pytest.fixture
async def world_id(rest: httpx.AsyncClient, app: TestApp) -> str:
    answer = await rest.post(
        "/v1/worlds", json={"world": played_world()}, headers=bearer(app.secret)
    )
    return str(answer.json()["worldId"])


@pytest.fixture
async def token(rest: httpx.AsyncClient, app: TestApp, world_id: str) -> str:
    return str((await mint(rest, app.secret, world_id))["token"])


@pytest.mark.both_ways
async def test_a_picture_can_be_had_where_it_is_said_to_be(
    rest: httpx.AsyncClient, token: str
) -> None:
    """With the token in the header or in the body; a page of any origin may ask, and keep it for ever."""
    headers = bearer(token) | {"origin": "https://play.example"}
    answer = await rest.post(PICTURE, json={"state": "hall"}, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.headers["access-control-allow-origin"] == "*"
    drawn = answer.json()
    assert set(drawn) == {"url", "mimeType", "schemaVersion"}
    assert is_asset_url(drawn["url"])
    in_body = await rest.post(PICTURE, json={"state": "hall", "token": token, "more": [1]})
    assert in_body.json() == drawn
    kept = await rest.get(asset_path(drawn["url"]))
    assert kept.status_code == 200
    assert kept.headers["content-type"].startswith(drawn["mimeType"])
    assert "immutable" in kept.headers["cache-control"]


@pytest.mark.both_ways
async def test_a_terminal_tells_what_the_flags_allow(rest: httpx.AsyncClient, token: str) -> None:
    """What is locked is answered as if it were not there."""

    async def reply(text: str, *flags: str) -> str:
        body = {"event": "Console", "text": text, "flags": list(flags)}
        answer = await rest.post(ASK, json=body, headers=bearer(token))
        assert answer.status_code == 200, answer.text
        assert set(answer.json()) == {"reply", "schemaVersion"}
        return str(answer.json()["reply"])

    assert REACTOR in await reply("What happened to the reactor?")
    assert await reply("Hello!") == TERMINAL["greeting"]
    for flags in ((), ("saw_film",), ("HAS_BADGE",), ("has_badge ",)):
        assert "KESTREL" not in await reply("What is the code of the vault?", *flags)
    assert CODE in await reply("What is the code of the vault?", "has_badge")
    assert DOCTOR not in await reply("Where is doctor Lindqvist?", "has_badge")
    assert DOCTOR in await reply("Where is doctor Lindqvist?", "has_badge", "saw_film", "has_badge")


LONG = "x" * 257


@pytest.mark.parametrize(
    ("path", "body", "named"),
    [
        *(
            (PICTURE, body, "state")
            for body in (
                {},
                {"state": None},
                {"state": ""},
                {"state": 7},
                {"state": ["hall"]},
                {"state": {"id": "hall"}},
                {"state": LONG},
                {"state": "hall\0"},
                {"state": "hall", "token": 7},
            )
        ),
        *(
            (ASK, QUESTION | body, named)
            for body, named in (
                ({"event": None}, "event"),
                ({"event": LONG}, "event"),
                ({"event": "Console\0"}, "event"),
                ({"event": ["Console"]}, "event"),
                ({"text": None}, "text"),
                ({"text": " \n\t"}, "text"),
                ({"text": "x" * 2_001}, "text"),
                ({"text": 7}, "text"),
                ({"flags": "has_badge"}, "flags"),
                ({"flags": {"has_badge": True}}, "flags"),
                ({"flags": [7]}, "flags"),
                ({"flags": [None]}, "flags"),
                ({"flags": ["a"] * 1_001}, "flags"),
                ({"flags": ["a", LONG]}, "flags[1]"),
            )
        ),
    ],
    ids=str,
)
async def test_what_is_wrong_is_named(
    rest: httpx.AsyncClient, token: str, path: str, body: dict[str, Any], named: str
) -> None:
    told = assert_error(await rest.post(path, json=body, headers=bearer(token)), 400)
    expected = "token" if body.get("token") == 7 else named
    assert expected in f"{told['detail']} {told.get('errors')}"


async def test_limits_are_within(rest: httpx.AsyncClient, token: str) -> None:
    most = QUESTION | {"text": "x" * 2_000, "flags": ["a"] * 1_000}
    assert (await rest.post(ASK, json=most, headers=bearer(token))).status_code == 200
    assert (await rest.post(ASK, json=QUESTION, headers=bearer(token))).status_code == 200
    none = QUESTION | {"flags": None, "token": None}
    assert (await rest.post(ASK, json=none, headers=bearer(token))).status_code == 200


@pytest.mark.parametrize(("path", "body"), [(PICTURE, {"state": "hall"}), (ASK, QUESTION)])
async def test_who_and_what_is_refused(
    rest: httpx.AsyncClient,
    app: TestApp,
    world_id: str,
    token: str,
    path: str,
    body: dict[str, Any],
) -> None:
    for headers in ({}, bearer("x"), bearer(app.secret)):
        assert_error(await rest.post(path, json=body, headers=headers), 401)
    assert_error(await rest.get(path, headers=bearer(token)), 405)
    assert_error(await rest.post(path, content=b"{", headers=bearer(token)), 400)
    large = body | {"more": "x" * 17_000}
    assert_error(await rest.post(path, json=large, headers=bearer(token)), 413)
    # What is no terminal and no state of this world is not there: an event of another kind neither.
    for name in ("attic", "Go down", "../hall", "console", "\u202e"):
        unknown = body | ({"state": name} if path == PICTURE else {"event": name})
        assert_error(await rest.post(path, json=unknown, headers=bearer(token)), 404)
    bound = await mint(rest, app.secret, world_id, origin="https://play.example")
    elsewhere = bearer(bound["token"]) | {"origin": "https://other.example"}
    assert_error(await rest.post(path, json=body, headers=elsewhere), 401)
    deleted = await rest.delete(f"/v1/worlds/{world_id}", headers=bearer(app.secret))
    assert deleted.status_code == 200
    assert_error(await rest.post(path, json=body, headers=bearer(token)), 404)
