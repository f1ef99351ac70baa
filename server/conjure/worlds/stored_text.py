"""A document's text as the store holds it: as it is, or compressed (zstd) when it is large.

The store does one thing at a time: while it takes 12 MiB in and writes them to its log it answers nobody, for
some 50 ms. Prose takes a tenth of its bytes compressed, and 12 MiB of it 20 ms of a heavy worker. Small
documents are left alone, so that a call about one compresses nothing. What a value is, it says itself: JSON
does not begin with zstd's magic number.
"""

from __future__ import annotations

from typing import Final

import zstandard

from conjure.core import jsondoc
from conjure.settings import MAX_DOCUMENT_BYTES

_LARGE_BYTES: Final = (
    1_000_000  # above what a serving process edits itself (CONJURE_HEAVY_DOCUMENT_BYTES)
)
_LEVEL: Final = 1


def packed(text: bytes) -> bytes:
    """Returns what to store of a document's JSON text."""
    if len(text) < _LARGE_BYTES:
        return text
    small = zstandard.ZstdCompressor(level=_LEVEL).compress(text)
    return small if len(small) < len(text) else text


def unpacked_bytes(stored: bytes) -> int:
    """How many bytes of text a stored document says that it is; 0 when it does not say it."""
    if not stored.startswith(zstandard.FRAME_HEADER):
        return len(stored)
    try:
        return max(0, zstandard.frame_content_size(stored))
    except zstandard.ZstdError:
        return 0


def unpacked(stored: bytes, key: str) -> bytes:
    """Returns the JSON text of a document that the store holds at `key`.

    Raises StoredDataUnreadable.
    """
    if not stored.startswith(zstandard.FRAME_HEADER):
        return stored
    if not 0 < unpacked_bytes(stored) <= MAX_DOCUMENT_BYTES:
        raise jsondoc.unreadable(key, "it is compressed, and no world")
    try:
        return zstandard.ZstdDecompressor().decompress(stored)
    except zstandard.ZstdError as error:
        raise jsondoc.unreadable(key, "it cannot be decompressed") from error
