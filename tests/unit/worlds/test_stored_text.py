"""Documents as the store holds them: small ones as they are, large ones compressed, and nothing is lost."""

from __future__ import annotations

import os

import pytest
import zstandard

from conjure.core.errors import StoredDataUnreadable
from conjure.worlds.stored_text import packed, unpacked, unpacked_bytes
from support.cases import each_of

PROSE = b'{"base":"' + b"A wide hall of grey stone with tall windows. " * 40_000 + b'"}'


def test_a_small_document_is_stored_as_it_is():
    small = b'{"name":"x"}'
    assert packed(small) is small
    assert unpacked(small, "key") is small
    assert unpacked_bytes(small) == len(small)


def test_a_large_one_takes_a_fraction_and_says_how_large_it_is():
    stored = packed(PROSE)
    assert len(stored) < len(PROSE) / 10
    assert unpacked_bytes(stored) == len(PROSE)
    assert unpacked(stored, "key") == PROSE


def test_what_compression_does_not_help_is_stored_as_it_is():
    noise = b'{"x":"' + os.urandom(1_500_000) + b'"}'  # no JSON; the store does not mind
    assert packed(noise) is noise


@each_of(
    "stored",
    [
        zstandard.FRAME_HEADER,
        zstandard.FRAME_HEADER + b"garbage",
        packed(PROSE)[:-10],
        zstandard.ZstdCompressor().compress(b" " * (13 << 20)),
        zstandard.ZstdCompressor(write_content_size=False).compress(PROSE),
    ],
    ids=["a magic number", "garbage", "cut short", "larger than a world", "of unknown size"],
)
def test_what_is_no_document_is_said_so(stored):
    with pytest.raises(StoredDataUnreadable):
        unpacked(stored, "key")
