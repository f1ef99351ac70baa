"""JSON Web Tokens as they come in: one spelling of each, and claims of the right types (RFC 7515, 7519).

PyJWT takes `=` after a part and any JSON that Python reads: lone surrogates, integers of thousands of digits,
times as texts. What a token says goes on to the store and to answers, so it is read as strictly as a body.
"""

from __future__ import annotations

import re
from typing import Any, Final

import jwt
import orjson

_COMPACT: Final = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_TIMES: Final = ("exp", "iat", "nbf")
_TEXTS: Final = ("iss", "sub", "jti")
_LATEST_S: Final = 253_402_300_799
"""Unix seconds of the end of the year 9999: a later time is no time."""


def is_compact(token: str) -> bool:
    """Whether a text is three parts of base64url without padding: what RFC 7515 (3.1) calls compact."""
    return _COMPACT.fullmatch(token) is not None


class StrictJWT(jwt.PyJWT):
    """PyJWT that reads the claims strictly."""

    def _decode_payload(self, decoded: dict[str, Any]) -> dict[str, Any]:
        """The library's place for another reader of the claims; their signature holds already."""
        try:
            claims = orjson.loads(decoded["payload"])
        except orjson.JSONDecodeError as error:
            raise jwt.DecodeError("the claims are not JSON") from error
        if not isinstance(claims, dict):
            raise jwt.DecodeError("the claims are no object")
        for name in _TIMES:
            if name in claims and not _is_time(claims[name]):
                raise jwt.DecodeError(f"{name} is no time")
        for name in _TEXTS:
            if name in claims and not isinstance(claims[name], str):
                raise jwt.DecodeError(f"{name} is no text")
        return claims


def _is_time(value: Any) -> bool:
    """Whether a claim is a NumericDate (RFC 7519, 2): Unix seconds, a fraction is allowed."""
    return type(value) in {int, float} and 0 <= value <= _LATEST_S
