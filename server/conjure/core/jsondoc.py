"""Open JSON documents: read and written so that every value keeps its meaning (CONTRACT 0).

orjson is exact for everything but integers beyond 64 bits, which it would turn into floats, and it
writes at most 254 levels. Both limits are handled here and nowhere else: a document with such an
integer takes the standard library's slower way, and deeper ones are refused before they are stored.
"""

from __future__ import annotations

import json
import math
from typing import Any

import orjson

from conjure.core.errors import MalformedRequest

# Nineteen digits in a row may be an integer that 64 bits cannot hold (2**63 has nineteen). Every digit is
# made a zero first, so that this is a search for one text: a regular expression takes 45 times as long,
# and longer than the parsing itself.
_ZEROS = bytes.maketrans(b"0123456789", b"0" * 10)
_MAYBE_BIG_INTEGER = b"0" * 19

MAX_DEPTH = 254
"""How deep orjson writes, and so how deep a document may be."""

TOO_DEEP = f"the JSON is nested too deeply; {MAX_DEPTH} levels are the limit"


def loads(data: bytes, *, exact: bool = True) -> Any:
    """Parses JSON text; without `exact` an integer over 64 bits may become a float.

    Raises MalformedRequest when it is not JSON (RFC 8259: UTF-8, no NaN, no lone surrogates).
    """
    try:
        value = orjson.loads(data)
        if not exact or _MAYBE_BIG_INTEGER not in data.translate(_ZEROS):
            return value
        # Slower by far, so only for documents. orjson has seen that it is JSON: the standard library
        # accepts more than RFC 8259 does.
        return json.loads(data, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise MalformedRequest("the request body is not valid JSON") from error


def dumps(value: Any) -> bytes:
    """Writes JSON text. Raises MalformedRequest when it is nested too deeply to be stored."""
    try:
        return orjson.dumps(value)
    except TypeError as error:
        # orjson.JSONEncodeError: an integer over 64 bits, or deeper than it goes.
        try:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        except (RecursionError, ValueError) as deeper:
            raise MalformedRequest(TOO_DEEP) from deeper
        data = text.encode()
        if _depth(value) > MAX_DEPTH:
            raise MalformedRequest(TOO_DEEP) from error
        return data


def canonical(value: Any) -> bytes:
    """Writes JSON text with sorted keys: equal values give equal bytes.

    Raises MalformedRequest when it is nested too deeply.
    """
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)
    except TypeError:
        try:
            text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
        except RecursionError as error:
            raise MalformedRequest(TOO_DEEP) from error
        return text.encode()


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


def _depth(value: Any) -> int:
    """The deepest nesting of `value`, without recursion."""
    deepest = 0
    level: list[Any] = [value]
    while level:
        deepest += 1
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below.extend(v for v in item.values() if isinstance(v, dict | list))
            elif isinstance(item, list):
                below.extend(v for v in item if isinstance(v, dict | list))
        level = below
    return deepest
