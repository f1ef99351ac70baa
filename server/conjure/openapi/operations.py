"""RPCs as operations: one for each verb on a path that leads to one."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from conjure.contract import body_rule, fields_of
from conjure.core.catalog import ACCEPTED, NOT_MODIFIED, SEE_OTHER
from conjure.openapi.comments import comment_of, rpc_comment
from conjure.openapi.failures import failures
from conjure.openapi.smworld import ref
from conjure.rpc.encode import JSON, event_id_of, leads_on
from conjure.settings import ServerSettings
from conjure.v1 import auth_pb2

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor

    from conjure.contract import Binding, Rpc
    from conjure.openapi.schemas import Schemas
    from conjure.openapi.smworld import JsonObject

SCHEMES: Final[dict[int, str]] = {
    auth_pb2.SCHEME_API_KEY: "ApiKeyAuth",
    auth_pb2.SCHEME_SESSION_TOKEN: "SessionToken",
    auth_pb2.SCHEME_USER: "UserSession",
}
_WRAPPED: Final = 'The members may also stand in `{"patch": {…}}`.'


def path_of(binding: Binding, rpc: Rpc) -> str:
    """The path, its parameters by their names in JSON: `/v1/worlds/{id}/states/{stateId}`."""
    path = binding.path
    for field in fields_of(rpc.descriptor.input_type):
        path = path.replace(f"{{{field.name}}}", f"{{{field.json_name}}}")
    return path


def operation(rpc: Rpc, binding: Binding, schemas: Schemas) -> JsonObject:
    """Returns the operation of one verb on one path."""
    comment = rpc_comment(rpc.descriptor.full_name)
    is_patch = binding.verb == "PATCH"
    found: JsonObject = {
        "operationId": operation_id(rpc, binding),
        "tags": [tag_of(rpc)],
        "summary": comment.summary,
        "description": f"{comment.description}\n\n{_WRAPPED}" if is_patch else comment.description,
        "security": _security(rpc),
        "parameters": _parameters(rpc, binding, schemas),
    }
    if binding.has_body:
        found["requestBody"] = _body(rpc, schemas, is_patch=is_patch)
    found["responses"] = _success(rpc, binding, schemas) | failures(rpc, binding)
    return found


def operation_id(rpc: Rpc, binding: Binding) -> str:
    """What an operation is called. Other ways to the same RPC have names of their own."""
    position = rpc.bindings.index(binding)
    return rpc.operation.id if position == 0 else f"{rpc.operation.id}{position + 1}"


def tag_of(rpc: Rpc) -> str:
    """`Graph` of a method of `GraphService`."""
    return str(rpc.descriptor.containing_service.name).removesuffix("Service")


def _security(rpc: Rpc) -> list[JsonObject]:
    if rpc.scheme == auth_pb2.SCHEME_PUBLIC:
        return []
    found: list[JsonObject] = [{SCHEMES[rpc.scheme]: [rpc.scope] if rpc.scope else []}]
    if rpc.scheme == auth_pb2.SCHEME_SESSION_TOKEN and any(
        field.name == "token" for field in fields_of(rpc.descriptor.input_type)
    ):
        found.append({})  # the token stands in the body
    return found


def _parameters(rpc: Rpc, binding: Binding, schemas: Schemas) -> list[JsonObject]:
    found = []
    for field in fields_of(rpc.descriptor.input_type):
        in_path = field.name in rpc.parameters
        if field.rest.hidden or (binding.has_body and not in_path):
            continue
        default = {"default": json.loads(field.value.default)} if field.value.default else {}
        found.append({
            "name": field.json_name,
            "in": "path" if in_path else "query",
            "required": in_path,
            "description": comment_of(field.full_name),
            "schema": schemas.parameter(field) | default,
        })  # fmt: skip
    names = []
    if rpc.asserts_revision:
        names.append("If-Match")
    if binding.verb == "GET" and not rpc.is_stream and _has_etag(rpc.descriptor.output_type):
        names.append("If-None-Match")
    if rpc.operation.takes_idempotency_key:
        names.append("Idempotency-Key")
    if rpc.is_stream and event_id_of(rpc.descriptor.output_type):
        names.append("Last-Event-ID")
    return found + [
        {"$ref": f"#/components/parameters/{name}"} for name in (*names, "x-request-id")
    ]


def _body(rpc: Rpc, schemas: Schemas, *, is_patch: bool) -> JsonObject:
    content: JsonObject = {"schema": schemas.request(rpc, is_patch=is_patch)}
    if rpc.operation.example:
        content["example"] = json.loads(rpc.operation.example)
    fields = fields_of(rpc.descriptor.input_type)
    body = [field for field in fields if field.name not in rpc.parameters]
    limit = rpc.limit_bytes(ServerSettings().max_body_bytes)
    return {
        "description": f"At most {limit:,} bytes.",
        "required": is_patch or bool(rpc.operation.any_of) or any(f.is_required for f in body),
        "content": {JSON: content},
    }


def _success(rpc: Rpc, binding: Binding, schemas: Schemas) -> JsonObject:
    message = rpc.descriptor.output_type
    headers: JsonObject = {}
    if _has_etag(message):
        headers["ETag"] = {"$ref": "#/components/headers/ETag"}
    if rpc.operation.takes_idempotency_key:
        headers["Idempotent-Replayed"] = {"$ref": "#/components/headers/Idempotent-Replayed"}
    headers["x-request-id"] = {"$ref": "#/components/headers/x-request-id"}
    status = HTTPStatus.OK
    if leads_on(message):
        status = HTTPStatus(SEE_OTHER)
        headers["Location"] = {"$ref": "#/components/headers/Location"}
    found: JsonObject = {
        str(status.value): {
            "description": _meaning(message),
            "headers": headers,
            "content": _content(rpc, schemas),
        }
    }
    accepted = next((field for field in fields_of(message) if field.rest.accepted), None)
    if accepted is not None and accepted.message is not None:
        found[str(ACCEPTED)] = {
            "description": comment_of(accepted.full_name),
            "headers": {name: value for name, value in headers.items() if name != "ETag"},
            "content": {JSON: {"schema": schemas.answer(accepted.message)}},
        }
    if binding.verb == "GET" and not rpc.is_stream and _has_etag(message):
        found[str(NOT_MODIFIED)] = {"description": "The caller has it already.", "headers": headers}
    return found


def _content(rpc: Rpc, schemas: Schemas) -> JsonObject:
    message = rpc.descriptor.output_type
    media_type = body_rule(message).media_type
    if media_type:
        # What stands in a text is a string; how others are read is theirs to say.
        return {
            media_type: {"schema": {"type": "string"}} if media_type.startswith("text/") else {}
        }
    body = schemas.answer(message)
    if rpc.is_stream:
        # OpenAPI 3.1 has no word for the events of a stream.
        return {
            "text/event-stream": {
                "schema": {"type": "string"},
                "x-events": {rpc.event: body, "end": ref("Error")},
            }
        }
    return {JSON: {"schema": body}}


def _meaning(message: Descriptor) -> str:
    text = comment_of(message.full_name)
    if not text.startswith("Response of "):
        return text
    _, _, more = text.partition(". ")
    if body_rule(message).media_type:
        return comment_of(next(f.full_name for f in fields_of(message) if not f.rest.hidden))
    inner = next(
        (f.message for f in fields_of(message) if f.rest.inline and not f.is_document), None
    )
    return more or (_meaning(inner) if inner is not None else "Done.")


def _has_etag(message: Descriptor) -> bool:
    return any(
        field.rest.header == "etag"
        or (field.rest.inline and field.message is not None and _has_etag(field.message))
        for field in fields_of(message)
    )


def headers() -> dict[str, Any]:
    """The headers of answers."""
    return {
        "ETag": {
            "description": "The revision of what is shown, quoted; that of a body in gzip ends with `-gzip`.",
            "required": True,
            "schema": {"type": "string", "pattern": '^"[^"]+"$'},
        },
        "Retry-After": {
            "description": "Seconds to wait before the next try.",
            "required": True,
            "schema": {"type": "integer", "minimum": 1},
        },
        "Location": {
            "description": "Where to go on, with a GET: a path of this host.",
            "required": True,
            "schema": {"type": "string", "format": "uri-reference"},
        },
        "Idempotent-Replayed": {
            "description": "This is the first answer to the Idempotency-Key, again.",
            "schema": {"type": "string", "const": "true"},
        },
        "x-request-id": {
            "description": "The id of the request, in every line that the server logs about it.",
            "required": True,
            "schema": {"type": "string", "minLength": 1, "maxLength": 128},
        },
    }


def header_parameters() -> dict[str, Any]:
    """The headers of requests that a caller may send."""
    text: JsonObject = {"type": "string"}
    meaning: dict[str, tuple[str, JsonObject]] = {
        "If-Match": ("Write only if one of these is the present revision: else 409.", text),
        "If-None-Match": ("Answer 304 if one of these is the entity tag of the answer.", text),
        "Idempotency-Key": (
            "A retry with the same key and body is answered with the first result, and charged once.",
            {"type": "string", "pattern": "^[!-~]{1,255}$"},
        ),
        "Last-Event-ID": ("The last revision that the caller has: the stream goes on after it.", text),
        "x-request-id": ("The caller's own id of the request, up to 128 visible characters.", text),
    }  # fmt: skip
    return {
        name: {
            "name": name,
            "in": "header",
            "required": False,
            "description": words,
            "schema": schema,
        }
        for name, (words, schema) in meaning.items()
    }
