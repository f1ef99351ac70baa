"""Typed message → body and headers: the writing half of the REST face.

A body is JSON, unless its message says else (`media_type`).
The transcoder cannot do what the contract asks for (`null` for an unset field, 64-bit integers as
numbers, open documents untouched), so the server writes the bodies. Each message type is compiled once
into a list of small functions; a document's bytes are spliced in as they are.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson
from google.protobuf.timestamp_pb2 import Timestamp

from conjure.core.bodies import SCHEMA_VERSION
from conjure.core.catalog import ACCEPTED, SEE_OTHER
from conjure.core.times import rfc3339
from conjure.v1 import document_pb2, rest_pb2

if TYPE_CHECKING:
    from collections.abc import Callable

    from google.protobuf.descriptor import Descriptor, FieldDescriptor
    from google.protobuf.message import Message

JSON: Final = "application/json"
LOCATION: Final = "location"
HTTP_STATUS: Final = "x-http-status"
"""By this header the edge is told a status that is not the transport's own (edge/status.lua)."""
_ALONE: Final = orjson.dumps({"schemaVersion": SCHEMA_VERSION})
_SUFFIX: Final = b"," + _ALONE[1:]
_DOCUMENT: Final = document_pb2.JsonDocument.DESCRIPTOR.full_name
_TIMESTAMP: Final = Timestamp.DESCRIPTOR.full_name

Members = dict[str, Any]


class Encoder:
    """Writes one message type."""

    def __init__(self, descriptor: Descriptor) -> None:
        self._bare = descriptor.GetOptions().Extensions[rest_pb2.body].bare
        self.media_type = _media_type(descriptor) or JSON
        self._raw = None if self.media_type == JSON else _raw_field(descriptor)
        self.type_field: Final = _type_field(descriptor)
        self._accepted = accepted_field(descriptor)
        self._status: Final = {HTTP_STATUS: str(SEE_OTHER)} if leads_on(descriptor) else {}
        self._fill = compile_message(descriptor)
        self._whole = _whole_document(descriptor)
        self._first = first = _first_document(descriptor)
        if first:
            self._head = b'{"%s":' % _field_at(descriptor, first).json_name.encode()
            self._fill_others = compile_message(descriptor, but=first)

    def media_type_of(self, message: Message) -> str:
        """The content type of a message's body."""
        return self.media_type if self.type_field is None else getattr(message, self.type_field)

    @property
    def begins_with_document(self) -> bool:
        """Whether `split` parts a body: the document at its beginning, and what else it says."""
        return bool(self._first)

    def encode(self, message: Message) -> tuple[bytes, dict[str, str]]:
        """Returns the body and the response headers of a message."""
        if self._accepted is not None and message.HasField(self._accepted):
            accepted: Message = getattr(message, self._accepted)
            body, headers = encoder_of(accepted.DESCRIPTOR).encode(accepted)
            return body, headers | {HTTP_STATUS: str(ACCEPTED)}
        members: Members = {}
        headers = dict(self._status)
        self._fill(message, members, headers)
        if self._raw is not None:
            return getattr(message, self._raw), headers
        if self._whole is not None:
            body = getattr(message, self._whole).json
            if self._bare:
                return body, headers
            return (_ALONE if body == b"{}" else body[:-1] + _SUFFIX), headers
        if not self._bare:
            members["schemaVersion"] = SCHEMA_VERSION
        return orjson.dumps(members), headers

    def split(self, message: Message) -> tuple[bytes, bytes, dict[str, str]]:
        """Returns the same body in two parts, and the headers.

        The first part is the same in all answers with the same documents; where the body does not begin with
        its only document that is all of it.
        """
        (head, *others), headers = self.pieces(message)
        if not others:
            return head, b"", headers
        document, rest = others
        return head + document, rest, headers

    def pieces(self, message: Message) -> tuple[tuple[bytes, ...], dict[str, str]]:
        """Returns the same body in one or three pieces, and the headers; the second is the document."""
        document = self._document_of(message) if self._first else None
        if document is None:
            body, headers = self.encode(message)
            return (body,), headers
        members: Members = {}
        headers = {}
        self._fill_others(message, members, headers)
        if not self._bare:
            members["schemaVersion"] = SCHEMA_VERSION
        rest = b"," + orjson.dumps(members)[1:] if members else b"}"
        return (self._head, document, rest), headers

    def _document_of(self, message: Any) -> bytes | None:
        for name in self._first:
            if not message.HasField(name):
                return None
            message = getattr(message, name)
        document: bytes = message.json
        return document


