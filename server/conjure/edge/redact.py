"""Keeps credentials out of what the edge writes, wherever a caller has put them (core.credential_forms).

Two ways, by what Envoy takes. The access log has two formats, and a filter with one compiled pattern chooses.
Spans and ids are made of format commands, whose patterns (CEL) must be short.
"""

from __future__ import annotations

from typing import Any, Final

from conjure.core.credential_forms import CODED_FORMS, PLAIN_FORMS

REDACTED: Final = "[redacted]"
_CODED: Final = rf"(?:{'|'.join(CODED_FORMS)}).*"
# What a line of the access log has from the request as it came. The path is another one, the gRPC one, once
# the transcoder has had it; then this header has what was asked for.
_PATHS: Final = (":path", "x-envoy-original-path")
_LOGGED: Final = (*_PATHS, "user-agent", "x-request-id")


def with_credential() -> dict[str, Any]:
    """Returns the filter of log lines that would hold a credential."""
    return {"or_filter": {"filters": [_header_filter(name, inverted=False) for name in _LOGGED]}}


def without_credential() -> dict[str, Any]:
    """Returns the filter of all other lines."""
    return {"and_filter": {"filters": [_header_filter(name, inverted=True) for name in _LOGGED]}}


def header(name: str) -> str:
    """Returns the format command for a header: empty without it, redacted when it may hold a credential."""
    value = f"request.headers['{name}']"
    return (
        f"%CEL('{name}' in request.headers ? ({_is_suspect(value)} ? '{REDACTED}' : {value}) : '')%"
    )


def header_or_nothing(name: str, longest: int | None = None) -> str:
    """Returns the format command for a header, cut: empty also when it may hold a credential."""
    value = f"request.headers['{name}']"
    cut = "" if longest is None else f":{longest}"
    return f"%CEL('{name}' in request.headers ? ({_is_suspect(value)} ? '' : {value}) : ''){cut}%"


def _is_suspect(value: str) -> str:
    # Nearly every id is a UUID: one short match. The others one by one, as Envoy's limit for the program of a
    # pattern is small here and cannot be set.
    found = " || ".join(f"{value}.matches(r'(?i){form}')" for form in PLAIN_FORMS)
    return f"(!{value}.matches(r'^[0-9A-Za-z-]*$') && ({found}))"


def _header_filter(name: str, *, inverted: bool) -> dict[str, Any]:
    before = "[^?]*" if name in _PATHS else ".*"  # queries are in no line
    return {
        "header_filter": {
            "header": {
                "name": name,
                "string_match": {"safe_regex": {"regex": f"(?is){before}{_CODED}"}},
                "treat_missing_header_as_empty": True,
                "invert_match": inverted,
            }
        }
    }
