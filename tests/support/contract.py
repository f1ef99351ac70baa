"""The OpenAPI document as tests read it: each operation, and whether an answer is one that it names."""

from __future__ import annotations

import copy
import re
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from jsonschema import Draft202012Validator, FormatChecker

from conjure.contract import rpcs
from conjure.kernel.schema import DEFINITIONS
from conjure.openapi import document

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

CONTRACT: dict[str, Any] = document()
NOBODY = "00000000-0000-4000-8000-000000000000"
_OPEN = {"SMWorld", "SMWorldDraft"} | {name[0].upper() + name[1:] for name in DEFINITIONS}


@dataclass(frozen=True)
class Operation:
    verb: str
    path: str
    definition: dict[str, Any]
    rpc: str
    proto_path: str

    def __str__(self) -> str:
        return self.id

    @property
    def id(self) -> str:
        return str(self.definition["operationId"])

    @property
    def scheme(self) -> str | None:
        return next((name for one in self.definition["security"] for name in one), None)

    @property
    def has_idempotency_key(self) -> bool:
        return {"$ref": "#/components/parameters/Idempotency-Key"} in self.definition["parameters"]

    @property
    def somewhere(self) -> str:
        """Its path with parameters that are well-formed."""
        return re.sub(r"\{\w+\}", NOBODY, self.path)


def operations() -> list[Operation]:
    """Every operation, with the RPC behind it."""
    named = {
        (binding.verb, re.sub(r"\{\w+\}", "{}", binding.path)): (rpc, binding)
        for rpc in rpcs()
        for binding in rpc.bindings
    }
    found = []
    for path, place in CONTRACT["paths"].items():
        for verb, definition in place.items():
            rpc, binding = named[verb.upper(), re.sub(r"\{\w+\}", "{}", path)]
            name = f"{rpc.service.rpartition('.')[2]}/{rpc.name}"
            found.append(Operation(verb.upper(), path, definition, name, binding.path))
    return found


def resolved(node: dict[str, Any], whole: dict[str, Any] = CONTRACT) -> dict[str, Any]:
    """Follows a reference into the document."""
    while "$ref" in node:
        target: Any = whole
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def _closed() -> dict[str, Any]:
    """The components, no message of which has more members than the document names.

    The document leaves that open, so that members may come; here each must have been said.
    """
    schemas = copy.deepcopy(CONTRACT["components"]["schemas"])
    for name, schema in schemas.items():
        if name not in _OPEN and "properties" in schema:
            schema["additionalProperties"] = False
    return {"schemas": schemas}


COMPONENTS = _closed()


def schema_problems(schema: dict[str, Any], value: Any) -> list[str]:
    """What of a value does not fit a schema of the document."""
    whole = schema | {"components": COMPONENTS}
    found = Draft202012Validator(whole, format_checker=FormatChecker()).iter_errors(value)
    return [f"{error.json_path}: {error.message}"[:400] for error in found]


def problems(
    operation: Operation, status: int, headers: Mapping[str, str], answer: httpx.Response
) -> list[str]:
    """What of an answer is not as the document says."""
    response = operation.definition["responses"].get(str(status))
    if response is None:
        return [f"{operation.id} does not name {status}"]
    found = []
    for name, reference in response.get("headers", {}).items():
        header = resolved(reference)
        text = headers.get(name.lower())
        if text is None:
            found += [f"no {name}"] if header.get("required") else []
        else:
            value = int(text) if header["schema"]["type"] == "integer" else text
            found += [f"{name}: {text}" for _ in schema_problems(header["schema"], value)]
    if "content" not in response:
        return found
    ((media_type, content),) = response["content"].items()
    if not fnmatchcase(headers["content-type"], media_type):  # `image/*` is a range
        found.append(f"content-type: {headers['content-type']}")
    if media_type == "application/json":
        found += schema_problems(content["schema"], answer.json())
    return found
