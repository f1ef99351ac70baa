"""What metrics are made of: numbers that code adds to, families of them by labels, gauges that are asked.

Plain numbers, as one thread adds to them and the scrape reads them (core/metrics.py says why).
"""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from itertools import accumulate, product
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Count:
    """A number that only grows."""

    __slots__ = ("value",)

    def __init__(self) -> None:
        self.value = 0

    def add(self, amount: int = 1) -> None:
        """Adds."""
        self.value += amount


class Distribution:
    """How many observations fell under each of some bounds, and their sum."""

    __slots__ = ("_bounds", "counts", "sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        self.counts = [0] * (len(bounds) + 1)  # the last one is for what lies beyond
        self.sum = 0.0

    def observe(self, value: float) -> None:
        """Adds an observation; it belongs to the first bound that is not below it."""
        self.counts[bisect_left(self._bounds, value)] += 1
        self.sum += value

    def buckets(self) -> list[tuple[str, float]]:
        """The bounds, each with the number of observations up to it."""
        names = [*(str(bound) for bound in self._bounds), "+Inf"]
        return list(zip(names, map(float, accumulate(self.counts)), strict=True))


Cell = TypeVar("Cell", Count, Distribution)


class Family(Generic[Cell]):
    """A metric: a cell for each combination of its labels.

    A label with a known set of values has them all from the start, so that a rate is 0 and not
    absent before the first time.
    """

    def __init__(
        self,
        name: str,
        text: str,
        make: Callable[[], Cell],
        labels: Sequence[str] = (),
        *,
        known: Sequence[Sequence[str]] = (),
    ) -> None:
        self.name = name
        self.text = text
        self.labels = tuple(labels)
        self._make: Callable[[], Cell] = make
        self._cells: dict[tuple[str, ...], Cell] = {}
        if known or not labels:
            for values in product(*known):
                self.at(*values)

    def at(self, *values: str) -> Cell:
        """Returns the cell of these label values: ask once and keep it where calls are many."""
        cell = self._cells.get(values)
        if cell is None:
            if len(values) != len(self.labels):
                raise ValueError(f"{self.name} has the labels {self.labels}")
            cell = self._cells[values] = self._make()
        return cell

    def cells(self) -> tuple[tuple[tuple[str, ...], Cell], ...]:
        """All cells at this moment, with their label values."""
        return tuple(self._cells.items())


class Gauge:
    """A number that is asked for when it is read: the sum over whoever knows a part of it."""

    def __init__(self, name: str, text: str, labels: Sequence[str] = ()) -> None:
        self.name = name
        self.text = text
        self.labels = tuple(labels)
        self._sources: list[tuple[tuple[str, ...], Callable[[], float]]] = []

    @contextlib.contextmanager
    def reads(self, source: Callable[[], float], *values: str) -> Iterator[None]:
        """Asks `source`, for these label values, while the body runs."""
        entry = (values, source)
        self._sources.append(entry)
        try:
            yield
        finally:
            self._sources.remove(entry)

    def values(self) -> dict[tuple[str, ...], float]:
        """The numbers now, by label values."""
        found: dict[tuple[str, ...], float] = {}
        for values, source in tuple(self._sources):
            found[values] = found.get(values, 0.0) + source()
        return found
