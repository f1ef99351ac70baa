"""POST /v1/sessions/connect: what the holder of a good session token gets (CONTRACT 6.2).

What bad tokens get is in `test_connect_refusals`.
"""

from __future__ import annotations

import asyncio
import json
import time

import jwt
import pytest

from conjure.store import keyspace
from support.edge.exact import exact
from support.edge.forgery import claims_of
from support.edge.sessions import CONNECT, LEASE_S, assert_connected, used
from support.rest import assert_error, bearer, connect, import_world, mint

pytestmark = pytest.mark.both_ways


@pytest.fixture
async def token(rest, app, world_id) -> str:
    return (await mint(rest, app.secret, world_id, playerIdentity="p1"))["token"]


class TestAdmitted:
    async def test_the_answer_has_the_documented_members_and_types(self, rest, token, world_id):
        began = int(time.time())
        answer = await connect(rest, token)
        body = assert_connected(answer)
        assert body["worldId"] == world_id
        assert isinstance(body["reactorJwt"], str)
        assert body["reactorJwt"].count(".") == 2
        # `is int`, on the text as it was sent: 300.0 and "300" are no integers.
        sent = exact(answer.content)
        assert sent["expiresIn"] == ("integer", body["expiresIn"])
        assert sent["expiresAt"] == ("integer", body["expiresAt"])
        assert 0 < body["expiresIn"] <= LEASE_S
        # What is left was counted at some moment of the call, in whole seconds.
        assert began - 1 <= body["expiresAt"] - body["expiresIn"] <= time.time() + 1

    async def test_the_world_is_the_one_that_is_stored(self, rest, app, token, world_id):
        played = exact((await connect(rest, token)).content)["world"]
        stored = exact(
            (await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))).content
        )
        stored.pop("schemaVersion")
        assert played == stored

    async def test_it_is_the_newest_world_each_time(self, rest, app, token, world_id):
        await connect(rest, token)
        for state in ("cellar", "hall"):
            await rest.patch(
                f"/v1/worlds/{world_id}/entrance", json={"state": state}, headers=bearer(app.secret)
            )
            world = assert_connected(await connect(rest, token))["world"]
            assert world["entrance"]["state"] == state

    async def test_the_token_may_stand_in_the_body(self, rest, token):
        assert_connected(await rest.post(CONNECT, json={"token": token}))
        assert_connected(await rest.post(CONNECT, json={"token": token, "other": {"x": 1}}))

    async def test_the_header_wins_over_the_body(self, rest, app, token, world_id):
        other_world = await import_world(rest, app.secret, name="Another")
        other = (await mint(rest, app.secret, other_world))["token"]
        for sent in (other, "garbage", ""):
            answer = await rest.post(CONNECT, json={"token": sent}, headers=bearer(token))
            assert assert_connected(answer)["worldId"] == world_id
        answer = await rest.post(CONNECT, json={"token": token}, headers=bearer("garbage"))
        assert_error(answer, 401)

    async def test_the_scheme_is_read_in_any_case(self, rest, token):
        for scheme in ("bearer", "BEARER"):
            answer = await rest.post(CONNECT, headers={"authorization": f"{scheme} {token}"})
            assert_connected(answer)

    @pytest.mark.parametrize("content", [b"", b"{}", b'{"unknown":[1.0,null]}'])
    async def test_with_the_header_the_body_may_be_empty(self, rest, token, content):
        assert_connected(await rest.post(CONNECT, content=content, headers=bearer(token)))

    async def test_no_api_key_is_needed_and_none_is_taken(self, rest, app):
        for key in (app.secret, app.publishable, app.live_secret):
            assert_error(await connect(rest, key), 401)
            assert_error(await rest.post(CONNECT, json={"token": key}), 401)

    async def test_the_runtime_token_says_who_plays_what_until_when(self, rest, token, world_id):
        body = assert_connected(await connect(rest, token))
        keys = jwt.PyJWKSet.from_dict((await rest.get("/.well-known/jwks.json")).json())
        kid = jwt.get_unverified_header(body["reactorJwt"])["kid"]
        key = next(key for key in keys.keys if key.key_id == kid)
        claims = jwt.decode(
            body["reactorJwt"], key.key, algorithms=["EdDSA"], options={"verify_aud": False}
        )
        assert (claims["sub"], claims["wid"]) == ("p1", world_id)
        assert claims["jti"] == claims_of(token)["jti"]
        assert claims["exp"] == body["expiresAt"]
        assert claims["aud"] != claims_of(token)["aud"]

    async def test_a_session_of_live_mode_plays_and_is_counted_there(self, rest, app):
        world_id = await import_world(rest, app.live_secret)
        minted = await mint(rest, app.live_secret, world_id)
        assert_connected(await connect(rest, minted["token"]))
        assert (await used(rest, app.live_secret))["session_seconds"] == LEASE_S
        assert (await used(rest, app.secret))["session_seconds"] == 0


