"""What Envoy says when it answers itself: the contract's error body, never words of its own."""

from __future__ import annotations

from typing import Any, Final

from conjure.core.bodies import SCHEMA_VERSION
from conjure.edge.cors import preflight_headers

UNAVAILABLE = "the service is not available; try again"
OUTCOME_UNKNOWN = "the connection to the service broke; the outcome of the request is unknown"
TIMED_OUT = "the request took too long; its outcome is unknown"
INTERNAL = "internal error"
CODED = "the body must come without a Content-Encoding"
DETAILS = {
    400: "malformed request",
    404: "not found",
    405: "the method is not allowed here",
    408: "the request did not arrive in time",
    411: "the length of the body is required",
    413: "the body is too large",
    414: "the path is too long",
    415: "the media type is not supported",
    417: "the expectation cannot be met",
    426: "HTTP/1.1 or HTTP/2 is required",
    429: "too many requests",
    431: "the headers are too large",
    504: TIMED_OUT,
}

PREFLIGHT_STATUS: Final = 200
"""No other answer that the edge makes has it."""

_TYPE: Final = "type.googleapis.com/envoy"

# The request was on its way to a server when the connection (UC), the stream (UR) or the protocol
# (UPE) broke. Clients repeat a 503 blindly, so this must not be one.
SENT_AND_LOST = ["UC", "UR", "UPE"]
# Our servers and Envoy itself: all that is left of these means that nothing has happened yet.
NOT_SENT = (502, 503)


def rest_replies(answer_headers: list[dict[str, Any]]) -> dict[str, Any]:
    """Returns the REST listener's local_reply_config.

    `answer_headers` are those that routes give every answer: what is refused before there is a route has them
    from here.
    """
    mappers = [
        _mapper(_with_status(PREFLIGHT_STATUS), _text("")),
        *_refusals(),
        # What is left, 500 above all.
        _mapper(_with_status(400, "GE"), _json(INTERNAL)),
    ]
    common = [{**header, "append_action": "ADD_IF_ABSENT"} for header in answer_headers]
    for mapper in mappers:
        mapper["headers_to_add"] += common
    mappers[0]["headers_to_add"] += preflight_headers()
    for mapper in mappers[1:]:
        # Or caches may keep a 404, a 405 or a 414 for as long as they like (RFC 9110, 15.1). What a route
        # says of its answers wins.
        mapper["headers_to_add"].append(_header("cache-control", "no-store"))
    return {"mappers": mappers, "body_format": _json(INTERNAL)}


def _refusals() -> list[dict[str, Any]]:
    return [
        _mapper(_with_flags(SENT_AND_LOST), _json(OUTCOME_UNKNOWN), status=504),
        *(
            _mapper(_with_status(status), _json(UNAVAILABLE), status=503, retry_after_s=1)
            for status in NOT_SENT
        ),
        # Envoy is short of memory and reads no more of a request over HTTP/1.1 (load_shed_points in
        # envoy.yaml). It reads nothing of a connection whose request is on its way: this one was not.
        _mapper(
            _all(_with_status(500), _because("overload")),
            _json(UNAVAILABLE),
            status=503,
            retry_after_s=1,
        ),
        # Envoy's answer to `upgrade: websocket`; the contract's 403 is about scopes.
        _mapper(_with_status(403), _json("protocol upgrades are not supported"), status=400),
        # Framing that Envoy does not know (501) is the client's fault, not a fault of ours.
        _mapper(_with_status(501), _json(DETAILS[400]), status=400),
        _mapper(_all(_with_status(415), _with_header("content-encoding")), _json(CODED)),
        _mapper(_with_status(429), _json(DETAILS[429]), retry_after_s=1),
        *(_mapper(_with_status(status), _json(text)) for status, text in DETAILS.items()),
    ]


