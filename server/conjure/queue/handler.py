"""What workers do with the entries of a kind: the side of a domain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from conjure.core.caller import Tenant


@dataclass(frozen=True, slots=True)
class Entry:
    """A claimed piece of work. `attempt` is 1 for the first time; `created_ms` is since 1970.

    `token` names this claim. A script that finishes the work checks it (`queue_is_claimed`), so that a
    worker whose claim was lost changes nothing.
    """

    kind: str
    tenant: Tenant
    lane: str
    id: str
    payload: bytes
    attempt: int
    created_ms: int
    token: str


@dataclass(frozen=True, slots=True)
class Ack:
    """It is done: the worker removes the entry."""


@dataclass(frozen=True, slots=True)
class Finished:
    """It is done, or no longer ours: a script of the domain has seen to the entry under its token.

    `announce`: the (kind, lane) of what that script has put beside it.
    """

    announce: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Retry:
    """Try again after a while, at the earliest; `cause` is for operators."""

    after_s: float
    cause: str


@dataclass(frozen=True, slots=True)
class Bury:
    """Never again by itself: a dead letter, for operators to look at. `cause` is for them."""

    cause: str


Outcome = Ack | Finished | Retry | Bury


class Handler(Protocol):
    """Handles the entries of one kind.

    Handling must be idempotent under the entry's id: a worker that dies after the effect and before its
    outcome is known leaves the entry to another one.
    """

    @property
    def kind(self) -> str:
        """One of `queue.kinds`."""
        ...

    @property
    def most_attempts(self) -> int | None:
        """How often an entry is handled at most, claims that were lost included; None: `handle` decides."""
        ...

    @property
    def batch(self) -> int:
        """How many entries are claimed at a visit of a lane at most: the grain of fairness between lanes."""
        ...

    def most_in_lane(self, tenant: Tenant, lane: str) -> int:
        """How many entries of a lane are handled at the same time, by all processes; 0: not now."""
        ...

    async def handle(self, entry: Entry) -> Outcome:
        """Does the work. Cancelled when the claim is lost, and when the process stops.

        StoreUnavailable and OutcomeUnknown mean "later" and do not count as an attempt; any other exception
        is logged, and counts.
        """
        ...

    async def exhausted(self, entry: Entry) -> Outcome:
        """Says what becomes of an entry that was handled `most_attempts` times in vain."""
        ...
