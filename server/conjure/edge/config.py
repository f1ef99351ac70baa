"""What differs between the edges of deployments."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

from conjure.edge import admin
from conjure.edge.cors import Cors
from conjure.edge.observe import STDOUT, Insight
from conjure.settings import MAX_RESPONSE_BYTES, EdgeSettings, ServerSettings

if TYPE_CHECKING:
    from conjure.core.transports import EdgeTransport
    from conjure.edge.tls import ListenerTls, UpstreamTls

# What servers and edges must agree on has its values in the settings of both.
_SERVER: Final = ServerSettings()
_AGREED: Final = EdgeSettings()


@dataclass(frozen=True, slots=True)
class EdgeConfig:
    """Everything about an edge that differs between deployments."""

    upstreams: tuple[tuple[str, int], ...]  # one per server process: a shared port starves some
    rest_host: str = "0.0.0.0"  # noqa: S104  an edge is there to be reached
    rest_port: int = 8080
    grpc_host: str = "127.0.0.1"  # for internal services; public clients use REST
    grpc_port: int = 9090
    admin_host: str = "127.0.0.1"
    admin_port: int = 9901  # of the listener that lets some of the admin page through
    admin_socket: str = (
        ""  # the page itself: a path for its socket file; empty: edge.admin.common_socket
    )
    request_timeout_s: float = 30.0  # for the server's answer, once the request is complete
    model_timeout_s: float = 135.0  # the same of calls that wait for a model
    upload_timeout_s: float = 60.0  # for the request to arrive: 12 MiB at 2 Mbit/s
    headers_timeout_s: float = (
        10.0  # for the headers, from their first byte on: a phone on a bad line
    )
    download_timeout_s: float = 60.0  # for HTTP/2 clients to take a finished answer: as for uploads
    # For a connection without a request. Longer than the 60 s of common load balancers, which must not
    # send into a connection that is just being closed; no longer, as whoever squats has it for so long.
    connection_idle_s: float = 75.0
    max_heap_bytes: int = 1024 * 1024 * 1024
    max_connections: int = 10_000  # each may hold about 64 KiB of buffers
    cors: Cors = field(default_factory=Cors)  # which pages may read answers
    insight: Insight = field(default_factory=Insight)  # spans and numbers; the log is below
    # In flight in each cluster, and open streams; more are refused with 503. Nets, above what all servers
    # take: these know whose calls they are, and leave everybody a share. Streams have a net of their own.
    max_requests: int = 16_384
    max_streams: int = 32_768
    # Of all connections, the part that REST may have: internal services get in while the public floods.
    rest_connections: float = 0.9
    # Requests a second of one address (IPv6: one /64) on REST, and as many seconds' worth at once as
    # `address_burst_s`; more are 429 before a server sees them. 0: not limited here.
    address_per_s: int = 0
    address_burst_s: int = 5
    max_body_bytes: int = (
        _SERVER.max_body_bytes
    )  # for RPCs that state no limit; servers need the same value
    max_answer_bytes: int = MAX_RESPONSE_BYTES  # of an answer that is no stream; more is a 500
    # Calls on one connection to a server; servers need the same value. More calls wait at the edge.
    max_connection_streams: int = _SERVER.max_connection_streams
    calls: EdgeTransport = _AGREED.transport  # the way of unary calls to the servers
    sockets: str = _AGREED.sockets  # the folder of their socket files for it; empty: ports
    port_offset: int = _AGREED.port_offset  # of these ports
    trusted_hops: int = 0  # proxies in front of this one whose x-forwarded-for is believed
    health_interval_s: float = _AGREED.health_interval_s  # a server's drain must wait for these two
    health_timeout_s: float = _AGREED.health_timeout_s
    access_log: str = STDOUT  # or the path of a file; empty for none
    listener_tls: ListenerTls | None = None  # None: plain text, TLS ends in front of the edge
    upstream_tls: UpstreamTls | None = None  # None: plain text to the servers

    def socket_of(self, port: int) -> str:
        """The path of the socket file of the server with this gRPC port."""
        return replace(_AGREED, sockets=self.sockets).socket_of(port)

    def port_of(self, port: int) -> int:
        """The port for edges of the server with this gRPC port."""
        return replace(_AGREED, port_offset=self.port_offset).port_of(port)

    @property
    def page_socket(self) -> str:
        """The path of the admin page's socket file."""
        return self.admin_socket or admin.common_socket(self.admin_port)

    def verify(self) -> None:
        """Raises ValueError for what Envoy would accept and operators would regret."""
        self.insight.verify()
        self.cors.verify()
        if not self.upstreams:
            raise ValueError("an edge needs at least one upstream")
        if not ipaddress.ip_address(self.admin_host).is_loopback:
            raise ValueError("admin_host: the admin page is open to whoever reaches it")
        admin.verify_socket(self.page_socket)
        limits = (self.max_body_bytes, self.max_answer_bytes, self.max_connection_streams)
        if min(limits) <= 0:
            raise ValueError("limits are positive")
        timeouts = (
            self.request_timeout_s, self.model_timeout_s, self.upload_timeout_s, self.headers_timeout_s,
            self.connection_idle_s, self.download_timeout_s,
        )  # fmt: skip
        if min(timeouts) <= 0:
            raise ValueError("timeouts are positive")
        if self.listener_tls and not (self.listener_tls.cert and self.listener_tls.key):
            raise ValueError("a listener's certificate and its key go together")
        if self.upstream_tls and bool(self.upstream_tls.cert) != bool(self.upstream_tls.key):
            raise ValueError("the certificate for servers and its key go together")
        if self.upstream_tls and not self.upstream_tls.ca:
            raise ValueError("servers are checked against a CA, or TLS to them would prove nothing")
        if min(self.max_connections, self.max_requests, self.max_streams) <= 0:
            raise ValueError("limits are positive")
        if not 0 < self.rest_connections <= 1:
            raise ValueError("rest_connections is a part: above 0, up to 1")
        if not 0 <= self.address_per_s <= 1_000_000 or not 0 < self.address_burst_s <= 3600:
            raise ValueError(
                "the rate of an address is up to 1,000,000 a second, its burst an hour"
            )
        if self.health_interval_s <= 0 or self.health_timeout_s <= 0:
            raise ValueError("health checks need an interval and a timeout above 0")
