"""The layer that observes a call: its metrics, its span, the context of its log lines.

The numbers' cells are looked up once per method, when the layers are composed; a call adds to them.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import structlog

from conjure.core import metrics
from conjure.core.catalog import CATALOG, OK
from conjure.core.context import CURRENT_CALL

if TYPE_CHECKING:
    from conjure.core.cells import Count, Distribution
    from conjure.core.errors import Reason
    from conjure.rpc.call import Call
    from conjure.rpc.layer import ServerContext, Step
    from conjure.rpc.methods import Method

log = structlog.get_logger(__name__)

_FACES: Final = ("grpc", "rest")


def observe(method: Method, server: ServerContext, following: Step) -> Step:
    """Counts and times the call, records its span, and puts its id on every log line.

    Outside of `errors`, so that the line about a failure has the id too, and the time is the whole one.
    """
    grpc, rest = (_Numbers(method, face) for face in _FACES)
    tracer, log_calls = server.tracer, server.log_calls

    async def step(call: Call) -> Any:
        numbers = rest if call.is_rest else grpc
        call.round_trips = numbers.round_trips
        span = call.trace = None if tracer is None else tracer.begin(call)
        token = CURRENT_CALL.set(call)
        begun = perf_counter()
        try:
            return await following(call)
        finally:
            seconds = perf_counter() - begun
            code = numbers.ended(call.failure, seconds)
            if span is not None:
                span.end(call, code)
            if log_calls:
                log.info("call", face=numbers.face, code=code, ms=round(seconds * 1000, 3))
            CURRENT_CALL.reset(token)

    return step


class _Numbers:
    """The cells of one method and face."""

    def __init__(self, method: Method, face: str) -> None:
        service, _, name = method.full_name.removeprefix("/conjure.v1.").partition("/")
        self.face = face
        self.round_trips = metrics.RPC_ROUND_TRIPS.at(service, name, face)
        self._labels = (service, name, face)
        self._ok = metrics.RPC_REQUESTS.at(*self._labels, OK)
        self._failed: dict[Reason, tuple[str, Count, Count]] = {}
        # Some streams last as long as their caller likes. Made at the first call: most methods of a face
        # are never used, and each is a score of lines in every scrape.
        self._is_timed = not method.is_lasting
        self._seconds: Distribution | None = None

    def ended(self, failure: Reason | None, seconds: float) -> str:
        """Counts a call; returns the name of its gRPC status."""
        if self._is_timed:
            if self._seconds is None:
                self._seconds = metrics.RPC_DURATION.at(*self._labels)
            self._seconds.observe(seconds)
        if failure is None:
            self._ok.add()
            return OK
        known = self._failed.get(failure)
        if known is None:
            code = CATALOG[failure].code.name
            known = self._failed[failure] = (
                code,
                metrics.RPC_REQUESTS.at(*self._labels, code),
                metrics.RPC_REFUSALS.at(failure.value.lower()),
            )
        code, requests, refusals = known
        requests.add()
        refusals.add()
        return code
