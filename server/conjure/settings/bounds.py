"""What a number of the settings may be: said once, beside its default, and shown in the table of settings.

The upper bounds are far above what anybody needs and below what breaks: numbers that go to a script are exact
in Lua (2^53), also in milliseconds; those of answers fit their 64 bits; times fit Envoy's durations and the
event loop's timers. Without them a digit too many would be found by the first call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from dataclasses import Field

MOMENT_S: Final = 0.001
"""The shortest time that means anything: timers and scripts count milliseconds."""
DAY_S: Final = 86_400.0
MANY: Final = 1_000_000
"""Of what a process keeps or does at the same time."""
MOST_UNITS: Final = 1_000_000_000
"""The highest cap. The scripts know it too (store/prelude.lua)."""
MOST_BYTES: Final = 1 << 40
HIGHEST_PORT: Final = 65_535

_KEY: Final = "bounds"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The numbers from `least` to `most`, both included; with `or_zero` also 0, which turns something off."""

    least: float
    most: float
    or_zero: bool = False
    why: str = ""

    def allow(self, value: float) -> bool:
        """Whether a value is one of them. No comparison holds for NaN, so it is none."""
        return self.least <= value <= self.most or (self.or_zero and value == 0)

    def __str__(self) -> str:
        zero = "0, or " if self.or_zero else ""
        return f"{zero}from {_plain(self.least)} to {_plain(self.most)}"

    def refusal(self, name: str) -> str:
        """What to say of a value that is not one of them."""
        kind = "number" if isinstance(self.least, float) else "whole number"
        return f"{name} must be a {kind} {self}{f' ({self.why})' if self.why else ''}"


def number(
    default: float, least: float, most: float, *, or_zero: bool = False, why: str = ""
) -> Any:
    """A field of a section that is a number: its default and its bounds. `Any`, as `dataclasses.field` is."""
    return field(default=default, metadata={_KEY: Bounds(least, most, or_zero, why)})


def bounds_of(item: Field[Any]) -> Bounds | None:
    """The bounds of a field; None when it is no number."""
    found: Bounds | None = item.metadata.get(_KEY)
    return found


def _plain(value: float) -> str:
    """As people type it: no exponent, no fraction of zeros."""
    return str(int(value)) if float(value).is_integer() else str(value)
