"""What webhooks are, and what they can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from conjure.core.errors import InvalidField

if TYPE_CHECKING:
    from collections.abc import Sequence

GENERATION_EVENTS: Final = ("world.generation.succeeded", "world.generation.failed")
"""What a webhook is told that names no events."""

EVENT_TYPES: Final = (*GENERATION_EVENTS, "session.ended")
"""What can be told (CONTRACT 8). Whatever makes another one adds it here."""

EVERYTHING: Final = "*"
"""All events, future ones too."""

SUCCEEDED: Final = "succeeded"
RETRYING: Final = "retrying"
FAILED: Final = "failed"

MOST_NAMES: Final = 100
"""Names in one registration: far more than there are, so that a list of them cannot be a burden."""


@dataclass(frozen=True, slots=True)
class LastDelivery:
    """The newest try to deliver something to a webhook.

    `status`: succeeded, retrying or failed. `at_ms` is since 1970; `attempt` is 1 for the first try.
    """

    event_id: str
    type: str
    status: str
    at_ms: int
    attempt: int
    response_status: int | None
    error: str | None

    def to_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {
            "id": self.event_id,
            "type": self.type,
            "status": self.status,
            "at": self.at_ms,
            "attempt": self.attempt,
            "response_status": self.response_status,
            "error": self.error,
        }

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> LastDelivery:
        """Reads what `to_json` wrote."""
        return cls(
            event_id=stored["id"],
            type=stored["type"],
            status=stored["status"],
            at_ms=stored["at"],
            attempt=stored["attempt"],
            response_status=stored.get("response_status"),
            error=stored.get("error"),
        )


@dataclass(frozen=True, slots=True)
class Webhook:
    """An endpoint of an app. `created_ms` is since 1970."""

    id: str
    url: str
    events: tuple[str, ...]
    secret: str = field(repr=False)
    created_ms: int
    enabled: bool = True
    last_delivery: LastDelivery | None = None

    def wants(self, event_type: str) -> bool:
        """Whether it is to be told of an event."""
        return self.enabled and (event_type in self.events or EVERYTHING in self.events)


def wanted_events(names: Sequence[str]) -> tuple[str, ...]:
    """The events that a registration asks for, each once, in the order of the request.

    Without any name the two about generation; beside `*` no other name means anything. Raises InvalidField.
    """
    if not names:
        return GENERATION_EVENTS
    if len(names) > MOST_NAMES:
        raise InvalidField(f"events must have at most {MOST_NAMES} names")
    known = (*EVENT_TYPES, EVERYTHING)
    problems = [
        f"events[{index}] must be one of {', '.join(known)}"
        for index, name in enumerate(names)
        if name not in known
    ]
    if problems:
        raise InvalidField(*problems)
    return (EVERYTHING,) if EVERYTHING in names else tuple(dict.fromkeys(names))
