"""The document as a whole, as JSON and as YAML."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson
import yaml

from conjure.contract import rpcs
from conjure.openapi.comments import comment_of
from conjure.openapi.failures import error_examples
from conjure.openapi.operations import (
    SCHEMES,
    header_parameters,
    headers,
    operation,
    path_of,
    tag_of,
)
from conjure.openapi.schemas import Schemas
from conjure.openapi.smworld import ref
from conjure.v1 import auth_pb2, errors_pb2

if TYPE_CHECKING:
    from conjure.openapi.smworld import JsonObject

TITLE: Final = "Alakazam — Programmable Worlds API"
VERSION: Final = "1.0"
_ABOUT: Final = """\
Every body is JSON, and carries `schemaVersion`. Every failure has the shape of `Error`, also those of \
the edge: 404 for a path that there is not, 405 with `Allow` for another verb, and 408, 411, 414, 417, \
426 and 431 for requests that cannot be read. Members that are not named here are kept in worlds, and \
ignored in other bodies.

Made from the protos of the server that answers with it."""

_SCHEME_NAMES: Final = {value.number: value.name for value in auth_pb2.Scheme.DESCRIPTOR.values}


@cache
def json_text() -> bytes:
    """The document as JSON text."""
    return orjson.dumps(document())


@cache
def yaml_text() -> bytes:
    """The document as YAML."""
    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)  # in C where the wheel has it
    # Through JSON, so that what stands twice is written twice, and not as an anchor.
    text: str = yaml.dump(
        orjson.loads(json_text()), Dumper=dumper, sort_keys=False, allow_unicode=True, width=110
    )
    return text.encode()


def document() -> JsonObject:
    """Makes the document. Raises TypeError, ValueError, KeyError for protos of which none can be made."""
    schemas = Schemas()
    schemas.components |= _error_schemas(schemas)
    paths: dict[str, JsonObject] = {}
    tags: dict[str, str] = {}
    for rpc in rpcs():
        for binding in rpc.bindings:
            place = paths.setdefault(path_of(binding, rpc), {})
            place[binding.verb.lower()] = operation(rpc, binding, schemas)
            tags[tag_of(rpc)] = comment_of(rpc.service)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE,
            "version": VERSION,
            "description": _ABOUT,
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The server that this document comes from."}],
        "tags": [{"name": name, "description": text} for name, text in tags.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "parameters": header_parameters(),
            "headers": headers(),
            "examples": error_examples(),
            "securitySchemes": _security_schemes(),
        },
    }


def _security_schemes() -> JsonObject:
    return {
        name: {
            "type": "http",
            "scheme": "bearer",
            "description": comment_of(f"conjure.v1.Scheme.{_SCHEME_NAMES[scheme]}"),
        }
        | ({} if scheme == auth_pb2.SCHEME_API_KEY else {"bearerFormat": "JWT"})
        for scheme, name in SCHEMES.items()
    }


def _error_schemas(schemas: Schemas) -> dict[str, JsonObject]:
    """The body of a failure, as `rpc.errors` writes it: the parts of `ApiError` that are for REST."""
    full_name = errors_pb2.ApiError.DESCRIPTOR.full_name
    descriptor = errors_pb2.ApiError.DESCRIPTOR.fields_by_name["diagnostics"].message_type
    assert descriptor is not None  # noqa: S101 - it is a message
    diagnostic = schemas.nested(descriptor)
    members: JsonObject = {
        "detail": {"type": "string", "minLength": 1},
        "errors": {"type": "array", "minItems": 1, "items": {"type": "string", "minLength": 1}},
        "diagnostics": {"type": "array", "minItems": 1, "items": diagnostic},
    }
    for name, member in members.items():
        member["description"] = comment_of(f"{full_name}.{name}")
    members["schemaVersion"] = {"type": "string", "const": VERSION}
    needs = ["detail", "schemaVersion"]
    error = {"type": "object", "required": needs, "properties": members}
    return {
        "Error": error | {"description": "The body of every failure."},
        "GraphValidationError": {
            "allOf": [ref("Error"), {"type": "object", "required": ["diagnostics"]}],
            "description": comment_of("conjure.v1.Reason.REASON_KERNEL_REFUSED").removesuffix(
                " 422."
            ),
        },
    }
