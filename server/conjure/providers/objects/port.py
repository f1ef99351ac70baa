"""The objects port: bytes under names, for as long as nobody deletes them (CONTRACT 11)."""

from __future__ import annotations

from typing import Final, Protocol

MOST_OBJECT_BYTES: Final = 16 * 1024 * 1024
"""The largest object: a picture as large as callers may send one, with room for its encoding."""


class ObjectsError(Exception):
    """An engine did not do what it was asked to; the message is for the log."""


class Objects(Protocol):
    """Keeps objects.

    A name is a relative path of lower-case ASCII (`ab/cd/abcd….png`). An object is there whole or not at
    all, whatever dies. Each call is over within a bounded time.
    """

    async def put(self, name: str, content: bytes, media_type: str) -> None:
        """Stores an object, in place of one of this name. Raises ObjectsError."""
        ...

    async def get(self, name: str) -> bytes | None:
        """Returns an object, None where there is none. Raises ObjectsError."""
        ...

    async def delete(self, name: str) -> None:
        """Removes an object, if it is there. Raises ObjectsError."""
        ...
