"""The same POST again under its Idempotency-Key: the first answer again, and one thing made (CONTRACT 0, 1)."""

from __future__ import annotations

import asyncio
import hashlib

import pytest

from support.rest import assert_error, bearer
from support.users import make_app, user_token

KEY = {"idempotency-key": "of-the-test"}


async def test_an_app_is_made_once(rest):
    token = user_token()
    first, *others = [
        await rest.post("/v1/apps", json={"name": "one"}, headers=bearer(token) | KEY)
        for _ in range(3)
    ]
    assert first.status_code == 200
    assert "idempotent-replayed" not in first.headers
    for again in others:
        assert (again.status_code, again.content) == (200, first.content)
        assert again.headers["idempotent-replayed"] == "true"
    another = await rest.post("/v1/apps", json={"name": "two"}, headers=bearer(token) | KEY)
    assert_error(another, 422)
    assert len((await rest.get("/v1/apps", headers=bearer(token))).json()["apps"]) == 1


async def test_a_key_is_made_once_and_shown_to_whoever_repeats_it(rest):
    token = user_token()
    path = f"/v1/apps/{await make_app(rest, token)}/keys"
    first, again = [
        await rest.post(path, json={"kind": "secret"}, headers=bearer(token) | KEY) for _ in "ab"
    ]
    assert first.content == again.content
    assert again.headers["idempotent-replayed"] == "true"
    assert_error(
        await rest.post(path, json={"kind": "publishable"}, headers=bearer(token) | KEY), 422
    )
    assert len((await rest.get(path, headers=bearer(token))).json()["keys"]) == 1
    plaintext = again.json()["key"]
    assert (await rest.get("/v1/worlds", headers=bearer(plaintext))).status_code == 200


async def test_whoever_repeats_a_key_that_was_revoked_does_not_bring_it_back(rest):
    token = user_token()
    path = f"/v1/apps/{await make_app(rest, token)}/keys"
    first = await rest.post(path, json={}, headers=bearer(token) | KEY)
    await rest.delete(f"{path}/{first.json()['id']}", headers=bearer(token))
    again = await rest.post(path, json={}, headers=bearer(token) | KEY)
    assert again.content == first.content
    plaintext = again.json()["key"]
    assert_error(await rest.get("/v1/worlds", headers=bearer(plaintext)), 401)


async def test_an_idempotency_key_is_a_users_own(rest):
    answers = [
        await rest.post("/v1/apps", json={"name": name}, headers=bearer(user_token()) | KEY)
        for name in ("one", "two")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json()["id"] != answers[1].json()["id"]


@pytest.mark.parametrize("what", ["app", "key"])
async def test_twenty_at_once_make_one(rest, what):
    token = user_token()
    path, body = "/v1/apps", {"name": "one"}
    if what == "key":
        path, body = f"/v1/apps/{await make_app(rest, token)}/keys", {"kind": "secret"}
    headers = bearer(token) | KEY
    calls = (rest.post(path, json=body, headers=headers) for _ in range(20))
    answers = await asyncio.gather(*calls)
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert sum("idempotent-replayed" not in answer.headers for answer in answers) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "\u00fc", "a b"], ids=ascii)
async def test_a_bad_idempotency_key_makes_nothing(rest, key):
    token = user_token()
    headers = [(b"authorization", bearer(token)["authorization"].encode())]
    headers.append((b"idempotency-key", key.encode()))
    assert_error(await rest.post("/v1/apps", json={"name": "one"}, headers=headers), 400)
    assert (await rest.get("/v1/apps", headers=bearer(token))).json()["apps"] == []


async def test_no_key_is_in_the_store(stack, rest):
    """In nothing that was ever written to it: the file of its commands has the digest, and not the key."""
    token = user_token()
    path = f"/v1/apps/{await make_app(rest, token)}/keys"
    plain = await rest.post(path, json={"kind": "secret"}, headers=bearer(token))
    kept = await rest.post(path, json={"kind": "secret"}, headers=bearer(token) | KEY)
    again = await rest.post(path, json={"kind": "secret"}, headers=bearer(token) | KEY)
    assert again.content == kept.content
    files = [file for file in (stack.directory / "store").rglob("*") if file.is_file()]
    written = b"".join(file.read_bytes() for file in files)
    for answer in (plain, kept):
        key = answer.json()["key"]
        assert hashlib.sha256(key.encode()).hexdigest().encode() in written
        assert key.removeprefix("sk_test_").encode() not in written
    assert KEY["idempotency-key"].encode() not in written
