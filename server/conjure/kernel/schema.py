"""The SMWorld 1.0 JSON Schema, and what in a document does not fit it (CONTRACT section 10).

The compiled validator answers "does it fit?" in microseconds. What does not fit is then found by a
walk of our own over the same schema: the library collects every error, with a copy of the value,
before it hands out the first one, and refuses documents nested deeper than 255 levels. The walk
stops when its reader has seen enough, and descends only where the validator says no.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, TypeAlias

from jsonschema_rs import Draft202012Validator

from conjure.kernel.wording import either, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

Place: TypeAlias = tuple[str | int, ...]

SCHEMA_BYTES: bytes = files(__package__).joinpath("smworld-1.0.json").read_bytes()

ROOT: dict[str, Any] = json.loads(SCHEMA_BYTES)
DEFINITIONS: dict[str, Any] = ROOT["$defs"]
_REF = "#/$defs/"

# The two definitions of a prose member, as they are where every member is already a string.
_PLAIN_PROSE = {
    "prose": {"type": "string"},
    "motionOrProse": {
        "type": ["string", "object"],
        "properties": {
            "static": {"type": "string"},
            "dynamic": {"type": "string"},
            "template": False,
        },
    },
}

PROSE = frozenset(_PLAIN_PROSE)

# The keywords that `_walk` understands; a test holds the file to them.
KEYWORDS = frozenset(
    (
        *("$schema", "$id", "$defs", "$ref", "title", "description"),
        *("type", "enum", "anyOf", "required", "properties", "additionalProperties", "items"),
        *("maxLength", "propertyNames"),
    )
)

_ARTICLES = {
    "string": "a string",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "object": "an object",
    "array": "a list",
    "null": "null",
}


@cache
def _validator(definition: str) -> Draft202012Validator:
    """The compiled validator of one definition, or of a whole world for an empty name."""
    return _compiled(definition, DEFINITIONS)


@cache
def _plain_validator(definition: str) -> Draft202012Validator:
    return _compiled(definition, {**DEFINITIONS, **_PLAIN_PROSE})


def _compiled(definition: str, definitions: dict[str, Any]) -> Draft202012Validator:
    if not definition:
        return Draft202012Validator({**ROOT, "$defs": definitions})
    return Draft202012Validator({"$ref": f"{_REF}{definition}", "$defs": definitions})


# Compiled at import, not in the first request.
for _name in ("", "state", "event", "mission"):
    _validator(_name)
    _plain_validator(_name)


def is_plain(value: object, definition: str = "") -> bool:
    """Whether a world fits the schema and holds no factored prose, so that nothing is to resolve.

    The same price as asking whether it fits, and most worlds need no second question. Also of a value
    that is to fit a definition of the schema.
    """
    return _is_valid(_plain_validator(definition), value)


def fits_whole(value: object, definition: str = "") -> bool:
    """Whether a world fits the schema, or a value a definition of it, by the compiled validator.

    False also for what that does not take: values nested too deeply, lone surrogates.
    """
    return _is_valid(_validator(definition), value)


def definition(schema: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """What a subschema refers to, with its name; itself, without one, when it does not."""
    name = schema.get("$ref", "").removeprefix(_REF)
    return name, DEFINITIONS.get(name, schema)


def _is_valid(validator: Draft202012Validator, value: object) -> bool:
    try:
        return validator.is_valid(value)
    except (ValueError, RecursionError):  # lone surrogates, values that are no JSON: walk instead
        return False


def violations(value: object) -> Iterator[tuple[Place, str]]:
    """Each member that does not fit, as its place and what is wrong with it, lazily."""
    if not fits_whole(value):
        yield from _walk(ROOT, value, ())


def misfit(schema: dict[str, Any], value: Any, place: Place) -> tuple[Place, str] | None:
    """The first member that does not fit a subschema, told as `violations` does; None when all do.

    `place` is where the value stands.
    """
    return next(_walk(schema, value, place), None)


def _walk(schema: dict[str, Any], value: Any, place: Place) -> Iterator[tuple[Place, str]]:
    # Depth is bounded by the schema, which is not recursive, whatever the document looks like.
    if "$ref" in schema:
        definition = schema["$ref"].removeprefix(_REF)
        if fits_whole(value, definition):
            return
        schema = DEFINITIONS[definition]
    problem = _problem(schema, value)
    if problem is not None:
        yield place, problem
    elif isinstance(value, dict):
        for key in schema.get("required", ()):
            if key not in value:
                yield (*place, key), "is required, but it is missing. Add it."
        if "propertyNames" in schema:
            for key in value:
                for _, wrong in _walk(schema["propertyNames"], key, ()):
                    yield (*place, key), f"has a name that {wrong}"
        members = schema.get("properties", {})
        others = schema.get("additionalProperties")
        for key in members if others is None else value:
            if key in value:
                yield from _walk(members.get(key, others), value[key], (*place, key))
    elif isinstance(value, list) and "items" in schema:
        for index, item in enumerate(value):
            yield from _walk(schema["items"], item, (*place, index))


def _problem(schema: dict[str, Any], value: object) -> str | None:
    """What is wrong with the value itself, whatever its members are."""
    if "type" in schema:
        allowed = [schema["type"]] if isinstance(schema["type"], str) else schema["type"]
        if not any(_is(name, value) for name in allowed):
            wanted = either([_ARTICLES[name] for name in allowed])
            return f"must be {wanted}, but it is {described(value)}."
    if "maxLength" in schema and isinstance(value, str) and len(value) > schema["maxLength"]:
        most = schema["maxLength"]
        return f"must have at most {most:,} characters, but it has {len(value):,}."
    if "enum" in schema and value not in schema["enum"]:
        wanted = either([quoted(choice) for choice in schema["enum"]])
        actual = quoted(value) if isinstance(value, str) else described(value)
        return f"must be {wanted}, but it is {actual}."
    if "anyOf" in schema and all(
        next(_walk(branch, value, ()), None) is not None for branch in schema["anyOf"]
    ):
        wanted = either([_wanted(branch) for branch in schema["anyOf"]])
        return f"must be {wanted}."
    return None


def _wanted(branch: dict[str, Any]) -> str:
    if "enum" in branch:
        return either([quoted(choice) for choice in branch["enum"]])
    needed = ", ".join(
        f"{quoted(key)} ({_ARTICLES[branch['properties'][key]['type']]})"
        for key in branch["required"]
    )
    return f"{_ARTICLES[branch['type']]} with {needed}"


def _is(name: str, value: object) -> bool:
    match name:
        case "string":
            return isinstance(value, str)
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "boolean":
            return isinstance(value, bool)
        case "null":
            return value is None
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case _:  # integer: 3.0 is one in JSON Schema
            return (isinstance(value, int) and not isinstance(value, bool)) or (
                isinstance(value, float) and value.is_integer()
            )


def described(value: object) -> str:
    """What sort of JSON value it is, with its article."""
    names = ("null", "boolean", "number", "string", "array", "object")
    name = next((name for name in names if _is(name, value)), None)
    return _ARTICLES.get(name or "", "not a JSON value")
