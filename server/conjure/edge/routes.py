"""The REST listener's routes, made from the contract."""

from __future__ import annotations

import re
from itertools import chain, groupby
from typing import TYPE_CHECKING, Any

from conjure.edge.cors import is_for_users, is_preflight
from conjure.edge.replies import PREFLIGHT_STATUS
from conjure.edge.units import duration
from conjure.edge.upstreams import SERVERS, UNARY, WRITES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.contract import Binding
    from conjure.edge.cors import Cors
    from conjure.edge.descriptor import RestMethod

HOT = (
    "/v1/sessions/connect",
    "/v1/worlds/{id}",
    "/v1/worlds/{id}/entrance",
    "/v1/sessions/token",
)
"""Routes are tried in order, so what is called most stands first. No other path is like one of these."""

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
    # Each attempt hashes anew: of two servers it finds the other one half of the time.
    "host_selection_retry_max_attempts": 20,
}
READ_RETRY_POLICY = {
    **RETRY_POLICY,
    # A read has no effect to run twice: it is also sent again when the server that had it was lost. The
    # last two are gRPC's words for that; what a server renders on this listener is always OK to gRPC.
    "retry_on": f"{RETRY_POLICY['retry_on']},reset,cancelled,unavailable",
}

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
HEAD_FILTER = "conjure.head"
"""The filter that answers HEAD; it is off but for routes that turn it on."""

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
    model_timeout_s: float,
    transcoder: dict[str, Any],
    cors: Cors,
) -> list[dict[str, Any]]:
    """Returns a route per method, what is refused around them, and the 404 at the end.

    The 405 of a literal path stands behind its methods, or a pattern would take other verbs. Those of
    patterns stand behind all methods: each is an expression to try, and no call that is in order needs one.
    Preflights stand before the 405 of their path. A path that nobody knows has them too, or a page that calls
    one could not read the 404.
    """
    late: list[dict[str, Any]] = []
    routes = [_host_refusal(), _grpc_refusal(), _expectation_refusal()]
    routes.append(_length_refusal(max(method.max_request_bytes or 0 for method in methods)))
    for _, group in groupby(sorted(methods, key=_order), key=lambda method: method.path):
        members = list(group)
        for_users = is_for_users(members)
        called: list[dict[str, Any]] = []
        for one in members:
            its_s = model_timeout_s if one.waits_for_model else timeout_s
            called += _method_routes(one, its_s, transcoder)
        match, verbs = _path_match(members[0].binding), _verbs(members)
        other = [_wrong_verb_route(match, verbs)]
        if cors.has_preflights(for_users=for_users):
            other.insert(0, _preflight_route(match, verbs))
        if for_users:
            for route in (*called, *other):
                route["typed_per_filter_config"] |= cors.console_filter()
        routes += called
        (late if members[0].binding.parameters else routes).extend(other)
    if cors.has_preflights(for_users=False):
        late.append(_preflight_route({"prefix": "/"}, _verbs(methods)))
    return [*routes, *late, _answer({"prefix": "/"}, 404)]


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
    timeout_s: float,
    transcoder: dict[str, Any],
) -> list[dict[str, Any]]:
    """Returns the route of a method, and of what goes with it: HEAD with a GET, else a refusal.

    Only a GET may come with a `content-encoding`: its body, if it has one, is never read.
    """
    route = _method_route(method, timeout_s, transcoder)
    match = {**_path_match(method.binding), "headers": [_verb(method.verb)]}
    if method.verb == "GET":
        return [{**route, "match": match}, _head_route(route, method, timeout_s)]
    plain = {**match, "headers": [*match["headers"], _UNCODED]}
    return [{**route, "match": plain}, _coding_refusal(match)]


