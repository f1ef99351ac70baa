"""Our drawings as pixels."""

from __future__ import annotations

from typing import Final

import resvg_py

from conjure.providers.pictures.port import Picture, PicturesError

LARGEST: Final = 2_048
"""The widest that a drawing is made, in pixels: 0.5 s of a processor."""


def png(drawing: Picture, width: int) -> Picture:
    """A drawing of ours (SVG) as a PNG so many pixels wide, without its lettering.

    It takes 0.1 to 0.3 s of a processor and lets nothing else of the process run meanwhile, also in a thread:
    the library keeps the interpreter's lock. Lettering would need fonts, which servers do not have, and would
    differ from machine to machine. Raises PicturesError.
    """
    if drawing.media_type != "image/svg+xml":
        raise PicturesError(f"{drawing.media_type} is no drawing")
    try:
        content = resvg_py.svg_to_bytes(
            svg_string=drawing.content.decode(),
            width=max(16, min(width, LARGEST)),
            skip_system_fonts=True,
        )
    except BaseException as error:  # a panic of the library is no Exception
        if isinstance(error, KeyboardInterrupt | SystemExit):
            raise
        raise PicturesError(f"the drawing could not be made: {type(error).__name__}") from error
    return Picture(content, "image/png")
