"""The floor: a server that answers, and does nothing else, on the same grpc.aio and uvloop.

`python floor.py PORT` answers `Connect` with an empty `HttpBody`, as Envoy's transcoder wants it, and
`GetUsage` with an empty message: the least that one REST and one gRPC call can cost.
"""

from __future__ import annotations

import sys

import grpc
import grpc.aio
import uvloop
from google.api.httpbody_pb2 import HttpBody
from grpc_health.v1 import health_pb2
from grpc_health.v1._async import HealthServicer
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server

_BODY = HttpBody(content_type="application/json").SerializeToString()


async def _body(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
    return _BODY


async def _empty(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
    return b""


async def main(port: int) -> None:
    """Serves until it is ended."""
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    for service, method, handle in (
        ("conjure.v1.SessionService", "Connect", _body),
        ("conjure.v1.UsageService", "GetUsage", _empty),
        ("conjure.v1.SystemService", "GetHealth", _body),
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
    uvloop.run(main(int(sys.argv[1])))
