"""A small OTLP collector: it speaks the protocol (gRPC) on loopback and keeps the spans it is sent."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2 as pb
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2_grpc as pb_grpc
from opentelemetry.proto.trace.v1 import trace_pb2

from support.until import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable


@dataclass
class Span:
    """A span, in words."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    failed: bool
    begun_ns: int
    ended_ns: int


@dataclass
class Collector(pb_grpc.TraceServiceServicer):
    """What has been sent."""

    port: int = 0
    spans: list[Span] = field(default_factory=list)
    metadata: list[dict[str, Any]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def Export(self, request, context):  # noqa: N802 - the protocol's name
        self.metadata.append(dict(context.invocation_metadata()))
        for resource in request.resource_spans:
            service = attributes_of(resource.resource)["service.name"]
            for scope in resource.scope_spans:
                self.spans += [span_of(service, item) for item in scope.spans]
        return pb.ExportTraceServiceResponse()

    async def having(self, condition: Callable[[list[Span]], bool], trace_id: str) -> list[Span]:
        """The spans of a trace, once `condition` holds for them."""

        def found() -> list[Span]:
            return [span for span in self.spans if span.trace_id == trace_id]

        await until(lambda: condition(found()))
        return found()


def span_of(service: str, span: trace_pb2.Span) -> Span:
    return Span(
        service=service,
        name=span.name,
        kind=trace_pb2.Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_"),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=attributes_of(span),
        failed=span.status.code == trace_pb2.Status.STATUS_CODE_ERROR,
        begun_ns=span.start_time_unix_nano,
        ended_ns=span.end_time_unix_nano,
    )


def attributes_of(holder: Any) -> dict[str, Any]:
    return {
        item.key: getattr(item.value, item.value.WhichOneof("value")) for item in holder.attributes
    }


@contextlib.asynccontextmanager
async def running_collector() -> AsyncIterator[Collector]:
    collector = Collector()
    server = grpc.aio.server(options=(("grpc.so_reuseport", 0),))
    pb_grpc.add_TraceServiceServicer_to_server(collector, server)
    collector.port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        yield collector
    finally:
        await server.stop(0)
