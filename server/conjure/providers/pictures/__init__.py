from conjure.providers.pictures.builtin import BuiltinPictures, ReadsSetting
from conjure.providers.pictures.chosen import pictures_of
from conjure.providers.pictures.cover import cover
from conjure.providers.pictures.frames import Frame
from conjure.providers.pictures.palette import PALETTES, Palette
from conjure.providers.pictures.port import (
    EXTENSIONS,
    MEDIA_TYPES,
    Drawn,
    Picture,
    PictureRequest,
    Pictures,
    PicturesDeclined,
    PicturesError,
)
from conjure.providers.pictures.raster import png

__all__ = [
    "EXTENSIONS",
    "MEDIA_TYPES",
    "PALETTES",
    "BuiltinPictures",
    "Drawn",
    "Frame",
    "Palette",
    "Picture",
    "PictureRequest",
    "Pictures",
    "PicturesDeclined",
    "PicturesError",
    "ReadsSetting",
    "cover",
    "pictures_of",
    "png",
]
