"""Live answers of the two documented operations, held against their OpenAPI document.

One answer for each status that the document lists. It is collected from the real stack; those that need a
broken part come from a second stack, whose store is taken away.
"""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from jsonschema import Draft202012Validator, FormatChecker

from conjure.administration import administration
from conjure.settings import AuthSettings, StoreSettings
from conjure.store import keyspace
from support.cases import each_of
from support.rest import bearer, import_world, mint
from support.stack import new_app, running_edge, running_server, running_store
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import Iterator

DOCUMENT = json.loads(
    (Path(__file__).parents[2] / "support/openapi/two_operations.json").read_text(encoding="utf-8")
)
ENTRANCE = DOCUMENT["paths"]["/v1/worlds/{id}/entrance"]["patch"]
CONNECT = DOCUMENT["paths"]["/v1/sessions/connect"]["post"]
MIB = 1 << 20
NOT_YET = {("setEntrance", "429")}
"""Documented for a limit on the rate of requests, which Conjure has none of yet."""


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """Follows a reference into the document."""
    while "$ref" in node:
        target: Any = DOCUMENT
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def problems(schema: dict[str, Any], value: Any) -> list[str]:
    """What of `value` does not fit a schema of the document."""
    whole = schema | {"components": DOCUMENT["components"]}
    found = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value)
    return [f"{error.json_path}: {error.message}" for error in found]


