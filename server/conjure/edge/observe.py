"""What the edge tells about itself: access log, spans, numbers. Never a credential, a query or a body."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from conjure.settings import TracingSettings, Variables

STDOUT: Final = "stdout"
_TYPE: Final = "type.googleapis.com/envoy"
_COLLECTOR: Final = "collector"
_ADMIN: Final = "admin"
# The path as it was asked for, without its query.
_PATH: Final = "%PATH(NQ:ORIG_OR_PATH):512%"
_METHOD: Final = "%REQ(X-ENVOY-ORIGINAL-METHOD?:METHOD)%"
REST_OPERATION: Final = f"{_METHOD} %ROUTE_NAME%"
"""How spans of the REST listener are named: by verb and route, of which there are few."""

GRPC_OPERATION: Final = "%REQ(:PATH):128%"


@dataclass(frozen=True, slots=True)
class Insight:
    """Where an edge sends its spans, and where its numbers are asked for."""

    tracing: TracingSettings = field(default_factory=TracingSettings)  # as for the servers
    tracing_ca: str = "/etc/ssl/certs/ca-certificates.crt"  # for https; where Envoy's image has it
    metrics_host: str = "127.0.0.1"
    metrics_port: int = 0  # where /metrics is, and nothing else of the admin page; 0 for nowhere

    def verify(self) -> None:
        """Raises SettingsError."""
        self.tracing.verify(Variables("tracing", self.tracing))


def access_log(target: str, *, grpc_status: str) -> list[dict[str, Any]]:
    """Returns the access log: no authorization, no query (it may hold a token), no client body."""
    if not target:
        return []
    loggers = f"{_TYPE}.extensions.access_loggers"
    log_format = {
        "json_format": {
            "time": "%START_TIME%",
            "request_id": "%REQ(X-REQUEST-ID)%",
            "trace_id": "%TRACE_ID%",
            "method": _METHOD,
            "path": _PATH,
            "status": "%RESPONSE_CODE%",
            "grpc_status": grpc_status,
            "flags": "%RESPONSE_FLAGS%",
            "why": "%RESPONSE_CODE_DETAILS%",
            "duration_ms": "%DURATION%",
            "bytes_in": "%BYTES_RECEIVED%",
            "bytes_out": "%BYTES_SENT%",
            "client": "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
            "upstream": "%UPSTREAM_HOST%",
            "user_agent": "%REQ(USER-AGENT):256%",
        }
    }
    if target == STDOUT:
        kind = {"@type": f"{loggers}.stream.v3.StdoutAccessLog", "log_format": log_format}
    else:
        kind = {
            "@type": f"{loggers}.file.v3.FileAccessLog",
            "path": target,
            "log_format": log_format,
        }
    return [{"name": "envoy.access_loggers.conjure", "typed_config": kind}]


def tracing(insight: Insight, operation: str) -> dict[str, Any] | None:
    """Returns a listener's tracing: one span for each request, the parent of the server's.

    A client's `traceparent` is followed, also in whether it is recorded; a malformed one ends at the
    edge, without a span.
    """
    if not insight.tracing.endpoint:
        return None
    metadata = [
        {"key": name, "value": value}
        for name, _, value in (
            pair.partition("=") for pair in insight.tracing.headers.split(",") if pair
        )
    ]
    return {
        "provider": {
            "name": "envoy.tracers.opentelemetry",
            "typed_config": {
                "@type": f"{_TYPE}.config.trace.v3.OpenTelemetryConfig",
                "grpc_service": {
                    "envoy_grpc": {"cluster_name": _COLLECTOR},
                    "timeout": "5s",
                    "initial_metadata": metadata,
                },
                "service_name": "conjure-edge",
            },
        },
        "random_sampling": {"value": insight.tracing.ratio * 100},
        # By `x-client-trace-id`: not for strangers to ask.
        "client_sampling": {"value": 0},
        "operation": operation,
        # Envoy's own tag for the URL has the query too, so it gets nothing of it; this one has not.
        "max_path_tag_length": 0,
        "custom_tags": [
            {"tag": "url.path", "value": _PATH},
            {"tag": "conjure.request_id", "value": "%REQ(X-REQUEST-ID)%"},
        ],
    }


def clusters(insight: Insight, admin: tuple[str, int]) -> list[dict[str, Any]]:
    """Returns the clusters that tracing and the metrics listener need."""
    found = []
    if insight.tracing.endpoint:
        url = urlsplit(insight.tracing.endpoint)
        port = url.port or (443 if url.scheme == "https" else 4317)
        found.append(_cluster(_COLLECTOR, str(url.hostname), port, http2=True))
        if url.scheme == "https":
            found[-1]["transport_socket"] = {
                "name": "envoy.transport_sockets.tls",
                "typed_config": {
                    "@type": f"{_TYPE}.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
                    "sni": url.hostname,
                    "common_tls_context": {
                        "validation_context": {
                            "trusted_ca": {"filename": insight.tracing_ca},
                            "match_typed_subject_alt_names": [
                                {"san_type": "DNS", "matcher": {"exact": url.hostname}}
                            ],
                        }
                    },
                },
            }
    if insight.metrics_port:
        found.append(_cluster(_ADMIN, *admin, http2=False))
    return found


def listeners(insight: Insight) -> list[dict[str, Any]]:
    """Returns the metrics listener, when there is one: `GET /metrics` of the admin page, and nothing else.

    The admin page itself can stop the edge, so it stays on loopback.
    """
    if not insight.metrics_port:
        return []
    manager = {
        "@type": f"{_TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "metrics",
        "normalize_path": True,
        "max_request_headers_kb": 8,
        "request_headers_timeout": "5s",
        "stream_idle_timeout": "15s",
        "common_http_protocol_options": {"idle_timeout": "60s", "max_headers_count": 50},
        "route_config": {
            "virtual_hosts": [
                {
                    "name": "metrics",
                    "domains": ["*"],
                    "routes": [
                        {
                            "match": {
                                "path": "/metrics",
                                "headers": [{"name": ":method", "string_match": {"exact": "GET"}}],
                            },
                            "route": {
                                "cluster": _ADMIN,
                                "timeout": "10s",
                                # A query stays (`?usedonly`): it chooses among the numbers.
                                "regex_rewrite": {
                                    "pattern": {"regex": ".*"},
                                    "substitution": "/stats/prometheus",
                                },
                            },
                        },
                        {"match": {"prefix": "/"}, "direct_response": {"status": 404}},
                    ],
                }
            ]
        },
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_TYPE}.extensions.filters.http.router.v3.Router"},
            }
        ],
    }
    address = {"address": insight.metrics_host, "port_value": insight.metrics_port}
    return [
        {
            "name": "metrics",
            "address": {"socket_address": address},
            "filter_chains": [
                {
                    "filters": [
                        {
                            "name": "envoy.filters.network.http_connection_manager",
                            "typed_config": manager,
                        }
                    ]
                }
            ],
        }
    ]


def _cluster(name: str, host: str, port: int, *, http2: bool) -> dict[str, Any]:
    options = f"{_TYPE}.extensions.upstreams.http.v3.HttpProtocolOptions"
    protocol = "http2_protocol_options" if http2 else "http_protocol_options"
    return {
        "name": name,
        "type": "STRICT_DNS",  # an address resolves to itself
        "connect_timeout": "1s",
        "typed_extension_protocol_options": {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
                "@type": options,
                "explicit_http_config": {protocol: {}},
            }
        },
        "load_assignment": {
            "cluster_name": name,
            "endpoints": [
                {
                    "lb_endpoints": [
                        {
                            "endpoint": {
                                "address": {"socket_address": {"address": host, "port_value": port}}
                            }
                        }
                    ]
                }
            ],
        },
    }
