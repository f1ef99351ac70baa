"""How a process that serves keeps memory of large bodies."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from typing import Final

_TRIM_THRESHOLD: Final = -1  # mallopt(3)
_MMAP_THRESHOLD: Final = -3
_LARGEST_BLOCK: Final = 33_554_432  # glibc's own limit of what it may be
_KEPT: Final = 67_108_864


def keep_freed_blocks() -> None:
    """Keeps up to 64 MiB of freed memory instead of giving it back to the system at once (glibc only).

    A body of 12 MiB is copied three times on its way to a heavy worker. With fresh pages for each copy that
    held the loop up for 13 ms, with pages that are there for 4.
    """
    if sys.platform == "linux":
        with contextlib.suppress(AttributeError):  # another C library
            mallopt = ctypes.CDLL(None).mallopt
            mallopt(_MMAP_THRESHOLD, _LARGEST_BLOCK)
            mallopt(_TRIM_THRESHOLD, _KEPT)
