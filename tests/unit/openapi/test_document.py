"""The OpenAPI document, made of the protos: valid, whole, and the same as the public reference where that is known."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import openapi_spec_validator
import pytest
from jsonschema import Draft202012Validator

from conjure.contract import rpcs
from conjure.core.catalog import CATALOG
from conjure.core.errors import Reason
from conjure.openapi.comments import comment_of, rpc_comment
from conjure.rpc.encode import event_id_of
from support.cases import each_of
from support.contract import CONTRACT, operations, resolved
from support.yaml_text import parsed

PUBLIC = json.loads(
    (Path(__file__).parents[2] / "support/openapi/two_operations.json").read_text(encoding="utf-8")
)
NOT_PUBLIC = {"415", "500", "504"}
"""What every server may answer; the public reference does not list it."""

OPERATIONS = operations()
SCHEMAS = CONTRACT["components"]["schemas"]


def test_it_is_valid():
    openapi_spec_validator.validate(CONTRACT)
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)
    assert CONTRACT["info"]["title"] == "Alakazam — Programmable Worlds API"
    assert CONTRACT["info"]["version"] == "1.0"


def test_it_says_what_everything_is():
    assert len(OPERATIONS) > 35
    for operation in OPERATIONS:
        definition = operation.definition
        for text in (definition["summary"], definition["description"]):
            assert text, operation.id
            # Neither the words of gRPC nor of this repository.
            assert not re.search(r"Errors:|etadata `|CONTRACT|next_cursor|expected_rev", text), text
        for parameter in map(resolved, definition["parameters"]):
            assert parameter["description"], (operation.id, parameter["name"])
        used = {tag["name"] for tag in CONTRACT["tags"] if tag["description"]}
        assert set(definition["tags"]) <= used
    for name, schema in CONTRACT["components"]["securitySchemes"].items():
        assert schema["description"], name


def test_nothing_refers_to_what_is_not_there():
    references = re.findall(r'"\$ref": "([^"]+)"', json.dumps(CONTRACT))
    assert len(references) > 500
    for reference in set(references):
        assert resolved({"$ref": reference}), reference
    used = {reference.rpartition("/")[2] for reference in references if "/schemas/" in reference}
    assert set(SCHEMAS) - used == set()


@each_of("rpc", rpcs(), ids=lambda rpc: rpc.name)
def test_a_comment_names_only_reasons_that_there_are_and_all_of_the_idempotent_ones(rpc):
    comment = comment_of(rpc.descriptor.full_name)
    _, _, errors = comment.partition("Errors:")
    outside = re.sub(r"\([^)]*\)", "", errors)
    assert set(re.findall(r"[A-Z]+_[A-Z_]+", outside)) <= set(Reason.__members__)
    said = rpc_comment(rpc.descriptor.full_name).errors
    assert (Reason.IDEMPOTENCY_MISMATCH in said) == rpc.operation.takes_idempotency_key


def test_a_talk_that_is_streamed_has_all_the_refusals_of_one_that_is_not():
    """A comment that says `as Say` names no reason, and the document no status. It takes no Idempotency-Key."""
    said, streamed = (
        CONTRACT["paths"][f"/v1/characters/{{id}}/{name}"]["post"]["responses"].keys()
        for name in ("say", "say-stream")
    )
    assert said - {"409", "422"} <= streamed


def test_the_catalog_is_all_there():
    statuses = {status for each in OPERATIONS for status in each.definition["responses"]}
    unseen = {CATALOG[Reason.CANCELLED].http, CATALOG[Reason.METHOD_NOT_ALLOWED].http}
    assert {str(spec.http) for spec in CATALOG.values()} - statuses == {str(n) for n in unseen}


@each_of("operation", OPERATIONS, ids=str)
def test_headers_are_where_they_mean_something(operation):
    rpc = next(
        rpc for rpc in rpcs() if operation.rpc == f"{rpc.service.rpartition('.')[2]}/{rpc.name}"
    )
    names = {resolved(one)["name"] for one in operation.definition["parameters"]}
    assert ("If-Match" in names) == rpc.asserts_revision
    assert ("Idempotency-Key" in names) == rpc.operation.takes_idempotency_key
    is_resumed = rpc.is_stream and event_id_of(rpc.descriptor.output_type) is not None
    assert ("Last-Event-ID" in names) == is_resumed
    assert ("304" in operation.definition["responses"]) == ("If-None-Match" in names)
    assert "x-request-id" in names
    for status, answer in operation.definition["responses"].items():
        assert ("Retry-After" in answer["headers"]) == (status in {"429", "503"})
        assert "x-request-id" in answer["headers"]


def _shape(document: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """What a client can tell: parameters, members and which must be there, credentials, statuses and headers."""

    def whole(node: dict[str, Any]) -> dict[str, Any]:
        return resolved(node, document)

    def members(schema: dict[str, Any]) -> dict[str, Any]:
        schema = whole(schema)
        for part in schema.get("anyOf", ()):
            if "$ref" in part or "properties" in part:
                return members(part)
        found = {
            name: members(member) for name, member in schema.get("properties", {}).items()
        }  # fmt: skip
        return {"required": sorted(schema.get("required", ())), "members": found}

    body = whole(operation["requestBody"])
    parameters = [whole(one) for one in operation.get("parameters", ())]
    return {
        "parameters": {(one["name"], one["in"], one["required"]) for one in parameters},
        "body": members(body["content"]["application/json"]["schema"]),
        "needs a body": body["required"],
        "may be without a credential": {} in operation["security"],
        "statuses": set(operation["responses"]),
        "headers": {
            status: {name.lower() for name in whole(answer)["headers"]}
            for status, answer in operation["responses"].items()
        },
        "success": members(
            whole(operation["responses"]["200"])["content"]["application/json"]["schema"]
        ),
    }


@pytest.mark.parametrize(
    ("path", "verb"), [("/v1/worlds/{id}/entrance", "patch"), ("/v1/sessions/connect", "post")]
)
def test_it_has_the_shape_of_the_public_reference(path, verb):
    theirs, ours = PUBLIC["paths"][path][verb], CONTRACT["paths"][path][verb]
    assert ours["operationId"] == theirs["operationId"]
    wanted, found = _shape(PUBLIC, theirs), _shape(CONTRACT, ours)
    # A public operation does not say that every request may have an id.
    assert found["parameters"] - wanted["parameters"] == {("x-request-id", "header", False)}
    assert wanted["parameters"] <= found["parameters"]
    assert found["statuses"] - wanted["statuses"] == NOT_PUBLIC
    assert wanted["statuses"] <= found["statuses"]
    assert {status: found["headers"][status] for status in wanted["headers"]} == wanted["headers"]
    assert found["body"] == wanted["body"]
    for same in ("needs a body", "may be without a credential"):
        assert found[same] == wanted[same], same
    assert found["success"]["required"] == wanted["success"]["required"]
    assert found["success"]["members"].keys() == wanted["success"]["members"].keys()


def test_the_command_prints_it_without_a_server():
    command = [sys.executable, "-m", "conjure", "openapi"]
    printed = subprocess.run(command, check=True, capture_output=True)
    assert json.loads(printed.stdout) == CONTRACT
    printed = subprocess.run([*command, "--yaml"], check=True, capture_output=True)
    assert parsed(printed.stdout.decode()) == CONTRACT
