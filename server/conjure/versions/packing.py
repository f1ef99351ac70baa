"""Snapshots as they are stored: a keyframe by itself, or a delta against a keyframe.

A delta is zstd with the keyframe's text as what came before it, as `zstd --patch-from` does: a hundred
saves of a nearly unchanged world cost little more than one, and each is read with its keyframe alone,
never through a chain. A blob says itself which it is:

    K <zstd frame>                            a keyframe
    D <its keyframe's address> <zstd frame>   a delta
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final

import zstandard

from conjure.core import jsondoc
from conjure.settings import MAX_DOCUMENT_BYTES

_KEYFRAME: Final = b"K"
_DELTA: Final = b"D"
_ADDRESS_BYTES: Final = 64
_KEYFRAME_LEVEL: Final = 3
_DELTA_LEVEL: Final = 1  # what is left after the match with the keyframe is a few hundred bytes
_MAX_WINDOW: Final = 1 << (2 * MAX_DOCUMENT_BYTES).bit_length()


@dataclass(frozen=True, slots=True)
class Keyframe:
    """The text that deltas are made against, under its address."""

    address: str
    text: bytes


@dataclass(frozen=True, slots=True)
class Packed:
    """A document as it is stored: under `address`, as `blob`."""

    address: str
    blob: bytes

    @property
    def is_keyframe(self) -> bool:
        """Whether it can be read by itself."""
        return self.blob[:1] == _KEYFRAME


def address_of(value: object) -> str:
    """The SHA-256 of the canonical text: spacing and key order do not count."""
    return hashlib.sha256(jsondoc.canonical(value)).hexdigest()


def pack(address: str, text: bytes, keyframe: Keyframe | None) -> Packed:
    """Packs a document: as a delta when that is less than half of what it takes by itself."""
    whole = zstandard.ZstdCompressor(level=_KEYFRAME_LEVEL).compress(text)
    if keyframe is not None:
        delta = _delta(text, keyframe.text)
        if len(delta) + _ADDRESS_BYTES < len(whole) / 2:
            return Packed(address, _DELTA + keyframe.address.encode() + delta)
    return Packed(address, _KEYFRAME + whole)


def unpack(blob: bytes, keyframe_blob: bytes) -> bytes:
    """Returns the text of a blob; `keyframe_blob` is its keyframe's, if it is a delta.

    Raises ValueError when either is no blob.
    """
    if blob[:1] == _KEYFRAME:
        return _decompressed(blob[1:], None)
    if blob[:1] != _DELTA or keyframe_blob[:1] != _KEYFRAME:
        raise ValueError("it is neither a keyframe nor a delta against one")
    before = _before(unpack(keyframe_blob, b""))
    return _decompressed(blob[1 + _ADDRESS_BYTES :], before)


def unpacked_bytes(blob: bytes, keyframe_blob: bytes) -> int:
    """How many bytes unpacking a blob makes, its keyframe included, as both say themselves.

    Raises ValueError when they do not say it.
    """
    frames = (
        [blob[1:]] if blob[:1] == _KEYFRAME else [blob[1 + _ADDRESS_BYTES :], keyframe_blob[1:]]
    )
    try:
        return sum(zstandard.frame_content_size(frame) for frame in frames)
    except zstandard.ZstdError as error:
        raise ValueError("it is no zstd frame") from error


def _decompressed(frame: bytes, before: zstandard.ZstdCompressionDict | None) -> bytes:
    decompressor = zstandard.ZstdDecompressor(dict_data=before, max_window_size=_MAX_WINDOW)
    try:
        # Asked first: room for all of it is made before a byte of it is looked at.
        if zstandard.frame_content_size(frame) > MAX_DOCUMENT_BYTES:
            raise ValueError("it says that it is larger than a world can be")
        return decompressor.decompress(frame)
    except zstandard.ZstdError as error:
        raise ValueError("it cannot be decompressed") from error


def _delta(text: bytes, before: bytes) -> bytes:
    parameters = zstandard.ZstdCompressionParameters.from_level(
        _DELTA_LEVEL,
        # All of the keyframe must be in reach, of the window and of both tables: zstd indexes no more
        # than 8 bytes of a dictionary per entry, and what is far away only with long distance matching.
        window_log=max(17, (len(text) + len(before)).bit_length()),
        hash_log=max(14, (len(before) // 8).bit_length()),
        enable_ldm=True,
    )
    compressor = zstandard.ZstdCompressor(dict_data=_before(before), compression_params=parameters)
    return compressor.compress(text)


def _before(text: bytes) -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(text, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
