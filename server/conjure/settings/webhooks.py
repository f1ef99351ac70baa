"""Settings of webhooks."""

from __future__ import annotations

from dataclasses import dataclass

from conjure.settings.bounds import DAY_S, MANY, number
from conjure.settings.variables import SettingsError, Variables

_MOST_RETRIES = 50


@dataclass(frozen=True, slots=True)
class WebhookSettings:
    """Webhooks and their deliveries (CONTRACT 8)."""

    # Webhooks of one app. All of them are read for each event.
    per_app: int = number(20, 1, 1_000)
    # Whether webhooks may be http, and on this machine or in private networks. For development: with it,
    # whoever may register a webhook can call whatever this server can reach.
    allow_private: bool = False
    # Time for a whole delivery, until the receiver has answered.
    timeout_s: float = number(10.0, 0.1, 10.0, why="CONTRACT 8")
    # Waits before the second try, the third, and so on; seconds, with commas between. After the last it is a
    # dead letter. Each is up to a fifth longer or shorter.
    retry_after_s: str = "5,30,120,600,1800,7200,21600,43200"
    # Days after which a webhook is disabled that nothing was delivered to since its first failure.
    disable_after_days: float = number(5.0, 0.01, 365.0)
    # Deliveries to one webhook at the same time, over all processes, while it answers.
    at_once: int = number(16, 1, 1_000)
    # Deliveries at the same time in one process to webhooks that fail: what all dead receivers together may
    # hold of it.
    failing_at_once: int = number(8, 1, MANY)

    def verify(self, variables: Variables) -> None:
        """Raises SettingsError."""
        variables.require_bounds()
        try:
            plan = self.plan
        except ValueError as error:
            raise SettingsError(
                f"{variables['retry_after_s']} must be numbers of seconds with commas between"
            ) from error
        if len(plan) > _MOST_RETRIES or not all(0 < wait <= 30 * DAY_S for wait in plan):
            raise SettingsError(
                f"{variables['retry_after_s']} must be at most {_MOST_RETRIES} waits, each above 0 and at"
                " most 30 days"
            )

    @property
    def disable_after_ms(self) -> int:
        """The same in milliseconds."""
        return int(self.disable_after_days * DAY_S * 1000)

    @property
    def plan(self) -> tuple[float, ...]:
        """The waits between tries, in order. Raises ValueError."""
        return tuple(float(wait) for wait in self.retry_after_s.split(",") if wait.strip())
