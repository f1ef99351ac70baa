"""What the edge tells about itself: access log, spans, numbers. Never a credential, a query or a body."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urlsplit

from conjure.edge import redact
from conjure.settings import TracingSettings, Variables

STDOUT: Final = "stdout"
_TYPE: Final = "type.googleapis.com/envoy"
_COLLECTOR: Final = "collector"
# The path as it was asked for, without its query.
_PATH: Final = "%PATH(NQ:ORIG_OR_PATH):512%"
# Over HTTP/2 it may be any word: as long as OPTIONS, which is too short for a key.
_METHOD: Final = "%REQ(X-ENVOY-ORIGINAL-METHOD?:METHOD):7%"
REST_OPERATION: Final = f"{_METHOD} %ROUTE_NAME%"
"""How spans of the REST listener are named: by verb and route, of which there are few."""

GRPC_OPERATION: Final = redact.header(":path")


_TAGS: Final = {
    "http.route": "%ROUTE_NAME%",
    "conjure.request_id": redact.header("x-request-id"),
    # Envoy's own tags repeat what callers send: these take their places. An empty value would not.
    "http.url": "-",
    "http.method": _METHOD,
    "user_agent": redact.header("user-agent"),
    "guid:x-request-id": redact.header("x-request-id"),
    "grpc.path": redact.header(":path"),
    "grpc.authority": "-",
    "grpc.message": "-",
}


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
    """Returns the access log: no authorization, no query (it may hold a token), no client body.

    Two formats: a line with a form of a credential in it has the route in place of the path.
    """
    if not target:
        return []
    told = {
        "time": "%START_TIME%",
        "request_id": "%REQ(X-REQUEST-ID):128%",
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
    careful = told | {
        "path": redact.REDACTED,
        "route": "%ROUTE_NAME%",
        "request_id": redact.header("x-request-id"),
        "user_agent": redact.header("user-agent"),
    }
    return [
        _logger(target, told, redact.without_credential()),
        _logger(target, careful, redact.with_credential()),
    ]


def _logger(target: str, told: dict[str, str], only: dict[str, Any]) -> dict[str, Any]:
    loggers = f"{_TYPE}.extensions.access_loggers"
    kind: dict[str, Any] = {"@type": f"{loggers}.stream.v3.StdoutAccessLog"}
    if target != STDOUT:
        kind = {"@type": f"{loggers}.file.v3.FileAccessLog", "path": target}
    return {
        "name": "envoy.access_loggers.conjure",
        "filter": only,
        "typed_config": {**kind, "log_format": {"json_format": told}},
    }


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
        "max_path_tag_length": 0,
        "custom_tags": [{"tag": name, "value": value} for name, value in _TAGS.items()],
    }


def clusters(insight: Insight) -> list[dict[str, Any]]:
    """Returns the cluster that tracing needs."""
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
    return found


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
