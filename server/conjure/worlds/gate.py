"""The gate: no document is stored that the kernel finds an error in (CONTRACT 3, fail closed)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

from conjure.core import jsondoc
from conjure.core.errors import KernelRefused, PayloadTooLarge
from conjure.kernel import Diagnostic, Severity, check

if TYPE_CHECKING:
    from collections.abc import Sequence

MAX_DOCUMENT_BYTES: Final = 12 * 1024 * 1024
_THREAD_BYTES: Final = 200_000
"""Documents from this size on are checked in a thread: some 10 ms would hold up every other call."""


def written(value: dict[str, Any]) -> bytes:
    """Returns the JSON text to store. Raises MalformedRequest (too deep), PayloadTooLarge.

    A number may be longer as we write it than as it was sent: what is stored must fit into an answer.
    """
    text = jsondoc.dumps(value)
    if len(text) > MAX_DOCUMENT_BYTES:
        raise PayloadTooLarge("the world is larger than 12 MiB")
    return text


async def passed(value: dict[str, Any], size: int) -> tuple[Diagnostic, ...]:
    """Returns the kernel's advice about a document of `size` bytes. Raises KernelRefused."""
    found = await findings(value, size)
    if found and found[0].severity is Severity.ERROR:  # errors come first
        raise KernelRefused(found)
    return tuple(found)


async def findings(value: dict[str, Any], size: int) -> Sequence[Diagnostic]:
    """Returns all that the kernel finds."""
    if size < _THREAD_BYTES:
        return check(value)
    return await asyncio.to_thread(check, value)
