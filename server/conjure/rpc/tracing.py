"""Traces by OpenTelemetry: a span for each recorded call, and one for whatever it asks a store or a provider.

Names and attributes follow the semantic conventions for RPC, databases and HTTP. What a call carries
(arguments, keys, credentials, documents) is in no span. The caller's W3C trace context is believed, its
decision to record included; what strangers could make of that is bounded by the exporter's queue, which
drops what is too much. The library is imported only when a collector is configured; without one a call pays
for a comparison.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import socket
import threading
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from conjure import __version__
from conjure.core.caller import ApiCaller, SessionCaller
from conjure.core.catalog import OK, Code
from conjure.core.credential_forms import looks_secret

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from opentelemetry.trace import Span
    from opentelemetry.trace import Tracer as OtelTracer

    from conjure.rpc.call import Call
    from conjure.rpc.methods import Method
    from conjure.settings import StoreSettings, TracingSettings

# Statuses that are the server's fault; the others are its answers (semantic conventions for gRPC).
_FAULTS: Final = {
    Code.DEADLINE_EXCEEDED.name,
    Code.UNIMPLEMENTED.name,
    Code.INTERNAL.name,
    Code.UNAVAILABLE.name,
}
_LAST_EXPORT_S: Final = 2.0  # how long a stopping server waits for a collector


@contextlib.asynccontextmanager
async def tracing(settings: TracingSettings, store: StoreSettings) -> AsyncIterator[Tracer | None]:
    """Opens the way to the collector, and sends what is left at the end. None when there is none."""
    if not settings.endpoint:
        yield None
        return
    trace = import_module("opentelemetry.sdk.trace")
    export = import_module("opentelemetry.sdk.trace.export")
    sampling = import_module("opentelemetry.sdk.trace.sampling")
    resources = import_module("opentelemetry.sdk.resources")
    otlp = import_module("opentelemetry.exporter.otlp.proto.grpc.trace_exporter")
    # It warns of every over-long header, which strangers send.
    logging.getLogger("opentelemetry.trace.propagation").setLevel(logging.ERROR)
    provider = trace.TracerProvider(
        sampler=sampling.ParentBased(sampling.TraceIdRatioBased(settings.ratio)),
        resource=resources.Resource.create(
            {
                "service.name": "conjure",
                "service.version": __version__,
                "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
            }
        ),
        shutdown_on_exit=False,
    )
    headers = dict(pair.split("=", 1) for pair in settings.headers.split(",") if pair)
    exporter = otlp.OTLPSpanExporter(endpoint=settings.endpoint, headers=headers or None)
    provider.add_span_processor(export.BatchSpanProcessor(exporter))
    try:
        yield Tracer(provider.get_tracer("conjure", __version__), store)
    finally:
        # In a thread that nothing waits for longer: a collector that is away must not hold up the end.
        last = threading.Thread(target=provider.shutdown, name="last-spans", daemon=True)
        last.start()
        await asyncio.to_thread(last.join, _LAST_EXPORT_S)


class Tracer:
    """Begins the spans of calls."""

    def __init__(self, tracer: OtelTracer, store: StoreSettings) -> None:
        api = import_module("opentelemetry.trace")
        self._tracer = tracer
        self._propagator = import_module(
            "opentelemetry.trace.propagation.tracecontext"
        ).TraceContextTextMapPropagator()
        self._server, self._client = api.SpanKind.SERVER, api.SpanKind.CLIENT
        self._error = api.StatusCode.ERROR
        self._in_context = api.set_span_in_context
        self._of_store = _address(store.url)

    def begin(self, call: Call) -> ServerSpan | None:
        """Begins the span of a call; None when its trace is not recorded."""
        span = self._tracer.start_span(
            _name(call.method),
            self._propagator.extract(_trace_headers(call.headers)),
            self._server,
            {
                "rpc.system.name": "grpc",
                "rpc.method": _name(call.method),
                "conjure.face": "rest" if call.is_rest else "grpc",
                "conjure.request_id": call.request_id,
            },
        )
        return ServerSpan(self, span) if span.is_recording() else None

    def round_trip(self, parent: Any, command: str, script: str | None) -> StoreSpan:
        """Begins the span of a round trip to the store."""
        attributes = {"db.operation.name": command, **self._of_store}
        if script is not None:
            attributes["db.stored_procedure.name"] = script
        name = command if script is None else f"{command} {script}"
        return StoreSpan(self, self._tracer.start_span(name, parent, self._client, attributes))

    def outbound(
        self, parent: Any, provider: str, method: str, host: str, port: int
    ) -> ProviderSpan:
        """Begins the span of a call of a provider. No path and no query: they may hold what is secret."""
        attributes: dict[str, str | int] = {
            "http.request.method": method,
            "server.address": host,
            "server.port": port,
            "conjure.provider": provider,
        }
        name = f"{method} {provider}"
        return ProviderSpan(self, self._tracer.start_span(name, parent, self._client, attributes))

    def context_of(self, span: Span) -> Any:
        """What makes a span the parent of others."""
        return self._in_context(span)

    def blame(self, span: Span, kind: str) -> None:
        """Marks a span as failed; `kind` is one of few words."""
        span.set_attribute("error.type", kind)
        span.set_status(self._error)


class ServerSpan:
    """The span of a call."""

    __slots__ = ("_context", "_span", "_tracer", "trace_id", "traceparent")

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span
        self._context = tracer.context_of(span)
        identity = span.get_span_context()
        self.trace_id = f"{identity.trace_id:032x}"
        self.traceparent = f"00-{self.trace_id}-{identity.span_id:016x}-01"

    def round_trip(self, command: str, script: str | None) -> StoreSpan:
        """Begins the span of a round trip (core.context)."""
        return self._tracer.round_trip(self._context, command, script)

    def outbound(self, provider: str, method: str, host: str, port: int) -> ProviderSpan:
        """Begins the span of a call of a provider (core.context)."""
        return self._tracer.outbound(self._context, provider, method, host, port)

    def end(self, call: Call, code: str) -> None:
        """Ends it with the call's gRPC status."""
        span = self._span
        span.set_attribute("rpc.response.status_code", code)
        if isinstance(call.caller, ApiCaller | SessionCaller):
            tenant = call.caller.tenant
            span.set_attributes({"conjure.app": tenant.app, "conjure.mode": tenant.mode})
        if call.failure is not None:
            span.set_attribute("conjure.reason", call.failure.value)
        if code != OK and code in _FAULTS:
            self._tracer.blame(span, code)
        span.end()


