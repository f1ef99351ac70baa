"""Pictures for tests: good ones of each kind, and files that are none."""

from __future__ import annotations

import base64
import io
import zlib
from typing import Any

from PIL import Image


def picture(
    kind: str = "PNG",
    *,
    size: tuple[int, int] = (64, 48),
    colour: Any = (40, 90, 180),
    mode: str = "RGB",
    **options: Any,
) -> bytes:
    """A file of one colour."""
    to = io.BytesIO()
    Image.new(mode, size, colour).save(to, kind, **options)
    return to.getvalue()


def landscape(sky: Any = (250, 150, 90), ground: Any = (40, 30, 60)) -> bytes:
    """A PNG of two colours, with a horizon in the middle and a light at the upper left."""
    image = Image.new("RGB", (96, 64), sky)
    image.paste(ground, (0, 32, 96, 64))
    image.paste((255, 240, 200), (8, 6, 24, 22))
    to = io.BytesIO()
    image.save(to, "PNG")
    return to.getvalue()


def opened(content: bytes) -> Image.Image:
    """The pixels of a file."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG."""
    crc = zlib.crc32(kind + data).to_bytes(4)
    return len(data).to_bytes(4) + kind + data + crc


def png_of(width: int, height: int, *, extra: bytes = b"", data: bytes = b"") -> bytes:
    """A PNG that says that it is so large, whatever is in it."""
    head = width.to_bytes(4) + height.to_bytes(4) + b"\x08\x02\x00\x00\x00"
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra
        + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    )  # fmt: skip


def b64(content: bytes) -> str:
    """As JSON has it."""
    return base64.b64encode(content).decode()


def data_url(content: bytes, media_type: str = "image/png") -> str:
    """As browsers have it."""
    return f"data:{media_type};base64,{b64(content)}"


SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><path d="M0 0h1v1z"/></svg>'
