"""What the protos say about each field of a message, as documentation needs it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from google.api import field_behavior_pb2
from google.protobuf.timestamp_pb2 import Timestamp

from conjure.v1 import document_pb2, rest_pb2

if TYPE_CHECKING:
    from google.protobuf.descriptor import Descriptor, FieldDescriptor

_DOCUMENT = document_pb2.JsonDocument.DESCRIPTOR.full_name
_TIMESTAMP = Timestamp.DESCRIPTOR.full_name


@dataclass(frozen=True, slots=True)
class Field:
    """One field and its options."""

    descriptor: FieldDescriptor
    rest: rest_pb2.RestField
    value: rest_pb2.ValueRule
    holds: rest_pb2.DocumentRule
    is_required: bool
    is_optional: bool  # marked so: in a patch, it can be changed

    @property
    def name(self) -> str:
        """`expected_rev`."""
        return str(self.descriptor.name)

    @property
    def json_name(self) -> str:
        """`expectedRev`."""
        return str(self.descriptor.json_name)

    @property
    def full_name(self) -> str:
        """`conjure.v1.SetEntranceRequest.expected_rev`."""
        return str(self.descriptor.full_name)

    @property
    def message(self) -> Descriptor | None:
        """The type of a field that holds a message; None for a scalar."""
        return self.descriptor.message_type

    @property
    def may_be_unset(self) -> bool:
        """Whether an answer may be without it: it is declared `optional`."""
        return self.descriptor.containing_oneof is not None

    @property
    def is_document(self) -> bool:
        """Whether it holds an open JSON document."""
        return self.message is not None and self.message.full_name == _DOCUMENT

    @property
    def is_time(self) -> bool:
        """Whether it holds a time."""
        return self.message is not None and self.message.full_name == _TIMESTAMP

    @property
    def is_map(self) -> bool:
        """Whether it holds values by key."""
        return self.message is not None and bool(self.message.GetOptions().map_entry)


@cache
def fields_of(message: Descriptor) -> tuple[Field, ...]:
    """Reads the fields of a message."""
    return tuple(map(_field, message.fields))


def body_rule(message: Descriptor) -> rest_pb2.RestBody:
    """What a message says of itself as a body."""
    rule: rest_pb2.RestBody = message.GetOptions().Extensions[rest_pb2.body]
    return rule


def _field(descriptor: FieldDescriptor) -> Field:
    extensions = descriptor.GetOptions().Extensions
    behavior = extensions[field_behavior_pb2.field_behavior]
    return Field(
        descriptor=descriptor,
        rest=extensions[rest_pb2.rest],
        value=extensions[rest_pb2.value],
        holds=extensions[rest_pb2.holds],
        is_required=field_behavior_pb2.REQUIRED in behavior,
        is_optional=field_behavior_pb2.OPTIONAL in behavior,
    )
