"""Files of pictures: what they are by their bytes, how large they say they are, and what of them is needed.

A decoder is handed a file without its metadata: no comment, colour profile or thumbnail is ever unpacked,
and of an animation only the first image. What is read here costs little whatever the file says of itself:
each kind is walked from part to part, and one with more parts than any camera writes is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_PARTS: Final = 20_000
"""Chunks, segments or blocks. A PNG of 12 MiB in chunks of 8 KiB has 1,500."""

_MOST_SCANS: Final = 24
"""Of a progressive JPEG, which has ten or so. Each passes over all pixels, and takes 20 bytes."""

_NO_SIZE: Final = "is damaged: it does not say how large it is"
_CUT: Final = "is cut off"
_MANY: Final = "has more parts than any picture needs"

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_NEEDED: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
# SOF0 to SOF15 but DHT (C4), JPG (C8) and DAC (CC).
_JPEG_SIZES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
# Tables, sizes and Adobe's word on what the colours mean.
_JPEG_NEEDED: Final = _JPEG_SIZES | {0xC4, 0xCC, 0xDB, 0xDD, 0xEE}
_JPEG_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""


class FileRefused(Exception):
    """It is no picture that is taken; the message goes after the name of a field."""


@dataclass(frozen=True, slots=True)
class PictureFile:
    """A file that says that it is a picture; `format` as Pillow names it.

    `content` is what of it is needed to decode it. `orientation` is that of EXIF, 1 to 8; 1 is upright.
    """

    format: str
    width: int
    height: int
    content: bytes
    orientation: int = 1


def picture_file(content: bytes) -> PictureFile:
    """Reads what a picture says of itself. Raises FileRefused."""
    if content.startswith(_PNG):
        return _png(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _jpeg(content)
    if content.startswith((b"GIF87a", b"GIF89a")):
        return _gif(content)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _webp(content)
    raise FileRefused("must be a PNG, JPEG, WebP or GIF image")


def _png(content: bytes) -> PictureFile:
    if content[12:16] != b"IHDR" or len(content) < 33:
        raise FileRefused(_NO_SIZE)
    width, height = (int.from_bytes(content[at : at + 4]) for at in (16, 20))
    needed, orientation = [_PNG], 1
    for at, kind, length in _png_chunks(content):
        if kind in _PNG_NEEDED:
            needed.append(content[at : at + 12 + length])
        elif kind == b"eXIf":
            orientation = _orientation(content[at + 8 : at + 8 + length])
        if kind == b"IEND":
            break
    return PictureFile("PNG", width, height, b"".join(needed), orientation)


def _png_chunks(content: bytes) -> Iterator[tuple[int, bytes, int]]:
    """Where each chunk begins, its kind and the length of its data; a cut one is the decoder's business."""
    at = len(_PNG)
    for _ in range(_MOST_PARTS):
        if at + 8 > len(content):
            return
        length = int.from_bytes(content[at : at + 4])
        yield at, content[at + 4 : at + 8], length
        at += 12 + length
    raise FileRefused(_MANY)


def _jpeg(content: bytes) -> PictureFile:
    needed, orientation = [b"\xff\xd8"], 1
    size: tuple[int, int] | None = None
    for at, marker, end in _jpeg_segments(content):
        if marker in _JPEG_SIZES:
            if size is not None:
                raise FileRefused("is damaged: it has two sizes")
            size = (
                int.from_bytes(content[at + 7 : at + 9]),
                int.from_bytes(content[at + 5 : at + 7]),
            )
        if marker in _JPEG_NEEDED:
            needed.append(content[at:end])
        elif marker == 0xE1 and content[at + 4 : at + 10] == b"Exif\0\0":
            orientation = _orientation(content[at + 10 : end])
        elif marker == 0xDA:
            # In what follows 0xFF is stuffed: these two are markers, and nothing else.
            eoi = content.find(b"\xff\xd9", at)
            image = content[at:] if eoi < 0 else content[at : eoi + 2]
            if image.count(b"\xff\xda") > _MOST_SCANS:
                raise FileRefused(_MANY)
            needed.append(image)
    if size is None:
        raise FileRefused(_NO_SIZE)
    return PictureFile("JPEG", *size, b"".join(needed), orientation)


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    """Where each segment begins, its marker, and where it ends; the image (SOS) is the last."""
    at = 2
    for _ in range(_MOST_PARTS):
        if content[at : at + 2] == b"\xff\xff":  # markers may be filled up in front
            at += 1
            continue
        if at + 4 > len(content) or content[at] != 0xFF:
            raise FileRefused(_CUT)
        marker = content[at + 1]
        if marker in _JPEG_ALONE:
            at += 2
            continue
        end = at + 2 + int.from_bytes(content[at + 2 : at + 4])
        yield at, marker, end
        if marker == 0xDA:
            return
        at = max(end, at + 4)
    raise FileRefused(_MANY)


