"""The gRPC server: handlers, health, reflection."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Final

import grpc
import structlog
from grpc_health.v1 import health, health_pb2_grpc

from conjure.rpc.chain import compose
from conjure.rpc.health import Health
from conjure.rpc.heavy.worker import METADATA_BYTES
from conjure.rpc.http1.listener import EdgeListener
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.rpc.over_grpc import KnownRpcs, stream_handler, unary_handler
from conjure.rpc.reflection import SERVICES, Reflection
from conjure.rpc.streams import compose_stream
from conjure.rpc.tls import server_credentials
from conjure.rpc.unknown import UnknownRpcs
from conjure.settings import SettingsError, variable

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from conjure.rpc.inflight import InFlight, Streams
    from conjure.rpc.layer import ServerContext, Step
    from conjure.rpc.methods import Method
    from conjure.rpc.over_grpc import Serve
    from conjure.settings import Settings

log = structlog.get_logger(__name__)

_OPTIONS: Final = (
    # On by default: a second server on the port would start, and take half of the calls.
    ("grpc.so_reuseport", 0),
    # Envoy keeps a few connections for long; a peer that is gone without a word is found out.
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 10_000),
    ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
    # The edge passes up to 32 KB of headers on; with gRPC's own 8 KB a long one would be a 500.
    ("grpc.max_metadata_size", 65_536),
    ("grpc.absolute_max_metadata_size", 65_536),
)
_RELAYED_OPTIONS: Final = (
    ("grpc.max_metadata_size", METADATA_BYTES),
    ("grpc.absolute_max_metadata_size", METADATA_BYTES),
)
_MESSAGE_OVERHEAD: Final = 1_048_576
# An edge that still sends here, does so all the time; one call at a busy edge's rate is enough to see it.
_QUIET_S: Final = 0.1


class _ByName:
    """A server as generated code sees it, which adds handlers by name only.

    Generated code also registers each method, and for each one grpc.aio waits for one future more at every
    call of any method.
    """

    def __init__(self, server: grpc.aio.Server) -> None:
        self._server = server

    def add_generic_rpc_handlers(self, handlers: Sequence[grpc.GenericRpcHandler]) -> None:
        self._server.add_generic_rpc_handlers(handlers)

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """The same handlers once more."""


class RpcServer:
    """Serves servicers: an object for each service, with a method for each RPC."""

    def __init__(
        self,
        settings: Settings,
        context: ServerContext,
        servicers: Mapping[str, Any],
        within: Callable[[Serve], Serve] | None = None,
    ) -> None:
        """`within` is what a heavy worker puts around each unary call; such a server has no edges."""
        self._settings = settings.server
        self._beside_drain: list[Callable[[], Awaitable[None]]] = []
        self._in_flight: InFlight = context.in_flight
        self._streams: Streams = context.streams
        common, largest = settings.server.max_body_bytes, settings.server.max_body_bytes
        edge_calls = settings.edge.transport
        names = []
        handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}
        unary: dict[bytes, tuple[Method, Step]] = {}
        for service in service_descriptors():
            servicer = servicers[service.full_name]
            for method in methods_of(service, max_request_bytes=common):
                largest = max(largest, method.max_request_bytes)
                handler = getattr(servicer, method.name)
                if method.is_stream:
                    step = compose_stream(method, context, handler)
                    handlers[method.full_name] = stream_handler(method, step)
                    continue
                step = compose(method, context, handler)
                handlers[method.full_name] = unary_handler(method, step, edge_calls, within)
                unary[method.full_name.encode()] = method, step
            names.append(service.full_name)
        names.append(health.SERVICE_NAME)
        handlers |= Reflection(names, context.streams).handlers()
        self._health = Health((*names, *SERVICES))
        self.edge_address = ""
        """Where edges' unary calls are taken, once it has started: `unix:PATH`, or host and port."""
        self._edges = (
            EdgeListener(
                settings.server, settings.edge, unary, self._health, largest + _MESSAGE_OVERHEAD
            )
            if within is None
            else None
        )
        self._server = grpc.aio.server(
            options=(
                *(_OPTIONS if within is None else _RELAYED_OPTIONS),
                # As many as the edge opens on a connection. Calls beyond it wait at their caller, not here.
                ("grpc.max_concurrent_streams", settings.server.max_connection_streams),
                # A body over the limit is answered by us up to this size, by gRPC beyond it.
                ("grpc.max_receive_message_length", largest + _MESSAGE_OVERHEAD),
                ("grpc.max_send_message_length", -1),
            ),
            # A net under the `admit` layer, wider than what one edge lets through: its answer is
            # not one that the edge can render.
            maximum_concurrent_rpcs=settings.server.max_inflight * 16,
        )
        self._server.add_generic_rpc_handlers((KnownRpcs(handlers),))
        health_pb2_grpc.add_HealthServicer_to_server(self._health, _ByName(self._server))
        self._server.add_generic_rpc_handlers((UnknownRpcs(),))

    @property
    def edge_connections(self) -> int:
        """How many connections edges have open for unary calls."""
        return 0 if self._edges is None else self._edges.connections

    async def start(self, host: str, port: int) -> int:
        """Binds, serves and says so to health checks; returns the port. Raises SettingsError."""
        address = host if host.startswith("unix:") else f"{host}:{port}"
        credentials = server_credentials(self._settings)
        try:
            bound = (
                self._server.add_insecure_port(address)
                if credentials is None
                else self._server.add_secure_port(address, credentials)
            )
        except RuntimeError as error:  # so grpc.aio names whatever keeps it from binding
            raise SettingsError(
                f"{variable('server', 'port')}: {address} cannot be used: is it another server's?"
            ) from error
        await self._server.start()
        if self._edges is not None:
            try:
                self.edge_address = await self._edges.start(host, bound, anywhere=port == 0)
            except SettingsError:
                await self._server.stop(0)  # else it complains when the event loop has gone
                raise
        self._health.serve()
        return bound

    def beside_drain(self, drain: Callable[[], Awaitable[None]]) -> None:
        """Has other work of the process drained while calls are."""
        self._beside_drain.append(drain)

    async def drain(self) -> None:
        """Drains the calls, and whatever else the process does."""
        await asyncio.gather(self._drain_calls(), *(drain() for drain in self._beside_drain))

    async def _drain_calls(self) -> None:
        """Stops without failing a call: NOT_SERVING, a pause for the edges to see it, then the rest.

        Until then everything is served, new calls and streams too: an edge that does not know yet sends them
        here, and gRPC ends a call that comes while it stops with CANCELLED, as if nobody knew what it did.
        So calls that still come after the pause (an edge may be slow) are waited for, too. At last streams
        end, and their callers, who are sent elsewhere by now, resume there.
        """
        self._health.leave()
        if self._edges is not None:
            self._edges.leave()
        await asyncio.sleep(self._settings.drain_pause_s)
        if not await self._in_flight.wait_quiet(_QUIET_S, self._settings.drain_s / 2):
            log.warning("calls still come: somebody does not ask for the server's health")
        self._health.end()
        self._streams.close()
        if self._edges is not None:
            self._edges.close()
        await self._server.stop(self._settings.drain_s)
        if not await self._in_flight.wait_idle(self._settings.drain_s):
            log.warning(
                "calls were still running when the drain ended", count=self._in_flight.count
            )
        await self._streams.wait_idle(self._settings.drain_s)
        if self._edges is not None and not await self._edges.wait_gone(self._settings.drain_s):
            log.warning(
                "an edge did not take its last answers", connections=self._edges.connections
            )

    async def stop(self) -> None:
        """Stops at once."""
        self._streams.close()
        await self._server.stop(0)
        if self._edges is not None:
            self._edges.abort()
        await self._in_flight.wait_idle(1.0)
        await self._streams.wait_idle(1.0)
