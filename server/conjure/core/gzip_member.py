"""A gzip member (RFC 1952) of which a part was compressed before.

A body is `lead + rest`. The lead is the same in many answers: it is deflated once and flushed, so that what
follows begins at a whole byte. The rest differs from answer to answer, and follows in blocks that are stored
as they are. Its checksum is that of the lead, gone on with. To a decoder it is a member like any other.

The rest may hold a credential. It is never compressed together with the lead, which others may have written:
the length of an answer tells nothing about it (the attack is called BREACH).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

# Deflated, no name, no time, from no operating system in particular.
_HEADER: Final = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
_RAW: Final = -zlib.MAX_WBITS
_MEMORY: Final = 9
_STORED: Final = 65_535  # bytes of one stored block
_BLOCK: Final = struct.Struct("<BHH")
_TRAILER: Final = struct.Struct("<II")
_U32: Final = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class Lead:
    """The beginning of a body, compressed: with the gzip header, and what is to be known of its bytes."""

    deflated: bytes
    crc: int
    size: int


def compress(lead: bytes, level: int) -> Lead:
    """Compresses the beginning of bodies. It holds no lock of the interpreter meanwhile."""
    deflate = zlib.compressobj(level, zlib.DEFLATED, _RAW, _MEMORY)
    deflated = deflate.compress(lead) + deflate.flush(zlib.Z_FULL_FLUSH)
    return Lead(_HEADER + deflated, zlib.crc32(lead), len(lead))


def member(lead: Lead, rest: bytes) -> bytes:
    """Returns the whole of it: what decodes to the lead's bytes and `rest` behind them."""
    size = lead.size + len(rest)
    trailer = _TRAILER.pack(zlib.crc32(rest, lead.crc), size & _U32)
    if len(rest) <= _STORED:
        return b"".join(
            (lead.deflated, _BLOCK.pack(1, len(rest), len(rest) ^ _STORED), rest, trailer)
        )
    pieces = [lead.deflated]
    for begin in range(0, len(rest), _STORED):
        piece = rest[begin : begin + _STORED]
        is_last = begin + _STORED >= len(rest)
        pieces += (_BLOCK.pack(is_last, len(piece), len(piece) ^ _STORED), piece)
    return b"".join((*pieces, trailer))