class StoreSpan:
    """The span of a round trip."""

    __slots__ = ("_span", "_tracer")

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span

    def end(self, failure: str | None) -> None:
        """Ends it (core.context)."""
        if failure is not None:
            self._tracer.blame(self._span, failure)
        self._span.end()


class ProviderSpan:
    """The span of a call of a provider."""

    __slots__ = ("_span", "_tracer")

    def __init__(self, tracer: Tracer, span: Span) -> None:
        self._tracer = tracer
        self._span = span

    def end(self, status: int | None, failure: str | None) -> None:
        """Ends it (core.context)."""
        if status is not None:
            self._span.set_attribute("http.response.status_code", status)
        if failure is not None or (status is not None and status >= 400):
            self._tracer.blame(self._span, failure or str(status))
        self._span.end()


def _trace_headers(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Returns what a caller says of its trace; a tracestate that may hold a credential is left out."""
    if not looks_secret(headers.get("tracestate", "")):
        return headers
    return {name: value for name, value in headers.items() if name != "tracestate"}


def _name(method: Method) -> str:
    return method.full_name.removeprefix("/")


def _address(url: str) -> dict[str, Any]:
    """Where the store is, without the password that its URL may hold. Valkey has no name of its own."""
    parts = urlsplit(url)
    found: dict[str, Any] = {"db.system.name": "redis"}
    if parts.scheme == "unix":
        return {**found, "server.address": parts.path}
    found |= {"server.address": parts.hostname or "localhost", "server.port": parts.port or 6379}
    if database := parts.path.strip("/"):
        found["db.namespace"] = database
    return found
