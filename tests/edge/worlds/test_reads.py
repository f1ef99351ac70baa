"""Reading a world, the day's use, and what a deployment says of itself (CONTRACT 2, 7)."""

from __future__ import annotations

import datetime as dt

import jwt
import pytest
from jsonschema import Draft202012Validator

from conjure.settings import UNITS
from support.rest import assert_error, bearer, connect, import_world, mint

pytestmark = pytest.mark.both_ways

STALE = '"stale"'


class TestConditionalReads:
    @pytest.fixture(params=["", "/scene"], ids=["world", "scene"])
    def path(self, world_id, request) -> str:
        return f"/v1/worlds/{world_id}{request.param}"

    async def test_a_read_carries_its_revision(self, rest, app, path):
        answer = await rest.get(path, headers=bearer(app.publishable))
        assert answer.status_code == 200
        etag = answer.headers["etag"]
        assert etag.startswith('"')
        assert etag.endswith('"')
        assert answer.json()["schemaVersion"] == "1.0"
        if path.endswith("scene"):
            assert etag == f'"{answer.json()["rev"]}"'

    @pytest.mark.parametrize(
        "form", ["{etag}", "{bare}", "*", '"x", {etag}', "{etag},{etag}", "W/{etag}"]
    )
    async def test_what_the_caller_has_is_304_without_a_body(self, rest, app, path, form):
        etag = (await rest.get(path, headers=bearer(app.secret))).headers["etag"]
        header = form.format(etag=etag, bare=etag.strip('"'))
        for _ in range(2):  # on one connection: a stray body would spoil the second answer
            answer = await rest.get(path, headers=bearer(app.secret) | {"if-none-match": header})
            assert answer.status_code == 304
            assert answer.content == b""
            assert answer.headers["etag"] == etag
            assert answer.headers["x-request-id"]

    @pytest.mark.parametrize("header", [STALE, f"W/{STALE}", "x, y"])
    async def test_what_the_caller_does_not_have_is_sent(self, rest, app, path, header):
        plain = await rest.get(path, headers=bearer(app.secret))
        answer = await rest.get(path, headers=bearer(app.secret) | {"if-none-match": header})
        assert answer.status_code == 200
        assert answer.content == plain.content

    async def test_after_a_write_the_old_revision_is_no_longer_enough(
        self, rest, app, path, world_id
    ):
        etag = (await rest.get(path, headers=bearer(app.secret))).headers["etag"]
        written = await rest.patch(
            f"/v1/worlds/{world_id}/entrance", json={"state": "cellar"}, headers=bearer(app.secret)
        )
        headers = bearer(app.secret) | {"if-none-match": etag}
        answer = await rest.get(path, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["etag"] == written.headers["etag"]

    async def test_a_condition_does_not_open_a_world(self, rest, other_app, path):
        headers = bearer(other_app.secret) | {"if-none-match": "*"}
        assert_error(await rest.get(path, headers=headers), 404)


class TestUsage:
    async def test_a_new_app_has_used_nothing_of_the_default_caps(self, rest, app):
        answer = await rest.get("/v1/usage", headers=bearer(app.secret))
        assert answer.status_code == 200
        body = answer.json()
        assert set(body) == {"day", "usage", "caps", "schemaVersion"}
        today = dt.datetime.now(dt.UTC).date()
        assert abs(dt.date.fromisoformat(body["day"]) - today).days <= 1
        assert body["usage"] == dict.fromkeys(UNITS, 0)
        assert body["caps"] == {
            "generation": 50, "session": 200, "session_seconds": 7200, "edit": 100, "say": 500,
            "tts": 500, "image": 50,
        }  # fmt: skip

    async def test_it_counts_what_was_done_and_shows_the_apps_own_caps(self, rest, app, world_id):
        await app.set_caps(generation=7, session_seconds=900)
        token = (await mint(rest, app.secret, world_id))["token"]
        await mint(rest, app.secret, world_id)
        await connect(rest, token)
        body = (await rest.get("/v1/usage", headers=bearer(app.secret))).json()
        counted = {unit: count for unit, count in body["usage"].items() if count}
        assert counted == {"generation": 1, "session": 2, "session_seconds": 300}
        assert (body["caps"]["generation"], body["caps"]["session_seconds"]) == (7, 900)


class TestSystem:
    async def test_health(self, rest):
        answer = await rest.get("/healthz")
        assert (answer.status_code, answer.json()) == (200, {"status": "ok"})

    async def test_the_jwk_set_verifies_session_tokens_and_shows_nothing_private(
        self, rest, app, world_id
    ):
        answer = await rest.get("/.well-known/jwks.json")
        assert answer.status_code == 200
        assert set(answer.json()) == {"keys"}
        for jwk in answer.json()["keys"]:
            assert set(jwk) == {"kty", "crv", "x", "kid", "use", "alg"}
            assert (jwk["kty"], jwk["crv"], jwk["alg"]) == ("OKP", "Ed25519", "EdDSA")
        token = (await mint(rest, app.secret, world_id))["token"]
        header = jwt.get_unverified_header(token)
        assert header["alg"] == "EdDSA"
        keys = {key.key_id: key for key in jwt.PyJWKSet.from_dict(answer.json()).keys}
        claims = jwt.decode(
            token, keys[header["kid"]].key, algorithms=["EdDSA"], audience="conjure"
        )
        assert claims["wid"] == world_id

    async def test_the_schema_is_the_one_that_worlds_are_held_to(self, rest, app, world_id):
        answer = await rest.get("/schema/smworld-1.0.json")
        assert answer.status_code == 200
        schema = answer.json()
        Draft202012Validator.check_schema(schema)
        world = (await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))).json()
        assert list(Draft202012Validator(schema).iter_errors(world)) == []
        for broken in (world | {"name": 5}, world | {"scene": []}, {}):
            assert list(Draft202012Validator(schema).iter_errors(broken))


class TestIsolation:
    async def test_lists_and_usage_of_others_stay_empty(self, rest, app, other_app, world_id):
        await connect(rest, (await mint(rest, app.secret, world_id))["token"])
        for key in (other_app.secret, other_app.live_secret, app.live_secret):
            listed = await rest.get("/v1/worlds", headers=bearer(key))
            assert listed.json()["worlds"] == []
            usage = (await rest.get("/v1/usage", headers=bearer(key))).json()["usage"]
            assert set(usage.values()) == {0}

    async def test_a_live_key_has_its_own_worlds(self, rest, app, world_id):
        live = await import_world(rest, app.live_secret)
        for key, own in ((app.secret, world_id), (app.live_secret, live)):
            listed = await rest.get("/v1/worlds", headers=bearer(key))
            assert [item["id"] for item in listed.json()["worlds"]] == [own]
