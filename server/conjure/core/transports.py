"""Which way an RPC takes from the edge to a server: the one place that says so.

A stream is an HTTP/2 stream, so it is gRPC as everybody knows it. A unary call is one request and one answer,
which any HTTP carries: as gRPC messages over HTTP/1.1 it costs a server a third. That is in no specification,
so the standard way stays as a setting (`CONJURE_EDGE_CALLS`).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

HEALTH_PATH: Final = "/health"
"""What edges ask over HTTP/1.1 whether calls are welcome: 200, or 503. No RPC is called so."""

EDGE_IDLE_S: Final = 60.0
"""After this edges close a connection without a call; servers do so later, or calls would meet its end."""


class EdgeTransport(StrEnum):
    """A way from the edge to a server; also what the setting is called."""

    HTTP1 = "http1"
    GRPC = "grpc"


def edge_transport(calls: EdgeTransport, *, is_stream: bool) -> EdgeTransport:
    """Returns the way of an RPC where unary calls take the way `calls`."""
    return EdgeTransport.GRPC if is_stream else calls
