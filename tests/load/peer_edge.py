"""The peer's Envoy: our own configuration without what only Conjure needs.

What stays is what any public HTTP service would want of its edge, with our numbers: limits of headers, bodies,
connections and times, protection when memory runs out, CORS, request ids, access log, error bodies, health checks.
What goes is the way to a gRPC server: the transcoder, the script that sets statuses, the rewriting of gRPC's
headers, the gRPC listener, and all routes but the peer's.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import yaml

from conjure.edge import admin
from conjure.edge.render import render

if TYPE_CHECKING:
    from conjure.edge.config import EdgeConfig

PATHS = frozenset(("/v1/sessions/connect", "/healthz"))
_KEPT_FILTERS = frozenset(
    f"envoy.filters.http.{name}" for name in ("local_ratelimit", "buffer", "router")
)
_UPSTREAM = "servers"
_HTTP = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions"


def peer_edge(config: EdgeConfig) -> str:
    """Returns the configuration of an Envoy in front of `config.upstreams`, which speak HTTP/1.1."""
    whole: dict[str, Any] = yaml.safe_load(render(config))
    resources = whole["static_resources"]
    names = {listener["name"]: listener for listener in resources["listeners"]}
    del names["grpc"]
    manager = names["rest"]["filter_chains"][0]["filters"][0]["typed_config"]
    del manager["early_header_mutation_extensions"]
    manager["http_filters"] = [
        found for found in manager["http_filters"] if found["name"] in _KEPT_FILTERS
    ]
    routing = manager["route_config"]
    routing.pop("request_headers_to_add", None)
    host = routing["virtual_hosts"][0]
    host["routes"] = [_route(route) for route in host["routes"] if _is_kept(route)]
    clusters = {cluster["name"]: cluster for cluster in resources["clusters"]}
    _speak_http1(clusters[_UPSTREAM])
    resources["listeners"] = list(names.values())
    resources["clusters"] = [clusters[_UPSTREAM], clusters[admin.CLUSTER]]
    return json.dumps(whole)  # which is YAML


def _is_kept(route: dict[str, Any]) -> bool:
    """The routes of the peer's own paths, and what is refused on any path."""
    match = route["match"]
    return match.get("path") in PATHS or match.get("prefix") == "/"


def _route(route: dict[str, Any]) -> dict[str, Any]:
    filters = {
        name: found
        for name, found in route.get("typed_per_filter_config", {}).items()
        if name in _KEPT_FILTERS
    }
    kept = {**route, "typed_per_filter_config": filters}
    if "route" in kept:
        kept["route"] = {**kept["route"], "cluster": _UPSTREAM}
    return kept


def _speak_http1(cluster: dict[str, Any]) -> None:
    options = cluster["typed_extension_protocol_options"][_HTTP]
    options["explicit_http_config"] = {"http_protocol_options": {}}
    for check in cluster["health_checks"]:
        del check["grpc_health_check"]
        check["http_health_check"] = {"path": "/healthz"}
