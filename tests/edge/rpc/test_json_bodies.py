"""JSON bodies, on every route that takes one: what is read, and what is said of the rest (CONTRACT 0)."""

from __future__ import annotations

import re

import pytest

from conjure.rpc.methods import methods_of, service_descriptors
from conjure.v1 import auth_pb2
from support.jobs import queued_job
from support.rest import assert_error, bearer, import_world, mint
from support.users import user_token

BOM = b"\xef\xbb\xbf"
ROUTES = [
    (method, binding)
    for service in service_descriptors()
    for method in methods_of(service, max_request_bytes=1)
    for binding in method.bindings
    if binding.has_body
]
NAMES = [f"{binding.verb} {binding.path}" for _, binding in ROUTES]


@pytest.fixture
async def send(rest, app):
    """Sends bytes to a route, with whatever credential it asks for; a character's are those of a world, too."""
    world_id = await import_world(rest, app.secret, kind="character")
    path_values = {"id": world_id, "state_id": "hall", "event_name": "Go down"}
    saved = await rest.post(f"/v1/worlds/{world_id}/versions", headers=bearer(app.secret))
    path_values["version_id"] = saved.json()["versionId"]
    token = (await mint(rest, app.secret, world_id))["token"]
    app_id, path_values["key_id"], path_values["webhook_id"] = await app.console()
    path_values["job_id"] = await queued_job(app)
    credentials = {
        auth_pb2.SCHEME_API_KEY: app.secret,
        auth_pb2.SCHEME_SESSION_TOKEN: token,
        auth_pb2.SCHEME_USER: user_token(app.user_id),
    }

    async def post(route, content: bytes):
        method, binding = route
        values = path_values | ({"id": app_id} if method.scheme == auth_pb2.SCHEME_USER else {})
        path = re.sub(r"\{(\w+)\}", lambda found: values[found[1]], binding.path)
        return await rest.request(
            binding.verb, path, content=content, headers=bearer(credentials[method.scheme])
        )

    return post


WRONG = [
    (b'{"a": 1,\n "b": }', "the JSON is not valid: unexpected text, at line 2 column 7"),
    (b'{"a": ', "the JSON is not valid: it ends too early, at line 1 column 7"),
    (b'{"a": NaN}', "the JSON is not valid: NaN and Infinity are no JSON, at line 1 column 7"),
    (b'{"a": "\x01"}', "the JSON is not valid: a control character that is not escaped, at line 1 column 8"),
    (b'{"a": "\\ud800"}', "the JSON is not valid: half of a surrogate pair, at line 1 column 8"),
    (b'{"a": "\xff"}', "the JSON is not valid: it is not UTF-8, at line 1 column 8"),
    (b'{"x": {"a": 1e309}}', "the JSON has a number out of range, at line 1 column 13"),
    (b'{"x": [' + b"9" * 401 + b"]}", "the JSON has a number out of range, at line 1 column 8"),
    (b'{"x": {"a": 1, "a": 2}}', 'the member "a" stands twice in one object, at line 1 column 16'),
    (b"[" * 3_000 + b"]" * 3_000, "the JSON is nested too deeply; 254 levels are the limit"),
]  # fmt: skip
KINDS_OF_WRONG = [
    "text",
    "end",
    "nan",
    "control",
    "surrogate",
    "utf-8",
    "1e309",
    "401 digits",
    "twice",
    "deep",
]
FEW = [ROUTES[at] for at in range(0, len(ROUTES), 9)]


@pytest.mark.parametrize("route", FEW, ids=[f"{way.verb} {way.path}" for _, way in FEW])
@pytest.mark.parametrize(("content", "told"), WRONG, ids=KINDS_OF_WRONG)
async def test_what_is_wrong_is_recorded_with_its_place(send, route, content, told):
    assert assert_error(await send(route, content), 400)["detail"] == told


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
async def test_every_route_reads_its_body_so(send, route):
    content, told = WRONG[-2]
    assert assert_error(await send(route, content), 400)["detail"] == told


@pytest.mark.parametrize("route", ROUTES, ids=NAMES)
async def test_a_byte_order_mark_is_skipped(send, route):
    """What is said of a body is not that it is no JSON; most are done."""
    bodies = {
        "PATCH /v1/worlds/{id}/entrance": b'{"state": "cellar"}',
        "PATCH /v1/worlds/{id}/versions/{version_id}": b'{"title": "x"}',
        "PATCH /v1/worlds/{id}": b'{"name": "x"}',
        "PATCH /v1/worlds/{id}/states/{state_id}": b'{"narration": "x"}',
        "PATCH /v1/worlds/{id}/events/{event_name}": b'{"narration": "x"}',
        "POST /v1/apps": b'{"name": "x"}',
        "POST /v1/apps/{id}/keys": b'{"kind": "secret"}',
        "POST /v1/apps/{id}/webhooks": b'{"url": "https://127.0.0.1:1/"}',
        "POST /v1/worlds": b'{"premise": "a lighthouse"}',
        "POST /v1/characters": b'{"name": "x", "persona": "x", "stances": [{"id": "x"}]}',
        "PATCH /v1/characters/{id}": b'{"greeting": "x"}',
        "POST /v1/seed-frame": b'{"prompt": "a lighthouse"}',
        "POST /v1/worlds/{id}/states": b'{"base": "A room."}',
        "POST /v1/worlds/{id}/events": b'{"kind": "override", "from": "hall", "base": "x"}',
        "POST /v1/worlds/{id}/ops": b'{"ops": [{"op": "set_entrance", "state": "cellar"}]}',
    }
    content = bodies.get(f"{route[1].verb} {route[1].path}", b"{}")
    answer = await send(route, BOM + content)
    assert "the JSON" not in answer.text
    if content != b"{}":
        assert answer.status_code == 200, answer.text


async def test_an_integer_may_be_written_with_a_fraction_of_nothing(rest, app, world_id):
    text = b'{"worldId": "%s", "ttlSeconds": 60.0}' % world_id.encode()
    answer = await rest.post("/v1/sessions/token", content=text, headers=bearer(app.secret))
    assert answer.json()["expiresIn"] == 60
    text = text.replace(b"60.0", b"60.5")
    answer = await rest.post("/v1/sessions/token", content=text, headers=bearer(app.secret))
    assert assert_error(answer, 400)["detail"] == "ttlSeconds must be an integer"


async def test_a_body_of_unknown_members_is_refused_where_it_would_decide(rest, app, world_id):
    """`{"wrold": …}` must not lint the stored world instead."""
    for route in ("lint", "validate", "versions"):
        answer = await rest.post(
            f"/v1/worlds/{world_id}/{route}", json={"wrold": {}}, headers=bearer(app.secret)
        )
        assert "names nothing" in assert_error(answer, 400)["detail"]
        answer = await rest.post(
            f"/v1/worlds/{world_id}/{route}", json={}, headers=bearer(app.secret)
        )
        assert answer.status_code == 200
    token = (await mint(rest, app.secret, world_id))["token"]
    answer = await rest.post("/v1/sessions/connect", json={"other": 1}, headers=bearer(token))
    assert answer.status_code == 200
