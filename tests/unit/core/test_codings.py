"""Accept-Encoding (RFC 9110, 12.5.3): gzip is for who asks for it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.codings import accepts_gzip
from support.cases import each_of

GZIP = (
    "gzip", "GZip", "x-gzip", "X-GZIP", " gzip ", "gzip, deflate, br, zstd", "br;q=1.0, gzip;q=0.8",
    "gzip;q=0.001", "gzip;q=1.000", "gzip ; q=0.5", "gzip;\tQ=1", "*", "*;q=0.1", "br, *",
    "gzip, identity;q=0", "identity;q=0, *", "*;q=0, gzip", "identity;q=0.5, gzip", "identity, gzip",
    ",, gzip ,", "gzip;q=0, x-gzip", "new-coding, gzip", "identity;q=0.5, *",
)  # fmt: skip
IDENTITY = (
    "", " ", ",", "identity", "br", "gzip;q=0", "gzip;q=0.000", "x-gzip;q=0", "*;q=0", "gzip;q=0, *",
    "identity, *;q=0", "identity;q=1, gzip;q=0.9", "identity, *;q=0.5", "deflate", "xgzip", "gzipx",
    # Garbage: nobody knows what was meant by the rest of it either.
    "gzip;q=", "gzip;q=2", "gzip;q=1.001", "gzip;q=0.1234", "gzip;q=-1", "gzip;q=nan", "gzip q=1",
    "gzip;q=1;x=2", "gzip, @", "gzip;", "gz ip", '"gzip"', "gzip\x00", "g\u017eip, gzip", "gzip;q=\u0661",
)  # fmt: skip


@each_of("header", GZIP)
def test_who_takes_gzip(header):
    assert accepts_gzip(header)


@each_of("header", IDENTITY)
def test_who_gets_the_answer_as_it_is(header):
    assert not accepts_gzip(header)


def test_nobody_gets_it_who_has_not_asked():
    assert not accepts_gzip(None)


@pytest.mark.parametrize("header", ["gzip," * 8_000, "gzip" + " " * 30_000, ";q=1," * 6_000])
def test_a_header_longer_than_anybodys_is_not_read(header):
    assert not accepts_gzip(header)


WEIGHTS = st.integers(0, 1000)
CODINGS = st.sampled_from(("gzip", "x-gzip", "br", "identity", "*", "zstd"))
SPACE = st.sampled_from(("", " ", "\t", "  "))


@st.composite
def lists(draw: st.DrawFn) -> tuple[str, dict[str, int]]:
    """A header and the weights in it, of each coding once; in thousandths."""
    weights = draw(st.dictionaries(CODINGS, WEIGHTS, max_size=6))
    elements = []
    for name, weight in weights.items():
        mixed = draw(st.sampled_from((name, name.upper(), name.title())))
        q = f"{draw(SPACE)};{draw(SPACE)}q={weight / 1000:.3f}"
        elements.append(draw(SPACE) + mixed + ("" if weight == 1000 else q) + draw(SPACE))
    return ",".join(elements), weights


@given(lists())
def test_the_weights_decide(drawn):
    header, weights = drawn
    named = [weights[name] for name in ("gzip", "x-gzip") if name in weights]
    gzip = max(named) if named else weights.get("*", 0)
    assert accepts_gzip(header) is (0 < gzip >= weights.get("identity", 0))


@given(st.one_of(st.text(max_size=600), st.text("gzip*;q=01., \t", max_size=60)))
def test_any_text_is_read_or_is_none(header):
    assert accepts_gzip(header) in {True, False}
    if accepts_gzip(header):
        assert "gzip" in header.lower() or "*" in header
