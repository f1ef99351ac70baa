"""The call that is being worked on, for whoever works for it: the store's client, the log.

A context variable, so that tasks which a call starts belong to it too, and nobody passes it around. What a
call starts for all (a connection, a feed) begins in a context of `nobodys`: else it would keep the call
alive, and be counted and traced as its work for ever. What the process does by itself has none.
"""

from __future__ import annotations

from contextvars import Context, ContextVar
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from conjure.core.metrics import Count


class TripSpan(Protocol):
    """A span of one round trip."""

    def end(self, failure: str | None) -> None:
        """Ends it; `failure` names what went wrong, in a word."""


class Trace(Protocol):
    """The recorded trace that a call is a part of."""

    def trip(self, command: str, script: str | None) -> TripSpan:
        """Begins the span of a round trip to the store."""


class Work(Protocol):
    """A call, as far as those see it who work for it."""

    round_trips: Count

    @property
    def trace(self) -> Trace | None:
        """None when nobody records this one."""

    def log_fields(self) -> dict[str, str]:
        """What every log line about it says."""


CURRENT: Final[ContextVar[Work | None]] = ContextVar("work", default=None)


def nobodys() -> Context:
    """A context in which nobody's call is worked on."""
    return Context()
