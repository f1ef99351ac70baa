"""SVG in small pieces: the numbers are whole, so that a cover stays small."""

import re

from conjure.providers.dice import Dice

WIDTH, HEIGHT = 800, 450
_TIGHT = re.compile(r"(?<=[A-Za-z]) | (?=[A-Za-z-])")  # spaces that a path can do without


def n(value: float) -> str:
    """A coordinate."""
    return str(round(value))


def d(*parts: str | float) -> str:
    """The data of a path: commands as they are, numbers as coordinates."""
    data = " ".join(part if isinstance(part, str) else n(part) for part in parts)
    return _TIGHT.sub("", data)


def rect(x: float, y: float, width: float, height: float, fill: str, more: str = "") -> str:
    """A rectangle."""
    return (
        f'<rect x="{n(x)}" y="{n(y)}" width="{n(width)}" height="{n(height)}" fill="{fill}"{more}/>'
    )


def circle(x: float, y: float, radius: float, fill: str, more: str = "") -> str:
    """A disc; small ones keep a decimal."""
    size = n(radius) if radius >= 3 else f"{radius:.1f}"
    return f'<circle cx="{n(x)}" cy="{n(y)}" r="{size}" fill="{fill}"{more}/>'


def ellipse(x: float, y: float, rx: float, ry: float, fill: str, more: str = "") -> str:
    """An oval."""
    return f'<ellipse cx="{n(x)}" cy="{n(y)}" rx="{n(rx)}" ry="{n(ry)}" fill="{fill}"{more}/>'


def path(data: str, fill: str, more: str = "") -> str:
    """A filled path."""
    return f'<path d="{data}" fill="{fill}"{more}/>'


def line(data: str, stroke: str, width: float, more: str = "") -> str:
    """A drawn path with round ends."""
    return (
        f'<path d="{data}" fill="none" stroke="{stroke}" stroke-width="{width:g}" '
        f'stroke-linecap="round"{more}/>'
    )


def polygon(*points: tuple[float, float]) -> str:
    """The data of a closed straight-edged shape."""
    return "M" + "L".join(f"{n(x)} {n(y)}" for x, y in points) + "z"


def ridge(dice: Dice, base: float, rise: float, steps: int, *, sharp: bool) -> str:
    """The data of a skyline from edge to edge, closed below: sharp peaks or soft hills."""
    span = WIDTH / steps
    heights = [base - rise * dice.unit() * (1 if at % 2 else 0.35) for at in range(steps + 1)]
    if sharp:
        middle = "".join(f"L{n(at * span)} {n(y)}" for at, y in enumerate(heights))
        return f"M0 {HEIGHT}{middle}L{WIDTH} {HEIGHT}z"
    curve = f"M0 {HEIGHT}V{n(heights[0])}"
    for at in range(1, steps + 1):
        middle_x = (at - 0.5) * span
        curve += (
            f"C{n(middle_x)} {n(heights[at - 1])} {n(middle_x)} {n(heights[at])} "
            f"{n(at * span)} {n(heights[at])}"
        )
    return f"{curve}V{HEIGHT}z"


def wave(dice: Dice, y: float, depth: float, steps: int) -> str:
    """The data of a water surface, closed below."""
    span = WIDTH / steps
    start = y + dice.between(-3, 3)
    curve = f"M0 {n(start)}q{n(span / 2)} {n(-depth)} {n(span)} 0" + f"t{n(span)} 0" * (steps - 1)
    return f"{curve}V{HEIGHT}H0z"


def scatter(dice: Dice, count: int, box: tuple[float, float, float, float], fill: str) -> str:
    """Small dots in two sizes: stars, sparks, flakes. A point drawn with a round end is a dot."""
    x, y, width, height = box
    dots = [d("M", x + width * dice.unit(), y + height * dice.unit(), "h0") for _ in range(count)]
    cut = count * 2 // 3
    return line("".join(dots[:cut]), fill, 2) + line("".join(dots[cut:]), fill, 3.6)


def pine(x: float, foot: float, height: float) -> str:
    """The data of a conifer, to be joined with others into one path."""
    tiers = ""
    for tier in range(3):
        reach = height * (0.11 + tier * 0.057)
        tier_height = height * 0.36
        tiers += d(
            "M", x, foot - height * (1 - tier * 0.24), "l", reach, tier_height, "h", -2 * reach, "z"
        )
    return tiers + d("M", x - 3, foot - height * 0.2, "h6V", foot, "h-6z")


def windows(dice: Dice, box: tuple[float, float, float, float], count: int, fill: str) -> str:
    """Lit windows on a loose grid."""
    x, y, width, height = box
    columns, rows = max(1, int(width / 14)), max(1, int(height / 18))
    cells = [(column, row) for column in range(columns) for row in range(rows)]
    panes = "".join(
        d("M", x + 7 + column * 14, y + 6 + row * 18, "v8")
        for column, row in dice.deal(cells, count)
    )
    return f'<path d="{panes}" stroke="{fill}" stroke-width="5"/>'
