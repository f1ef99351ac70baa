"""When Python looks for garbage in cycles, which reference counts do not free.

Conjure makes next to none: documents, findings and messages are trees. What there is comes from grpc: some
eight small objects a call. A look walks all objects of a generation, and a full one everything: with the
caches of worlds full (64 MB of text, 665,000 objects) it held the loop for 260 to 560 ms, and Python's own
thresholds made one after every hundred or two hundred parses. Measured in CPU time: the parse of 9.4 MB, and
3,000 parses and checks of 37 KB beside such a cache, in which 300 of 928 KB were replaced:

    thresholds                    parse   the 3,000   full collections   held at most
    700, 10, 10 (default)        269 ms      12.3 s                 19         368 ms
    700, 10, 10, frozen          186 ms      11.9 s                 21         320 ms
    10,000, 20, 100, frozen      125 ms       6.3 s                  0          55 ms
    20,000, 2, 1,000, frozen     134 ms       5.6 s                  0           4 ms
    50,000, 20, 100, frozen      109 ms       5.2 s                  0   none came
"""

from __future__ import annotations

import gc
import time
from typing import TYPE_CHECKING, Any, Final

from conjure.core import metrics

if TYPE_CHECKING:
    from collections.abc import Mapping

YOUNG: Final = 20_000
"""Containers made and not freed until young ones are looked at: some 3 ms, seldom within one document."""

MIDDLE: Final = 2
"""Looks at the young ones until those that survived are looked at again: up to 60,000, some 8 ms.

Twenty of them would be 50 to 100 ms: what a look costs is what has survived since the last one.
"""

OLD: Final = 1_000
"""The same for everything. Python waits besides until a quarter more has survived than there was: a leak in a
cycle of somebody's is still found, after tens of millions of objects."""


def tune_gc() -> None:
    """Takes what is there by now out of every later look, and sets when there are looks.

    Called once by each process that serves or works, when all is imported and before the first call.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, OLD)
    if _watch not in gc.callbacks:
        gc.callbacks.append(_watch)


_PAUSES: Final = {generation: metrics.GC_PAUSES.at(str(generation)) for generation in range(3)}
_began = 0.0


def _watch(phase: str, info: Mapping[str, Any]) -> None:
    # Any thread may be the one that collects; it holds the interpreter's lock from begin to end.
    global _began  # noqa: PLW0603 - a callback of the process
    if phase == "start":
        _began = time.perf_counter()
    else:
        _PAUSES[info["generation"]].observe(time.perf_counter() - _began)
