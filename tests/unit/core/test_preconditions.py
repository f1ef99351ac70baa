"""If-Match, If-None-Match and expectedRev (CONTRACT 0, RFC 9110 13.1)."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.errors import ConflictingPreconditions
from conjure.core.preconditions import (
    coded,
    is_unmodified,
    names_coded,
    parse_tags,
    precondition,
    script_argument,
    uncoded,
)
from support.cases import each_of

REVS = ("1", "2", "17")


@each_of(
    ("header", "allowed"),
    [
        ('"1"', {"1"}),
        ("1", {"1"}),
        (' "1" ', {"1"}),
        ('"1","2"', {"1", "2"}),
        ('"1" , 2 ,"17"', {"1", "2", "17"}),
        ("*", set(REVS)),
        (" * ", set(REVS)),
        ('"*"', set()),
        ('"1", *', {"1"}),
        ('W/"1"', set()),
        ('W/"1", "2"', {"2"}),
        ("W/1", set()),
        ('w/"1"', set()),
        ("", set()),
        (" ", set()),
        (",", set()),
        ('"1', set()),
        ('"01"', set()),
        ("1 2", set()),
        ('""', set()),
        ("\u0661", set()),
    ],
)
def test_which_revisions_a_header_allows(header, allowed):
    assert {rev for rev in REVS if parse_tags(header).allows(rev)} == allowed
    found = precondition(header, None)
    assert found is not None
    assert {rev for rev in REVS if found.allows(rev)} == allowed
    # Weakly compared, a weak tag is as good as a strong one.
    weak = {"1"} & allowed.union(["1"] if header.startswith("W/") else [])
    assert {rev for rev in REVS if is_unmodified(header, rev)} == allowed | weak


@given(st.text(max_size=60))
def test_no_header_breaks_it_or_allows_what_it_does_not_spell(header):
    found = parse_tags(header)
    for rev in REVS:
        if found.allows(rev):
            assert rev in header or header.strip() == "*"


@each_of("header", ['"' * 5_000, "," * 5_000, "W/" * 5_000, " " * 5_000 + "x y", "1," * 9_999])
def test_a_long_header_takes_no_long_time(header):
    parse_tags(header)


def test_nothing_asserted():
    assert precondition(None, None) is None
    assert not is_unmodified(None, "1")


@each_of(
    ("header", "expected", "outcome"),
    [
        (None, "1", {"1"}),
        ('"1"', "1", {"1"}),
        ("1", "1", {"1"}),
        ('"1", "2"', "2", {"2"}),
        ("*", "2", {"2"}),
        (None, "", set()),
        (None, "*", set()),
        (None, '"1"', set()),
        ('"2"', "1", None),
        ('W/"1"', "1", None),
        ("", "1", None),
    ],
)
def test_both_ways_to_assert(header, expected, outcome):
    """The body's field is the narrower one; what the header excludes is a contradiction."""
    if outcome is None:
        with pytest.raises(ConflictingPreconditions):
            precondition(header, expected)
        return
    found = precondition(header, expected)
    assert found is not None
    assert {rev for rev in REVS if found.allows(rev)} == outcome


@each_of(
    ("header", "allowed"),
    [
        ('"1-gzip"', {"1"}),
        ("1-gzip", {"1"}),
        ('"1-gzip", "2"', {"1", "2"}),
        ('W/"1-gzip"', set()),
        ('"1-gzip-gzip"', set()),
        ('"-gzip"', set()),
        ('"1-gzipx"', set()),
        ('"1.public-gzip"', set()),
    ],
)
def test_the_tag_of_gzip_stands_for_its_revision(header, allowed):
    """One strong tag for each coding, and either asserts the same (CONTRACT 0)."""
    assert {rev for rev in REVS if parse_tags(header).allows(rev)} == allowed
    weak = {"1"} if header.startswith("W/") else set()
    assert {rev for rev in REVS if is_unmodified(header, rev)} == allowed | weak


def test_so_it_does_in_the_body():
    for header, rev in ((None, "1-gzip"), ('"1"', "1-gzip"), ('"1-gzip"', "1"), ("*", "1-gzip")):
        found = precondition(header, rev)
        assert found is not None
        assert found.revs == {"1"}
    with pytest.raises(ConflictingPreconditions):
        precondition('"2-gzip"', "1-gzip")


def test_which_coding_a_reader_has():
    assert coded("7-ab") == "7-ab-gzip"
    assert uncoded(coded("7-ab")) == uncoded("7-ab") == "7-ab"
    for header in ('"7-ab-gzip"', 'W/"7-ab-gzip"', 'x, "7-ab-gzip"'):
        assert names_coded(header, "7-ab")
    for header in ('"7-ab"', "*", "", '"7-ac-gzip"'):
        assert not names_coded(header, "7-ab")


def test_what_a_script_is_given():
    """`*` is a word of its own: a tag that is spelled so is none (RFC 9110, 13.1.1)."""
    assert script_argument(None) == ""
    assert script_argument(parse_tags(" * ")) == "*"
    for header in ('"*"', '"1", "2-ab", 3', 'W/"1"', "", '"a b", "\u00e9"'):
        found = parse_tags(header)
        assert json.loads(script_argument(found)) == sorted(found.revs)
