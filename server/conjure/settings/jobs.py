"""Settings of jobs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from conjure.settings.bounds import MANY, number

if TYPE_CHECKING:
    from conjure.settings.variables import Variables


@dataclass(frozen=True, slots=True)
class JobSettings:
    """Jobs: worlds that are made while nobody waits."""

    # The longest time from a job's acceptance to its end. For so long its generation is held.
    life_s: int = number(86_400, 1, 30 * 86_400)
    # How long a finished job can be read.
    keep_s: int = number(7 * 86_400, 1, 30 * 86_400)
    # Unfinished jobs of one app and mode; one more is refused. An import keeps its world until it is done.
    unfinished: int = number(1_000, 1, MANY)
    # Jobs of one app and mode that run at the same time, in all processes together.
    concurrent: int = number(4, 1, MANY)
    # The longest time of one attempt at a world. A real author takes a minute or two.
    attempt_s: float = number(600.0, 0.01, 86_400.0)
    # Time before the second attempt when the author fails; four times as long before the third.
    retry_s: float = number(5.0, 0.01, 3600.0)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
