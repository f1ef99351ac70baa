"""Typed messages that more than one servicer makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.timestamp_pb2 import Timestamp

from conjure.v1 import diagnostic_pb2, document_pb2

if TYPE_CHECKING:
    from conjure.core.errors import Finding


def timestamp(ms: int) -> Timestamp:
    """Milliseconds since 1970 as a protobuf time."""
    return Timestamp(seconds=ms // 1000, nanos=ms % 1000 * 1_000_000)


def document(text: bytes) -> document_pb2.JsonDocument:
    """JSON text as a message."""
    return document_pb2.JsonDocument(json=text)


def diagnostic_message(finding: Finding) -> diagnostic_pb2.KernelDiagnostic:
    """The typed form of a finding: the same members as its JSON."""
    members = finding.to_json()
    loc = members.pop("loc", None)
    message = diagnostic_pb2.KernelDiagnostic(**members)
    if loc is not None:
        message.loc.SetInParent()  # present, also when every member of it is unset
        for name, value in loc.items():
            setattr(message.loc, name, value)
    return message
