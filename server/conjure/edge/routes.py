"""The REST listener's routes, made from the contract."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

from conjure.core.transports import EdgeTransport, edge_transport
from conjure.edge.units import duration
from conjure.edge.upstreams import CLUSTERS

if TYPE_CHECKING:
    from conjure.contract import Binding
    from conjure.edge.descriptor import RestMethod

HOT = ("/v1/sessions/connect", "/v1/worlds/{id}/entrance")
"""Routes are tried in order, so what is called most stands first."""

RETRY_POLICY = {
    # Each says that no server has seen the request. Anything else could run an effect twice.
    "retry_on": "connect-failure,refused-stream,reset-before-request",
    "num_retries": 2,
    # To another server than the one that failed, while there is one.
    "retry_host_predicate": [
        {
            "name": "envoy.retry_host_predicates.previous_hosts",
            "typed_config": {
                "@type": "type.googleapis.com/envoy.extensions.retry.host.previous_hosts.v3"
                ".PreviousHostsPredicate"
            },
        }
    ],
    "host_selection_retry_max_attempts": 3,
}
READ_RETRY_POLICY = {
    **RETRY_POLICY,
    # A read has no effect to run twice: it is also sent again when the server that had it was lost. The
    # last two are gRPC's words for that; what a server renders on this listener is always OK to gRPC.
    "retry_on": f"{RETRY_POLICY['retry_on']},reset,cancelled,unavailable",
}

CORS_HEADERS = (
    "authorization",
    "content-type",
    "if-match",
    "if-none-match",
    "idempotency-key",
    "last-event-id",
    "x-request-id",
)
CORS_EXPOSED = ("etag", "retry-after", "idempotent-replayed", "x-request-id")
CORS_MAX_AGE_S = 7200  # the most that Chrome honours

# One path segment whose escapes decode to UTF-8. The transcoder passes on malformed escapes as they
# are, and bytes that are not UTF-8 as well; then no server can parse the request.
_TAIL = "%[89ABab][0-9A-Fa-f]"
_ESCAPED = (
    "[0-7][0-9A-Fa-f]",
    f"(?:[Cc][2-9A-Fa-f]|[Dd][0-9A-Fa-f]){_TAIL}",
    f"[Ee]0%[ABab][0-9A-Fa-f]{_TAIL}",
    f"[Ee](?:[1-9A-CEFa-cef]{_TAIL}|[Dd]%[89][0-9A-Fa-f]){_TAIL}",
    f"[Ff](?:0%[9ABab][0-9A-Fa-f]|[1-3]{_TAIL}|4%8[0-9A-Fa-f]){_TAIL}{_TAIL}",
)
_SEGMENT = f"(?:[^/%]|%(?:{'|'.join(_ESCAPED)}))+"

BUFFER = "envoy.filters.http.buffer"
TRANSCODER = "envoy.filters.http.grpc_json_transcoder"
HEAD_SCRIPT = "head"
"""The script that answers HEAD, as the Lua filter knows it (render.py)."""

_BUFFER_MORE = 1024
_EXTENSIONS = "type.googleapis.com/envoy.extensions.filters.http"


# A body as it is: `identity` names no coding, and neither does an empty element of a list.
_UNCODED = {
    "name": "content-encoding",
    "string_match": {"safe_regex": {"regex": r"(?i)[\s,]*(?:identity(?:[\s,]+|$))*"}},
    "treat_missing_header_as_empty": True,
}

_MIB = 1 << 20
# Envoy has taken the port off.
_HOST = r"[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]"


def rest_routes(
    methods: tuple[RestMethod, ...],
    *,
    timeout_s: float,
    transcoder: dict[str, Any],
    calls: EdgeTransport,
) -> list[dict[str, Any]]:
    """Returns a route per method, after each path's last one its 405, and the 404 at the end."""
    routes = [_host_refusal(), _grpc_refusal(), _expectation_refusal()]
    routes.append(_length_refusal(max(method.max_request_bytes or 0 for method in methods)))
    for _, group in groupby(sorted(methods, key=_order), key=lambda method: method.path):
        members = list(group)
        cors = _cors(members)
        for member in members:
            cluster = CLUSTERS[edge_transport(calls, is_stream=member.is_stream)]
            routes += _method_routes(member, cluster, timeout_s, transcoder, cors)
        if cors:
            routes.append(_preflight_route(members[0].binding, cors))
        routes.append(_wrong_verb_route(members))
    routes.append(_answer({"prefix": "/"}, 404))
    return routes


