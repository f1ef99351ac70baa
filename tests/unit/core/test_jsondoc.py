"""Open JSON keeps its meaning on the way in and out (CONTRACT 0)."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core import jsondoc
from conjure.core.errors import MalformedRequest

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
HUGE = st.integers(min_value=2**63, max_value=2**200) | st.integers(
    min_value=-(2**200), max_value=-(2**63)
)
VALUES = st.recursive(
    st.none() | st.booleans() | NUMBERS | HUGE | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=20,
)


def same(one, other) -> bool:
    """Equal in value and in type, all the way down; 0.0 and -0.0 differ."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float):
        return one == other and math.copysign(1, one) == math.copysign(1, other)
    return one == other


def nested(levels: int, core: bytes = b"") -> bytes:
    return b"[" * levels + core + b"]" * levels


@given(VALUES)
def test_what_is_written_reads_back_the_same_with_its_types(value):
    assert same(jsondoc.loads(jsondoc.dumps(value)), value)


@given(VALUES)
def test_the_standard_library_reads_it_alike(value):
    assert same(json.loads(jsondoc.dumps(value)), value)


@given(VALUES)
def test_equal_values_have_one_canonical_text(value):
    shuffled = jsondoc.loads(json.dumps(value, sort_keys=True, indent=1).encode())
    assert jsondoc.canonical(value) == jsondoc.canonical(shuffled)
    assert same(jsondoc.loads(jsondoc.canonical(value)), value)


@pytest.mark.parametrize(
    "text",
    [
        b"9007199254740993", b"9223372036854775807", b"9223372036854775808",
        b"18446744073709551615", b"18446744073709551616", b"-9223372036854775809",
        b"123456789012345678901234567890", b"1.0", b"0.1", b"1e300", b"-0.0", b"null",
        b'{"a":[null,{"b":null}],"c":1.0,"d":1}', b'"12345678901234567890"',
        '"\N{PILE OF POO}\N{LATIN SMALL LETTER E WITH ACUTE}"'.encode(), b'""', b"[]", b"{}",
    ],
)  # fmt: skip
def test_texts_that_lose_nothing(text):
    value = jsondoc.loads(text)
    assert same(value, json.loads(text))
    assert same(jsondoc.loads(jsondoc.dumps(value)), value)


@pytest.mark.parametrize(
    "text",
    [
        b"", b" ", b"{", b"nonsense", b"NaN", b"[Infinity]", b"-Infinity", b"1e999", b"01", b"+1",
        b"'x'", b"{'a':1}", b'{"a":1,}', b"[1,]", b'{"a" 1}', b'"\\ud800"', b'"\\udfff x"',
        b"\xff", b'"\xc0\xaf"', b'"\xed\xa0\x80"', b'"tab\t"', b"1 2", b"// c\n1", b"tru",
        b"[12345678901234567890, NaN]", b"[12345678901234567890, 1e999]",
        b'[12345678901234567890, "\\ud800"]', b"[12345678901234567890,]",
        b"1" * 5_000, nested(100_000), nested(100_000, b"12345678901234567890"),
    ],
    ids=lambda text: repr(text[:24]),
)  # fmt: skip
def test_what_is_no_json_is_refused(text):
    with pytest.raises(MalformedRequest):
        jsondoc.loads(text)


@pytest.mark.parametrize("core", [b"1", b"12345678901234567890123"], ids=["small", "big integer"])
@pytest.mark.parametrize("opening", [b"[", b'{"k":'], ids=["arrays", "objects"])
def test_depth_has_one_limit_whatever_is_inside(core, opening):
    closing = b"]" if opening == b"[" else b"}"

    def of(levels: int):
        return jsondoc.loads(opening * levels + core + closing * levels)

    assert jsondoc.loads(jsondoc.dumps(of(jsondoc.MAX_DEPTH))) == of(jsondoc.MAX_DEPTH)
    with pytest.raises(MalformedRequest, match="254"):
        jsondoc.dumps(of(jsondoc.MAX_DEPTH + 1))
    with pytest.raises(MalformedRequest, match="254"):
        jsondoc.dumps(of(600))


@pytest.mark.parametrize("levels", [255, 500, 900, 990, 1_000, 1_023])
def test_whatever_can_be_read_has_a_canonical_text_or_is_refused(levels):
    """A body's hash is taken before its depth is judged: it must not end in a RecursionError."""
    value = jsondoc.loads(nested(levels))
    try:
        jsondoc.canonical(value)
    except MalformedRequest:
        pass
    else:
        assert levels < 1_024


def test_the_last_of_equal_keys_counts_in_either_way_of_reading():
    assert jsondoc.loads(b'{"a":1,"a":2}') == {"a": 2}
    assert jsondoc.loads(b'{"a":1,"a":12345678901234567890123}')["a"] == 12345678901234567890123
