"""Messages as schemas: of answers as `rpc.encode` writes them, of requests as `rpc.decode` reads them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from google.protobuf.descriptor import FieldDescriptor

from conjure.contract import body_rule, fields_of, rpcs
from conjure.core.bodies import SCHEMA_VERSION
from conjure.kernel.ops import OPS
from conjure.openapi.comments import comment_of
from conjure.openapi.smworld import (
    WORLD,
    definition,
    draft_world,
    new_part,
    or_null,
    patch_of,
    ref,
    world_components,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.descriptor import Descriptor

    from conjure.contract import Field, Rpc
    from conjure.openapi.smworld import JsonObject

_NUMBERS: Final[dict[int, JsonObject]] = {
    FieldDescriptor.CPPTYPE_INT32: {"type": "integer", "format": "int32"},
    FieldDescriptor.CPPTYPE_INT64: {"type": "integer", "format": "int64"},
    FieldDescriptor.CPPTYPE_DOUBLE: {"type": "number", "format": "double"},
    FieldDescriptor.CPPTYPE_FLOAT: {"type": "number", "format": "float"},
}
_VERSION: Final[JsonObject] = {
    "schemaVersion": {
        "type": "string",
        "const": SCHEMA_VERSION,
        "description": "The version of all bodies.",
    }
}


class Schemas:
    """Makes schemas of messages, and keeps those that have a name as components."""

    def __init__(self) -> None:
        self.components: dict[str, JsonObject] = world_components()
        self._nested = _nested_messages()
        self._begun: set[str] = set()

    def answer(self, message: Descriptor) -> JsonObject:
        """Returns the schema of the JSON body that an RPC answers with."""
        whole = [field for field in _shown(message) if field.rest.inline and field.is_document]
        versioned = {} if body_rule(message).bare else dict(_VERSION)
        if whole:
            found = self._document(whole[0])
            if "$ref" not in found:
                found = found | {"description": comment_of(whole[0].full_name)}
            if versioned:
                found = {"allOf": [found, _object(versioned, versioned)]}
            return found if "$ref" in found else self._named(message.name, found)
        members, required = self._answer_members(message)
        body = _object(members | versioned, [*required, *versioned])
        what = self._body_of(message)
        return self._named(what.name, body | _description(what))

    def request(self, rpc: Rpc, *, is_patch: bool) -> JsonObject:
        """Returns the schema of a request's JSON body: the fields that the path does not fill."""
        message = rpc.descriptor.input_type
        fields = [field for field in _shown(message) if field.name not in rpc.parameters]
        others = [field for field in fields if not field.rest.inline]
        whole = next((field for field in fields if field.rest.inline), None)
        members = {field.json_name: self._request_member(field) for field in others}
        if whole is not None:
            return self._named(message.name, self._with_members(whole, members))
        required = [field.json_name for field in others if field.is_required]
        found = _object(members, required)
        any_of = rpc.operation.any_of
        if is_patch and not required:
            any_of = tuple(
                f.json_name for f in others if f.is_optional and f.name != "expected_rev"
            )
        if any_of:
            found["anyOf"] = [{"required": [name]} for name in any_of]
        elif members and not required and rpc.must_name:
            found["anyOf"] = [{"maxProperties": 0}, *({"required": [name]} for name in members)]
        return self._named(message.name, found)

    def parameter(self, field: Field) -> JsonObject:
        """Returns the schema of a field that stands in the path or the query."""
        found = self._one(field, self._request_message)
        return _not_empty(found) if field.is_required else found

    def _request_member(self, field: Field) -> JsonObject:
        found = self._value(field, self._request_message)
        if field.is_required:
            return _not_empty(found)
        return found if field.value.kept else or_null(found)

    def _request_message(self, message: Descriptor) -> JsonObject:
        fields = _shown(message)
        members = {field.json_name: self._request_member(field) for field in fields}
        required = [field.json_name for field in fields if field.is_required]
        return self._named(message.name, _object(members, required) | _description(message))

    def _with_members(self, whole: Field, members: dict[str, JsonObject]) -> JsonObject:
        """Returns the schema of a body that is a document, in which other members may stand too."""
        found = self._document(whole)
        names = {name: or_null(definition("name")) for name in whole.holds.names}
        if "$ref" in found:
            return {"allOf": [found, _object(names | members, [])]}
        return found | {"properties": found["properties"] | names | members}

    def _answer_members(self, message: Descriptor) -> tuple[dict[str, JsonObject], list[str]]:
        members: dict[str, JsonObject] = {}
        required: list[str] = []
        for field in _shown(message):
            if field.rest.inline and field.message is not None:
                inner, needs = self._answer_members(field.message)
                members |= inner
                required += needs
                continue
            found = self._value(field, self.nested)
            if field.may_be_unset and not (field.rest.omit_unset or field.value.kept):
                found = or_null(found)
            members[field.json_name] = found
            if not field.rest.omit_unset:
                required.append(field.json_name)
        return members, required

    def nested(self, message: Descriptor) -> JsonObject:
        """Returns the schema of a message that stands as a member in the body of an answer."""
        whole = [field for field in _shown(message) if field.rest.inline and field.is_document]
        if whole:
            return self._document(whole[0])
        if message.full_name not in self._begun:
            self._begun.add(message.full_name)  # it may hold itself
            if message.name in self.components:
                raise ValueError(f"two schemas would be called {message.name}")
            members, required = self._answer_members(message)
            self.components[message.name] = _object(members, required) | _description(message)
        return ref(message.name)

    def _value(self, field: Field, of_message: Any) -> JsonObject:
        if field.is_map:
            assert field.message is not None  # noqa: S101 - a map is made of messages
            values = next(item for item in fields_of(field.message) if item.name == "value")
            found = {"type": "object", "additionalProperties": self._one(values, of_message)}
        elif field.descriptor.is_repeated:
            item = self._one(field, of_message)
            is_scalar = field.message is None
            found = (
                {"type": "array", "items": item} if is_scalar else _list_of_messages(field, item)
            )
        else:
            found = self._one(field, of_message)
        text = comment_of(field.full_name)
        default = {"default": json.loads(field.value.default)} if field.value.default else {}
        return found | ({"description": text} if text else {}) | default

    def _one(self, field: Field, of_message: Any) -> JsonObject:
        if field.is_document:
            return self._document(field)
        if field.is_time:
            return {"type": "string", "format": "date-time"}
        if field.message is not None:
            found: JsonObject = of_message(field.message)
            return found
        return _scalar(field)

    def _document(self, field: Field) -> JsonObject:
        rule, value = field.holds, field.value
        if rule.ops:
            bounds = {"minItems": value.least, "maxItems": value.most}
            return {"type": "array", "items": self._named("GraphOp", _op()), **bounds}
        if rule.objects:
            return {"type": "array", "items": {"type": "object"}, "maxItems": value.most}
        if not rule.definition:
            return {"type": "object"} if rule.object else {}
        if rule.draft:
            return self._named("SMWorldDraft", draft_world())
        if rule.definition == WORLD or not (rule.patch or rule.needs or rule.single):
            return definition(rule.definition)
        found = (
            patch_of(rule.definition) if rule.patch else new_part(rule.definition, [*rule.needs])
        )
        for name in rule.single:
            member = found["properties"][name]
            found["properties"][name] = {**member, "type": ["string", "array"]}
        return found

    def _named(self, name: str, schema: JsonObject) -> JsonObject:
        """Keeps a schema as a component. Raises ValueError for a second one of the name."""
        if self.components.setdefault(name, schema) != schema:
            raise ValueError(f"two schemas would be called {name}")
        return ref(name)

    def _body_of(self, message: Descriptor) -> Descriptor:
        """What a body is, where a message does nothing but wrap that; else the message."""
        shown = _shown(message)
        inner = shown[0].message if len(shown) == 1 and shown[0].rest.inline else None
        return message if inner is None or inner.full_name in self._nested else inner


