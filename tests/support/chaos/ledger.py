"""What callers were told: every attempt, acknowledged or not. The checker believes nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    """What a caller knows of a call once it is over."""

    DONE = "done"
    """Acknowledged: it must have happened, once."""
    REFUSED = "refused"
    """Told that nothing happened (every 4xx, and 503), or never sent, as nobody could be connected to: it must not
    have happened."""
    UNKNOWN = "unknown"
    """504, or the connection broke: it may have happened, once."""


LOST = 0
"""The status of a call that ended without an answer: the connection broke, or there was none."""

EXPECTED = frozenset({402, 404, 409, 429})
"""Refusals that the rules of the service call for, fault or no fault: caps, and who came second."""


@dataclass(slots=True)
class Attempt:
    """One call. Times are of the monotonic clock, in seconds.

    | kind | subject | mark | answer | amount |
    |---|---|---|---|---|
    | write | world id | the state that it set as entrance | rev | |
    | read | world id | the entrance that it saw | rev | |
    | create | name of the world | its Idempotency-Key or '' | world id | |
    | job | name of the world | its Idempotency-Key | job id | |
    | save | world id | title | version id | |
    | mint | | | jti | |
    | connect | jti | | why it was refused | expiresIn, s |
    | end | jti | | | refunded, s (gRPC) |
    | say | player | what it said | reply | |
    | speak | player | | | bytes heard |
    | watch | world id | | | |
    """

    kind: str
    face: str
    subject: str = ""
    mark: str = ""
    asserted: str | None = None
    begun: float = 0.0
    ended: float = 0.0
    fate: Fate = Fate.UNKNOWN
    status: int = LOST
    answer: str = ""
    amount: int = 0

    def __str__(self) -> str:
        asked = " ".join(filter(None, (self.kind, self.subject, self.mark)))
        told = f"{self.fate} {self.status} {self.answer}".strip()
        return f"{self.face} {asked}: {told} ({self.begun:.3f} to {self.ended:.3f})"


@dataclass(slots=True)
class Watched:
    """What one watcher was shown of a world: revs in order; None where it was told to begin anew."""

    face: str
    world: str
    revs: list[int | None] = field(default_factory=list)


@dataclass(slots=True)
class Ledger:
    """All that one run's callers know."""

    expected: frozenset[int] = EXPECTED
    attempts: list[Attempt] = field(default_factory=list)
    watched: list[Watched] = field(default_factory=list)
    malformed: list[str] = field(default_factory=list)
    """Answers that break the contract's shape, as they were read."""
    live_samples: list[int] = field(default_factory=list)
    """Live sessions of the tenant, counted in the store again and again."""
    counted: list[tuple[float, float, int]] = field(default_factory=list)
    """The same with the moments between which each was counted: begun, ended, live sessions."""

    def of(self, kind: str, *fates: Fate) -> list[Attempt]:
        """The attempts of a kind, of all fates unless some are named."""
        return [a for a in self.attempts if a.kind == kind and (not fates or a.fate in fates)]

    def has_failed(self, attempt: Attempt) -> bool:
        """Whether a fault shows in it: neither done nor refused by the rules."""
        return attempt.fate is not Fate.DONE and attempt.status not in self.expected

    def failures(self) -> list[Attempt]:
        """The attempts that are over and in which a fault shows."""
        return [a for a in self.attempts if a.ended and self.has_failed(a)]
