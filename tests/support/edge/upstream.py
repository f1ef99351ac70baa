"""A real server for Envoy to call, over gRPC and over HTTP/1.1: it keeps what arrives, and answers as told."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Self

import grpc
from google.api.httpbody_pb2 import HttpBody
from grpc_health.v1 import health_pb2
from grpc_health.v1._async import HealthServicer
from grpc_health.v1.health_pb2_grpc import add_HealthServicer_to_server

from conjure.settings import Settings
from conjure.v1.rest_pb2 import RestEnvelope
from support.edge.upstream_http1 import serve

Answer = Callable[["Call", grpc.aio.ServicerContext], Awaitable[bytes]]


@dataclass
class Call:
    method: str
    request: bytes
    metadata: list[tuple[str, str | bytes]]

    def header(self, name: str) -> str | bytes | None:
        values = [value for key, value in self.metadata if key == name]
        assert len(values) < 2, (name, values)
        return values[0] if values else None

    @property
    def http_body(self) -> HttpBody:
        return RestEnvelope.FromString(self.request).http_body


def socket_of(port: int) -> str:
    """Where edges' unary calls are taken of the upstream with this gRPC port."""
    return Settings.from_environment().edge.socket_of(port)


def json_answer(
    body: bytes = b"{}",
    *,
    headers: tuple[tuple[str, str], ...] = (),
    content_type: str = "application/json",
) -> Answer:
    async def answer(call: Call, context: grpc.aio.ServicerContext) -> bytes:
        if headers:
            await context.send_initial_metadata(headers)
        return HttpBody(content_type=content_type, data=body).SerializeToString()

    return answer


@dataclass
class Upstream(grpc.GenericRpcHandler):
    """Use as an async context manager."""

    port: int = 0
    answer: Answer = field(default_factory=json_answer)
    calls: list[Call] = field(default_factory=list)
    health: HealthServicer = field(default_factory=HealthServicer)
    called: asyncio.Event = field(default_factory=asyncio.Event)
    server: grpc.aio.Server | None = None
    connections: set[asyncio.Task[None]] = field(default_factory=set)

    def service(self, handler_call_details: grpc.HandlerCallDetails):
        method = handler_call_details.method
        if not method.startswith("/conjure.v1."):
            return None

        async def handle(request: bytes, context: grpc.aio.ServicerContext) -> bytes:
            return await self.handle(method, request, context)

        return grpc.unary_unary_rpc_method_handler(handle)

    async def handle(self, method: str, request: bytes, context: Any) -> bytes:
        call = Call(method, request, list(context.invocation_metadata()))
        self.calls.append(call)
        self.called.set()
        return await self.answer(call, context)

    async def is_serving(self) -> bool:
        asked = health_pb2.HealthCheckRequest()
        found = await self.health.Check(asked, None)
        return found.status == health_pb2.HealthCheckResponse.SERVING

    async def __aenter__(self) -> Self:
        self.server = grpc.aio.server(
            options=[
                ("grpc.so_reuseport", 0),
                ("grpc.max_receive_message_length", 16 << 20),
                ("grpc.max_send_message_length", 32 << 20),
                # gRPC's own limit of 8 KiB is below the edge's.
                ("grpc.max_metadata_size", 64 << 10),
                ("grpc.absolute_max_metadata_size", 64 << 10),
            ]
        )
        self.server.add_generic_rpc_handlers((self,))
        add_HealthServicer_to_server(self.health, self.server)
        await self.health.set("", health_pb2.HealthCheckResponse.SERVING)
        self.port = self.server.add_insecure_port(f"127.0.0.1:{self.port}")
        await self.server.start()
        self.edges = await asyncio.start_unix_server(
            lambda reader, writer: serve(self, reader, writer), socket_of(self.port)
        )
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.stop()

    async def stop(self) -> None:
        assert self.server is not None
        self.edges.close()
        for task in tuple(self.connections):
            task.cancel()
        await self.server.stop(0)

    @property
    def last(self) -> Call:
        return self.calls[-1]

    def reset(self) -> None:
        self.calls.clear()
        self.called.clear()
        self.answer = json_answer()


class Cable:
    """The lines to both faces of an upstream, which a test can cut; use as an async context manager."""

    def __init__(self, upstream_port: int) -> None:
        self.upstream_port = upstream_port
        self.writers: list[asyncio.StreamWriter] = []

    async def __aenter__(self) -> Self:
        self.server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        self.edges = await asyncio.start_unix_server(self._join_edges, socket_of(self.port))
        return self

    async def __aexit__(self, *exc: object) -> None:
        self.close()
        self.cut()
        await asyncio.gather(
            *(writer.wait_closed() for writer in self.writers), return_exceptions=True
        )

    def close(self) -> None:
        """Takes no more connections."""
        self.server.close()
        self.edges.close()

    def cut(self) -> None:
        for writer in self.writers:
            writer.transport.abort()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far = await asyncio.open_connection("127.0.0.1", self.upstream_port)
        await self._pump(reader, writer, *far)

    async def _join_edges(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far = await asyncio.open_unix_connection(socket_of(self.upstream_port))
        await self._pump(reader, writer, *far)

    async def _pump(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        far_reader: asyncio.StreamReader,
        far_writer: asyncio.StreamWriter,
    ) -> None:
        self.writers += [writer, far_writer]
        await asyncio.gather(_pump(reader, far_writer), _pump(far_reader, writer))


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()
    writer.close()
