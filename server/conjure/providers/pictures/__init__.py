from conjure.providers.pictures.cover import cover_svg
from conjure.providers.pictures.palette import PALETTES, Palette

__all__ = ["PALETTES", "Palette", "cover_svg"]