@cache
def encoder_of(descriptor: Descriptor) -> Encoder:
    """Returns the encoder of a message type, made once."""
    return Encoder(descriptor)


def accepted_field(descriptor: Descriptor) -> str | None:
    """The name of the field that is the whole body, with the status 202, when it is set."""
    for field in descriptor.fields:
        if _rule(field).accepted:
            return str(field.name)
    return None


def leads_on(descriptor: Descriptor) -> bool:
    """Whether an answer says where to go on: with the status 303 and the header `location`."""
    return any(_rule(field).location for field in descriptor.fields)


@cache
def event_id_of(descriptor: Descriptor) -> str | None:
    """The name of the field by which a client resumes a stream of these messages, if there is one."""
    for field in descriptor.fields:
        if _rule(field).event_id:
            return str(field.name)
    return None


@cache
def compile_message(
    descriptor: Descriptor, *, but: tuple[str, ...] = ()
) -> Callable[[Any, Members, dict[str, str]], None]:
    """Returns a function that puts the members and headers of a message where they belong.

    `but`: the way to a field that it leaves out.
    """
    writers = [
        writer
        for field in descriptor.fields
        if (field.name,) != but
        and (writer := _compile_field(field, but[1:] if field.name in but[:1] else ()))
    ]

    def fill(message: Any, members: Members, headers: dict[str, str]) -> None:
        for writer in writers:
            writer(message, members, headers)

    return fill


def _compile_field(
    field: FieldDescriptor, but: tuple[str, ...] = ()
) -> Callable[[Any, Members, dict[str, str]], None] | None:
    rule = _rule(field)
    name, key = field.name, field.json_name
    if field.message_type is not None and _media_type(field.message_type):
        raise TypeError(f"{field.full_name}: a message with a media_type is a whole body")
    header = LOCATION if rule.location else rule.header
    if header:
        quote = '"{}"'.format if header == "etag" else str
        shown = not rule.hidden  # asked once here, not of the descriptor in each answer

        def write_header(message: Any, members: Members, headers: dict[str, str]) -> None:
            value = getattr(message, name)
            headers[header] = quote(value)
            if shown:
                members[key] = value

        return write_header
    if rule.hidden or rule.accepted or _is_raw(field):
        return None
    if rule.inline:
        return _compile_inline(field, but)
    value_of = _value_writer(field)
    if not field.has_presence:

        def write_always(message: Any, members: Members, headers: dict[str, str]) -> None:
            members[key] = value_of(getattr(message, name))

        return write_always
    omit = rule.omit_unset

    def write_optional(message: Any, members: Members, headers: dict[str, str]) -> None:
        if message.HasField(name):
            members[key] = value_of(getattr(message, name))
        elif not omit:
            members[key] = None

    return write_optional


def _compile_inline(
    field: FieldDescriptor, but: tuple[str, ...]
) -> Callable[[Any, Members, dict[str, str]], None] | None:
    if is_document(field):
        return None  # the whole body, or the whole member: see _whole_document
    assert field.message_type is not None  # noqa: S101 - only messages are inlined
    name, fill = field.name, compile_message(field.message_type, but=but)

    def write_inline(message: Any, members: Members, headers: dict[str, str]) -> None:
        fill(getattr(message, name), members, headers)

    return write_inline


