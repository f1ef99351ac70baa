"""Frames: pictures that callers send (CONTRACT 2.1, 11).

What is stored, shown and handed to models is never what was sent: it is decoded here and encoded again,
upright, without metadata, and no larger than it is of use. So a frame can hide nothing: no place where it
was taken, no script, no second file behind the picture.
"""

from __future__ import annotations

import binascii
import functools
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PIL import Image
from PIL.GifImagePlugin import GifImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from conjure.providers.pictures.desk import Desk
from conjure.providers.pictures.files import FileRefused, picture_file
from conjure.providers.pictures.port import Picture

if TYPE_CHECKING:
    from collections.abc import Callable

    from PIL.ImageFile import ImageFile

    from conjure.providers.pictures.files import PictureFile

MOST_BYTES: Final = 12 * 1024 * 1024
MOST_PIXELS: Final = 40_000_000
MOST_SIDE: Final = 65_535
"""Pixels of a side, as JPEG and GIF have it. A PNG has no such limit, and each row costs memory: one of a
single column took 1.5 GB."""

LONG_SIDE: Final = 2048
"""Pixels of the longer side that are kept: models look at fewer, and screens that play a world show fewer."""

MOST_ENCODED: Final = 4 * 1024 * 1024
"""Bytes of a frame as it is kept and handed on. Noise of 1 MB became 15 without loss; a JPEG is below."""

_QUALITY: Final = 88
_LARGE: Final = 8_000_000
"""Pixels of a frame that is decoded apart: 40 megapixels take a second or two, and half a gigabyte."""

# The plugins themselves: `Image.open` also warns of large pictures, by a bound of its own.
_DECODERS: Final[dict[str, Callable[[io.BytesIO], ImageFile]]] = {
    "PNG": PngImageFile,
    "JPEG": JpegImageFile,
    "GIF": GifImageFile,
    "WEBP": WebPImageFile,
}
_UPRIGHT: Final = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_NOT_BASE64: Final = "must be base64, or a data URL of it"
_TOO_LARGE: Final = f"must be an image of at most {MOST_BYTES >> 20} MiB"
# Both alphabets of RFC 4648 are read as one; lines may be broken, as MIME does.
_ALPHABET: Final = bytes.maketrans(b"-_", b"+/")
_SPACE: Final = b" \t\r\n\f\v"
# What of a base64 text stands escaped in a URL. What reads any escape splits the text at each: 12 MiB of them
# took 5 s, in which nobody else's frame was read.
_ESCAPES: Final = tuple(
    (f"%{code}", sign)
    for sign in "+/=-_ \t\r\n"
    for code in {f"{ord(sign):02X}", f"{ord(sign):02x}"}
)


class FrameRefused(Exception):
    """It is no frame. The message is for the caller, after the name of the field: "must be …", "is …"."""


@dataclass(frozen=True, slots=True)
class Frame:
    """A picture that was decoded, is in bounds, and was encoded again without metadata; pixels."""

    picture: Picture
    width: int
    height: int


