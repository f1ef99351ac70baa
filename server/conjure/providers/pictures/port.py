"""The pictures port: from a description to a picture (CONTRACT 11)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Protocol

EXTENSIONS: Final = {
    "image/gif": "gif",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/webp": "webp",
}
"""The media types of pictures, and what files of each end with."""

MEDIA_TYPES: Final = {extension: media_type for media_type, extension in EXTENSIONS.items()}
"""The same the other way round."""


@dataclass(frozen=True, slots=True)
class Picture:
    """An encoded picture; its media type is one of EXTENSIONS."""

    content: bytes
    media_type: str


@dataclass(frozen=True, slots=True)
class PictureRequest:
    """What to draw. All of it is what a person typed, or what an author wrote: any text at all.

    `title` is lettered on a drawing of ours, and never asked of a model. `scene` and `palette` are the keys
    of our drawings that fit, where the caller knows (`SCENES`, `PALETTES`). `within` says what it is a part
    of: our drawings of one whole look alike. `light`, -1 to 1: how much darker or brighter ours is than the
    others. Neither is asked of a model.
    """

    prompt: str
    pov: str | None = None
    mood: str | None = None
    style: str | None = None
    title: str | None = None
    scene: str | None = None
    palette: str | None = None
    within: str | None = None
    light: float = 0.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, the prompt that it was made from in the end, and the style that it is in, in words."""

    picture: Picture
    prompt: str
    art_style: str


class PicturesError(Exception):
    """No picture could be made; the message is for the log."""


class PicturesDeclined(PicturesError):
    """What was asked for is not drawn here: asking again does not help."""


class Pictures(Protocol):
    """Draws."""

    async def draw(self, request: PictureRequest) -> Drawn:
        """Makes a picture; ends when it is cancelled. Raises PicturesError, PicturesDeclined."""
        ...