def _order(method: RestMethod) -> tuple[int, bool, str]:
    hot = HOT.index(method.path) if method.path in HOT else len(HOT)
    # A literal path wins over a pattern that would match it too, and costs less to try.
    return hot, "{" in method.path, method.path


def _path_match(binding: Binding) -> dict[str, Any]:
    literals = binding.literals
    if len(literals) == 1:
        return {"path": binding.path}
    return {"safe_regex": {"regex": _SEGMENT.join(map(re.escape, literals))}}


def _method_routes(
    method: RestMethod,
    cluster: str,
    timeout_s: float,
    transcoder: dict[str, Any],
    cors: dict[str, Any],
) -> list[dict[str, Any]]:
    """Returns the route of a method, and of what goes with it: HEAD with a GET, else a refusal.

    Only a GET may come with a `content-encoding`: its body, if it has one, is never read.
    """
    route = _method_route(method, cluster, timeout_s, transcoder, cors)
    match = {**_path_match(method.binding), "headers": [_verb(method.verb)]}
    if method.verb == "GET":
        return [{**route, "match": match}, _head_route(route, method, timeout_s)]
    plain = {**match, "headers": [*match["headers"], _UNCODED]}
    return [{**route, "match": plain}, _coding_refusal(match)]


def _method_route(
    method: RestMethod,
    cluster: str,
    timeout_s: float,
    transcoder: dict[str, Any],
    cors: dict[str, Any],
) -> dict[str, Any]:
    filters = dict(cors) if method.browser else {}
    limit = method.max_request_bytes or transcoder["max_request_body_size"]
    # The transcoder counts exactly; what holds the body back until it is whole has to hold as much.
    filters[BUFFER] = {
        "@type": f"{_EXTENSIONS}.buffer.v3.BufferPerRoute",
        "buffer": {"max_request_bytes": limit + _BUFFER_MORE},
    }
    if method.max_request_bytes not in {None, transcoder["max_request_body_size"]}:
        filters[TRANSCODER] = {**transcoder, "max_request_body_size": method.max_request_bytes}
    route: dict[str, Any] = {
        "name": method.path,  # what its spans are called
        "route": {
            "cluster": cluster,
            # Streams last, and have a circuit breaker of their own so that calls find theirs free.
            "priority": "HIGH" if method.is_stream else "DEFAULT",
            # A stream has no end of its own; it writes more often than the idle timeout asks for.
            "timeout": "0s" if method.is_stream else duration(timeout_s),
            "retry_policy": READ_RETRY_POLICY if method.verb == "GET" else RETRY_POLICY,
        },
        "typed_per_filter_config": filters,
    }
    if told := _cache_headers(method):
        route["response_headers_to_add"] = told
    return route


def _cache_headers(method: RestMethod) -> list[dict[str, Any]]:
    """Returns what every answer of a method, refusals and 304s too, tells caches (RFC 9111).

    Said here and not by the server, whose hottest call would else send its headers in a step of their own.
    """
    told: list[dict[str, Any]] = []
    if not method.is_public:
        # The answer depends on who asks: a shared cache keeps nothing of it, and a browser's own asks again
        # before each use, with the credential of that moment. A stream has said `no-store` already.
        private = {"key": "cache-control", "value": "private, no-cache"}
        told += [
            {"header": private, "append_action": "ADD_IF_ABSENT"},
            {"header": {"key": "vary", "value": "Authorization"}},
        ]
    if method.is_compressed:
        # Also of answers that came as they are: whoever accepts something else may get another one.
        told.append({"header": {"key": "vary", "value": "Accept-Encoding"}})
    if method.browser:
        # Envoy names the origin it allows, so a cache must not show the answer to another one.
        told.append({"header": {"key": "vary", "value": "origin"}})
    return told


def _head_route(route: dict[str, Any], method: RestMethod, timeout_s: float) -> dict[str, Any]:
    """Returns a GET's route for HEAD: the same way to the server, and a script that drops the body."""
    script = {"@type": f"{_EXTENSIONS}.lua.v3.LuaPerRoute", "name": HEAD_SCRIPT}
    return {
        **route,
        "match": {**_path_match(method.binding), "headers": [_verb("HEAD")]},
        # Also of a stream: the server ends it when its headers are out.
        "route": {**route["route"], "timeout": duration(timeout_s)},
        "typed_per_filter_config": {
            **route["typed_per_filter_config"],
            "envoy.filters.http.lua": script,
        },
    }


def _with_head(verb: str) -> tuple[str, ...]:
    return ("GET", "HEAD") if verb == "GET" else (verb,)


