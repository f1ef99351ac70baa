"""API keys over REST: shown once, listed without themselves, and revoked by either way (CONTRACT 1)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from conjure.core.ids import new_id
from support.rest import assert_error, bearer
from support.until import until
from support.users import make_app, make_key, user_token

if TYPE_CHECKING:
    import httpx

SCOPES = {
    "publishable": ["worlds:read"],
    "secret": ["worlds:read", "worlds:write", "sessions:mint", "usage:read"],
}


@pytest.fixture
def token() -> str:
    return user_token()


@pytest.fixture
async def app_id(rest: httpx.AsyncClient, token: str) -> str:
    return await make_app(rest, token)


async def keys_of(rest: httpx.AsyncClient, token: str, app_id: str) -> list[dict[str, Any]]:
    answer = await rest.get(f"/v1/apps/{app_id}/keys", headers=bearer(token))
    assert answer.status_code == 200
    assert set(answer.json()) == {"keys", "schemaVersion"}
    found: list[dict[str, Any]] = answer.json()["keys"]
    return found


@pytest.mark.parametrize("mode", ["test", "live"])
@pytest.mark.parametrize("kind", ["publishable", "secret"])
async def test_a_key_works_and_is_shown_once(rest, token, app_id, kind, mode):
    made = await make_key(rest, token, app_id, kind=kind, mode=mode, name="backend")
    plaintext = made.pop("key")
    prefix = f"{'sk' if kind == 'secret' else 'pk'}_{mode}_"
    assert made.pop("schemaVersion") == "1.0"
    assert plaintext.startswith(prefix)
    assert made == {
        "id": made["id"], "prefix": prefix, "last4": plaintext[-4:], "kind": kind, "mode": mode,
        "name": "backend", "scopes": SCOPES[kind], "created_at": made["created_at"],
    }  # fmt: skip
    assert (await rest.get("/v1/worlds", headers=bearer(plaintext))).status_code == 200
    (listed,) = await keys_of(rest, token, app_id)
    assert listed == made | {"revoked_at": None, "last_used_at": listed["last_used_at"]}
    assert plaintext not in json.dumps(listed)


@pytest.mark.parametrize(
    "body", [{}, {"kind": None, "mode": None, "name": None}, {"unknown": [1]}], ids=str
)
async def test_what_is_left_out_is_publishable_test_and_nameless(rest, token, app_id, body):
    """Unknown members of a command are ignored, beside one that is known."""
    body = body | {"kind": "publishable"} if "unknown" in body else body
    made = await make_key(rest, token, app_id, **body)
    assert (made["kind"], made["mode"], made["name"]) == ("publishable", "test", None)
    assert made["prefix"] == "pk_test_"


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({"kind": "admin"}, "kind"),
        ({"kind": ["secret"]}, "kind"),
        ({"mode": "prod"}, "mode"),
        ({"mode": 1}, "mode"),
        ({"name": ""}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\tb"}, "name"),
        ({"name": "\udfff"}, "surrogate"),
        ({"name": {}}, "name"),
    ],
    ids=str,
)
async def test_a_bad_field_is_named_and_no_key_is_made(rest, token, app_id, body, named):
    content = json.dumps(body)  # a lone surrogate as an escape
    path = f"/v1/apps/{app_id}/keys"
    told = assert_error(await rest.post(path, content=content, headers=bearer(token)), 400)
    assert named in json.dumps(told)
    assert await keys_of(rest, token, app_id) == []


@pytest.mark.parametrize("verb", ["DELETE", "POST"])
async def test_a_revoked_key_works_no_more_and_may_be_revoked_again(rest, token, app_id, verb):
    key = await make_key(rest, token, app_id, kind="secret")
    other = await make_key(rest, token, app_id, kind="secret")
    assert (await rest.get("/v1/worlds", headers=bearer(key["key"]))).status_code == 200
    path = f"/v1/apps/{app_id}/keys/{key['id']}" + ("/revoke" if verb == "POST" else "")
    first = await rest.request(verb, path, headers=bearer(token))
    assert first.status_code == 200
    assert first.json() == {"ok": True, "revoked": key["id"], "schemaVersion": "1.0"}

    async def is_refused() -> bool:
        answer = await rest.get("/v1/worlds", headers=bearer(key["key"]))
        return answer.status_code == 401

    await until(is_refused)
    (before,) = [one for one in await keys_of(rest, token, app_id) if one["id"] == key["id"]]
    assert before["revoked_at"] is not None
    again = await rest.request(
        verb, path.replace(key["id"], key["id"].upper()), headers=bearer(token)
    )
    assert again.content == first.content
    listed = await keys_of(rest, token, app_id)
    assert [one["id"] for one in listed] == [other["id"], key["id"]]
    assert listed[1]["revoked_at"] == before["revoked_at"]
    assert (await rest.get("/v1/worlds", headers=bearer(other["key"]))).status_code == 200


async def test_a_key_is_revoked_in_its_own_app_alone(rest, token, app_id):
    key = await make_key(rest, token, app_id)
    elsewhere = await make_app(rest, token)
    for place in (elsewhere, new_id()):
        path = f"/v1/apps/{place}/keys/{key['id']}"
        assert_error(await rest.delete(path, headers=bearer(token)), 404)
    for nothing in (new_id(), "not-a-uuid", "%F0%9F%91%A9"):
        path = f"/v1/apps/{app_id}/keys/{nothing}"
        assert_error(await rest.delete(path, headers=bearer(token)), 404)
    (listed,) = await keys_of(rest, token, app_id)
    assert listed["revoked_at"] is None


async def test_keys_of_an_app_see_its_worlds_and_no_others(rest, token, app_id):
    """An app that a user has made is a tenant as any other."""
    key = (await make_key(rest, token, app_id, kind="secret"))["key"]
    made = await rest.post("/v1/worlds", json={"premise": "a lighthouse"}, headers=bearer(key))
    assert made.status_code == 200, made.text
    other_app = await make_app(rest, token)
    other = (await make_key(rest, token, other_app, kind="secret"))["key"]
    path = f"/v1/worlds/{made.json()['worldId']}"
    assert (await rest.get(path, headers=bearer(key))).status_code == 200
    assert_error(await rest.get(path, headers=bearer(other)), 404)
