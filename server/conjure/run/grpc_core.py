"""Whether the gRPC that is installed is the one that was measured."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import grpc
import structlog

from conjure.core import grpc_environment

log = structlog.get_logger(__name__)


def forgotten() -> tuple[str, ...]:
    """The experiments that are turned off (`core.grpc_environment`), and are no choice any more."""
    core = find_spec("grpc._cython.cygrpc")
    return grpc_environment.forgotten(Path(core.origin)) if core and core.origin else ()


def warn_of_forgotten() -> None:
    """Says in the log when a release of gRPC made up its own mind: a call may cost more than it did."""
    for name in forgotten():
        log.warning(
            "this gRPC does not know an experiment that is turned off; calls may cost more CPU",
            experiment=name,
            grpcio=grpc.__version__,
        )
