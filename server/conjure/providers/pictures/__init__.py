from conjure.providers.pictures.cover import cover, data_url
from conjure.providers.pictures.frames import Frame
from conjure.providers.pictures.palette import PALETTES, Palette
from conjure.providers.pictures.port import (
    EXTENSIONS,
    Drawn,
    Picture,
    PictureRequest,
    Pictures,
    PicturesError,
)

__all__ = [
    "EXTENSIONS",
    "PALETTES",
    "Drawn",
    "Frame",
    "Palette",
    "Picture",
    "PictureRequest",
    "Pictures",
    "PicturesError",
    "cover",
    "data_url",
]
