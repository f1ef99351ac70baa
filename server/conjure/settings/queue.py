"""Settings of durable work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.settings.bounds import DAY_S, MANY, number

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """Durable work: jobs, events, deliveries of webhooks, forgetting, and sessions that run out."""

    # Whether `conjure serve` works too. Without it, at least one `conjure work` has to run.
    inline: bool = True
    # Jobs at a time in each process.
    jobs: int = number(8, 1, MANY)
    # Events at a time in each process: each is two or three round trips to the store.
    events: int = number(32, 1, MANY)
    # Deliveries at a time in each process: each waits for its receiver.
    deliveries: int = number(128, 1, MANY)
    # Deleted characters at a time in each process whose players are forgotten: each is a few round trips.
    forgetting: int = number(2, 1, MANY)
    # Time between two looks for work that another process has announced; its own a process sees at once.
    poll_s: float = number(0.25, 0.01, 60.0)
    # A claim lapses after this, when the process that has it has died; it is renewed three times as often.
    lease_s: float = number(30.0, 0.5, 3600.0)
    # Time of one pass over all apps, which finds work that was never announced.
    sweep_s: float = number(120.0, 0.5, DAY_S)
    # Days for which dead letters are kept.
    dead_days: int = number(30, 1, 365)
    # Dead letters kept of each kind per app and mode, the newest ones, at half a kilobyte each.
    dead_per_app: int = number(1_000, 1, MANY)

    @property
    def dead_s(self) -> float:
        """How long dead letters are kept, in seconds."""
        return self.dead_days * DAY_S

    def at_once(self, kind: str) -> int:
        """Entries of a kind at a time in each process; the kinds are those of `queue.kinds`."""
        return int(getattr(self, kind))

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