def _value_writer(field: FieldDescriptor) -> Callable[[Any], Any]:
    """Returns a function from a field's value to what orjson writes."""
    if field.message_type is None:
        return list if field.is_repeated else _same
    if field.message_type.GetOptions().map_entry:
        return dict
    one = _message_writer(field.message_type)
    return (lambda values: [one(value) for value in values]) if field.is_repeated else one


def _raw_field(descriptor: Descriptor) -> str:
    """The name of the field that is a whole body which is no JSON."""
    shown = [field for field in descriptor.fields if not _rule(field).hidden]
    if len(shown) != 1 or not _is_raw(shown[0]):
        raise TypeError(f"{descriptor.full_name}: a body with a media_type is one field of bytes")
    return str(shown[0].name)


def _type_field(descriptor: Descriptor) -> str | None:
    """The name of the field that holds a body's content type, where messages of a type differ in it."""
    for field in descriptor.fields:
        if _rule(field).content_type:
            if not _rule(field).hidden or not _media_type(descriptor):
                raise TypeError(f"{field.full_name}: a content type is hidden, and of a media_type")
            return str(field.name)
    return None


def _media_type(descriptor: Descriptor | None) -> str:
    if descriptor is None:
        return ""
    media_type: str = descriptor.GetOptions().Extensions[rest_pb2.body].media_type
    return media_type


def _is_raw(field: FieldDescriptor) -> bool:
    """Whether a field is a body that is no JSON. Bytes have no other place: JSON has no type for them."""
    if field.type != field.TYPE_BYTES:
        return False
    if field.is_repeated or not _media_type(field.containing_type):
        raise TypeError(f"{field.full_name}: bytes are a whole body, of a media_type")
    return True


def _message_writer(descriptor: Descriptor) -> Callable[[Any], Any]:
    if descriptor.full_name == _DOCUMENT:
        return lambda document: orjson.Fragment(document.json)
    if descriptor.full_name == _TIMESTAMP:
        return lambda stamp: rfc3339(stamp.seconds * 1000 + stamp.nanos // 1_000_000)
    whole = _whole_document(descriptor)
    if whole is not None:
        return lambda message: orjson.Fragment(getattr(message, whole).json)
    fill = compile_message(descriptor)

    def write(message: Any) -> Members:
        members: Members = {}
        fill(message, members, {})
        return members

    return write


def _whole_document(descriptor: Descriptor) -> str | None:
    """The name of the field whose document is the message's whole JSON, if there is one."""
    for field in descriptor.fields:
        if _rule(field).inline and is_document(field):
            return str(field.name)
    return None


def _first_document(descriptor: Descriptor) -> tuple[str, ...]:
    """The way to the field whose document is the first member of a body, and the only document in it.

    That is its name, behind those of the messages that it is inlined from; nothing when there is none.
    """
    shown = [field for field in descriptor.fields if not _rule(field).hidden]
    if not shown or any(map(_holds_document, shown[1:])):
        return ()
    first, name = shown[0], str(shown[0].name)
    if not _rule(first).inline:
        return (name,) if is_document(first) else ()
    inner = () if first.message_type is None else _first_document(first.message_type)
    return (name, *inner) if inner else ()


def _field_at(descriptor: Descriptor, way: tuple[str, ...]) -> FieldDescriptor:
    field = descriptor.fields_by_name[way[0]]
    if len(way) == 1:
        return field
    assert field.message_type is not None  # noqa: S101 - a way leads through messages
    return _field_at(field.message_type, way[1:])


def _holds_document(field: FieldDescriptor) -> bool:
    if field.message_type is None:
        return False
    return is_document(field) or any(map(_holds_document, field.message_type.fields))


def _rule(field: FieldDescriptor) -> Any:
    return field.GetOptions().Extensions[rest_pb2.rest]


def is_document(field: FieldDescriptor) -> bool:
    """Whether a field holds an open JSON document."""
    return field.message_type is not None and field.message_type.full_name == _DOCUMENT


def _same(value: Any) -> Any:
    return value
