"""The floor: a server that answers the same bytes, and does nothing else, on the same grpc.aio and uvloop.

`python floor.py PORT FILE` answers `Connect` with what is in FILE: a `ConnectResponse` for callers over gRPC, or an
`HttpBody`, as Envoy's transcoder wants it. So it costs the least that one call with such an answer can.
"""

from __future__ import annotations

import sys
from pathlib import Path

import grpc
import grpc.aio
import uvloop
from google.api.httpbody_pb2 import HttpBody
from grpc_health.v1 import health_pb2
from grpc_health.v1._async import HealthServicer
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server

_HEALTH = HttpBody(content_type="application/json").SerializeToString()


async def main(port: int, answer: bytes) -> None:
    """Serves until it is ended."""

    async def connect(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        return answer

    async def health_of_system(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        return _HEALTH

    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    for service, method, handle in (
        ("conjure.v1.SessionService", "Connect", connect),
        ("conjure.v1.SystemService", "GetHealth", health_of_system),
    ):
        methods = {method: grpc.unary_unary_rpc_method_handler(handle)}
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
    health = HealthServicer()
    await health.set("", health_pb2.HealthCheckResponse.SERVING)
    add_HealthServicer_to_server(health, server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
