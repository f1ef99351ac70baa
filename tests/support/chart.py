"""Bar charts as SVG, written by hand: text that a diff can show and a README can embed."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WIDTH: Final = 880
_LABELS: Final = 370  # px for the names of bars
_VALUES: Final = 80  # px behind the longest bar, for its number
_BARS: Final = _WIDTH - _LABELS - _VALUES
_TOP: Final = 62
_ROW: Final = 24
_BAR: Final = 15
# Told apart also by those who see no red and green (Okabe and Ito).
_COLOURS: Final = ("#0072b2", "#e69f00", "#009e73", "#cc79a7")
_STYLE: Final = (
    "text{font:12px system-ui,sans-serif;fill:#222}"
    ".title{font-size:15px;font-weight:600}.value,.legend{fill:#555}"
)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: its name, and what it is made of, by the name of the series."""

    name: str
    parts: Mapping[str, float]

    @property
    def total(self) -> float:
        """How long it is."""
        return sum(self.parts.values())


def bar_chart(
    title: str, unit: str, bars: Sequence[Bar], *, mark: float | None = None, places: int = 0
) -> str:
    """Returns horizontal bars, stacked where there are several series.

    `unit` is that of all values. `mark` draws a line at a value, for example a limit. Values are shown with
    so many decimal places. Raises ValueError when there is nothing to draw.
    """
    longest = max([*(bar.total for bar in bars), mark or 0], default=0)
    if longest <= 0:
        raise ValueError(f"{title}: there is nothing to draw")
    series = list(dict.fromkeys(name for bar in bars for name in bar.parts))
    height = _TOP + _ROW * len(bars) + 12
    size = f'width="{_WIDTH}" height="{height}" viewBox="0 0 {_WIDTH} {height}"'
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-label="{escape(title)}">',
        f"<style>{_STYLE}</style>",
        f'<rect width="{_WIDTH}" height="{height}" rx="6" fill="#fff"/>',
        f'<text class="title" x="16" y="26">{escape(title)}</text>',
        *_legend(series, unit),
    ]
    for index, bar in enumerate(bars):
        lines += _row(bar, series, _TOP + _ROW * index, _BARS / longest, places)
    if mark is not None:
        x = _LABELS + mark * _BARS / longest
        lines.append(
            f'<line x1="{x:.1f}" y1="{_TOP - 4}" x2="{x:.1f}" y2="{height - 10}"'
            ' stroke="#c00" stroke-dasharray="4 3"/>'
        )
    return "\n".join((*lines, "</svg>")) + "\n"


def _legend(series: Sequence[str], unit: str) -> list[str]:
    lines = [f'<text class="legend" x="16" y="46">{escape(unit)}</text>']
    if len(series) == 1:  # the title says it
        return lines
    x = _LABELS
    for index, name in enumerate(series):
        lines.append(f'<rect x="{x}" y="37" width="10" height="10" fill="{_colour(index)}"/>')
        lines.append(f'<text class="legend" x="{x + 15}" y="46">{escape(name)}</text>')
        x += 35 + 7 * len(name)
    return lines


def _row(bar: Bar, series: Sequence[str], y: int, per_unit: float, places: int) -> list[str]:
    base = y + _BAR - 3
    lines = [f'<text x="{_LABELS - 8}" y="{base}" text-anchor="end">{escape(bar.name)}</text>']
    x = float(_LABELS)
    for index, name in enumerate(series):
        width = bar.parts.get(name, 0) * per_unit
        if width > 0:
            lines.append(
                f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BAR}"'
                f' fill="{_colour(index)}"/>'
            )
        x += width
    lines.append(f'<text class="value" x="{x + 6:.1f}" y="{base}">{bar.total:,.{places}f}</text>')
    return lines


def _colour(index: int) -> str:
    return _COLOURS[index % len(_COLOURS)]
