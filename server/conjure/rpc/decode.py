"""JSON body and query → typed message, strictly: the reading half of the REST face.

The transcoder would take `"5"` for an integer, `5` for a string, and drop what it does not know without
a word; here every ill-typed field is named (CONTRACT 0: 400 for an ill-typed field). Unknown members
of a command are ignored, but not a body that names nothing else. `null` counts as absent, except where a
request has an `update_mask`: there it erases (CONTRACT 3), and the mask says so. What is REQUIRED is checked
on the message, so that callers over gRPC meet the same rule.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from google.api import field_behavior_pb2
from google.protobuf.descriptor import FieldDescriptor

from conjure.core import jsondoc
from conjure.core.errors import InvalidField, MalformedRequest
from conjure.rpc.patch import fill_mask, unwrapped
from conjure.v1 import document_pb2, rest_pb2

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from google.protobuf.descriptor import Descriptor
    from google.protobuf.message import Message

_DOCUMENT: Final = document_pb2.JsonDocument.DESCRIPTOR.full_name
_INT_BITS: Final = {
    FieldDescriptor.CPPTYPE_INT32: 31,
    FieldDescriptor.CPPTYPE_INT64: 63,
}
_INTEGER: Final = re.compile(r"-?[0-9]{1,18}")


def decode_body(
    data: bytes,
    message: Message,
    *,
    except_fields: frozenset[str],
    is_patch: bool = False,
    must_name: bool = False,
) -> None:
    """Fills `message` from a JSON object; `except_fields` (path parameters) are left alone.

    The members of a patch may stand in `{"patch": {…}}`. With `must_name` a body with members, of which
    none is known, is refused. A document that is the whole body is left for its servicer to parse.

    Raises MalformedRequest when it is no JSON object, InvalidField naming each ill-typed member.
    """
    is_empty = not data.strip()
    whole = _whole_body(message.DESCRIPTOR)
    if whole is not None:
        getattr(message, whole).json = b"{}" if is_empty else data
        return
    value = jsondoc.loads(data) if not is_empty else {}
    if not isinstance(value, dict):
        raise MalformedRequest
    if is_patch:
        value = unwrapped(value)
    errors: list[str] = []
    _fill(message, value, "", errors, except_fields)
    if not errors and must_name and value.keys() - {"schemaVersion"}:
        errors += _unknown(message, value, except_fields)
    if errors:
        raise InvalidField(*errors)
    if is_patch:
        fill_mask(message, value, except_fields)


def decode_query(path: str, message: Message, *, except_fields: frozenset[str]) -> None:
    """Fills `message` from the query of `path`. The last of repeated parameters counts.

    Raises InvalidField naming each parameter that cannot be read.
    """
    # Cut by hand: as a URL a path may be impossible (`//[/`), and callers without the edge send any.
    text_of_query = path.partition("?")[2].partition("#")[0]
    query = dict(parse_qsl(text_of_query, keep_blank_values=True))
    if not query:
        return
    errors: list[str] = []
    for field in message.DESCRIPTOR.fields:
        text = query.get(field.json_name)
        if text is None or field.name in except_fields:
            continue
        if field.cpp_type in _INT_BITS:
            if not _INTEGER.fullmatch(text):
                errors.append(f"{field.json_name} must be an integer")
                continue
            _fill(message, {field.json_name: int(text)}, "", errors, except_fields)
        else:
            _fill(message, {field.json_name: text}, "", errors, except_fields)
    if errors:
        raise InvalidField(*errors)


def decode_assertion(data: bytes, message: Message) -> None:
    """Fills `expected_rev` alone from a JSON object, if the request has such a field.

    Raises MalformedRequest, InvalidField.
    """
    if "expected_rev" in message.DESCRIPTOR.fields_by_name and data.strip():
        others = frozenset(message.DESCRIPTOR.fields_by_name) - {"expected_rev"}
        decode_body(data, message, except_fields=others)


@cache
def _whole_body(descriptor: Descriptor) -> str | None:
    """The field that takes the whole body as it is: an open document, such as a state or an event."""
    for field in descriptor.fields:
        if field.GetOptions().Extensions[rest_pb2.rest].inline:
            return str(field.name)
    return None


def _unknown(message: Any, value: Mapping[str, Any], except_fields: frozenset[str]) -> list[str]:
    """What to say of a body that names nothing known, if it does."""
    descriptor = message.DESCRIPTOR
    if any(name not in except_fields for name, _ in required_fields(descriptor)):
        return []  # what is missing will be named
    taken = [key for key, name, _ in _readers(descriptor) if name not in except_fields]
    if not taken or any(key in value for key in taken):
        return []
    return [f"the body names nothing that this request takes: {', '.join(taken)}"]


def _fill(
    message: Any,
    value: Mapping[str, Any],
    prefix: str,
    errors: list[str],
    except_fields: frozenset[str] = frozenset(),
) -> None:
    for key, name, read in _readers(message.DESCRIPTOR):
        item = value.get(key)
        if item is not None and name not in except_fields:
            read(message, item, f"{prefix}{key}", errors)


@cache
def _readers(
    descriptor: Descriptor,
) -> tuple[tuple[str, str, Callable[[Any, Any, str, list[str]], None]], ...]:
    return tuple(
        (field.json_name, field.name, _reader(field))
        for field in descriptor.fields
        if not field.GetOptions().Extensions[rest_pb2.rest].hidden
    )


def _reader(field: FieldDescriptor) -> Callable[[Any, Any, str, list[str]], None]:
    name = field.name
    if field.message_type is not None and field.message_type.full_name == _DOCUMENT:

        def read_document(message: Any, item: Any, path: str, errors: list[str]) -> None:
            # The whole body was parsed to find its members; the document is written again from
            # the parsed value, which keeps every value's meaning (core.jsondoc).
            getattr(message, name).json = jsondoc.dumps(item)

        return read_document
    if field.message_type is not None and not field.is_repeated:

        def read_message(message: Any, item: Any, path: str, errors: list[str]) -> None:
            if not isinstance(item, dict):
                errors.append(f"{path} must be an object")
                return
            inner = getattr(message, name)
            inner.SetInParent()
            _fill(inner, item, f"{path}.", errors)

        return read_message
    if field.message_type is not None:
        return _list_of_messages(field)
    one, text = _scalar(field)
    made = int if field.cpp_type in _INT_BITS else _same
    if field.is_repeated:

        def read_list(message: Any, item: Any, path: str, errors: list[str]) -> None:
            if not isinstance(item, list) or not all(one(each) for each in item):
                errors.append(f"{path} must be an array, each item {text}")
                return
            getattr(message, name).extend(map(made, item))

        return read_list

    def read_scalar(message: Any, item: Any, path: str, errors: list[str]) -> None:
        if one(item):
            setattr(message, name, made(item))
        else:
            errors.append(f"{path} must be {text}")

    return read_scalar


def _list_of_messages(field: FieldDescriptor) -> Callable[[Any, Any, str, list[str]], None]:
    short = field.GetOptions().Extensions[rest_pb2.rest].text
    kinds = "a string or an object" if short else "an object"

    def read_messages(message: Any, item: Any, path: str, errors: list[str]) -> None:
        if not isinstance(item, list):
            errors.append(f"{path} must be an array")
            return
        for at, each in enumerate(item):
            members = {short: each} if short and isinstance(each, str) else each
            if not isinstance(members, dict):
                errors.append(f"{path}[{at}] must be {kinds}")
            else:
                _fill(getattr(message, field.name).add(), members, f"{path}[{at}].", errors)
            if errors:
                return  # there may be a million items

    return read_messages


def _scalar(field: FieldDescriptor) -> tuple[Callable[[Any], bool], str]:
    """Returns a test for values of a scalar field and what to call such a value."""
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_STRING:
            return (lambda item: isinstance(item, str)), "a string"
        case FieldDescriptor.CPPTYPE_BOOL:
            return (lambda item: isinstance(item, bool)), "true or false"
        case FieldDescriptor.CPPTYPE_INT32 | FieldDescriptor.CPPTYPE_INT64:
            limit = 1 << _INT_BITS[field.cpp_type]
            return (lambda item: _is_integer(item) and -limit <= item < limit), "an integer"
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return (lambda item: type(item) in {int, float}), "a number"
    raise TypeError(f"{field.full_name}: the REST face cannot read this type")


def _is_integer(item: Any) -> bool:
    """Whether a JSON number is an integer, which may be written `60.0` (CONTRACT 0)."""
    return type(item) is int or (type(item) is float and item.is_integer())


def _same(item: Any) -> Any:
    return item


@cache
def required_fields(descriptor: Descriptor) -> tuple[tuple[str, str], ...]:
    """The (name, JSON name) of a message's own REQUIRED fields."""
    return tuple(
        (field.name, field.json_name)
        for field in descriptor.fields
        if field_behavior_pb2.REQUIRED
        in field.GetOptions().Extensions[field_behavior_pb2.field_behavior]
    )


def check_required(message: Message, prefix: str = "") -> None:
    """Raises InvalidField naming each REQUIRED field that is absent or empty, also in nested messages."""
    errors: list[str] = []
    _missing(message, prefix, errors)
    if errors:
        raise InvalidField(*errors)


def _missing(message: Any, prefix: str, errors: list[str]) -> None:
    descriptor = message.DESCRIPTOR
    for name, key in required_fields(descriptor):
        field = descriptor.fields_by_name[name]
        # An empty text says nothing where something is due.
        is_text = field.cpp_type == FieldDescriptor.CPPTYPE_STRING
        by_presence = field.has_presence and not is_text
        if not (message.HasField(name) if by_presence else getattr(message, name)):
            errors.append(f"{prefix}{key} is required")
    for name, key in _nested(descriptor):
        if message.HasField(name):
            _missing(getattr(message, name), f"{prefix}{key}.", errors)


@cache
def _nested(descriptor: Descriptor) -> tuple[tuple[str, str], ...]:
    return tuple(
        (field.name, field.json_name)
        for field in descriptor.fields
        if field.message_type is not None
        and not field.is_repeated
        and field.message_type.full_name != _DOCUMENT
        and (required_fields(field.message_type) or _nested(field.message_type))
    )
