"""What gRPC's core reads from the environment, once, when it is imported: set before that (`conjure`).

An operator's own words win: a variable that is set stays, and an experiment that is named stays as named.
"""

from __future__ import annotations

import mmap
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import MutableMapping
    from pathlib import Path

_FORKS: Final = "GRPC_ENABLE_FORK_SUPPORT"
_EXPERIMENTS: Final = "GRPC_EXPERIMENTS"

# With gRPC's own threads at the socket a call changes threads two or three times more on its way to Python
# (ARCHITECTURE 6). Without the experiment the thread that waits for calls reads them, too.
_OFF: Final = ("event_engine_listener",)


def prepare(environment: MutableMapping[str, str]) -> None:
    """Sets what is not set yet."""
    # Processes that serve start others, which are new programs and no forks. Else gRPC logs at each start
    # that it cannot prepare for one.
    environment.setdefault(_FORKS, "false")
    named = [part.strip() for part in environment.get(_EXPERIMENTS, "").split(",") if part.strip()]
    known = {part.removeprefix("-") for part in named}
    named += [f"-{name}" for name in _OFF if name not in known]
    environment[_EXPERIMENTS] = ",".join(named)


def forgotten(library: Path) -> tuple[str, ...]:
    """The experiments that `prepare` turns off and a gRPC does not know: they came true, or went.

    `library` is gRPC's core. The names stand in it as C strings; there is no other way to ask.
    """
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as code:
        return tuple(name for name in _OFF if code.find(f"{name}\0".encode()) < 0)