def _gif(content: bytes) -> PictureFile:
    """The first image with the palettes and the transparency that are its own."""
    if len(content) < 13:
        raise FileRefused(_CUT)
    width, height = (int.from_bytes(content[at : at + 2], "little") for at in (6, 8))
    at = 13 + _gif_palette(content[10])
    palette, control = content[:at], b""
    for begin, end in _gif_extensions(content, at):
        if content[begin + 1] == 0xF9 and end - begin == 8:
            control = content[begin:end]
        at = end
    if content[at : at + 1] != b"\x2c" or at + 10 > len(content):
        raise FileRefused("is damaged: it has no image in it")
    left, top, wide, high = (
        int.from_bytes(content[at + skip : at + skip + 2], "little") for skip in (1, 3, 5, 7)
    )
    size = max(width, left + wide), max(height, top + high)
    return PictureFile("GIF", *size, palette + control + content[at:])


def _gif_extensions(content: bytes, at: int) -> Iterator[tuple[int, int]]:
    """Where each extension in front of the first image begins and ends."""
    begin = -1
    for _ in range(_MOST_PARTS):
        if begin < 0:
            if content[at : at + 1] != b"\x21":
                return
            begin, at = at, at + 2
        if at >= len(content):
            raise FileRefused(_CUT)
        length = content[at]
        at += 1 + length
        if length == 0:
            yield begin, at
            begin = -1
    raise FileRefused(_MANY)


def _gif_palette(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(content: bytes) -> PictureFile:
    kind, head = content[12:16], content[20:30]
    orientation = 1
    if len(head) < 10:
        raise FileRefused(_CUT)
    if kind == b"VP8X":
        width, height = (1 + int.from_bytes(head[at : at + 3], "little") for at in (4, 7))
        if head[0] & 0x08:
            orientation = _webp_orientation(content)
    elif kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(head[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    elif kind == b"VP8L" and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        width, height = 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    else:
        raise FileRefused(_NO_SIZE)
    return PictureFile("WEBP", width, height, content, orientation)


def _webp_orientation(content: bytes) -> int:
    at = 12
    for _ in range(_MOST_PARTS):
        if at + 8 > len(content):
            return 1
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        if content[at : at + 4] == b"EXIF":
            return _orientation(content[at + 8 : at + 8 + length].removeprefix(b"Exif\0\0"))
        at += 8 + length + (length & 1)
    raise FileRefused(_MANY)


def _orientation(exif: bytes) -> int:
    """Which way up a picture is, by its EXIF; 1 when that says nothing that can be read."""
    if exif[:4] not in {b"II*\0", b"MM\0*"}:
        return 1

    def number(at: int, size: int) -> int:
        return int.from_bytes(exif[at : at + size], "little" if exif[:1] == b"I" else "big")

    at = number(4, 4)
    for entry in range(at + 2, min(at + 2 + 12 * number(at, 2), len(exif) - 11), 12):
        if number(entry, 2) == 0x0112:  # Orientation, one SHORT
            said = number(entry + 8, 2)
            return said if 1 <= said <= 8 else 1
    return 1
