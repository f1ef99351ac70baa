"""What one piece of work may cost at a model, and has cost so far."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from conjure.providers.openai.failures import BudgetSpent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_LEAST_ANSWER = 16  # tokens: with fewer left nothing is said


@dataclass(slots=True)
class Spending:
    """The limits of one piece of work (a world, an edit), and what is used of them.

    Calls are requests that were sent, whatever came of them. Its clock begins when it is made.
    """

    most_calls: int
    most_tokens: int
    most_s: float
    clock: Callable[[], float] = field(default=time.monotonic, repr=False)
    calls: int = field(default=0, init=False)
    tokens_read: int = field(default=0, init=False)
    tokens_written: int = field(default=0, init=False)
    _reserved: int = field(default=0, init=False, repr=False)
    _begun: float = field(default=0.0, init=False, repr=False)

    def __post_init__(self) -> None:
        self._begun = self.clock()

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return self.clock() - self._begun

    @property
    def seconds_left(self) -> float:
        """How long it may go on; not below 0."""
        return max(0.0, self.most_s - self.seconds)

    @property
    def tokens_left(self) -> int:
        """Tokens that may still be read and written; not below 0."""
        return max(0, self.most_tokens - self.tokens_read - self.tokens_written)

    @contextlib.contextmanager
    def call(self, *, reads: int, writes: int) -> Iterator[int]:
        """Around a call that reads about so many tokens; yields how many it may write, `writes` at most.

        Until it ends they are nobody else's, as several may be under way. Raises BudgetSpent: then nothing
        may be sent.
        """
        if self.calls >= self.most_calls:
            raise BudgetSpent(f"{self.calls} calls are all that there are")
        if not self.seconds_left:
            raise BudgetSpent(f"{self.most_s} s have passed")
        room = min(writes, self.tokens_left - self._reserved - reads)
        if room < min(_LEAST_ANSWER, writes):
            raise BudgetSpent(f"of {self.most_tokens} tokens too few are left")
        self.calls += 1
        self._reserved += reads + room
        try:
            yield room
        finally:
            self._reserved -= reads + room

    def used(self, *, read: int, written: int) -> None:
        """Counts the tokens of a call that was answered."""
        self.tokens_read += read
        self.tokens_written += written