def frame_bytes(text: str) -> bytes:
    """The file in a field: base64, padded or not, of either alphabet, or a data URL of it.

    What a data URL says of its type is not believed. Raises FrameRefused.
    """
    if len(text) > 2 * MOST_BYTES:
        raise FrameRefused(_TOO_LARGE)
    text = text.strip()
    try:
        if text[:5].lower() == "data:":
            head, comma, text = text.partition(",")
            if not comma or not head.lower().rstrip().endswith(";base64"):
                raise FrameRefused(_NOT_BASE64)
            if "%" in text:
                for escape, sign in _ESCAPES:
                    text = text.replace(escape, sign)
        raw = text.encode("ascii").translate(_ALPHABET, _SPACE)
        bare = raw.rstrip(b"=")
        if len(raw) - len(bare) > 2:
            raise FrameRefused(_NOT_BASE64)
        content = binascii.a2b_base64(bare + b"=" * (-len(bare) % 4), strict_mode=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise FrameRefused(_NOT_BASE64) from error
    if not content:
        raise FrameRefused("must not be empty")
    return content


def read_frame(content: bytes) -> Frame:
    """Decodes a picture, whatever it was claimed to be, and encodes it again.

    The same bytes give the same frame. Of an animation it is the first image. Takes up to a second of a core:
    the event loop asks `frame_of`. Raises FrameRefused.
    """
    return _frame(_file(content))


async def frame_of(sent: bytes | str) -> Frame:
    """Reads a frame from a file, or from the text of a field, beside the event loop. Raises FrameRefused."""
    file = await _DESK.do(functools.partial(_file, sent))
    desk = _LARGE_DESK if file.width * file.height > _LARGE else _DESK
    return await desk.do(functools.partial(_frame, file))


# Large frames hold up none but large ones.
_DESK: Final = Desk("frames")
_LARGE_DESK: Final = Desk("frames-large")


def _file(sent: bytes | str) -> PictureFile:
    """The file, when it says of itself what is in bounds."""
    content = frame_bytes(sent) if isinstance(sent, str) else sent
    if not content:
        raise FrameRefused("must not be empty")
    if len(content) > MOST_BYTES:
        raise FrameRefused(_TOO_LARGE)
    try:
        file = picture_file(content)
    except FileRefused as refused:
        raise FrameRefused(str(refused)) from refused
    if not (file.width and file.height):
        raise FrameRefused("is damaged: it has no pixels")
    if file.width * file.height > MOST_PIXELS:
        raise FrameRefused(f"must have at most {MOST_PIXELS // 1_000_000} megapixels")
    if max(file.width, file.height) > MOST_SIDE:
        raise FrameRefused(f"must be at most {MOST_SIDE:,} pixels wide and high")
    return file


def _frame(file: PictureFile) -> Frame:
    try:
        return _encoded(_decoded(file))
    except FrameRefused:
        raise
    except Exception as error:
        # Decoders raise what they like on what is damaged: a dozen kinds are known.
        raise FrameRefused("is damaged, and cannot be decoded") from error


def _decoded(file: PictureFile) -> Image.Image:
    with _DECODERS[file.format](io.BytesIO(file.content)) as image:
        if image.width * image.height > MOST_PIXELS:
            raise FrameRefused("is damaged: it is larger than it says")
        image.draft(None, (LONG_SIDE, LONG_SIDE))  # a large JPEG is decoded smaller at once
        image.load()
        plain = _plain(image)
    plain.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
    turn = _UPRIGHT.get(file.orientation)
    return plain if turn is None else plain.transpose(turn)


def _plain(image: Image.Image) -> Image.Image:
    """In RGB, or in RGBA where it is transparent somewhere."""
    if image.mode.startswith("I"):  # 16 bits of grey; converting cuts all above 255 off
        image = image.convert("I").point(lambda grey: grey / 256).convert("L")
    if not image.has_transparency_data:
        return image if image.mode == "RGB" else image.convert("RGB")
    clear = image.convert("RGBA")
    lowest, _ = clear.getchannel("A").getextrema()
    return clear.convert("RGB") if lowest == 255 else clear


def _encoded(image: Image.Image) -> Frame:
    image.info.clear()  # comments and profiles, which encoders would write again
    to = io.BytesIO()
    if image.mode == "RGBA":
        image.save(to, "PNG")
        while to.tell() > MOST_ENCODED:
            image = image.resize(((image.width + 1) // 2, (image.height + 1) // 2))
            to = io.BytesIO()
            image.save(to, "PNG")
        picture = Picture(to.getvalue(), "image/png")
    else:
        image.save(to, "JPEG", quality=_QUALITY)
        picture = Picture(to.getvalue(), "image/jpeg")
    return Frame(picture, image.width, image.height)
