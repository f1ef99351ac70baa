"""Pages: sizes, and the two forms of a cursor (CONTRACT 0)."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.errors import InvalidCursor, InvalidField
from conjure.core.paging import (
    id_of_member,
    index_member,
    page_size,
    read_cursor,
    read_rising_cursor,
    write_cursor,
)
from conjure.core.times import parse_rfc3339, rfc3339
from support.cases import each_of

ID = "0b5e3c1e-6a34-4a53-9d5e-7f0c9c9c9c9c"
LATEST_MS = 253_402_300_799_999  # 9999, the last year that RFC 3339 can write


def test_a_page_has_twenty_rows_unless_asked():
    assert page_size(None) == 20
    assert [page_size(limit) for limit in (1, 100)] == [1, 100]


@pytest.mark.parametrize("limit", [0, 101, -1, 2**31 - 1])
def test_a_page_has_from_one_to_a_hundred_rows(limit):
    with pytest.raises(InvalidField):
        page_size(limit)


@given(ms=st.integers(0, 9_999_999_999_999))
def test_a_cursor_says_the_member_after_which_the_page_begins(ms):
    member = index_member(ms, ID)
    assert read_cursor(write_cursor(member)) == member
    assert id_of_member(member) == ID


@given(ms=st.integers(0, 9_999_999_999_998))  # 13 digits: until the year 2286
def test_a_time_begins_a_page_with_the_rows_of_its_millisecond(ms):
    """Of two rows of one millisecond the caller may have one: so both come again."""
    bound = read_cursor(rfc3339(ms))
    assert index_member(ms, ID) < bound
    assert index_member(ms, "ffffffff-ffff-4fff-bfff-ffffffffffff") < bound
    assert index_member(ms + 1, ID) > bound


@given(ms=st.integers(0, 9_999_999_999_998), number=st.integers(0, 10**12 - 1))
def test_oldest_first_a_time_begins_a_page_with_the_rows_of_its_millisecond_too(ms, number):
    member = index_member(ms, f"{number:012d}:{ID}")
    assert read_rising_cursor(write_cursor(member)) == member
    assert index_member(ms - 1, f"{10**12 - 1}:{ID}") < read_rising_cursor(rfc3339(ms)) < member


def test_a_cursor_is_one_of_its_own_list():
    with pytest.raises(InvalidCursor):
        read_cursor(write_cursor(index_member(1, f"{1:012d}:{ID}")))
    with pytest.raises(InvalidCursor):
        read_rising_cursor(write_cursor(index_member(1, ID)))


@pytest.mark.parametrize("read", [read_cursor, read_rising_cursor])
@given(text=st.text() | st.binary().map(lambda data: base64.urlsafe_b64encode(data).decode()))
def test_anything_else_is_no_cursor(read, text):
    try:
        bound = read(text)
    except InvalidCursor:
        return
    assert parse_rfc3339(text) is not None or write_cursor(bound) == text


@each_of("extra", ["=", "==", "\n", " ", "A"])
def test_a_cursor_has_one_spelling(extra):
    with pytest.raises(InvalidCursor):
        read_cursor(write_cursor(index_member(1, ID)) + extra)


@given(ms=st.integers(0, LATEST_MS))
def test_times_are_read_as_they_are_written(ms):
    assert parse_rfc3339(rfc3339(ms)) == ms


@each_of(
    ("text", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T01:00:00.5+01:00", 500),
        ("1969-12-31 23:00:00.001-01:00", 1),
        ("2016-12-31t23:59:60z", 1_483_228_799_000),  # a leap second is the one before it
        ("1970-01-01T00:00:00.0019999Z", 1),
        ("1970-01-01T00:00:00+00:01", None),  # before 1970
        ("1970-13-01T00:00:00Z", None),
        ("1970-01-01T00:00:00", None),
        ("1970-01-01T00:00:00.Z", None),
        ("1970-01-01T00:00:00+99:99", None),
        ("١٩٧٠-01-01T00:00:00Z", None),
    ],
)
def test_rfc_3339_in_other_forms(text, ms):
    assert parse_rfc3339(text) == ms
