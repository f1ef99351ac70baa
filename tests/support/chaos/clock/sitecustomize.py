"""Shifts the clock of one worker: Python imports a module of this name before anything else runs.

`CHAOS_CLOCK_FILE` holds the seconds to add, and may change at any time; `CHAOS_CLOCK_PORT` says which worker.
Production code knows nothing of it. Monotonic clocks stay, as they do when a machine's clock is set.
"""

import datetime  # noqa: ICN001 - the module itself is changed
import os
import time
from pathlib import Path
from types import SimpleNamespace

_real_time_ns = time.time_ns


class _Shifted(datetime.datetime):
    """`now` and its kin by the shifted clock; everything else is the original's."""

    @classmethod
    def now(cls, tz=None):
        return cls.fromtimestamp(time.time(), tz)

    @classmethod
    def utcnow(cls):
        return cls.now(datetime.UTC).replace(tzinfo=None)


def _install(path: Path) -> None:
    # The core of gRPC has the system's clock, and says by it when a call's deadline is; its Python part must
    # look at the same one. When a machine's clock is set, both see it.
    from grpc._cython import cygrpc

    cygrpc.time = SimpleNamespace(**vars(time))

    def time_ns() -> int:
        return _real_time_ns() + int(float(path.read_text() or 0) * 1e9)

    time.time_ns = time_ns
    time.time = lambda: time_ns() / 1e9
    datetime.datetime = _Shifted


if (
    "CHAOS_CLOCK_FILE" in os.environ
    and os.environ.get("CONJURE_SERVER_PORT") == os.environ.get("CHAOS_CLOCK_PORT")
    and os.environ.get("CONJURE_SERVER_WORKERS") == "1"
):
    _install(Path(os.environ["CHAOS_CLOCK_FILE"]))
