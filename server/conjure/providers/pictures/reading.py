"""What a picture looks like, without a model: its colours, its light and how it is composed, in words.

Who wants to know what is in it asks a vision model. This is what can be measured: it is what a picture has in
common with the worlds that are made from it, and the same picture always reads the same.
"""

from __future__ import annotations

import asyncio
import io
import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from PIL import Image

from conjure.providers.pictures.colours import Lab, colour_name, lab
from conjure.providers.pictures.palette import PALETTES, channels

if TYPE_CHECKING:
    from collections.abc import Sequence

    from conjure.providers.pictures.frames import Frame
    from conjure.providers.pictures.palette import Palette

Brightness = Literal["dark", "dim", "even", "bright"]
Warmth = Literal["warm", "cool", "neutral"]
Contrast = Literal["soft", "clear", "stark"]
Texture = Literal["calm", "varied", "busy"]
Shape = Literal["wide", "square", "tall"]
Horizon = Literal["", "high", "middle", "low"]

_SIDE: Final = 60
"""Pixels of the longer side that are looked at: enough for what is said, and 10 ms of a core."""
_LEAST_SHARE: Final = 0.07  # of the pixels: a colour that is mentioned
_MOST_COLOURS: Final = 3
_PLACES: Final = (
    ("upper left", "top", "upper right"),
    ("left", "middle", "right"),
    ("lower left", "bottom", "lower right"),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was measured.

    `colours`: at most three, the largest first. `light_at`: where the view is brightest ("upper left",
    "middle"); empty when it is lit alike everywhere. `is_framed`: darker all around than in the middle.
    `palettes` are the keys of all our palettes and `scenes` those of scenes that such a picture may show, the
    nearest first.
    """

    colours: tuple[str, ...]
    brightness: Brightness
    warmth: Warmth
    contrast: Contrast
    texture: Texture
    shape: Shape
    light_at: str
    horizon: Horizon
    is_framed: bool
    palettes: tuple[str, ...]
    scenes: tuple[str, ...]

    @property
    def sentences(self) -> tuple[str, str, str]:
        """Light, colours and composition, a sentence each, in prose that no lint minds."""
        return _light(self), _colours(self), _composition(self)

    @property
    def sentence(self) -> str:
        """All of it in one line, for a prompt."""
        return " ".join(self.sentences)


def read(frame: Frame) -> Reading:
    """Looks at a frame. Takes some 20 ms of a core: the event loop asks `reading_of`."""
    rows = _rows(frame)
    seen = [[lab(*pixel) for pixel in row] for row in rows]
    flat = [colour for row in seen for colour in row]
    lights = sorted(colour.light for colour in flat)
    mean = _mean(flat)
    spread = lights[len(lights) * 19 // 20] - lights[len(lights) // 20]
    grid = [[_mean(part) for part in line] for line in _ninths(seen)]
    texture = _texture(seen)
    horizon = _horizon(seen)
    bands = [_mean([colour for part in line for colour in part]) for line in _ninths(seen)]
    ratio = frame.width / frame.height
    return Reading(
        colours=_named(rows, seen),
        brightness=(
            "dark"
            if mean.light < 0.3
            else "dim"
            if mean.light < 0.48
            else "even"
            if mean.light < 0.72
            else "bright"
        ),
        warmth="warm" if mean.b > 0.02 else "cool" if mean.b < -0.015 else "neutral",
        contrast="soft" if spread < 0.3 else "clear" if spread < 0.62 else "stark",
        texture=texture,
        shape="wide" if ratio > 1.15 else "tall" if ratio < 0.87 else "square",
        light_at=_light_at(grid, mean),
        horizon=horizon,
        is_framed=grid[1][1].light - _edge(grid) > 0.1,
        palettes=_palettes(bands),
        scenes=_scenes(bands, mean, texture, horizon),
    )


async def reading_of(frame: Frame) -> Reading:
    """Looks at a frame beside the event loop."""
    return await asyncio.to_thread(read, frame)


def _rows(frame: Frame) -> list[list[tuple[int, int, int]]]:
    """The pixels, few of them; what is transparent lies on grey."""
    with Image.open(io.BytesIO(frame.picture.content), formats=["JPEG", "PNG"]) as image:
        image.draft("RGB", (4 * _SIDE, 4 * _SIDE))
        whole = image.convert("RGBA")
    ground = Image.new("RGBA", whole.size, (128, 128, 128, 255))
    flat = Image.alpha_composite(ground, whole).convert("RGB")
    scale = _SIDE / max(flat.size)
    size = max(3, round(flat.width * scale)), max(3, round(flat.height * scale))
    small = flat.resize(size, Image.Resampling.BOX)
    data = small.tobytes()
    step = 3 * small.width
    return [
        [(row[at], row[at + 1], row[at + 2]) for at in range(0, step, 3)]
        for row in (data[begin : begin + step] for begin in range(0, len(data), step))
    ]


def _mean(colours: Sequence[Lab]) -> Lab:
    count = len(colours)
    return Lab(
        sum(colour.light for colour in colours) / count,
        sum(colour.a for colour in colours) / count,
        sum(colour.b for colour in colours) / count,
    )


def _ninths(seen: list[list[Lab]]) -> list[list[list[Lab]]]:
    def thirds(count: int) -> list[slice]:
        return [slice(count * at // 3, count * (at + 1) // 3) for at in range(3)]

    return [
        [
            [colour for row in seen[down] for colour in row[across]]
            for across in thirds(len(seen[0]))
        ]
        for down in thirds(len(seen))
    ]


def _named(rows: list[list[tuple[int, int, int]]], seen: list[list[Lab]]) -> tuple[str, ...]:
    counts = Counter(
        colour_name(*pixel, colour)
        for row, colours in zip(rows, seen, strict=True)
        for pixel, colour in zip(row, colours, strict=True)
    )
    least = _LEAST_SHARE * counts.total()
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    chosen = [name for name, count in ranked if count >= least] or [ranked[0][0]]
    return tuple(chosen[:_MOST_COLOURS])


def _light_at(grid: list[list[Lab]], mean: Lab) -> str:
    brightest, place = max(
        (cell.light, name)
        for cells, names in zip(grid, _PLACES, strict=True)
        for cell, name in zip(cells, names, strict=True)
    )
    return place if brightest - mean.light > 0.07 else ""


def _edge(grid: list[list[Lab]]) -> float:
    around = [cell for at, cell in enumerate(cell for row in grid for cell in row) if at != 4]
    return sum(cell.light for cell in around) / len(around)


def _texture(seen: list[list[Lab]]) -> Texture:
    steps = [one.distance(other) for row in seen for one, other in itertools.pairwise(row)]
    rough = sum(steps) / len(steps)
    return "calm" if rough < 0.022 else "varied" if rough < 0.06 else "busy"


def _horizon(seen: list[list[Lab]]) -> Horizon:
    """A level line across the whole view, where what is above differs from what is below."""
    height = len(seen)
    window = max(1, height // 30)  # more would take a slow change for a line
    best, at = 0.0, 0
    for row in range(max(window, height // 6), min(height - window, height * 5 // 6) + 1):
        steps = []
        for across in range(len(seen[0])):
            above = _mean([seen[row - 1 - up][across] for up in range(window)])
            below = _mean([seen[row + down][across] for down in range(window)])
            steps.append(above.distance(below))
        # The step that four columns in five have at least.
        common = sorted(steps)[len(steps) // 5]
        if common > best:
            best, at = common, row
    if best < 0.09:
        return ""
    return "high" if at < height * 0.4 else "low" if at > height * 0.6 else "middle"


def _palettes(bands: list[Lab]) -> tuple[str, ...]:
    """All palettes, those first whose sky, middle and ground are like the picture's."""

    def apart(palette: Palette) -> float:
        drawn = (
            (palette.top, palette.low),
            (palette.low, palette.mid),
            (palette.mid, palette.near),
        )
        return sum(
            band.distance(_mean([lab(*channels(colour)) for colour in colours]))
            for band, colours in zip(bands, drawn, strict=True)
        )

    return tuple(sorted(PALETTES, key=lambda key: (apart(PALETTES[key]), key)))


def _scenes(bands: list[Lab], mean: Lab, texture: Texture, horizon: Horizon) -> tuple[str, ...]:
    """What such colours in such places may be. A guess: whoever knows better does not ask."""
    top, _, low = bands
    green, blue, warm = -low.a, -low.b, low.b
    is_open = bool(horizon) or top.light - low.light > 0.15
    fits = {
        "forest": 6 * max(green, 0) + (0.2 if texture == "busy" else 0.0),
        "village": 6 * max(green, 0) * (is_open and texture != "busy"),
        "coast": 5 * max(blue, 0) + (0.2 if horizon and top.light > 0.5 and blue > 0 else 0.0),
        "deep": 4 * max(-top.b, 0) + 4 * max(blue, 0) - (0.5 if is_open else 0.0),
        "desert": 4 * max(warm, 0) * (low.light > 0.5) + (0.15 if is_open else 0.0),
        "peaks": (0.5 if low.light > 0.6 and abs(warm) < 0.03 else 0.0) + (0.1 if is_open else 0.0),
        "stars": 0.9 * (mean.light < 0.25) * (texture != "busy") * (mean.b < 0.02),
        "cavern": 0.7 * (mean.light < 0.35) * (mean.b > 0.0),
        "castle": 0.45 * (mean.light < 0.5) * (0.0 < mean.b < 0.06),
        "works": 0.5 * (mean.light < 0.5) * (mean.b > 0.03) * (texture == "busy"),
        "house": 0.5 * (mean.b > 0.02) * (not is_open) * (mean.light > 0.35),
        "city": 0.4 * (texture == "busy") * (abs(mean.b) < 0.04) * (abs(mean.a) < 0.03),
    }
    ranked = sorted(fits, key=lambda key: (-fits[key], key))
    return tuple(key for key in ranked if fits[key] >= max(0.2, 0.6 * fits[ranked[0]]))


def _light(reading: Reading) -> str:
    tone = {"warm": "warm", "cool": "cool", "neutral": "pale"}[reading.warmth]
    where = f"the {reading.light_at}" if reading.light_at else ""
    if reading.brightness == "dark":
        glow = f"a {tone} glow rests at {where}" if where else f"a faint {tone} glow fills it"
        return f"The view is dark, and {glow}."
    strength = {"dim": "Dim", "even": "Even", "bright": "Bright"}[reading.brightness]
    if not where:
        return f"{strength}, {tone} light fills the view."
    if reading.light_at == "middle":
        return f"{strength}, {tone} light gathers in the middle of the view."
    return f"{strength}, {tone} light comes from {where}."


def _colours(reading: Reading) -> str:
    first, *others = reading.colours
    named = first[:1].upper() + first[1:]
    if not others:
        return f"{named} fills the picture."
    if len(others) == 1:
        return f"{named} and {others[0]} fill the picture."
    return f"{named} and {others[0]} fill the picture, with touches of {others[1]}."


def _composition(reading: Reading) -> str:
    detail = {
        "calm": "large calm shapes",
        "varied": "a few clear shapes",
        "busy": "many fine details",
    }[reading.texture]
    edges = {"soft": "soft edges", "clear": "clear edges", "stark": "stark contrast"}[
        reading.contrast
    ]
    said = f"{detail} with {edges}"
    if reading.horizon:
        lies = {"high": "high", "middle": "halfway up", "low": "low"}[reading.horizon]
        return f"A level line lies {lies} across the view, between {said}."
    if reading.is_framed:
        return f"Darker edges frame a lighter middle of {said}."
    return f"{said[:1].upper()}{said[1:]} make up the {reading.shape} view."
