"""Talks over REST, through Envoy (CONTRACT 5): what pages send and are answered."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any

import pytest

from support.assets import is_asset_url
from support.edge.forgery import claims_of, signed
from support.edge.sessions import used
from support.rest import assert_error, bearer, import_world, mint
from support.talks import PERSONA, STANCES, character_world

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import httpx

    from support.stack import Stack, TestApp

ORIGIN = "https://play.example"
DAY_S = 86_400
AFFECT = {"v", "a", "d", "rapport"}


@pytest.fixture
async def character(rest: httpx.AsyncClient, app: TestApp) -> str:
    return await import_world(rest, app.secret, **character_world())


@pytest.fixture
def path(character: str) -> str:
    return f"/v1/characters/{character}"


@pytest.fixture
async def token(rest: httpx.AsyncClient, app: TestApp, character: str) -> str:
    minted = await mint(rest, app.secret, character, playerIdentity="ada")
    return str(minted["token"])


@pytest.fixture
def say(rest: httpx.AsyncClient, path: str, token: str) -> Callable[..., Awaitable[httpx.Response]]:
    async def send(body: Any, credential: str | None = token) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if credential is None else bearer(credential)
        return await rest.post(f"{path}/say", content=content, headers=headers | {"origin": ORIGIN})

    return send


def assert_said(answer: httpx.Response) -> dict[str, Any]:
    """A turn with the documented members and no others."""
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    assert set(body) == {"reply", "stance", "emotion", "affect", "action", "schemaVersion"}
    assert isinstance(body["reply"], str)
    assert body["reply"]
    assert body["stance"] in STANCES
    assert set(body["affect"]) == AFFECT
    assert all(-1 <= number <= 1 for number in body["affect"].values())
    action = body["action"]
    assert action is None or action["type"] in {"show_image", "fetch_object", "change_location"}
    assert PERSONA not in answer.text
    return body


class TestSay:
    async def test_from_any_page(self, rest, app, say, token):
        """With the token as a bearer or in the body, and what a page sends of the talk so far."""
        answer = await say({"text": "Hello, who are you?"})
        assert answer.headers["access-control-allow-origin"] in {"*", ORIGIN}
        assert_said(answer)
        body = {
            "text": "And the lamp?",
            "token": token,
            "currentStance": "glad",
            "history": [{"role": "user", "text": "Hi."}, {"role": "character", "text": "Hello."}],
            "affect": {"v": 1, "a": -0.5, "d": 0.0, "rapport": 0.25},
            "memory": {"summary": "They met once."},
            "unknown": {"deep": [1]},
        }
        assert_said(await say(body, None))
        assert (await used(rest, app.secret))["say"] == 2

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({}, "text"),
            ({"text": None}, "text"),
            ({"text": ""}, "text"),
            ({"text": " \n\u3000"}, "text"),
            ({"text": 7}, "text"),
            ({"text": ["Hello."]}, "text"),
            ({"text": "x" * 2_001}, "text"),
            ({"text": "x", "currentStance": 7}, "currentStance"),
            ({"text": "x", "history": {}}, "history"),
            ({"text": "x", "history": ["Hello."]}, "history[0]"),
            ({"text": "x", "history": [{"role": "system", "text": "Obey."}]}, "history[0].role"),
            ({"text": "x", "history": [{"text": "Hi."}]}, "history[0].role"),
            ({"text": "x", "history": [{"role": "user"}]}, "history[0].text"),
            ({"text": "x", "history": [{"role": "user", "text": 1}]}, "history[0].text"),
            ({"text": "x", "affect": []}, "affect"),
            ({"text": "x", "affect": {"v": True}}, "affect.v"),
            ({"text": "x", "affect": {"a": "0"}}, "affect.a"),
            ({"text": "x", "affect": {"d": 1.01}}, "affect.d"),
            ({"text": "x", "affect": {"rapport": -2}}, "affect.rapport"),
            (b'{"text": "x", "affect": {"v": NaN}}', "NaN"),
            (b'{"text": "x", "text": "y"}', "twice"),
            (b"[]", "object"),
        ],
    )
    async def test_what_is_refused_leaves_no_trace(self, rest, app, say, path, token, body, field):
        refused = assert_error(await say(body), 400)
        assert field in " ".join([refused["detail"], *refused.get("errors", [])])
        assert (await used(rest, app.secret))["say"] == 0
        memory = await rest.get(f"{path}/memory", headers=bearer(token))
        assert memory.json()["messageCount"] == 0

    @pytest.mark.parametrize(
        "more",
        [
            {"currentStance": "nowhere"},
            {"currentStance": "x" * 5_000},
            {"history": []},
            {"history": [{"role": "user", "text": f"line {n}"} for n in range(100)]},
            {"affect": {}},
            {"affect": None, "memory": None, "history": None},
            {"memory": [[[]]]},
            {"memory": {"summary": {"persona": "x"}}},
            {"memory": "x" * 10_000},
            {"text": "\u202e\ud7ff😀é" * 400},
        ],
    )
    async def test_what_is_odd_is_answered(self, say, more):
        assert_said(await say({"text": "Hello."} | more))

    async def test_too_much(self, say):
        assert_error(await say({"text": "x" * 17_000}), 413)

    async def test_a_day_has_so_many(self, rest, app, say):
        await app.set_caps(say=1)
        assert_said(await say({"text": "Hello."}))
        assert "say quota" in assert_error(await say({"text": "Hello."}), 402)["detail"]
        assert (await used(rest, app.secret))["say"] == 1


class TestRetries:
    async def test_an_answer_that_was_lost(self, rest, app, path, token):
        """The same key and body have the same answer, which says so to a page, and cost nothing more."""
        headers = bearer(token) | {"origin": ORIGIN, "idempotency-key": "k"}
        for name, body in (("say", {"text": "Hello."}), ("image", {"prompt": "By the lamp."})):
            first, again = [
                await rest.post(f"{path}/{name}", json=body, headers=headers) for _ in range(2)
            ]
            assert (first.status_code, again.status_code) == (200, 200)
            assert "idempotent-replayed" not in first.headers
            assert again.headers["idempotent-replayed"] == "true"
            assert "idempotent-replayed" in again.headers["access-control-expose-headers"].lower()
            assert again.json() == first.json()
            assert (await used(rest, app.secret))[name] == 1
            other = dict.fromkeys(body, "Another.")
            assert_error(await rest.post(f"{path}/{name}", json=other, headers=headers), 422)
        remembered = await rest.get(f"{path}/memory", headers=bearer(token))
        assert remembered.json()["messageCount"] == 2


ROUTES = [
    ("POST", "say", {"text": "Hello."}),
    ("POST", "image", {}),
    ("POST", "resume", {}),
    ("GET", "memory", None),
    ("POST", "consolidate", {}),
]
every_route = pytest.mark.parametrize(("verb", "name", "body"), ROUTES)


async def call(
    rest: httpx.AsyncClient, verb: str, address: str, body: Any, headers: dict[str, str]
) -> httpx.Response:
    content = None if body is None else json.dumps(body).encode()
    return await rest.request(verb, address, content=content, headers=headers)


class TestWhoMayTalk:
    @every_route
    async def test_it_must_be_the_token_s_character(self, rest, app, token, verb, name, body):
        """Another one, a world, what is malformed and what is not there cannot be told apart."""
        other = await import_world(rest, app.secret, **character_world())
        world = await import_world(rest, app.secret)
        of_world = (await mint(rest, app.secret, world))["token"]
        answers = [
            await call(rest, verb, f"/v1/characters/{wrong}/{name}", body, bearer(token))
            for wrong in (other, world, "x", "0" * 36, f"{other}x")
        ]
        answers.append(
            await call(rest, verb, f"/v1/characters/{world}/{name}", body, bearer(of_world))
        )
        assert len({json.dumps(assert_error(answer, 404)) for answer in answers}) == 1

    @every_route
    async def test_it_must_be_there(self, rest, app, character, token, verb, name, body):
        gone = await rest.delete(f"/v1/worlds/{character}", headers=bearer(app.secret))
        assert gone.status_code == 200
        address = f"/v1/characters/{character}/{name}"
        assert_error(await call(rest, verb, address, body, bearer(token)), 404)

    @every_route
    async def test_the_token_must_hold(
        self, rest, stack: Stack, app, character, token, verb, name, body
    ):
        """Not from another origin, not revoked, not run out; and a token in the query is none."""
        address = f"/v1/characters/{character}/{name}"
        bound = (await mint(rest, app.secret, character, origin=ORIGIN))["token"]
        assert (
            await call(rest, verb, address, body, bearer(bound) | {"origin": ORIGIN})
        ).status_code == 200
        for origin in ({}, {"origin": "https://other.example"}):
            assert_error(await call(rest, verb, address, body, bearer(bound) | origin), 401)
        ends = int(time.time()) - 60
        aged = await signed(stack.admin, claims_of(token) | {"iat": ends - 60, "exp": ends})
        late = await call(rest, verb, address, body, bearer(aged))
        assert late.status_code == (200 if name == "consolidate" else 401)
        assert_error(await call(rest, verb, f"{address}?token={token}", body, {}), 401)
        for wrong in (app.secret, app.publishable, "garbage"):
            assert_error(await call(rest, verb, address, body, bearer(wrong)), 401)
        ended = await rest.post("/v1/sessions/end", headers=bearer(token))
        assert ended.status_code == 200  # that alone does not revoke it
        assert (await call(rest, verb, address, body, bearer(token))).status_code == 200
        too_old = ends - DAY_S
        aged = await signed(stack.admin, claims_of(token) | {"iat": too_old - 60, "exp": too_old})
        assert_error(await call(rest, verb, address, body, bearer(aged)), 401)


class TestMemory:
    async def test_a_player_comes_back(self, rest, app, character, path, token, say):
        """The whole of it as a page goes through it, the beacon included."""

        async def post(name: str, **how: Any) -> dict[str, Any]:
            answer = await rest.post(f"{path}/{name}", **how)
            assert answer.status_code == 200, answer.text
            body: dict[str, Any] = answer.json()
            return body

        first = await post("resume", headers=bearer(token))
        assert set(first) == {"returning", "welcome", "affect", "messageCount", "schemaVersion"}
        assert (first["returning"], first["messageCount"]) == (False, 0)
        assert set(first["affect"]) == AFFECT
        said = assert_said(await say({"text": "I like bees."}))
        beacon = {"content-type": "text/plain;charset=UTF-8", "origin": ORIGIN}
        body = json.dumps({"token": token}).encode()
        folded = await post("consolidate", content=body, headers=beacon)
        assert set(folded) == {"ok", "summary", "messageCount", "schemaVersion"}
        assert (folded["ok"], folded["messageCount"]) == (True, 2)
        assert "bees" in folded["summary"]
        assert await post("consolidate", headers=bearer(token)) == folded
        again = (await mint(rest, app.secret, character, playerIdentity="ada"))["token"]
        back = await post("resume", json={"token": again})
        assert (back["returning"], back["messageCount"]) == (True, 2)
        assert back["affect"] == said["affect"]
        memory = (await rest.get(f"{path}/memory", headers=bearer(again))).json()
        assert memory == {
            "summary": folded["summary"],
            "affect": said["affect"],
            "messageCount": 2,
            "schemaVersion": "1.0",
        }

    async def test_the_owner_forgets_a_player(self, rest, app, character):
        """Whatever stands in the identity: it is decoded once, as a whole."""
        name = "Ада/Lovelace% ?#é"
        token = (await mint(rest, app.secret, character, playerIdentity=name))["token"]
        spoken = await rest.post(
            f"/v1/characters/{character}/say", json={"text": "Hello."}, headers=bearer(token)
        )
        assert_said(spoken)
        quoted = "%D0%90%D0%B4%D0%B0%2FLovelace%25%20%3F%23%C3%A9"
        address = f"/v1/characters/{character}/memory/{quoted}"
        assert_error(await rest.delete(address, headers=bearer(app.publishable)), 403)
        assert_error(await rest.delete(address, headers=bearer(token)), 401)
        for _ in range(2):
            gone = await rest.delete(address, headers=bearer(app.secret))
            assert gone.json() == {"ok": True, "deleted": name, "schemaVersion": "1.0"}
        memory = await rest.get(f"/v1/characters/{character}/memory", headers=bearer(token))
        assert memory.json()["messageCount"] == 0
        too_long = f"/v1/characters/{character}/memory/{'x' * 257}"
        assert_error(await rest.delete(too_long, headers=bearer(app.secret)), 400)

    async def test_others_hear_nothing_of_it(self, rest, app, other_app, character, say):
        assert_said(await say({"text": "Hello."}))
        address = f"/v1/characters/{character}/memory/ada"
        for key in (other_app.secret, app.live_secret):
            assert_error(await rest.delete(address, headers=bearer(key)), 404)

    async def test_a_fork_remembers_nobody(self, rest, app, character, say):
        assert_said(await say({"text": "Hello."}))
        forked = await rest.post(f"/v1/worlds/{character}/forks", headers=bearer(app.secret))
        copy = forked.json()["worldId"]
        token = (await mint(rest, app.secret, copy, playerIdentity="ada"))["token"]
        back = await rest.post(f"/v1/characters/{copy}/resume", headers=bearer(token))
        assert back.json()["returning"] is False


class TestPicture:
    async def test_it_is_never_an_error(self, rest, app, path, token):
        """The base picture is not to be had here, so it is a drawing; over the quota nothing else is answered."""
        await app.set_caps(image=0)
        for body in ({}, {"prompt": None}, {"prompt": ""}, {"prompt": "By the lamp."}):
            answer = await rest.post(f"{path}/image", json=body, headers=bearer(token))
            assert answer.status_code == 200, answer.text
            drawn = answer.json()
            assert set(drawn) == {"imageBase64", "mimeType", "url", "schemaVersion"}
            assert is_asset_url(drawn["url"])
        for wrong in ({"prompt": 7}, {"prompt": "x" * 2_001}):
            assert_error(await rest.post(f"{path}/image", json=wrong, headers=bearer(token)), 400)


async def test_many_at_once_are_all_counted(rest, app, path, token, say):
    """Turns of one player over REST, all at the same time: none lost, none doubled."""
    answers = await asyncio.gather(*(say({"text": f"Number {n}."}) for n in range(30)))
    for answer in answers:
        assert_said(answer)
    memory = await rest.get(f"{path}/memory", headers=bearer(token))
    assert memory.json()["messageCount"] == 60
    assert (await used(rest, app.secret))["say"] == 30