def grpc_replies() -> dict[str, Any]:
    """Returns the gRPC listener's: the text becomes `grpc-message`, the code follows the status.

    Envoy makes 404 UNIMPLEMENTED, 429, 502, 503 and 504 UNAVAILABLE, 400 INTERNAL, others UNKNOWN.
    """
    return {
        "mappers": [
            # 500 makes it UNKNOWN: stock clients may be set to repeat an UNAVAILABLE.
            _mapper(_with_flags(SENT_AND_LOST), _text(OUTCOME_UNKNOWN), status=500),
            *(_mapper(_with_status(status), _text(UNAVAILABLE)) for status in NOT_SENT),
            *(_mapper(_with_status(status), _text(text)) for status, text in DETAILS.items()),
        ],
        "body_format": _text(INTERNAL),
    }


def no_other_status() -> dict[str, Any]:
    """Returns what has Envoy skip status.lua: it says no status, and gRPC no error."""
    skip = f"{_TYPE}.extensions.filters.common.matcher.action.v3.SkipFilter"
    same = [
        {"not_matcher": _told("x-http-status", ".*")},
        {"not_matcher": _told("grpc-status", "[^0].*")},
    ]
    matcher = {
        "predicate": {"and_matcher": {"predicate": same}},
        "on_match": {"action": {"name": "skip", "typed_config": {"@type": skip}}},
    }
    return {"matcher_list": {"matchers": [matcher]}}


def _told(header: str, regex: str) -> dict[str, Any]:
    """Returns a predicate: the answer has this header, and its value is like that."""
    value = {
        "name": header,
        "typed_config": {
            "@type": f"{_TYPE}.type.matcher.v3.HttpResponseHeaderMatchInput",
            "header_name": header,
        },
    }
    matches = {"safe_regex": {"google_re2": {}, "regex": regex}}
    return {"single_predicate": {"input": value, "value_match": matches}}


def _json(detail: str) -> dict[str, Any]:
    return {"json_format": {"detail": detail, "schemaVersion": SCHEMA_VERSION}}


def _text(detail: str) -> dict[str, Any]:
    return {"text_format_source": {"inline_string": detail}}


def _with_flags(flags: list[str]) -> dict[str, Any]:
    return {"response_flag_filter": {"flags": flags}}


def _with_status(status: int, op: str = "EQ") -> dict[str, Any]:
    value = {"default_value": status, "runtime_key": f"conjure.status.{status}"}
    return {"status_code_filter": {"comparison": {"op": op, "value": value}}}


def _with_header(name: str) -> dict[str, Any]:
    return {"header_filter": {"header": {"name": name, "present_match": True}}}


def _because(details: str) -> dict[str, Any]:
    """By Envoy's own word for the cause. Flags are set only after an answer has been made."""
    return {
        "extension_filter": {
            "name": "envoy.access_loggers.extension_filters.cel",
            "typed_config": {
                "@type": f"{_TYPE}.extensions.access_loggers.filters.cel.v3.ExpressionFilter",
                "expression": f'response.code_details == "{details}"',
            },
        }
    }


def _all(*filters: dict[str, Any]) -> dict[str, Any]:
    return {"and_filter": {"filters": list(filters)}}


def _mapper(
    only: dict[str, Any],
    body: dict[str, Any],
    *,
    status: int | None = None,
    retry_after_s: int | None = None,
) -> dict[str, Any]:
    mapper: dict[str, Any] = {"filter": only, "body_format_override": body}
    if status is not None:
        mapper["status_code"] = status
    # Requests that Envoy could not parse have no id yet; any other id wins over this one.
    headers = [_header("x-request-id", "%UNIQUE_ID%")]
    if retry_after_s is not None:
        headers.append(_header("retry-after", str(retry_after_s)))
    mapper["headers_to_add"] = headers
    return mapper


def _header(key: str, value: str) -> dict[str, Any]:
    return {"header": {"key": key, "value": value}, "append_action": "ADD_IF_ABSENT"}
