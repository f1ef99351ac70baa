"""Whether there is memory for a large request, before it is taken.

Where a process has no memory left (RLIMIT_DATA, RLIMIT_AS), whoever asks next fails, not whoever has most of
it: another call, the event loop, or a library that ends the process (orjson, when it has none for a string).
So a large request is refused while there is memory for what is under way.
"""

from __future__ import annotations

import ctypes
import resource
from typing import Final

LARGE_BYTES: Final = 1_048_576
"""From this size on a request is asked for room: a picture as cameras make them, or larger."""

PARSING: Final = (4, 12, 4)
"""What JSON takes while it is read, beside many small objects, in blocks of so many times its bytes: a
string, whose characters may have four bytes each; then what orjson makes of the text, and its string."""

_READING: Final = (*PARSING, 1, 1, 1)
"""The same of a request: its parts, what is written of what was parsed, the message."""
_FREE: Final = 33_554_432
"""Bytes that are to be left then, for answers and for calls that are not large."""


class Room:
    """So many bytes, of which large requests take their own from their arrival to their answers."""

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self.bytes = 0
        """Taken."""

    def take(self, size: int) -> bool:
        """Takes room for a request of so many bytes; False when there is none, now."""
        if self.bytes and self.bytes + size > self._most_bytes:
            return False
        if not can_read(size, has_arrived=False):
            return False
        self.bytes += size
        return True

    def give_back(self, size: int) -> None:
        """Gives back what was taken."""
        self.bytes -= size


def can_read(size: int, *, has_arrived: bool = True) -> bool:
    """Whether there is memory to read a request of so many bytes."""
    blocks = [times * size for times in _READING]
    return has_memory(*blocks, _FREE, *(() if has_arrived else (size,)))


def has_memory(*blocks: int) -> bool:
    """Whether there is memory for blocks of so many bytes, all at once; at most 0.3 ms.

    They are had and given back: it is known what a process may have, not how much of what it has is free, and
    in which pieces.
    """
    if all(resource.getrlimit(limit)[0] == resource.RLIM_INFINITY for limit in _LIMITS):
        return True
    had: list[int] = []
    try:
        for size in blocks:
            address = _LIBC.malloc(size)
            if not address:
                return False
            had.append(address)
    finally:
        for address in had:
            _LIBC.free(address)
    return True


def _libc() -> ctypes.PyDLL:
    library = ctypes.PyDLL(
        None
    )  # which keeps the interpreter's lock: no other thread comes between
    library.malloc.restype = ctypes.c_void_p
    library.malloc.argtypes = (ctypes.c_size_t,)
    library.free.restype = None
    library.free.argtypes = (ctypes.c_void_p,)
    return library


_LIMITS: Final = (resource.RLIMIT_DATA, resource.RLIMIT_AS)
_LIBC: Final = _libc()
