"""How many files and connections a process may have open."""

from __future__ import annotations

import contextlib
import sys
from typing import Final

_ENOUGH: Final = 65_536


def raise_descriptor_limit() -> None:
    """Raises the soft limit, often 1,024, as far as the hard one allows (getrlimit(2)).

    Over HTTP/1.1 each call of an edge has a connection of its own, and a burst of them has to be refused call
    by call: a process without descriptors would leave connections unanswered.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _ENOUGH if hard == resource.RLIM_INFINITY else min(_ENOUGH, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
