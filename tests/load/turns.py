"""What several turns of one row come to: medians, and how far apart the turns were."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from statistics import median
from typing import Any, TYPE_CHECKING


if TYPE_CHECKING:
    from load.rows import Result
    from collections.abc import Callable, Iterable, Sequence

Key = tuple[str, str, int, int]
"""Section, row, connections, workers."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A median, and the least and the most."""

    median: float
    least: float
    most: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Spread:
        """Of at least one value."""
        found = sorted(values)
        return cls(median(found), found[0], found[-1])


@dataclass(frozen=True, slots=True)
class Turns:
    """A row of a section, measured in one or more turns."""

    section: str
    turns: tuple[Result, ...]

    @property
    def name(self) -> str:
        """What was asked."""
        return self.turns[0].name

    @property
    def connections(self) -> int:
        """By how many at once."""
        return self.turns[0].connections

    @property
    def workers(self) -> int:
        """Of how many processes."""
        return self.turns[0].workers

    @property
    def key(self) -> Key:
        """What makes it this row."""
        return self.section, self.name, self.connections, self.workers

    @property
    def failed(self) -> bool:
        """An error in any turn is not washed out by the others."""
        return any(turn.failed for turn in self.turns)

    @property
    def failures(self) -> str:
        """What the errors were, of the first turn that had some."""
        return next((turn.outcome.failures for turn in self.turns if turn.failed), "")

    def over(self, value: Callable[[Result], float]) -> Spread:
        """What a number of the turns comes to."""
        return Spread.of(map(value, self.turns))

    def cpu(self, *processes: str) -> list[float]:
        """CPU per request (µs) of these processes together, turn by turn."""
        return [
            sum(turn.cost.cpu_us.get(process, 0.0) for process in processes) for turn in self.turns
        ]

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "section": self.section,
            "name": self.name,
            "connections": self.connections,
            "workers": self.workers,
            "failed": self.failed,
            "rate": self.over(lambda turn: turn.outcome.rate).median,
            "turns": [dataclasses.asdict(turn) for turn in self.turns],
        }


def together(section: str, results: Sequence[Result]) -> list[Turns]:
    """Puts the turns of each row together, in the order in which the rows came first."""
    rows: dict[tuple[str, int, int], list[Result]] = {}
    for result in results:
        rows.setdefault((result.name, result.connections, result.workers), []).append(result)
    return [Turns(section, tuple(turns)) for turns in rows.values()]


def ratio(over: Sequence[float], under: Sequence[float]) -> Spread | None:
    """The medians of two rows over each other; the least and the most of the turns that they shared.

    None when either was not measured.
    """
    if not over or not under or not min(under):
        return None
    each = [a / b for a, b in zip(over, under, strict=False)]
    return Spread(median(over) / median(under), min(each), max(each))