def _method_route(
    method: RestMethod,
    timeout_s: float,
    transcoder: dict[str, Any],
) -> dict[str, Any]:
    limit = method.max_request_bytes or transcoder["max_request_body_size"]
    # The transcoder counts exactly; what holds the body back until it is whole has to hold as much.
    buffer = {
        "@type": f"{_EXTENSIONS}.buffer.v3.BufferPerRoute",
        "buffer": {"max_request_bytes": limit + _BUFFER_MORE},
    }
    filters: dict[str, Any] = {BUFFER: buffer}
    if method.max_request_bytes not in {None, transcoder["max_request_body_size"]}:
        filters[TRANSCODER] = {**transcoder, "max_request_body_size": method.max_request_bytes}
    is_safe = method.verb == "GET" and method.is_read
    route: dict[str, Any] = {
        "name": method.path,  # what its spans are called
        "route": {
            "cluster": _cluster(method),
            # Streams that last have a circuit breaker of their own so that calls find theirs free.
            "priority": "HIGH" if method.is_lasting else "DEFAULT",
            # They have no end of their own; they write more often than the idle timeout asks for.
            "timeout": "0s" if method.is_lasting else duration(timeout_s),
            "retry_policy": READ_RETRY_POLICY if is_safe else RETRY_POLICY,
            "hash_policy": [] if method.is_stream else _hash_policy(method.binding),
        },
        "typed_per_filter_config": filters,
    }
    if told := _cache_headers(method):
        route["response_headers_to_add"] = told
    if method.verb == "GET" and method.is_public:
        # Any page can send a browser there, and what is for this machine asks for no credential. The server
        # is told the name that was called: nothing else shows that a page's own name leads here (DNS
        # rebinding).
        host = {"key": "x-conjure-host", "value": "%REQ(:AUTHORITY)%"}
        route["request_headers_to_add"] = [
            {"header": host, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        ]
    return route


def _cluster(method: RestMethod) -> str:
    if method.is_stream:
        return SERVERS
    return WRITES if method.binding.parameters and not method.is_read else UNARY


def _hash_policy(binding: Binding) -> list[dict[str, Any]]:
    """Returns what chooses a call's server: its path's first parameter, the id of what it is about.

    All calls about one world meet the server that has it in memory, also those about a part of it. A path
    without a parameter is about nothing that a server keeps.
    """
    if not binding.parameters:
        return []
    # The transcoder has put the name of the RPC where the path was.
    first = {"regex": f"{re.escape(binding.literals[0])}([^/?]+).*"}
    rewrite = {"pattern": first, "substitution": r"\1"}
    return [{"header": {"header_name": "x-envoy-original-path", "regex_rewrite": rewrite}}]


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
    return told


def _head_route(route: dict[str, Any], method: RestMethod, timeout_s: float) -> dict[str, Any]:
    """Returns a GET's route for HEAD: the same way to the server, and a filter that drops the body."""
    on = {"@type": "type.googleapis.com/envoy.config.route.v3.FilterConfig", "config": {}}
    return {
        **route,
        "match": {**_path_match(method.binding), "headers": [_verb("HEAD")]},
        # Also of a stream: the server ends it when its headers are out.
        "route": {**route["route"], "timeout": duration(timeout_s)},
        "typed_per_filter_config": {**route["typed_per_filter_config"], HEAD_FILTER: on},
    }


def _verbs(methods: Iterable[RestMethod]) -> tuple[str, ...]:
    """Returns each verb of some methods once, HEAD too."""
    verbs = (("GET", "HEAD") if method.verb == "GET" else (method.verb,) for method in methods)
    return tuple(dict.fromkeys(chain.from_iterable(verbs)))


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


def _preflight_route(match: dict[str, Any], verbs: tuple[str, ...]) -> dict[str, Any]:
    """Answers preflights of a path: what pages of other origins may send there. No server hears of them."""
    allow = {"key": "access-control-allow-methods", "value": ", ".join(verbs)}
    return {
        **_answer({**match, "headers": is_preflight()}, PREFLIGHT_STATUS),
        "response_headers_to_add": [{"header": allow}],
    }


def _wrong_verb_route(match: dict[str, Any], verbs: tuple[str, ...]) -> dict[str, Any]:
    allow = {"key": "allow", "value": ", ".join(verbs)}
    return {
        **_answer(match, 405),
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
