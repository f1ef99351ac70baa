"""Colours: what people call them, and how far apart they look."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import Final

# Hues in degrees up to which a name holds; then the names of a dark, a middling and a light one.
_HUES: Final = (
    (14, ("deep red", "red", "rose")),
    (38, ("brown", "orange", "peach")),
    (52, ("bronze", "amber", "sand")),
    (70, ("olive", "yellow", "cream")),
    (160, ("dark green", "green", "pale green")),
    (192, ("dark teal", "teal", "aqua")),
    (250, ("deep blue", "blue", "pale blue")),
    (290, ("deep violet", "violet", "lilac")),
    (335, ("plum", "magenta", "pink")),
    (360, ("deep red", "red", "rose")),
)
_GREYS: Final = ((0.1, "black"), (0.32, "charcoal"), (0.68, "grey"), (0.9, "pale grey"))
_DARK: Final = 0.3
_LIGHT: Final = 0.72


@dataclass(frozen=True, slots=True)
class Lab:
    """A colour in OKLab: distances are as they look. `light` 0 to 1; `a` green to red, `b` blue to yellow."""

    light: float
    a: float
    b: float

    def distance(self, other: Lab) -> float:
        """How different two colours look; black and white are 1 apart."""
        return float(
            ((self.light - other.light) ** 2 + (self.a - other.a) ** 2 + (self.b - other.b) ** 2)
            ** 0.5
        )


def lab(red: int, green: int, blue: int) -> Lab:
    """The colour of a pixel."""
    r, g, b = (_LINEAR[channel] for channel in (red, green, blue))
    x = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b) ** (1 / 3)
    y = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b) ** (1 / 3)
    z = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b) ** (1 / 3)
    return Lab(
        0.2104542553 * x + 0.7936177850 * y - 0.0040720468 * z,
        1.9779984951 * x - 2.4285922050 * y + 0.4505937099 * z,
        0.0259040371 * x + 0.7827717662 * y - 0.8086757660 * z,
    )


def colour_name(red: int, green: int, blue: int, seen: Lab) -> str:
    """What people call a colour: "deep blue", "sand", "charcoal"; one word or two."""
    # Dark colours have less colour in them, and are called by it all the same.
    if (seen.a**2 + seen.b**2) ** 0.5 < 0.02 + 0.04 * seen.light or seen.light < 0.12:
        return next((name for below, name in _GREYS if _grey(seen) < below), "white")
    hue, light, _ = colorsys.rgb_to_hls(red / 255, green / 255, blue / 255)
    names = next(names for below, names in _HUES if hue * 360 <= below)
    return names[0 if light < _DARK else 1 if light < _LIGHT else 2]


def _grey(seen: Lab) -> float:
    """Its lightness as it is written in sRGB."""
    return max(0.0, (seen.light - 0.1) / 0.9)


def _linear(channel: int) -> float:
    value = channel / 255
    return value / 12.92 if value <= 0.04045 else float(((value + 0.055) / 1.055) ** 2.4)


_LINEAR: Final = tuple(_linear(channel) for channel in range(256))
