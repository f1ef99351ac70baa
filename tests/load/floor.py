"""The floor: a server that answers the same bytes, and does nothing else, on the same grpc.aio and uvloop.

`python floor.py PORT FILE` answers `Connect` and `GetPlayerFile` with what is in FILE: a message for callers over gRPC,
or an `HttpBody`, as Envoy's transcoder wants it. So it costs the least that one call with such an answer can.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path[:1] = [str(Path(__file__).resolve().parents[2] / "server")]

import conjure  # noqa: F401  says to gRPC what it says to it for our servers, before it is imported
import grpc
import grpc.aio
import uvloop
from google.api.httpbody_pb2 import HttpBody
from grpc_health.v1 import health_pb2
from grpc_health.v1._async import HealthServicer

from conjure.run.scheduling import let_threads_wait

_NOTHING = HttpBody(content_type="application/json").SerializeToString()
_raw = grpc.unary_unary_rpc_method_handler  # from bytes to bytes


async def main(port: int, answer: bytes) -> None:
    """Serves until it is ended."""

    async def same(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        return answer

    async def health_of_system(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
        return _NOTHING

    health = HealthServicer()
    await health.set("", health_pb2.HealthCheckResponse.SERVING)
    check = grpc.unary_unary_rpc_method_handler(
        health.Check,
        request_deserializer=health_pb2.HealthCheckRequest.FromString,
        response_serializer=health_pb2.HealthCheckResponse.SerializeToString,
    )
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    # By their names only: a method that is registered costs every call a little.
    server.add_generic_rpc_handlers(
        tuple(
            grpc.method_handlers_generic_handler(service, {method: handler})
            for service, method, handler in (
                ("conjure.v1.SessionService", "Connect", _raw(same)),
                ("conjure.v1.PlayerService", "GetPlayerFile", _raw(same)),
                ("conjure.v1.SystemService", "GetHealth", _raw(health_of_system)),
                ("grpc.health.v1.Health", "Check", check),
            )
        )
    )
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    let_threads_wait()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
