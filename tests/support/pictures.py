"""Files of pictures for tests, and what they are."""

from __future__ import annotations

import base64
import io

from PIL import Image


def encoded(kind: str = "PNG", size: tuple[int, int] = (160, 90)) -> bytes:
    """A picture of a warm colour."""
    to = io.BytesIO()
    Image.new("RGB", size, (200, 120, 60)).save(to, kind)
    return to.getvalue()


def in_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def opened(content: bytes) -> Image.Image:
    """The picture in a file, all of it read."""
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
