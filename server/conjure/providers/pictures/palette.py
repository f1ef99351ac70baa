"""The colours of a cover, one set for each kind of light."""

import colorsys
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours from the sky down to the foreground, as #rrggbb."""

    top: str  # of the sky
    low: str  # of the sky, at the horizon
    orb: str  # sun or moon
    far: str
    mid: str
    near: str
    lamp: str  # windows, lanterns, glints
    night: bool = False  # a moon and stars instead of a sun
    weather: str = ""  # rain | snow | fog

    def turned(self, degrees: float) -> "Palette":
        """The same light with every hue turned a little, so that two dusks differ."""
        turn = degrees / 360
        return replace(
            self,
            top=_turn(self.top, turn),
            low=_turn(self.low, turn),
            orb=_turn(self.orb, turn),
            far=_turn(self.far, turn),
            mid=_turn(self.mid, turn),
            near=_turn(self.near, turn),
            lamp=_turn(self.lamp, turn),
        )

    def lit(self, share: float) -> "Palette":
        """The same in more of the sun's light for a share above 0, in less of any for one below."""
        if not share:
            return self
        towards = self.orb if share > 0 else "#000000"
        share = min(abs(share), 1.0)
        return replace(
            self,
            top=mix(self.top, towards, share),
            low=mix(self.low, towards, share),
            far=mix(self.far, towards, share),
            mid=mix(self.mid, towards, share),
        )


def channels(colour: str) -> tuple[int, int, int]:
    """#rrggbb as three numbers."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def mix(one: str, other: str, share: float) -> str:
    """`one` with a share of `other` in it."""
    pairs = zip(channels(one), channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _turn(colour: str, turn: float) -> str:
    red, green, blue = (value / 255 for value in channels(colour))
    hue, light, colourful = colorsys.rgb_to_hls(red, green, blue)
    turned = colorsys.hls_to_rgb((hue + turn) % 1, light, colourful)
    return "#" + "".join(f"{round(value * 255):02x}" for value in turned)


PALETTES = {
    "dawn": Palette("#6d86b5", "#fbd3b4", "#fff1d6", "#b9a3b8", "#7b7396", "#2f3150", "#ffd79a"),
    "noon": Palette("#3f8fc7", "#cfeaf0", "#fffbe6", "#8fb9c4", "#4f8a8b", "#1f4550", "#ffe9a8"),
    "dusk": Palette("#4b2e63", "#f6935a", "#ffe0a1", "#b0566b", "#6d3358", "#27163a", "#ffc56e"),
    "blue": Palette(
        "#142850", "#7f9fc9", "#f3f6ff", "#4b6796", "#2b4270", "#0d1730", "#ffcf87", night=True
    ),
    "night": Palette(
        "#070c1f", "#2c3f6b", "#f4efd8", "#26365c", "#172341", "#070b18", "#ffc46b", night=True
    ),
    "rain": Palette(
        "#2f3d4a", "#8d9da3", "#d9e2e2", "#66777f", "#425058", "#182127", "#f4b565", weather="rain"
    ),
    "snow": Palette(
        "#8ba6be", "#e9eff3", "#ffffff", "#b5c7d4", "#7d98ab", "#33485a", "#ffc983", weather="snow"
    ),
    "fog": Palette(
        "#9aa7a6", "#dfe2da", "#fbf8ea", "#bac1bb", "#86928e", "#3a4643", "#f0c27b", weather="fog"
    ),
    "amber": Palette("#7d5a3c", "#f0cf94", "#fff3cf", "#c39a63", "#8a6238", "#36241a", "#ffd27a"),
    "aurora": Palette(
        "#06132b", "#1f6f74", "#eafcf3", "#1d4a5c", "#123043", "#050e1a", "#8ff0c0", night=True
    ),
    "shafts": Palette("#0e6f8e", "#063247", "#c9f4ef", "#0d5a74", "#0a4156", "#041c28", "#ffd58a"),
    "twilight": Palette(
        "#1b3f7a", "#0a1738", "#a9c6f5", "#173463", "#102549", "#050c1f", "#ff9e8a"
    ),
    "glow": Palette("#07363c", "#03131c", "#9ff5d8", "#0a3a40", "#07272e", "#020b10", "#7df0c2"),
    "sunside": Palette(
        "#05070f", "#2b2a3c", "#fff2cf", "#57526b", "#35334a", "#10101c", "#ffb861", night=True
    ),
    "planet": Palette(
        "#03081a", "#173a66", "#8fc7ee", "#2a4d78", "#1a3153", "#081021", "#8fe0ff", night=True
    ),
    "nebula": Palette(
        "#0c0620", "#64286d", "#ffd3e6", "#4a2765", "#2d1948", "#0d0719", "#ff9fd0", night=True
    ),
    "torch": Palette("#2a1712", "#8a4a22", "#ffd08a", "#5d3420", "#3b2118", "#140a08", "#ffb04f"),
    "crystal": Palette("#1a1238", "#5c4a9c", "#e6dcff", "#43367a", "#2a2152", "#0d0920", "#b59cff"),
    "ember": Palette("#210c10", "#9c3324", "#ffb27a", "#611f1d", "#3a1416", "#140608", "#ff7a45"),
}
