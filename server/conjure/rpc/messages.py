"""Typed messages that more than one servicer makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from google.protobuf.timestamp_pb2 import Timestamp

from conjure.v1 import diagnostic_pb2, document_pb2

if TYPE_CHECKING:
    from conjure.kernel import Diagnostic


def timestamp(ms: int) -> Timestamp:
    """Milliseconds since 1970 as a protobuf time."""
    return Timestamp(seconds=ms // 1000, nanos=ms % 1000 * 1_000_000)


def document(text: bytes) -> document_pb2.JsonDocument:
    """JSON text as a message."""
    return document_pb2.JsonDocument(json=text)


def diagnostic_message(diagnostic: Diagnostic) -> diagnostic_pb2.KernelDiagnostic:
    """The typed form of a finding."""
    message = diagnostic_pb2.KernelDiagnostic(
        lint=diagnostic.lint,
        severity=diagnostic.severity.value,
        path=diagnostic.path,
        message=diagnostic.message,
    )
    if diagnostic.loc is not None:
        loc = diagnostic.loc
        message.loc.SetInParent()
        for name in ("field", "template", "slot", "fill"):
            if (value := getattr(loc, name)) is not None:
                setattr(message.loc, name, value)
    return message
