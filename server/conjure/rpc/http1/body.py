"""The body of one request as it comes: kept, or read to its end and dropped."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Final

from conjure.core.room import LARGE_BYTES
from conjure.rpc.http1 import frames

if TYPE_CHECKING:
    from conjure.core.room import Room

_PIECE: Final = 4_096
"""Bytes from which on a piece is kept as it is."""
_LONG: Final = 65_536
"""Bytes after which it is asked how many there will be."""
_NONE: Final = -1
"""The length of what is no message."""


class Body:
    """One gRPC message, in pieces; a large one in one buffer, if there is room for all of it.

    What is not kept is read to its end nevertheless: edges listen then. `end` is to be called when its call
    has been answered.
    """

    __slots__ = (
        "_buffer",
        "_expected",
        "_most_bytes",
        "_pieces",
        "_room",
        "_taken",
        "is_dropped",
        "size",
    )

    def __init__(self, most_bytes: int, room: Room) -> None:
        self._most_bytes = most_bytes
        self._room = room
        self._taken = 0
        self._pieces: list[bytes | bytearray] = []  # of which only the last may grow
        self._buffer: io.BytesIO | None = None
        self._expected: int | None = None  # what a long one says that it is, with its prefix
        self.size = 0
        """Bytes that have come."""
        self.is_dropped = False
        """Whether there was no room for it."""

    @property
    def is_too_large(self) -> bool:
        """Whether it is larger than any message may be."""
        return self.size > self._most_bytes

    def add(self, data: bytes) -> None:
        """Keeps a piece, or does not."""
        self.size += len(data)
        if self.size > self._most_bytes:
            self.end()
        elif not self.is_dropped:
            try:
                self._keep(data)
            except MemoryError:
                self._drop()

    def message(self) -> bytes:
        """Returns the message, which from here on is its caller's alone. Raises NotAMessage."""
        pieces, buffer = self._pieces, self._buffer
        self._pieces, self._buffer = [], None
        if buffer is None:
            return frames.message_of(pieces)
        if self.size != self._expected:
            raise frames.NotAMessage(frames.NOT_ONE)
        return buffer.getvalue()  # a buffer that is full is not copied

    def end(self) -> None:
        """Lets go of what is there, and gives the room back."""
        self._pieces, self._buffer = [], None
        if self._taken:
            self._room.give_back(self._taken)
            self._taken = 0

    def _drop(self) -> None:
        self.is_dropped = True
        self.end()

    def _keep(self, data: bytes) -> None:
        pieces = self._pieces
        if self._expected is not None and self.size > self._expected:
            self._pieces, self._buffer = [], None  # no message, and none comes of it
        elif self._buffer is not None:
            self._buffer.write(data)
        elif not pieces or len(data) >= _PIECE:
            pieces.append(data)
        elif isinstance(
            last := pieces[-1], bytearray
        ):  # else each of a few bytes has fifty of its own
            last += data
        else:
            pieces.append(bytearray(data))
        if self._expected is None and self.size > _LONG:
            self._expect()

    def _expect(self) -> None:
        """Learns how long it will be, and takes room where that is much."""
        begin = b"".join(
            piece[: frames.PREFIX_BYTES] for piece in self._pieces[: frames.PREFIX_BYTES]
        )
        size = frames.size_of(begin)
        self._expected = size + frames.PREFIX_BYTES
        if begin[0] or not self.size <= self._expected <= self._most_bytes:
            self._expected, self._pieces = _NONE, []
        elif size >= LARGE_BYTES:
            if self._room.take(size):
                self._taken = size
                self._move(size)
            else:
                self._drop()

    def _move(self, size: int) -> None:
        buffer = io.BytesIO()
        buffer.seek(size - 1)
        buffer.write(b"\0")  # all of it at once: what grows is moved again and again
        buffer.seek(0)
        left = frames.PREFIX_BYTES
        for piece in self._pieces:
            buffer.write(memoryview(piece)[left:])
            left = max(0, left - len(piece))
        self._pieces, self._buffer = [], buffer
