"""Boxes as models give them → CONTRACT 11: x0, y0, x1, y1 in thousandths, whatever they return.

A model is asked for named corners in thousandths and for the scale that it has used. What comes back may be
something else all the same: fractions of 1, percents, pixels of the picture that it was sent; corners that
are swapped, outside, or no numbers; and lists without names, whose order goes by the name of the list:

- `box_2d` is Gemini's: ymin, xmin, ymax, xmax;
- `bbox_2d`, `bbox`, `box` are everybody else's: x first.

The scale goes for a whole answer, as one box alone does not tell it: what the model claims, unless its own
numbers say that it cannot be so.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, Final, Literal

from conjure.providers.vision.port import Hotspot

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Scale = Literal["thousandths", "fractions", "percents", "pixels"]
SCALES: Final[tuple[Scale, ...]] = ("thousandths", "fractions", "percents", "pixels")

CORNERS: Final = ("x0", "y0", "x1", "y1")
Y_FIRST: Final = "box_2d"
X_FIRST: Final = ("bbox_2d", "bbox", "box")

UNSAID_CONFIDENCE: Final = 0.5
_WHOLE: Final = 1_000
_SLACK: Final = 1.05
"""By how much a number may be beyond the picture and still be of the scale: models round."""

_Box = tuple[float, float, float, float]


def hotspots(
    found: Any, labels: Sequence[str], *, scale: Any, width: int, height: int
) -> tuple[Hotspot, ...]:
    """Reads the boxes of an answer; total on any JSON value.

    `found` is the list as the model gave it, `scale` what it claims, `width` and `height` the picture that it
    was sent, in pixels. At most one box for each of the labels that were asked for, the surest and of those
    the largest; in the order of the labels.
    """
    wanted = {_folded(label): label for label in reversed(labels)}
    boxes: list[tuple[str, float, _Box]] = []
    for item in found if isinstance(found, list) else ():
        label = item.get("label") if isinstance(item, dict) else None
        asked = wanted.get(_folded(label)) if isinstance(label, str) else None
        box = _corners(item) if asked is not None else None
        if asked is not None and box is not None:
            boxes.append((asked, confidence(item.get("confidence")), box))
    across, down = _unit([box for _, _, box in boxes], scale, width, height)
    best: dict[str, tuple[float, int, Hotspot]] = {}
    for label, sure, (x0, y0, x1, y1) in boxes:
        left, right = sorted((_thousandths(x0, across), _thousandths(x1, across)))
        top, bottom = sorted((_thousandths(y0, down), _thousandths(y1, down)))
        area = (right - left) * (bottom - top)
        if area and (label not in best or (sure, area) > best[label][:2]):
            best[label] = (sure, area, Hotspot(label, (left, top, right, bottom), sure))
    return tuple(best[label][2] for label in dict.fromkeys(labels) if label in best)


def confidence(value: Any) -> float:
    """A confidence from 0 to 1; percents are taken as such, and what is no number as unsaid."""
    number = _number(value)
    if number is None:
        return UNSAID_CONFIDENCE
    if 1 < number <= 100:
        number /= 100
    return min(1.0, max(0.0, number))


def _folded(label: str) -> str:
    return " ".join(label.casefold().split())


def _corners(item: dict[str, Any]) -> _Box | None:
    if all(name in item for name in CORNERS):
        return _four(item[name] for name in CORNERS)
    turned = _list(item.get(Y_FIRST))
    if turned is not None:
        y0, x0, y1, x1 = turned
        return x0, y0, x1, y1
    return next((box for name in X_FIRST if (box := _list(item.get(name))) is not None), None)


def _list(value: Any) -> _Box | None:
    return _four(value) if isinstance(value, list) and len(value) == 4 else None


def _four(values: Iterable[Any]) -> _Box | None:
    numbers = [_number(value) for value in values]
    a, b, c, d = numbers
    if a is None or b is None or c is None or d is None:
        return None
    return a, b, c, d


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _unit(boxes: list[_Box], claimed: Any, width: int, height: int) -> tuple[float, float]:
    """What the whole width and the whole height are, in the numbers of these boxes."""
    right = max((max(x0, x1) for x0, _, x1, _ in boxes), default=0.0)
    low = max((max(y0, y1) for _, y0, _, y1 in boxes), default=0.0)
    most = max(right, low)
    if most <= 1:  # in any other scale they would have no size
        return 1.0, 1.0
    fits_pixels = right <= width * _SLACK and low <= height * _SLACK
    if claimed == "fractions" and most <= _SLACK:
        return 1.0, 1.0
    if claimed == "percents" and most <= 100 * _SLACK:
        return 100.0, 100.0
    if claimed == "pixels" and fits_pixels:
        return float(width), float(height)
    if most > _WHOLE * _SLACK and fits_pixels:
        return float(width), float(height)
    return float(_WHOLE), float(_WHOLE)


def _thousandths(value: float, whole: float) -> int:
    return round(min(1.0, max(0.0, value / whole)) * _WHOLE)