class TestRenewal:
    async def test_the_same_token_again_takes_no_second_slot_and_costs_nothing_at_once(
        self, rest, app, token
    ):
        await app.set_caps(live_sessions=1, session_seconds=LEASE_S)
        began = time.monotonic()
        for _ in range(5):
            assert_connected(await connect(rest, token))
        seconds = (await used(rest, app.secret))["session_seconds"]
        assert LEASE_S <= seconds < LEASE_S + time.monotonic() - began + 1

    async def test_many_tabs_at_once_with_one_token_are_one_session(self, rest, app, token):
        await app.set_caps(live_sessions=1)
        began = time.monotonic()
        answers = await asyncio.gather(*(connect(rest, token) for _ in range(12)))
        assert [answer.status_code for answer in answers] == [200] * 12
        seconds = (await used(rest, app.secret))["session_seconds"]
        assert seconds < LEASE_S + time.monotonic() - began + 1

    async def test_a_renewed_lease_does_not_end_earlier(self, rest, token):
        first = assert_connected(await connect(rest, token))["expiresAt"]
        second = assert_connected(await connect(rest, token))["expiresAt"]
        assert first <= second <= time.time() + LEASE_S + 1


class TestLimits:
    @pytest.mark.parametrize("minutes", [0, 1, LEASE_S - 1])
    async def test_without_minutes_for_a_lease_it_is_402_and_nothing_is_taken(
        self, rest, app, token, minutes
    ):
        await app.set_caps(session_seconds=minutes)
        body = assert_error(await connect(rest, token), 402)
        assert set(body) == {"detail", "schemaVersion"}
        assert (await used(rest, app.secret))["session_seconds"] == 0
        # Neither was a slot: with minutes again, the only one is free.
        await app.set_caps(session_seconds=LEASE_S, live_sessions=1)
        assert_connected(await connect(rest, token))

    async def test_the_day_has_room_for_its_minutes_and_no_more(self, rest, app, world_id):
        await app.set_caps(session_seconds=2 * LEASE_S)
        tokens = [(await mint(rest, app.secret, world_id))["token"] for _ in range(3)]
        statuses = [(await connect(rest, token)).status_code for token in tokens]
        assert statuses == [200, 200, 402]
        assert (await used(rest, app.secret))["session_seconds"] == 2 * LEASE_S

    async def test_at_capacity_it_is_429_with_retry_after_and_nothing_is_charged(
        self, rest, app, world_id
    ):
        await app.set_caps(live_sessions=2)
        tokens = [(await mint(rest, app.secret, world_id))["token"] for _ in range(3)]
        for token in tokens[:2]:
            assert_connected(await connect(rest, token))
        answer = await connect(rest, tokens[2])
        body = assert_error(answer, 429)
        assert set(body) == {"detail", "schemaVersion"}
        assert answer.headers["retry-after"].isdecimal()
        assert int(answer.headers["retry-after"]) >= 1
        assert (await used(rest, app.secret))["session_seconds"] == 2 * LEASE_S
        # Those who are in stay in.
        assert_connected(await connect(rest, tokens[0]))

    async def test_a_stampede_is_let_in_up_to_the_cap_and_not_beyond(self, rest, app, world_id):
        await app.set_caps(live_sessions=3)
        tokens = [(await mint(rest, app.secret, world_id))["token"] for _ in range(12)]
        answers = await asyncio.gather(*(connect(rest, token) for token in tokens))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses == [200] * 3 + [429] * 9
        assert (await used(rest, app.secret))["session_seconds"] == 3 * LEASE_S

    async def test_caps_of_one_mode_do_not_bind_the_other(self, rest, app, token):
        await app.set_caps("live", live_sessions=0, session_seconds=0)
        assert_connected(await connect(rest, token))


