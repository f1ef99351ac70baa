"""Repeatable choice: the same text always gives the same rolls, on every machine."""

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """A stream of choices that depends on its seed text alone.

    Only `Random.random()` is used: it is the one method whose sequence Python promises to keep
    between versions. `choice` and `shuffle` carry no such promise.
    """

    __slots__ = ("_next", "_seed")

    def __init__(self, seed: str) -> None:
        digest = hashlib.sha256(seed.encode("utf-8", "surrogatepass")).digest()
        self._seed = seed
        # Not for secrets: the rolls must be guessable, or a world could not be made again.
        self._next = random.Random(int.from_bytes(digest)).random  # noqa: S311

    def fork(self, name: str) -> "Dice":
        """Start a second stream, so that a roll added here leaves the rolls there alone."""
        return Dice(f"{name}\0{self._seed}")

    def unit(self) -> float:
        """Roll in 0 <= x < 1."""
        return self._next()

    def between(self, low: float, high: float) -> float:
        """Roll in low <= x < high."""
        return low + (high - low) * self._next()

    def below(self, n: int) -> int:
        """Roll a whole number in 0 <= x < n."""
        return int(self._next() * n)

    def pick(self, options: Sequence[T]) -> T:
        """Take one of the options."""
        return options[self.below(len(options))]

    def deal(self, options: Sequence[T], count: int | None = None) -> list[T]:
        """Take `count` different options (all by default) in a random order."""
        rest = list(options)
        wanted = len(rest) if count is None else min(count, len(rest))
        return [rest.pop(self.below(len(rest))) for _ in range(wanted)]