def body_schema(operation: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = operation["requestBody"]["content"]["application/json"]["schema"]
    return schema


def assert_documented(operation: dict[str, Any], status: str, answer: httpx.Response) -> None:
    """Status, headers and body are as the document says."""
    assert str(answer.status_code) == status, answer.text
    response = resolved(operation["responses"][status])
    for name, reference in response.get("headers", {}).items():
        header = resolved(reference)
        value: Any = answer.headers.get(name)
        assert value is not None or not header.get("required"), f"no {name} on a {status}"
        if value is not None and header["schema"]["type"] == "integer":
            assert value.isdecimal(), (name, value)
            value = int(value)
        assert problems(header["schema"], value) == []
    (content_type,) = response["content"]
    assert answer.headers["content-type"] == content_type
    assert problems(response["content"][content_type]["schema"], answer.json()) == []


DOCUMENTED = [
    (operation, status)
    for operation in (ENTRANCE, CONNECT)
    for status in operation["responses"]
    if (operation["operationId"], status) not in NOT_YET
]


@pytest.fixture(scope="module")
async def answers(stack, rest, tmp_path_factory) -> dict[tuple[str, str], httpx.Response]:
    """An answer for each operation and status."""
    found = await _entrance_answers(stack, rest) | await _connect_answers(stack, rest)
    return found | await _unavailable(tmp_path_factory.mktemp("broken"))


async def _entrance_answers(stack, rest) -> dict[tuple[str, str], httpx.Response]:
    app = await new_app(stack.admin)
    path = f"/v1/worlds/{await import_world(rest, app.secret)}/entrance"
    nowhere = path.replace(path.split("/")[3], "00000000-0000-4000-8000-000000000000")
    secret, state = bearer(app.secret), {"state": "cellar"}
    image = {"src": "https://example.com/x.png", "label": "A door"}
    return {
        ("setEntrance", status): await rest.patch(path_, headers=headers, json=body)
        for status, path_, headers, body in (
            ("200", path, secret, state | {"image": image}),
            ("400", path, secret, {"state": 5, "image": {}}),
            ("401", path, {}, state),
            ("403", path, bearer(app.publishable), state),
            ("404", nowhere, secret, state),
            ("409", path, secret | {"if-match": '"stale"'}, state),
            ("413", path, secret, state | {"padding": "x" * (12 * MIB)}),
            ("422", path, secret, {"state": "attic"}),
        )
    }


async def _connect_answers(stack, rest) -> dict[tuple[str, str], httpx.Response]:
    app = await new_app(stack.admin)
    world_id = await import_world(rest, app.secret)
    tokens = [(await mint(rest, app.secret, world_id))["token"] for _ in range(3)]

    async def call(token: str | None, body: Any = None) -> httpx.Response:
        headers = bearer(token) if token else {}
        return await rest.post("/v1/sessions/connect", json=body or {}, headers=headers)

    found = {
        "200": await call(tokens[0]),
        "400": await call(None, {"token": 5}),
        "401": await call("garbage"),
        "413": await call(tokens[1], {"padding": "x" * MIB}),
    }
    await app.set_caps(live_sessions=1)
    found["429"] = await call(tokens[1])
    await app.set_caps(live_sessions=20, session_seconds=300)
    found["402"] = await call(tokens[1])
    await app.set_caps(session_seconds=7200)
    await stack.admin.store.write("DEL", keyspace.world(app.tenant(), world_id))
    found["404"] = await call(tokens[2])
    return {("connectSession", status): answer for status, answer in found.items()}


async def _unavailable(directory: Path) -> dict[tuple[str, str], httpx.Response]:
    """Connect without a runtime, and then a write without a store."""
    store = contextlib.AsyncExitStack()
    async with contextlib.AsyncExitStack() as parts:
        _, url = await store.enter_async_context(running_store(directory / "store"))
        parts.push_async_callback(store.aclose)
        _, port = await parts.enter_async_context(
            running_server(directory, url, {"CONJURE_RUNTIME_PROVIDER": "none"})
        )
        _, rest_port, _ = await parts.enter_async_context(running_edge(directory, port))
        admin = await parts.enter_async_context(
            administration(StoreSettings(url=url), AuthSettings())
        )
        rest = await parts.enter_async_context(
            httpx.AsyncClient(
                base_url=f"http://127.0.0.1:{rest_port}", timeout=LIMIT_S, trust_env=False
            )
        )
        app = await new_app(admin)
        world_id = await import_world(rest, app.secret)
        token = (await mint(rest, app.secret, world_id))["token"]
        connected = await rest.post("/v1/sessions/connect", headers=bearer(token))
        await store.aclose()
        written = await rest.patch(
            f"/v1/worlds/{world_id}/entrance", json={"state": "cellar"}, headers=bearer(app.secret)
        )
    return {("connectSession", "503"): connected, ("setEntrance", "503"): written}


@each_of(
    ("operation", "status"),
    DOCUMENTED,
    ids=[f"{operation['operationId']} {status}" for operation, status in DOCUMENTED],
)
def test_the_answer_is_as_the_document_says(answers, operation, status):
    assert_documented(operation, status, answers[operation["operationId"], status])


def test_every_documented_answer_was_collected(answers):
    wanted = {(operation["operationId"], status) for operation, status in DOCUMENTED}
    assert set(answers) == wanted


def test_the_document_itself_is_sound():
    """Every reference leads somewhere, every schema is one, every success has a body."""
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in _references(DOCUMENT):
        assert resolved({"$ref": reference})
    for operation in (ENTRANCE, CONNECT):
        assert "200" in operation["responses"]
        for response in operation["responses"].values():
            assert resolved(response)["content"]["application/json"]["schema"]


@pytest.mark.parametrize(
    "body",
    [{"state": "cellar"}, {"state": "hall", "image": {"src": "x"}, "more": None},
     {"state": "hall", "image": {"src": "x", "label": "l", "more": 1}}],
    ids=json.dumps,
)  # fmt: skip
async def test_a_body_that_the_document_allows_is_taken(rest, app, world_id, body):
    assert problems(body_schema(ENTRANCE), body) == []
    answer = await rest.patch(
        f"/v1/worlds/{world_id}/entrance", json=body, headers=bearer(app.secret)
    )
    assert_documented(ENTRANCE, "200", answer)


@pytest.mark.parametrize(
    "body",
    [{}, [], 5, None, "x", {"state": 1}, {"state": "hall", "image": {}},
     {"state": "hall", "image": "x"}, {"state": "hall", "image": {"src": 1}},
     {"state": "hall", "image": {"src": "x", "label": 1}}, {"state": "hall", "expectedRev": 1}],
    ids=json.dumps,
)  # fmt: skip
async def test_a_body_that_the_document_forbids_is_400(rest, app, world_id, body):
    assert problems(body_schema(ENTRANCE), body) != []
    answer = await rest.patch(
        f"/v1/worlds/{world_id}/entrance", content=json.dumps(body), headers=bearer(app.secret)
    )
    assert_documented(ENTRANCE, "400", answer)


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(reference := node.get("$ref"), str):
            yield reference
        for value in node.values():
            yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)
