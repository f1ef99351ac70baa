"""The gate: no document is stored that the kernel finds an error in (CONTRACT 3, fail closed)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure import kernel
from conjure.core import jsondoc, metrics
from conjure.core.errors import KernelRefused, PayloadTooLarge
from conjure.core.threads import off_loop
from conjure.kernel import Severity
from conjure.settings import MAX_DOCUMENT_BYTES

if TYPE_CHECKING:
    from conjure.kernel import Examined
    from conjure.worlds.model import Snapshot

LIGHT: Final = 10
"""How many times less than a check it is to write a document, or to check an edit of a checked one."""


@dataclass(frozen=True, slots=True)
class ValidDocument:
    """A document that may be stored: its value, its text, and what the kernel said about it."""

    value: dict[str, Any]
    text: bytes
    examined: Examined


def encode(value: dict[str, Any]) -> bytes:
    """Returns the JSON text to store. Raises MalformedRequest (too deep), PayloadTooLarge.

    A number may be longer as we write it than as it was sent: what is stored must fit into an answer.
    """
    text = jsondoc.dumps(value)
    if len(text) > MAX_DOCUMENT_BYTES:
        raise PayloadTooLarge("the world is larger than 12 MiB")
    return text


async def editable(snapshot: Snapshot) -> dict[str, Any]:
    """Returns the document of a snapshot, to make an edit from."""
    if snapshot.is_editable:
        return snapshot.editable

    def work(snapshot: Snapshot) -> dict[str, Any]:
        return snapshot.editable

    return await off_loop(work, snapshot, size=len(snapshot.text))


async def require_valid(
    value: dict[str, Any], size: int, before: Examined | None = None, *, fresh: int = 0
) -> Examined:
    """Returns what the kernel has to say about a document of `size` bytes: nothing but advice.

    `before` is what it had to say about the document that an edit made this one from, by which about
    `fresh` bytes came in. Raises KernelRefused.
    """
    examined = await examine(value, size, before, fresh=fresh)
    found = examined.findings
    if found and found[0].severity is Severity.ERROR:  # errors come first
        for lint in {item.lint for item in found if item.severity is Severity.ERROR}:
            metrics.KERNEL_ERRORS.at(lint).add()
        raise KernelRefused(found, examined.omitted)
    return examined


async def validated(document: dict[str, Any], *, size: int = 0) -> ValidDocument:
    """Writes a new document and passes it through the gate; `size` is roughly that of its text.

    Raises KernelRefused, MalformedRequest (too deep), PayloadTooLarge.
    """
    text = await off_loop(encode, document, size=size)
    return ValidDocument(document, text, await require_valid(document, len(text)))


async def examine(
    value: dict[str, Any], size: int, before: Examined | None = None, *, fresh: int = 0
) -> Examined:
    """Returns all that the kernel finds; the rest as for `require_valid`."""

    def work(value: dict[str, Any]) -> Examined:
        return kernel.examine(value, before)

    return await off_loop(work, value, size=size if before is None else size // LIGHT + fresh)