class TestWorldGone:
    async def test_it_is_404_and_takes_neither_slot_nor_seconds(
        self, stack, rest, app, token, world_id
    ):
        await app.set_caps(live_sessions=1)
        await stack.admin.store.write("DEL", keyspace.world(app.tenant(), world_id))
        for _ in range(2):
            body = assert_error(await connect(rest, token), 404)
            assert set(body) == {"detail", "schemaVersion"}
        assert (await used(rest, app.secret))["session_seconds"] == 0
        other = (await mint(rest, app.secret, await import_world(rest, app.secret)))["token"]
        assert_connected(await connect(rest, other))

    async def test_also_for_a_session_that_has_begun(self, stack, rest, app, token, world_id):
        assert_connected(await connect(rest, token))
        await stack.admin.store.write("DEL", keyspace.world(app.tenant(), world_id))
        assert_error(await connect(rest, token), 404)


SECRETS = {
    "persona": "SECRET persona",
    "scene": "SECRET scene",
    "lore": ["SECRET lore"],
    "examples": [{"user": "SECRET", "character": "SECRET"}],
    "brain": {"deep": {"er": "SECRET"}},
    "memory": "SECRET",
    "Persona": "SECRET",
}
SHOWN = {
    "stances": [{"id": "calm", "label": "Calm", "mood": "still"}],
    "voice": {"id": "v1", "rate": 1.0},
    "voiceId": "v1",
    "greeting": "Hello.",
    "intro": {"kicker": "k", "title": "t", "hint": None},
}


class TestCharacter:
    async def test_a_player_sees_stances_voice_greeting_and_intro_and_nothing_else(self, rest, app):
        world_id = await import_world(
            rest, app.secret, kind="character", character=SHOWN | SECRETS, mood={"kept": 1.0}
        )
        token = (await mint(rest, app.secret, world_id))["token"]
        answer = await connect(rest, token)
        world = assert_connected(answer)["world"]
        assert world["kind"] == "character"
        assert exact(answer.content)["world"]["character"] == exact(json.dumps(SHOWN))
        assert "SECRET" not in answer.text
        assert exact(answer.content)["world"]["mood"] == {"kept": exact("1.0")}

    async def test_also_after_an_edit_and_on_a_renewal(self, rest, app):
        world_id = await import_world(rest, app.secret, kind="character", character=SHOWN | SECRETS)
        token = (await mint(rest, app.secret, world_id))["token"]
        for state in ("cellar", "hall"):
            await rest.patch(
                f"/v1/worlds/{world_id}/entrance", json={"state": state}, headers=bearer(app.secret)
            )
            for _ in range(2):
                answer = await connect(rest, token)
                assert assert_connected(answer)["world"]["character"] == SHOWN
                assert "SECRET" not in answer.text

    async def test_its_owner_sees_the_brain(self, rest, app):
        world_id = await import_world(rest, app.secret, kind="character", character=SHOWN | SECRETS)
        world = (await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))).json()
        assert world["character"] == SHOWN | SECRETS

    async def test_a_character_without_a_brain_connects_too(self, rest, app):
        world_id = await import_world(rest, app.secret, kind="character")
        token = (await mint(rest, app.secret, world_id))["token"]
        world = assert_connected(await connect(rest, token))["world"]
        assert world.get("character", {}) == {}
        assert world["kind"] == "character"


class TestProse:
    async def test_factored_prose_is_resolved_for_the_player(self, rest, app):
        """Connect returns resolved prose, reads what was written (CONTRACT 9)."""
        factored = {"template": "corridor", "fills": {"light": "a lamp"}}
        states = {"hall": {"base": factored}, "cellar": {"base": "A low cellar."}}
        templates = {
            "corridor": {
                "text": "A {mood} corridor lit by {light}.",
                "slots": {"mood": {"default": "long"}, "light": {}},
            }
        }
        world_id = await import_world(
            rest,
            app.secret,
            scene={"states": states, "events": []},
            kernel={"templates": templates},
        )
        read = (await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))).json()
        assert read["scene"]["states"]["hall"]["base"] == factored
        token = (await mint(rest, app.secret, world_id))["token"]
        world = assert_connected(await connect(rest, token))["world"]
        assert world["scene"]["states"]["hall"]["base"] == "A long corridor lit by a lamp."
