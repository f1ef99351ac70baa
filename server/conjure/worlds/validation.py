"""The gate: no document is stored that the kernel finds an error in (CONTRACT 3, fail closed)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjure import kernel
from conjure.core import metrics
from conjure.core.errors import KernelRefused, PayloadTooLarge
from conjure.kernel import Severity
from conjure.settings import MAX_DOCUMENT_BYTES
from conjure.worlds.document_text import DocumentText
from conjure.worlds.model import Snapshot

if TYPE_CHECKING:
    from conjure.kernel import Examined


@dataclass(frozen=True, slots=True)
class ValidDocument:
    """A document that may be stored: its value, its text, and what the kernel said about it."""

    value: dict[str, Any]
    written: DocumentText
    examined: Examined

    @property
    def text(self) -> bytes:
        """The JSON text."""
        return self.written.bytes

    def unstored(self) -> Snapshot:
        """The document as what the next edit is made from, before it has a revision."""
        return Snapshot("", self.text, self.value, self.examined, written=self.written)


def encode(value: dict[str, Any], before: DocumentText | None = None) -> DocumentText:
    """Returns the JSON text to store. Raises MalformedRequest (too deep), PayloadTooLarge.

    A number may be longer as we write it than as it was sent: what is stored must fit into an answer.
    `before` is the text of the document that an edit made this one from.
    """
    text = DocumentText(value, before)
    if len(text.bytes) > MAX_DOCUMENT_BYTES:
        raise PayloadTooLarge("the world is larger than 12 MiB")
    return text


def require_valid(value: dict[str, Any], before: Examined | None = None) -> Examined:
    """Returns what the kernel has to say about a document: nothing but advice.

    `before` is what it had to say about the document that an edit made this one from.
    Raises KernelRefused.
    """
    examined = kernel.examine(value, before)
    require_no_errors(examined)
    return examined


def require_no_errors(examined: Examined) -> None:
    """Raises KernelRefused when the kernel has found an error."""
    found = examined.findings
    if found and found[0].severity is Severity.ERROR:  # errors come first
        for lint in {item.lint for item in found if item.severity is Severity.ERROR}:
            metrics.KERNEL_ERRORS.at(lint).add()
        raise KernelRefused(found, examined.omitted)


def validated(document: dict[str, Any], before: Examined | None = None) -> ValidDocument:
    """Writes a new document and passes it through the gate.

    `before` is what the kernel had to say about what it was made from.
    Raises KernelRefused, MalformedRequest (too deep), PayloadTooLarge.
    """
    text = encode(document)
    return ValidDocument(document, text, require_valid(document, before))
