"""The call that this task works for: its log lines, its span, its count of round trips to the store.

A context variable: tasks that a call starts belong to the call too, and nobody passes it around. What a call
starts on behalf of the whole process (a connection, a feed) begins in a `detached_context`. Else it would
keep the call alive, and be counted and traced as a part of it for ever.
"""

from __future__ import annotations

from contextvars import Context, ContextVar
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from conjure.core.cells import Count


class RoundTripSpan(Protocol):
    """A span of one round trip."""

    def end(self, failure: str | None) -> None:
        """Ends it; `failure` names what went wrong, in a word."""


class OutboundSpan(Protocol):
    """A span of one call of a provider."""

    def end(self, status: int | None, failure: str | None) -> None:
        """Ends it, with the HTTP status of the answer; `failure` says in a word why there is none."""


class Trace(Protocol):
    """The recorded trace that a call is a part of."""

    @property
    def trace_id(self) -> str:
        """32 hexadecimal digits (W3C Trace Context, 3.2.2.3)."""

    @property
    def traceparent(self) -> str:
        """What makes the call's span the parent of another process's (W3C Trace Context, 3.2)."""

    def round_trip(self, command: str, script: str | None) -> RoundTripSpan:
        """Begins the span of a round trip to the store."""

    def outbound(self, provider: str, method: str, host: str, port: int) -> OutboundSpan:
        """Begins the span of a call of a provider over HTTP."""


class CallContext(Protocol):
    """What the store's client and the log see of a call."""

    round_trips: Count

    @property
    def trace(self) -> Trace | None:
        """None when nobody records this one."""

    @property
    def app(self) -> str:
        """The app that it works for; empty when none is known."""

    def log_fields(self) -> dict[str, str]:
        """What every log line about it says."""

    def worked(self, seconds: float) -> None:
        """Charges its caller for heavy work (seconds of a processor)."""


CURRENT_CALL: Final[ContextVar[CallContext | None]] = ContextVar("call", default=None)

WORKING_FOR: Final[ContextVar[str]] = ContextVar("app", default="")
"""The app that work beside any call is for, as that of a job."""


def working_for() -> str:
    """The app that this task works for; empty when it is none's, or nobody knows."""
    call = CURRENT_CALL.get()
    return WORKING_FOR.get() if call is None else call.app


def detached_context() -> Context:
    """An empty context: what is started in it belongs to no call."""
    return Context()
