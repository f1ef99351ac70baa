"""Open JSON keeps its meaning on the way in and out (CONTRACT 0)."""

from __future__ import annotations

import codecs
import copy
import json
import math
import subprocess
import sys

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core import jsondoc, metrics
from conjure.core.errors import MalformedRequest, Reason, StoredDataUnreadable
from support.cases import each_of

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


@each_of(
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


@each_of(
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


@each_of("levels", [255, 500, 900, 990, 1_000, 1_023])
def test_whatever_can_be_read_has_a_canonical_text_or_is_refused(levels):
    """A body's hash is taken before its depth is judged: it must not end in a RecursionError."""
    try:
        jsondoc.canonical(jsondoc.loads(nested(levels)))
    except MalformedRequest:
        pass
    else:
        assert levels < 1_024


def refusal(text: bytes) -> str:
    with pytest.raises(MalformedRequest) as raised:
        jsondoc.loads(text)
    assert raised.value.detail
    return raised.value.detail


@each_of(
    ("text", "told"),
    [
        (b"", "it ends too early, at line 1 column 1"),
        (b'{"a":', "it ends too early, at line 1 column 6"),
        (b'{"a":1,}', "unexpected text, at line 1 column 7"),
        (b'{\n  "a" 1}', "unexpected text, at line 2 column 7"),
        ('{"\u00e9\u00e9": 1,\n "\u00e9": x}'.encode(), "unexpected text, at line 2 column 7"),
        (b"[1,\n NaN]", "NaN and Infinity are no JSON, at line 2 column 2"),
        (b"[Infinity]", "NaN and Infinity are no JSON, at line 1 column 2"),
        (b"[-Infinity]", "NaN and Infinity are no JSON, at line 1 column 3"),
        (b'["a\tb"]', "a control character that is not escaped, at line 1 column 4"),
        (b'["a\nb"]', "a control character that is not escaped, at line 1 column 4"),
        (b'["ab\\ud800"]', "half of a surrogate pair, at line 1 column 5"),
        (b'["\\udfff x"]', "half of a surrogate pair, at line 1 column 3"),
        (b'{"a":\n "\xff"}', "it is not UTF-8, at line 2 column 3"),
        ("\ufeff\ufeff{}".encode(), "unexpected text, at line 1 column 1"),
    ],
)
def test_an_error_says_what_and_where(text, told):
    assert refusal(text) == f"the JSON is not valid: {told}"


@each_of(
    "number", [b"1e309", b"-1e309", b"1E+0400", b"12e308", b"9" * 401, b"-" + b"9" * 401, b"1" * 5_000,
               b"1" * 400 + b".5", b"1" * 215 + b"e99", b"0.1e311"],
    ids=lambda number: repr(number[:12]),
)  # fmt: skip
@each_of("before", [b"", b'{"a":', b'[1, {"x": [', b'{"world":{"x":"e000",\n"y":'])
def test_a_number_that_no_double_holds_is_recorded_as_such(before, number):
    line, column = 1 + before.count(b"\n"), len(before.rpartition(b"\n")[2]) + 1
    after = bytes({ord("{"): b"}", ord("["): b"]"}.get(c, b"")[0] for c in reversed(before)
                  if c in b"{[")  # fmt: skip
    told = refusal(before + number + after)
    assert told == f"the JSON has a number out of range, at line {line} column {column}"


@each_of("number", [b"1e308", b"1" * 308, b"1e-400", b"0e999", b"1." + b"1" * 400])
def test_a_number_that_a_double_holds_is_read(number):
    assert jsondoc.loads(b"[" + number + b"]") == json.loads(b"[" + number + b"]")


def test_a_number_of_thousands_of_digits_is_out_of_range_whatever_its_exponent():
    assert refusal(b"[" + b"1" * 5_000 + b".5e-5000]") == "the JSON has a number out of range"


def test_a_byte_order_mark_is_skipped():
    assert jsondoc.loads(b'\xef\xbb\xbf{"a":"\xef\xbb\xbf"}') == {"a": "\ufeff"}


@each_of(
    ("text", "told"),
    [
        (b'{"a":1,"a":2}', '"a" stands twice in one object, at line 1 column 8'),
        (b'{"a":1,"\\u0061":2}', '"a" stands twice in one object, at line 1 column 8'),
        (b'[{"b":{"a":1,\n"a":"1"}}]', '"a" stands twice in one object, at line 2 column 1'),
        ('{"\u00e9":1,\n"\u00e9":2}'.encode(), '"\u00e9" stands twice in one object, at line 2'),
        (b"{" + b"\n" * 1_000 + b'"a":1,\n\n"a":2}', "at line 1003 column 1"),
        (b'{"":1,"":1}', '"" stands twice in one object, at line 1 column 7'),
        (b'{"a":1, "a"\n\n :"a"}', '"a" stands twice in one object, at line 1 column 9'),
        (
            '{"\u00e9\u00e9": [1,\n{"\u00e9\u00e9":1, "\u00e9\u00e9" : 1}]}'.encode(),
            "at line 2 column 10",
        ),
        (b'{"a\\"": 1, "a\\"": 1}', "at line 1 column 12"),
        (b'{"a\\\\": 1, "a\\\\": 1}', "at line 1 column 12"),
        (b'{"a\\n\\"b":1,"a\\n\\"b":2}', '"a\\n\\"b" stands twice in one object, at line 1'),
        (b'{"a":12345678901234567890123,"a":1e3}', '"a" stands twice in one object, at line 1'),
        (b'{"' + b"n" * 500 + b'":1,"' + b"n" * 500 + b'":2}', 'n\u2026" stands twice'),
        (nested(210, b'{"a":1,"a":2}'), '"a" stands twice in one object'),
    ],
)
def test_a_member_that_stands_twice_is_named(text, told):
    found = refusal(text)
    assert told in found
    assert found.startswith("the member ")
    assert len(found) < 200


def test_one_name_in_several_objects_stands_once_in_each():
    text = b'[{"a":{"a":1}},{"a":{"a":2}}]'
    assert jsondoc.loads(text) == [{"a": {"a": 1}}, {"a": {"a": 2}}]
    assert jsondoc.loads(nested(210, text)) == json.loads(nested(210, text))


@given(VALUES)
def test_what_is_nested_deeper_than_the_parser_goes_is_read_alike(value):
    text = nested(220, jsondoc.dumps(value))
    inner = jsondoc.loads(text)
    for _ in range(220):
        (inner,) = inner
    assert same(inner, value)


@given(st.text(alphabet='{}[]",:\\u0aeE+-.19dnulNIft \n\ufeff\u00e9\x01', max_size=25))
def test_any_text_is_read_as_a_strict_parser_reads_it_or_refused(text):
    """orjson is the strict parser; what stands twice and the byte order mark are ours."""
    data = text.encode()
    try:
        strict = orjson.loads(data.removeprefix(codecs.BOM_UTF8))
    except orjson.JSONDecodeError:
        refusal(data)
        return
    try:
        value = jsondoc.loads(data)
    except MalformedRequest:
        assert "stands twice" in refusal(data)
    else:
        assert same(value, strict)


def test_too_deep_is_recorded_with_the_limit():
    assert refusal(nested(5_000)) == jsondoc.TOO_DEEP
    assert "line 1 column 221" in refusal(nested(220, b"!") + b"1")


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"nonsense", b"NaN", nested(5_000)])
def test_what_the_store_holds_is_never_the_callers_fault(text, capsys):
    before = metrics.STORED_DATA_UNREADABLE.at().value
    with pytest.raises(StoredDataUnreadable) as raised:
        jsondoc.load_stored(text, "t:{app:test}:world:1")
    assert raised.value.reason is Reason.INTERNAL
    assert raised.value.detail is None
    assert metrics.STORED_DATA_UNREADABLE.at().value == before + 1
    assert "t:{app:test}:world:1" in capsys.readouterr().out


