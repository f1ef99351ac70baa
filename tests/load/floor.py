"""The floor: a server that answers the same bytes, and does nothing else, on the same grpc.aio and uvloop.

`python floor.py PORT FILE` answers `Connect` with what is in FILE: a `ConnectResponse` for callers over gRPC, or an
`HttpBody`, as Envoy's transcoder wants it. So it costs the least that one call with such an answer can. An edge that
calls over HTTP/1.1 gets them for `GetPlayerFile`, from our own listener and layers with nothing inside: the least that
an RPC of ours costs.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

sys.path[:1] = [str(Path(__file__).resolve().parents[2] / "server")]

import conjure  # noqa: F401  says to gRPC what it says to it for our servers, before it is imported
import grpc
import grpc.aio
import uvloop
from google.api.httpbody_pb2 import HttpBody
from grpc_health.v1 import health_pb2
from grpc_health.v1._async import HealthServicer

from conjure.rates.limiter import RateLimiter
from conjure.rpc.auth import Authenticator
from conjure.rpc.chain import compose
from conjure.rpc.compression import Compressor
from conjure.rpc.health import Health
from conjure.rpc.http1.listener import EdgeListener
from conjure.rpc.layer import ServerContext
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.run.scheduling import let_threads_wait
from conjure.settings import Settings
from conjure.v1 import player_service_pb2, system_service_pb2

_NOTHING = HttpBody(content_type="application/json").SerializeToString()
_raw = grpc.unary_unary_rpc_method_handler  # from bytes to bytes


def _on_our_stack(answer: bytes, settings: Settings) -> dict[bytes, Any]:
    """The RPCs that an edge calls over HTTP/1.1: with the layers of every RPC, and nothing inside."""
    body = HttpBody.FromString(answer)
    file = player_service_pb2.GetPlayerFileResponse(content=body.data, media_type=body.content_type)
    nothing = system_service_pb2.GetHealthResponse(status="ok")

    async def same_file(request: object, call: object) -> object:
        return file

    async def health_of_system(request: object, call: object) -> object:
        return nothing

    handlers = {"GetPlayerFile": same_file, "GetHealth": health_of_system}
    as_it_is = Compressor(replace(settings.gzip, least_bytes=sys.maxsize))
    layers = ServerContext(
        settings, Authenticator(None, None, None), RateLimiter(settings.rates), None, None,
        compressor=as_it_is,
    )  # fmt: skip
    return {
        method.full_name.encode(): (method, compose(method, layers, handlers[method.name]))
        for service in service_descriptors()
        for method in methods_of(service, max_request_bytes=settings.server.max_body_bytes)
        if method.name in handlers
    }


async def main(port: int, answer: bytes) -> None:
    """Serves until it is ended."""

    async def connect(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
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
                ("conjure.v1.SessionService", "Connect", _raw(connect)),
                ("conjure.v1.SystemService", "GetHealth", _raw(health_of_system)),
                ("grpc.health.v1.Health", "Check", check),
            )
        )
    )
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    settings = Settings.from_environment()
    welcome = Health(())
    welcome.serve()
    table = _on_our_stack(answer, settings)
    largest = settings.server.max_body_bytes
    edges = EdgeListener(settings.server, settings.edge, table, welcome, largest)
    await edges.start("127.0.0.1", port, anywhere=False)
    let_threads_wait()
    await server.wait_for_termination()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
