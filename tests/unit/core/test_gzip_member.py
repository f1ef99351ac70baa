"""What is spliced from a compressed part and a stored one is one gzip member, to any decoder."""

from __future__ import annotations

import gzip
import zlib

from hypothesis import given
from hypothesis import strategies as st

from conjure.core.gzip_member import compress, member
from support.cases import each_of

LEVELS = st.sampled_from((1, 6, 9))
PIECES = st.binary(max_size=300).flatmap(
    lambda piece: st.integers(0, 40).map(lambda times: piece * times)
)


def decoded(data: bytes) -> bytes:
    """Read as one member to its very end."""
    decoder = zlib.decompressobj(16 + zlib.MAX_WBITS)
    text = decoder.decompress(data)
    assert decoder.eof
    assert decoder.unused_data == b""
    return text


@given(PIECES, PIECES, LEVELS)
def test_it_decodes_to_both_parts(lead, rest, level):
    coded = member(compress(lead, level), rest)
    assert decoded(coded) == gzip.decompress(coded) == lead + rest


@given(PIECES, st.lists(PIECES, min_size=2, max_size=4))
def test_one_lead_serves_many_answers(lead, rests):
    compressed = compress(lead, 6)
    for rest in rests:
        assert decoded(member(compressed, rest)) == lead + rest


@each_of("size", [0, 1, 65_534, 65_535, 65_536, 131_070, 131_071, 300_000])
def test_a_rest_of_any_length(size):
    rest = bytes(range(256)) * (size // 256 + 1)
    assert decoded(member(compress(b"lead", 6), rest[:size])) == b"lead" + rest[:size]


@given(st.binary(min_size=20, max_size=200))
def test_what_the_rest_says_never_changes_the_length(secret):
    """A credential that repeats the lead takes as many bytes as one that does not (BREACH)."""
    lead = compress(b"token=" + secret, 6)
    other = bytes(255 - byte for byte in secret)
    assert len(member(lead, b"token=" + secret)) == len(member(lead, b"token=" + other))
