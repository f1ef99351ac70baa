"""The way to Envoy's admin page, which can stop the edge and tells its whole configuration.

Envoy looks at no `Origin` and no `Host` there, so a page in an operator's browser could post to it, or read
it under a name that it makes point to loopback. The page itself is on a socket file that only its owner may
open; what is asked of it passes a listener of ours on loopback, by a short list and from no browser.
"""

from __future__ import annotations

import atexit
from pathlib import Path
from typing import Any, Final

from conjure.core.private_files import socket_folder

CLUSTER: Final = "admin"
_SOCKET: Final = "admin.sock"
_LONGEST_PATH: Final = 107  # of a socket file, in bytes (unix(7))
_HTTP: Final = "type.googleapis.com/envoy.extensions"
_NAMES: Final = ("127.0.0.1", "localhost", "[::1]")

_READ: Final = ("/ready", "/stats", "/stats/prometheus")
# What lets requests end before Envoy does (edge/run.sh).
_DONE: Final = ("/healthcheck/fail", "/drain_listeners")


def private_socket() -> str:
    """Returns a path for the admin page's socket in a private folder.

    The folder goes when this process ends; a process that becomes Envoy has to see to it (cli/edge.py).

    Raises ValueError when there is no place with a path that is short enough.
    """
    folder = socket_folder(_SOCKET)
    if folder is None:
        raise ValueError("TMPDIR is too long a path for the socket of the admin page")
    atexit.register(folder.cleanup)
    return str(Path(folder.name) / _SOCKET)


def common_socket(admin_port: int) -> str:
    """Returns the path for a configuration that is made elsewhere than it is used."""
    return f"/tmp/conjure-edge-{admin_port}.sock"  # noqa: S108 - Envoy does not start where others hold it


def verify_socket(path: str) -> None:
    """Raises ValueError for a path that no socket can have."""
    if not path.startswith("/") or len(path.encode()) > _LONGEST_PATH:
        raise ValueError(f"admin_socket: an absolute path of {_LONGEST_PATH} bytes at most")


def page(socket: str) -> dict[str, Any]:
    """Returns the bootstrap's `admin`."""
    return {"address": {"pipe": {"path": socket, "mode": 0o600}}}


def cluster(socket: str) -> dict[str, Any]:
    """Returns the cluster by which listeners ask the page."""
    endpoint = {"endpoint": {"address": {"pipe": {"path": socket}}}}
    return {
        "name": CLUSTER,
        "type": "STATIC",
        "connect_timeout": "1s",
        "load_assignment": {
            "cluster_name": CLUSTER,
            "endpoints": [{"lb_endpoints": [endpoint]}],
        },
    }


def guard(host: str, port: int) -> dict[str, Any]:
    """Returns the listener in front of the page."""
    names = list(dict.fromkeys((*_NAMES, f"[{host}]" if ":" in host else host)))
    refused = [
        # Every browser says so with whatever a page of another origin posts.
        {"name": "origin", "present_match": True},
        # `none` is what an operator typed. A picture's or a script's GET has no origin, but this.
        {"name": "sec-fetch-site", "string_match": {"exact": "none"}, "invert_match": True},
    ]
    return _listener(
        "admin",
        host,
        port,
        [
            {
                "name": "loopback",
                "domains": names,
                "routes": [
                    *(_answer(403, {"prefix": "/", "headers": [header]}) for header in refused),
                    *(_ask(path, "GET") for path in _READ),
                    *(_ask(path, "POST") for path in _DONE),
                    _answer(404, {"prefix": "/"}),
                ],
            },
            {"name": "others", "domains": ["*"], "routes": [_answer(403, {"prefix": "/"})]},
        ],
        # An edge that is full can still be asked why.
        {"bypass_overload_manager": True, "ignore_global_conn_limit": True},
    )


def metrics(host: str, port: int) -> dict[str, Any]:
    """Returns the metrics listener: `GET /metrics` of the admin page, and nothing else."""
    route = _ask("/metrics", "GET")
    # A query stays (`?usedonly`): it chooses among the numbers.
    rewrite = {"pattern": {"regex": ".*"}, "substitution": "/stats/prometheus"}
    route["route"]["regex_rewrite"] = rewrite
    routes = [route, _answer(404, {"prefix": "/"})]
    return _listener(
        "metrics", host, port, [{"name": "metrics", "domains": ["*"], "routes": routes}], {}
    )


def _ask(path: str, verb: str) -> dict[str, Any]:
    headers = [{"name": ":method", "string_match": {"exact": verb}}]
    return {
        "match": {"path": path, "headers": headers},
        "route": {"cluster": CLUSTER, "timeout": "10s"},
    }


def _answer(status: int, match: dict[str, Any]) -> dict[str, Any]:
    return {"match": match, "direct_response": {"status": status}}


def _listener(
    name: str, host: str, port: int, virtual_hosts: list[dict[str, Any]], more: dict[str, Any]
) -> dict[str, Any]:
    manager = {
        "@type": f"{_HTTP}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": name,
        "normalize_path": True,
        "strip_any_host_port": True,
        "max_request_headers_kb": 8,
        "request_headers_timeout": "5s",
        "stream_idle_timeout": "15s",
        # `run.sh` reads to the end of the connection.
        "drain_timeout": "0.1s",
        "delayed_close_timeout": "0s",
        "common_http_protocol_options": {"idle_timeout": "60s", "max_headers_count": 50},
        "route_config": {"virtual_hosts": virtual_hosts},
        "http_filters": [
            {
                "name": "envoy.filters.http.router",
                "typed_config": {"@type": f"{_HTTP}.filters.http.router.v3.Router"},
            }
        ],
    }
    filters = [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]
    return {
        "name": name,
        "address": {"socket_address": {"address": host, "port_value": port}},
        "filter_chains": [{"filters": filters}],
        **more,
    }
