"""Covers, drawn by us: a small landscape that the premise seeds."""

import re
from xml.sax.saxutils import escape

from conjure.providers.dice import Dice
from conjure.providers.pictures.palette import PALETTES, Palette, mix
from conjure.providers.pictures.port import Picture
from conjure.providers.pictures.scenes import SCENES
from conjure.providers.pictures.shapes import HEIGHT, WIDTH, circle, line, n, rect, scatter

WHOLE = f"0 0 {WIDTH} {HEIGHT}"
CLOSE = f"{WIDTH // 10} {HEIGHT * 7 // 45} {WIDTH * 4 // 5} {HEIGHT * 4 // 5}"
"""Parts of a drawing: all of it, and what somebody sees who stands in it."""

_NEAREST = 0.66
"""How much of the width of a drawing is seen at least."""

_TITLE_CHARS = 44
_HUE_DRIFT = 16.0  # degrees; more would turn a dusk green
_UNDER_ROOF = {"deep", "cavern"}  # scenes that have no sun of their own
# XML 1.0 cannot hold these, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPACE = re.compile(r"\s+")


def view_of(seed_text: str) -> str:
    """A part of a drawing, all of its ground: two of the same scene are seen from two places."""
    dice = Dice(seed_text).fork("view")
    share = 1.0 if dice.unit() < 0.25 else dice.between(_NEAREST, 0.95)
    width, height = WIDTH * share, HEIGHT * share
    left = (WIDTH - width) * dice.unit()
    return f"{n(left)} {n(HEIGHT - height)} {n(width)} {n(height)}"


def _sky(dice: Dice, p: Palette, scene: str) -> str:
    if scene in _UNDER_ROOF:
        return ""
    if scene == "stars":
        return scatter(dice, 30, (0, 0, WIDTH, 360), p.orb)
    x, y = dice.between(120, 680), dice.between(84, 190)
    if p.weather == "rain":
        return circle(x, y, 90, p.orb, ' opacity=".16"')
    radius = dice.between(26, 40)
    out = scatter(dice, 26, (0, 0, WIDTH, 240), p.orb) if p.night else ""
    out += circle(x, y, radius * 2.6, p.orb, ' opacity=".12"')
    out += circle(x, y, radius * 1.7, p.orb, ' opacity=".16"')
    out += circle(x, y, radius, p.orb)
    if p.night and dice.unit() < 0.6:  # a crescent: the sky bites into the disc
        out += circle(
            x + radius * 0.45, y - radius * 0.2, radius * 0.9, mix(p.top, p.low, y / HEIGHT)
        )
    return out


def _weather(dice: Dice, p: Palette) -> str:
    if p.weather == "rain":
        drops = "".join(
            f"M{n(dice.between(0, WIDTH))} {n(dice.between(0, 400))}l-6 22" for _ in range(34)
        )
        return line(drops, p.orb, 1.3, ' opacity=".45"')
    if p.weather == "snow":
        return scatter(dice, 36, (0, 0, WIDTH, HEIGHT), "#fff")
    if p.weather == "fog":
        return "".join(
            rect(0, dice.between(230, 380), WIDTH, dice.between(18, 46), p.low, ' opacity=".3"')
            for _ in range(4)
        )
    return ""


def _title(text: str) -> tuple[list[str], int]:
    """The title in one or two lines, and the size of its letters."""
    words = _SPACE.sub(" ", _NOT_XML.sub("", text)).strip()
    if len(words) > _TITLE_CHARS:
        head = words[: _TITLE_CHARS - 1]
        at_word = head.rpartition(" ")[0]
        words = (at_word if len(at_word) > _TITLE_CHARS // 2 else head) + "…"
    # Ideographs and emoji are twice as wide as Latin letters.
    width = sum(2 if ord(letter) > 0x2E80 else 1 for letter in words)
    if width <= 24 or " " not in words:
        return [words], max(18, min(40, 900 // max(width, 1)))
    middle = min(
        (at for at, letter in enumerate(words) if letter == " "),
        key=lambda at: abs(at - len(words) / 2),
    )
    return [words[:middle], words[middle + 1 :]], 34 if width <= 52 else 24


def _lettering(title: str, p: Palette) -> str:
    lines, size = _title(title)
    if not lines[0]:
        return ""
    spans = "".join(
        f'<tspan x="40" y="{HEIGHT - 36 - (len(lines) - 1 - at) * round(size * 1.18)}">'
        f"{escape(text)}</tspan>"
        for at, text in enumerate(lines)
    )
    letters = (
        f'<text font-family="Georgia,\'Times New Roman\',serif" font-size="{size}" '
        f'fill="{mix("#ffffff", p.lamp, 0.22)}">{spans}</text>'
    )
    # The ground darkens below it, so that it can be read on any drawing.
    return f"{rect(0, 0, WIDTH, HEIGHT, 'url(#v)')}{letters}"


def cover(
    seed_text: str,
    *,
    title: str,
    scene: str = "forest",
    palette: Palette = PALETTES["dusk"],
    view: str = WHOLE,
    tint: str | None = None,
) -> Picture:
    """Draw a cover: an SVG of at most about 5 KB, with a title unless that is blank.

    The same arguments give the same picture; another seed text moves and recolours it. An unknown
    scene is drawn as a forest. `view` is the part of the drawing that is shown. Drawings with the same `tint`
    have the same colours.
    """
    dice = Dice(seed_text).fork(f"cover {scene}")
    drift = dice.between(-_HUE_DRIFT, _HUE_DRIFT)
    if tint is not None:
        drift = Dice(tint).fork("tint").between(-_HUE_DRIFT, _HUE_DRIFT)
    p = palette.turned(drift)
    draw = SCENES.get(scene, SCENES["forest"])
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}">'
        f'<defs><linearGradient id="s" x2="0" y2="1"><stop stop-color="{p.top}"/>'
        f'<stop offset=".85" stop-color="{p.low}"/></linearGradient>'
        f'<linearGradient id="p" x2="1" y2=".8"><stop stop-color="{p.orb}"/>'
        f'<stop offset="1" stop-color="{p.far}"/></linearGradient>'
        f'<linearGradient id="v" x2="0" y2="1"><stop offset=".6" stop-color="{p.near}" '
        f'stop-opacity="0"/><stop offset="1" stop-color="{p.near}" stop-opacity=".92"/>'
        f"</linearGradient></defs>"
        f"{rect(0, 0, WIDTH, HEIGHT, 'url(#s)')}{_sky(dice, p, scene)}{draw(dice, p)}"
        f"{_weather(dice, p)}{_lettering(title, p)}</svg>"
    )
    return Picture(svg.encode(), "image/svg+xml")
