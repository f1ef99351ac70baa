"""POST /v1/worlds/{id}/edit through the edge: its body to the letter, by the built-in editor (CONTRACT 3.4)."""

from __future__ import annotations

import json

import pytest

from support.rest import assert_error, bearer

DESCRIBE = 'Describe the hall as "A hall with one lamp."'


@pytest.fixture
def edit(rest, app, world_id):
    async def call(body, **headers):
        lines = {name.replace("_", "-"): value for name, value in headers.items()}
        return await rest.post(
            f"/v1/worlds/{world_id}/edit",
            content=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers=bearer(app.secret) | lines,
        )

    return call


@pytest.fixture
def stored(rest, app, world_id):
    async def read():
        answer = await rest.get(f"/v1/worlds/{world_id}", headers=bearer(app.secret))
        return {k: v for k, v in answer.json().items() if k != "schemaVersion"}, answer.headers[
            "etag"
        ]

    return read


@pytest.fixture
def used(rest, app):
    async def read():
        answer = await rest.get("/v1/usage", headers=bearer(app.secret))
        return answer.json()["usage"]["edit"]

    return read


async def test_the_answer_has_three_members_and_an_etag(edit, stored, used):
    answer = await edit({"message": DESCRIBE, "somethingElse": 1}, idempotency_key="k")
    assert answer.status_code == 200, answer.text
    body = answer.json()
    assert list(body) == ["world", "diagnostics", "reply"]
    assert body["world"]["scene"]["states"]["hall"]["base"] == "A hall with one lamp."
    assert all(item["severity"] != "error" for item in body["diagnostics"])
    assert (body["world"], answer.headers["etag"]) == await stored()
    assert body["reply"]
    again = await edit({"instruction": DESCRIBE}, idempotency_key="k")
    assert (again.content, again.headers["etag"]) == (answer.content, answer.headers["etag"])
    assert again.headers["idempotent-replayed"] == "true"
    assert await used() == 1
    assert_error(await edit({"instruction": "x"}, idempotency_key="k"), 422)


async def test_a_question_changes_nothing(edit, stored):
    before = await stored()
    answer = await edit({"instruction": "Make it nicer somehow"})
    assert answer.status_code == 200
    assert "Nothing is changed." in answer.json()["reply"]
    assert (answer.json()["world"], answer.headers["etag"]) == before == await stored()


async def test_a_stale_revision_is_409_and_costs_nothing(edit, stored, used):
    before = await stored()
    assert_error(await edit({"instruction": DESCRIBE}, if_match='"0-old"'), 409)
    assert_error(await edit({"instruction": DESCRIBE, "expectedRev": "0-old"}), 409)
    assert_error(await edit({"instruction": DESCRIBE, "expectedRev": "a"}, if_match='"b"'), 400)
    assert await stored() == before
    assert await used() == 0
    fresh = await edit({"instruction": DESCRIBE}, if_match=before[1])
    assert fresh.status_code == 200


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ({}, "instruction"),
        ({"instruction": ""}, "instruction"),
        ({"instruction": None, "message": None}, "instruction"),
        ({"instruction": 5}, "instruction"),
        ({"instruction": ["a"]}, "instruction"),
        ({"instruction": "x" * 4_001}, "instruction"),
        ({"instruction": "a", "message": "b"}, "message"),
        ({"instruction": "a", "verifiedObjects": {}}, "verifiedObjects"),
        ({"instruction": "a", "verifiedObjects": [1]}, "verifiedObjects"),
        ({"instruction": "a", "verifiedObjects": [{}] * 101}, "verifiedObjects"),
        (b"[]", ""),
        (b"{", ""),
        (b'{"instruction": "a", "instruction": "b"}', ""),
    ],
)
async def test_what_cannot_be_asked_is_400(edit, used, body, named):
    refused = assert_error(await edit(body), 400)
    assert named in json.dumps(refused)
    assert await used() == 0
