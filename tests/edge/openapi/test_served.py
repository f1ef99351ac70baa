"""The contract as the server hands it out, and that what it says of requests is what the server does."""

from __future__ import annotations

import json
from typing import Any

import pytest

from support.contract import CONTRACT, operations, resolved
from support.edge.every_rpc import CASES, FRAME, Place, call_rest, http_request
from support.rest import bearer, import_world, mint
from support.stack import new_app
from support.until import until
from support.users import user_token
from support.yaml_text import parsed

OPERATIONS = operations()
PLACES = {"/openapi.json": "application/json", "/openapi.yaml": "application/yaml"}
PLACES["/docs"] = "text/html; charset=utf-8"


@pytest.mark.both_ways
@pytest.mark.parametrize("path", PLACES)
async def test_it_is_handed_out_to_anybody_and_kept(rest, path):
    takes = {"accept-encoding": "gzip", "origin": "https://play.example"}

    async def is_compressed() -> bool:
        return "content-encoding" in (await rest.get(path, headers=takes)).headers

    await until(is_compressed)  # before, it goes out as it is
    answer = await rest.get(path, headers=takes)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == PLACES[path]
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["access-control-allow-origin"] in {"*", takes["origin"]}
    assert answer.headers["cache-control"] == "public, max-age=300"
    etag = answer.headers["etag"]
    again = await rest.get(path, headers=takes | {"if-none-match": etag})
    assert (again.status_code, again.headers["etag"], again.content) == (304, etag, b"")
    plain = await rest.get(path)
    assert plain.content == answer.content
    assert plain.headers["etag"] == etag.replace("-gzip", "")
    head = await rest.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == PLACES[path]


async def test_all_forms_say_the_same(rest):
    assert (await rest.get("/openapi.json")).json() == CONTRACT
    assert parsed((await rest.get("/openapi.yaml")).text) == CONTRACT


@pytest.fixture(scope="module")
async def owner(stack):
    app = await new_app(stack.admin)
    await app.set_caps(generation=1_000, live_sessions=100, session_seconds=100_000)
    return app


def example_of(operation: Any) -> Any:
    body = operation.definition.get("requestBody")
    return body and body["content"]["application/json"].get("example")


@pytest.mark.parametrize(
    "operation", [each for each in OPERATIONS if example_of(each) is not None], ids=str
)
async def test_examples_are_true(rest, owner, operation):
    place = await Place.made(rest, owner, "private")
    values = {
        "id": place.app_id if operation.scheme == "UserSession" else place.world_id,
        "stateId": "hall",
        "eventName": "Wave",
        "versionId": place.versions[0],
    }
    path = operation.path.format(**values)
    credential = place.credential(operation.rpc)
    answer = await rest.request(
        operation.verb, path, json=example_of(operation), headers=bearer(credential)
    )
    assert answer.status_code == 200, answer.text


def bounds() -> list[Any]:
    """A value beyond each bound of each member and each parameter of the query, by the operation that takes it."""
    found = []
    for operation in OPERATIONS:
        places: list[tuple[str, str, dict[str, Any]]] = []
        parameters = map(resolved, operation.definition["parameters"])
        places += [
            ("query", each["name"], each["schema"]) for each in parameters if each["in"] == "query"
        ]
        body = operation.definition.get("requestBody")
        if body:
            schema = resolved(body["content"]["application/json"]["schema"])
            places += [("body", name, each) for name, each in schema.get("properties", {}).items()]
        for place, name, schema in places:
            beyond: list[Any] = []
            if "maximum" in schema:
                beyond = [schema["minimum"] - 1, schema["maximum"] + 1]
            elif "maxItems" in schema:
                beyond = [[{"op": "set_narrate"}] * (schema["maxItems"] + 1)]
                beyond += [[]] if schema.get("minItems") else []
            elif "maxLength" in schema:
                beyond = ["x" * (schema["maxLength"] + 1)]
            if schema.get("minLength") and schema.get("type") != "null":
                beyond.append("")
            if "enum" in schema or any("enum" in one for one in schema.get("anyOf", ())):
                beyond.append("nobody")
            found += [pytest.param(operation, place, name, value, id=f"{operation.id} {name} {index}")
                      for index, value in enumerate(beyond)]  # fmt: skip
    return found


@pytest.mark.parametrize(("operation", "place", "name", "value"), bounds())
async def test_bounds_are_the_servers(rest, app, operation, place, name, value):
    world_id = await import_world(rest, app.secret)
    values = {"id": world_id, "stateId": "hall", "eventName": "Go down", "versionId": world_id}
    credential = app.secret
    if operation.scheme == "SessionToken":
        credential = (await mint(rest, app.secret, world_id))["token"]
    if operation.scheme == "UserSession":
        credential, (values["id"], *_) = user_token(app.user_id), await app.console()
    path, sent = operation.path.format(**values), {name: value}
    example = example_of(operation) or {
        "worldId": world_id,
        "frame_b64": FRAME,
        "text": "Hello.",
        "event": "Ask",
    }
    how: dict[str, Any] = {"params": sent} if place == "query" else {"json": example | sent}
    answer = await rest.request(operation.verb, path, headers=bearer(credential), **how)
    assert answer.status_code in {400, 422}, answer.text
    told = answer.json()
    assert name in json.dumps([told["detail"], told.get("errors"), told.get("diagnostics")])


IDEMPOTENT = {each.rpc: each for each in OPERATIONS if each.has_idempotency_key}


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.rpc in IDEMPOTENT and not case.label], ids=str
)
async def test_a_key_is_looked_at_where_it_means_something(rest, owner, case):
    operation = IDEMPOTENT[case.rpc]
    place = await Place.made(rest, owner, "private")
    headers = bearer(place.credential(case.rpc)) | {"idempotency-key": "x" * 256}
    assert (await call_rest(rest, case, place, headers)).status == 400
    path, body = http_request(case, place)
    headers["idempotency-key"] = "once"
    answers = [
        await rest.request(operation.verb, path, content=body, headers=headers) for _ in range(2)
    ]
    assert [each.status_code for each in answers] == [200, 200]
    assert [each.headers.get("idempotent-replayed") for each in answers] == [None, "true"]
