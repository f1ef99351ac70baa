"""The servers as Envoy's clusters: one of gRPC, and two of REST's unary calls, by whatever way these take.

All are the same servers, and what makes one healthy, lost or full is said once. A stream, a watch of health
and what internal services call is always gRPC (`core.transports`). Why unary calls have two: edge/README.md.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from conjure.core.transports import EDGE_IDLE_S, HEALTH_PATH, EdgeTransport, edge_transport
from conjure.edge.units import duration

if TYPE_CHECKING:
    from conjure.edge.config import EdgeConfig

SERVERS: Final = "servers"
"""Streams, and all that internal services call: to each server in turn."""

UNARY: Final = "unary"
"""Calls of REST: to the server that what they are about is at home at, or to another one while it has more
than its share; to any one if they are about nothing."""

WRITES: Final = "unary_writes"
"""Calls of REST that change what they are about: to its home, however many there are."""

_HTTP: Final = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"
_PENDING: Final = 1024


# Percent of the calls in progress that one server may have of what each had, were they even.
_MOST: Final = 150


def server_clusters(config: EdgeConfig) -> list[dict[str, Any]]:
    """Returns the clusters that routes lead to."""
    bounded = {"consistent_hashing_lb_config": {"hash_balance_factor": _MOST}}
    ways = {EdgeTransport.GRPC: _grpc, EdgeTransport.HTTP1: _http1}
    way = ways[edge_transport(config.calls, is_stream=False)](config)
    return [
        {**_cluster(config, SERVERS, _grpc(config)), "lb_policy": "ROUND_ROBIN"},
        {**_cluster(config, UNARY, way, bounded), "lb_policy": "MAGLEV"},
        {**_cluster(config, WRITES, way), "lb_policy": "MAGLEV"},
    ]


@dataclass(frozen=True, slots=True)
class _Way:
    """How the servers are reached."""

    addresses: list[dict[str, Any]]
    max_connections: int
    options: dict[str, Any]  # of a cluster


def _grpc(config: EdgeConfig) -> _Way:
    addresses = [_at_port(host, port) for host, port in config.upstreams]
    windows = {"initial_stream_window_size": 65_536, "initial_connection_window_size": 1_048_576}
    http2 = {"max_concurrent_streams": config.max_connection_streams, **windows}
    options = {
        "type": _discovery(config),
        "transport_socket": _tls(config, "h2"),
        "upstream_connection_options": _KEEPALIVE,
        "typed_extension_protocol_options": _protocol(
            {"http2_protocol_options": http2}, idle_s=300.0
        ),
        "health_checks": [{**_health(config), "grpc_health_check": {"service_name": ""}}],
    }
    return _Way(addresses, _PENDING, options)


def _http1(config: EdgeConfig) -> _Way:
    if config.sockets:
        addresses = [{"pipe": {"path": config.socket_of(port)}} for _, port in config.upstreams]
        way: dict[str, Any] = {"type": "STATIC"}
    else:
        addresses = [_at_port(host, config.port_of(port)) for host, port in config.upstreams]
        way = {
            "type": _discovery(config),
            "transport_socket": _tls(config, "http/1.1"),
            "upstream_connection_options": _KEEPALIVE,
        }
    check = {"http_health_check": {"path": HEALTH_PATH, "host": "server"}}
    options = {
        **way,
        # gRPC's status is a trailer of the answer.
        "typed_extension_protocol_options": _protocol(
            {"http_protocol_options": {"enable_trailers": True}}, idle_s=EDGE_IDLE_S
        ),
        "health_checks": [{**_health(config), **check}],
    }
    # Each call has a connection of its own. There are more of those than calls: a call without one would wait
    # for its timeout, and one that has it is refused when there are too many calls.
    return _Way(addresses, config.max_requests + _PENDING, options)


def _cluster(
    config: EdgeConfig, name: str, way: _Way, balance: dict[str, Any] | None = None
) -> dict[str, Any]:
    calls = {
        "max_connections": way.max_connections,
        "max_pending_requests": _PENDING,
        "max_requests": config.max_requests,
        # Only what no server has seen, and reads, are sent again; each at most twice. A worker that is killed
        # may have had many.
        "max_retries": 512,
    }
    # Streams (routes of this priority) last: they must not take the places of calls. Servers bound them.
    streams = {**calls, "priority": "HIGH", "max_requests": config.max_streams}
    return {
        **way.options,
        "name": name,
        "connect_timeout": "1s",
        "per_connection_buffer_limit_bytes": 32_768,
        # Without it Envoy sends to servers it knows to be down once half of them are.
        "common_lb_config": {"healthy_panic_threshold": {"value": 0}, **(balance or {})},
        "circuit_breakers": {"thresholds": [calls, *([streams] if name == SERVERS else [])]},
        "outlier_detection": _OUTLIERS,
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [
                {"lb_endpoints": [{"endpoint": {"address": address}} for address in way.addresses]}
            ],
        },
    }


_KEEPALIVE: Final = {
    "tcp_keepalive": {"keepalive_probes": 3, "keepalive_time": 10, "keepalive_interval": 5}
}

# Only for servers that cannot be reached. An answer, whatever it says, never ejects: errors of the REST face
# are gRPC OK, and a bad request repeated must not take a server out.
_OUTLIERS: Final = {
    "split_external_local_origin_errors": True,
    "consecutive_local_origin_failure": 5,
    "enforcing_consecutive_5xx": 0,
    "enforcing_consecutive_gateway_failure": 0,
    "enforcing_success_rate": 0,
    "enforcing_local_origin_success_rate": 0,
    "base_ejection_time": "5s",
    "max_ejection_time": "30s",
    # A single server is never ejected.
    "max_ejection_percent": 50,
}


def _health(config: EdgeConfig) -> dict[str, Any]:
    """A server that drains waits for as long as these need to notice (`rpc.server.RpcServer.drain`)."""
    interval = duration(config.health_interval_s)
    return {
        "timeout": duration(config.health_timeout_s),
        "interval": interval,
        # Before the first request there is no traffic; a server must not wait a minute to be found.
        "no_traffic_interval": interval,
        "unhealthy_interval": interval,
        # Of checks without an answer. NOT_SERVING is one: it counts at once.
        "unhealthy_threshold": 2,
        "healthy_threshold": 1,
    }


def _protocol(http: dict[str, Any], *, idle_s: float) -> dict[str, Any]:
    common = {"idle_timeout": duration(idle_s), "max_headers_count": 100}
    return {
        _HTTP: {
            "@type": f"type.googleapis.com/{_HTTP}",
            "common_http_protocol_options": common,
            "explicit_http_config": http,
        }
    }


def _tls(config: EdgeConfig, protocol: str) -> dict[str, Any] | None:
    if config.upstream_tls is None:
        return None
    hosts = tuple(host for host, _ in config.upstreams)
    return config.upstream_tls.socket(hosts, protocol)


def _at_port(host: str, port: int) -> dict[str, Any]:
    return {"socket_address": {"address": host, "port_value": port}}


def _discovery(config: EdgeConfig) -> str:
    try:
        for host, _ in config.upstreams:
            ipaddress.ip_address(host)
    except ValueError:
        return "STRICT_DNS"
    return "STATIC"