def _verb(verb: str) -> dict[str, Any]:
    return {"name": ":method", "string_match": {"exact": verb}}


def _coding_refusal(match: dict[str, Any]) -> dict[str, Any]:
    """Answers 415 to a body in a coding: a few KB of gzip could be gigabytes of JSON (RFC 9110, 15.5.16)."""
    taken = {"header": {"key": "accept-encoding", "value": "identity"}}
    return {**_answer(match, 415), "response_headers_to_add": [taken]}


def _expectation_refusal() -> dict[str, Any]:
    """Answers 417 to an `expect` that cannot be met (RFC 9110, 10.1.1).

    Envoy meets `100-continue` itself and takes the header away before it looks for a route.
    """
    expects = {"name": "expect", "string_match": {"safe_regex": {"regex": ".+"}}}
    return _answer({"prefix": "/", "headers": [expects]}, 417)


def _host_refusal() -> dict[str, Any]:
    """Answers 400 to a `host` that is no name or address (RFC 9112, 3.2).

    Envoy joins two of them by a comma, which no host has.
    """
    host = {
        "name": ":authority",
        "string_match": {"safe_regex": {"regex": _HOST}},
        "invert_match": True,
    }
    return _answer({"prefix": "/", "headers": [host]}, 400)


def _length_refusal(largest: int) -> dict[str, Any]:
    """Answers 413 before the first byte of a body that says that it is far too large for any method.

    Others are read as far as their method's limit. What is a little over is in the kernel's buffers by then,
    and its sender reads the 413; of this one it may see the end of the connection only.
    """
    endurable = {"start": 0, "end": largest + _MIB + 1}
    length = {"name": "content-length", "range_match": endurable, "invert_match": True}
    return _answer({"prefix": "/", "headers": [length]}, 413)


def _preflight_route(binding: Binding, cors: dict[str, Any]) -> dict[str, Any]:
    """Lets the CORS filter answer preflights, which it does only where a route leads to a cluster.

    None gets there: the transcoder refuses whatever the filter lets through.
    """
    names = ("origin", "access-control-request-method")
    preflight = [
        {"name": ":method", "string_match": {"exact": "OPTIONS"}},
        *({"name": name, "present_match": True} for name in names),
    ]
    return {
        "match": {**_path_match(binding), "headers": preflight},
        "route": {"cluster": CLUSTERS[EdgeTransport.GRPC]},
        "typed_per_filter_config": cors,
    }


def _wrong_verb_route(methods: list[RestMethod]) -> dict[str, Any]:
    verbs = [verb for method in methods for verb in _with_head(method.verb)]
    allow = {"key": "allow", "value": ", ".join(verbs)}
    return {
        **_answer(_path_match(methods[0].binding), 405),
        "response_headers_to_add": [{"header": allow}],
    }


def _grpc_refusal() -> dict[str, Any]:
    """Answers 415 to gRPC calls, which belong on the other listener.

    Envoy puts its own answers to such calls in gRPC's form, where a 415 becomes UNKNOWN. The header
    tells status.lua, which makes JSON of it again.
    """
    grpc = {"name": "content-type", "string_match": {"prefix": "application/grpc"}}
    status = {"key": "x-http-status", "value": "415"}
    return {
        **_answer({"prefix": "/", "headers": [grpc]}, 415),
        "response_headers_to_add": [{"header": status}],
    }


def _answer(match: dict[str, Any], status: int) -> dict[str, Any]:
    # The transcoder would refuse what no RPC is bound to before the router can answer.
    disabled = {
        "@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig",
        "disabled": True,
    }
    return {
        "match": match,
        "direct_response": {"status": status},
        "typed_per_filter_config": {TRANSCODER: disabled},
    }


def _cors(methods: list[RestMethod]) -> dict[str, Any]:
    """Returns the CORS policy of a path; none when no verb of it is for browsers."""
    verbs = [method.verb for method in methods if method.browser]
    if not verbs:
        return {}
    policy = {
        "@type": f"{_EXTENSIONS}.cors.v3.CorsPolicy",
        # Any origin: callers prove themselves with a header that they add, never with a cookie.
        "allow_origin_string_match": [{"exact": "*"}],
        "allow_methods": ", ".join(verbs),
        "allow_headers": ", ".join(CORS_HEADERS),
        "expose_headers": ", ".join(CORS_EXPOSED),
        "max_age": str(CORS_MAX_AGE_S),
    }
    return {"envoy.filters.http.cors": policy}