@given(VALUES)
def test_what_was_written_is_read_from_the_store(value):
    assert same(jsondoc.load_stored(jsondoc.dumps(value), "k"), value)


def test_writing_long_integers_changes_nothing_of_the_value():
    """They are written by a copy of what leads to them; the rest is not even copied."""
    value = {"a": [1, {"b": [2**64, -(2**63) - 1, True]}], "c": {"d": 2**64 - 1}, "e": "x"}
    before = copy.deepcopy(value)
    assert json.loads(jsondoc.dumps(value)) == json.loads(jsondoc.canonical(value)) == before
    assert value == before
    assert type(value["a"][1]["b"][0]) is int


@pytest.mark.parametrize("write", [jsondoc.dumps, jsondoc.canonical])
@pytest.mark.parametrize("leaf", [1, 2**70])
def test_what_is_too_deep_is_told_with_long_integers_too(write, leaf):
    value = leaf
    for _ in range(jsondoc.MAX_DEPTH + 1):
        value = [value]
    with pytest.raises(MalformedRequest, match="nested too deeply"):
        write(value)
    assert json.loads(write(value[0])) == value[0]


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of memory is kept by Linux alone")
def test_text_that_memory_is_too_short_for_is_not_called_wrong():
    """orjson takes twelve times the text, and says of a text that it has no memory for that it is invalid."""
    program = """
import resource
from conjure.core import jsondoc
text = b'{"x":"' + b"x" * (12 << 20) + b'"}'
status = open("/proc/self/status").read()
used = int(status.partition("VmData:")[2].split()[0]) * 1024
_, most = resource.getrlimit(resource.RLIMIT_DATA)
resource.setrlimit(resource.RLIMIT_DATA, (used + (60 << 20), most))
try:
    jsondoc.loads(text)
except MemoryError:
    print("no memory")
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout == "no memory\n"


@pytest.mark.skipif(sys.platform != "linux", reason="a limit of memory is kept by Linux alone")
def test_whatever_memory_is_left_reading_does_not_end_the_process():
    """Without memory for a string orjson writes through a null pointer, and jiter waits for itself."""
    program = """
import resource
from conjure.core import jsondoc
text = b'{"x":"' + b"x" * (12 << 20) + b'"}'
_, most = resource.getrlimit(resource.RLIMIT_DATA)
told = []
for room in range(8, 400, 4):
    status = open("/proc/self/status").read()
    used = int(status.partition("VmData:")[2].split()[0]) * 1024
    resource.setrlimit(resource.RLIMIT_DATA, (used + (room << 20), most))
    try:
        told.append("read" if jsondoc.loads(text) else "")
    except MemoryError:
        told.append("no memory")
print(told[0], told[-1])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, "no memory read\n")