def _op() -> JsonObject:
    """One edit of a batch; the other members depend on which it is."""
    lines = [f"- `{name}`: {op.meaning}" for name, op in OPS.items()]
    return {
        "type": "object",
        "required": ["op"],
        "properties": {"op": {"type": "string", "enum": list(OPS)}},
        "description": "One edit. The other members depend on `op`.\n\n" + "\n".join(lines),
    }


def _scalar(field: Field) -> JsonObject:
    rule = field.value
    if field.descriptor.cpp_type == FieldDescriptor.CPPTYPE_BOOL:
        return {"type": "boolean"}
    is_text = field.descriptor.cpp_type == FieldDescriptor.CPPTYPE_STRING
    found: JsonObject = {"type": "string"} if is_text else {**_NUMBERS[field.descriptor.cpp_type]}
    if rule.HasField("least"):
        found["minLength" if is_text else "minimum"] = rule.least
    if rule.HasField("most"):
        found["maxLength" if is_text else "maximum"] = rule.most
    if rule.says:
        found["pattern"] = r"\S"
    if rule.values:
        found["enum"] = list(rule.values)
    if rule.format:
        found["format"] = rule.format
    return found


def _list_of_messages(field: Field, item: JsonObject) -> JsonObject:
    """An item may be a text, where the contract says which member that is; the bounds are of the list."""
    rule, short = field.value, field.rest.text
    if short and field.message is not None:
        named = next(each for each in fields_of(field.message) if each.name == short)
        item = {"anyOf": [_not_empty(_scalar(named)), item]}
    found: JsonObject = {"type": "array", "items": item}
    if rule.HasField("least"):
        found["minItems"] = rule.least
    if rule.HasField("most"):
        found["maxItems"] = rule.most
    return found


def _not_empty(schema: JsonObject) -> JsonObject:
    """An empty text says nothing where something is due (`rpc.decode.check_required`)."""
    if schema.get("type") != "string" or "format" in schema or "enum" in schema:
        return schema
    return {"minLength": 1} | schema


def _object(members: dict[str, JsonObject], required: Iterable[str]) -> JsonObject:
    needs = [*required]
    return {"type": "object"} | ({"required": needs} if needs else {}) | {"properties": members}


def _description(message: Descriptor) -> JsonObject:
    text = comment_of(message.full_name)
    return {"description": text} if text else {}


def _shown(message: Descriptor) -> list[Field]:
    return [field for field in fields_of(message) if not (field.rest.hidden or field.rest.accepted)]


def _nested_messages() -> frozenset[str]:
    """The messages that stand as members in bodies of answers."""
    found: set[str] = set()

    def visit(message: Descriptor) -> None:
        for field in fields_of(message):
            inner = field.message
            if inner is None or field.rest.hidden:
                continue
            is_known = inner.full_name in found
            if not field.rest.inline:
                found.add(inner.full_name)
            if not is_known:
                visit(inner)

    for rpc in rpcs():
        if rpc.bindings:
            visit(rpc.descriptor.output_type)
    return frozenset(found)
