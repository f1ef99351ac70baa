"""The metrics and the span of a round trip to the store."""

from __future__ import annotations

import asyncio
import functools
from time import perf_counter
from typing import TYPE_CHECKING, ClassVar, Final, Self

from redis.exceptions import NoScriptError

from conjure.core import metrics
from conjure.core.context import CURRENT_CALL
from conjure.store.link import NoReply, NotSent

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import TracebackType

    from conjure.core.context import RoundTripSpan
    from conjure.store.link import Value

_NOT_SENT: Final = metrics.STORE_NOT_SENT.at()


@functools.cache
def _named(command: str) -> Operation:
    return Operation(command)


def operation_of(command: Sequence[Value]) -> Operation:
    """What a plain command is counted as: its first word, which is this code's own."""
    return _named(str(command[0]))


class Operation:
    """A kind of round trip: a command, or a script by its name. Made once, used for each."""

    __slots__ = ("_answered", "_duration", "command", "name", "script")

    def __init__(self, command: str, script: str | None = None) -> None:
        self.command = command
        self.script = script
        self.name = script or command
        self._answered = metrics.STORE_ROUND_TRIPS.at(self.name, "answered")
        self._duration = metrics.STORE_DURATION.at(self.name)

    def round_trip(self, command: str | None = None) -> RoundTrip:
        """One round trip: what is awaited inside of `with`; by `command` where it is another."""
        return RoundTrip(self, command or self.command)

    def answered(self, seconds: float) -> None:
        """Counts a round trip that had its reply."""
        self._answered.add()
        self._duration.observe(seconds)

    def failed(self, how: str) -> None:
        """Counts one that had not, or had an error for a reply."""
        if how == "not_sent":
            _NOT_SENT.add()
        else:
            metrics.STORE_ROUND_TRIPS.at(self.name, how).add()


class RoundTrip:
    """One round trip, from handing the command over to its reply."""

    __slots__ = ("_begun", "_call", "_command", "_operation", "_span")
    pending: ClassVar = 0  # how many are under way in this process

    def __init__(self, operation: Operation, command: str) -> None:
        self._operation = operation
        self._command = command

    def __enter__(self) -> Self:
        self._call = call = CURRENT_CALL.get()
        self._span: RoundTripSpan | None = None
        if call is not None and call.trace is not None:
            self._span = call.trace.round_trip(self._command, self._operation.script)
        RoundTrip.pending += 1
        self._begun = perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        RoundTrip.pending -= 1
        failure = None if error is None else _failure(error)
        if failure is None:
            self._operation.answered(perf_counter() - self._begun)
        else:
            self._operation.failed(failure)
        if self._call is not None and failure != "not_sent":
            self._call.round_trips.add()
        if self._span is not None:
            self._span.end(failure)


def _failure(error: BaseException) -> str:
    if isinstance(error, NotSent):
        return "not_sent"
    if isinstance(error, NoReply):
        return "no_reply"
    if isinstance(error, NoScriptError):
        return "unknown_script"
    if isinstance(error, asyncio.CancelledError):
        return "abandoned"
    return "error"
