"""Relays calls to heavy workers, and what they answer to whoever called."""

from __future__ import annotations

import asyncio
import secrets
from time import perf_counter
from typing import TYPE_CHECKING, Final, Self

import grpc
import orjson
import structlog
from google.rpc import status_pb2

from conjure.core import metrics
from conjure.core.caller import ApiCaller, SessionCaller
from conjure.core.context import detached_context
from conjure.core.errors import AppError, OutcomeUnknown, Overloaded, Reason, Relayed
from conjure.core.shares import Shares
from conjure.rpc.call import CLIENT, RELAYED, REQUEST_ID, TRACEPARENT, Call, trace_id_of
from conjure.rpc.errors import TOO_MUCH
from conjure.rpc.heavy.turns import Turns
from conjure.rpc.heavy.worker import HeavyWorker
from conjure.v1 import errors_pb2

if TYPE_CHECKING:
    from conjure.rpc.heavy.turns import Turn
    from conjure.settings import Settings

log = structlog.get_logger(__name__)

REASON: Final = "x-conjure-reason"
"""The header in which a worker names the reason of a failure that it has rendered for the edge."""

CPU: Final = "x-conjure-cpu"
"""The trailer in which a worker says how many seconds of CPU time a call has taken."""

_ENDS_S: Final = 0.5  # how soon after its last call a process that died of it is seen to have ended


class Answer:
    """What a worker has answered: bytes for whoever called, and for the edge headers."""

    __slots__ = ("body", "headers")

    def __init__(self, body: bytes, headers: dict[str, str]) -> None:
        self.body = body
        self.headers = headers


class HeavyWork:
    """The heavy workers of one serving process.

    Players have workers of their own, started like all when they are first needed: a connect to a large world
    need not wait for somebody's import, and one that waits for a runtime holds up no import.
    """

    def __init__(self, settings: Settings) -> None:
        self.request_bytes = settings.heavy.request_bytes
        """From this weight on (`core.weights`) a request is not read by the serving process."""
        self._work = _Lane(settings)
        self._play = _Lane(settings)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.gather(self._work.close(), self._play.close())

    @property
    def calls(self) -> int:
        """How many calls wait or run."""
        return self._work.calls + self._play.calls

    async def answer(self, call: Call) -> Answer:
        """Has a call answered by a worker, when it is its caller's turn.

        Raises Relayed (the worker's refusal of a call over gRPC), OverShare, RateLimited, Overloaded,
        OutcomeUnknown.
        """
        lane = self._play if isinstance(call.caller, SessionCaller) else self._work
        return await lane.answer(call)


class _Lane:
    """Some workers, and the calls that wait for them."""

    def __init__(self, settings: Settings) -> None:
        heavy = settings.heavy
        ours = settings.for_heavy_worker()
        self._workers = tuple(HeavyWorker(ours, _heard) for _ in range(heavy.workers))
        self._idle = list(self._workers)
        self._turns = Turns(
            heavy.workers, most_calls=heavy.queue_calls, most_bytes=heavy.queue_bytes
        )
        self._shares = Shares(
            "heavy",
            heavy.queue_calls,
            settings.shares.reserve_of(heavy.queue_calls),
            settings.shares.of(heavy.queue_calls),
        )
        self._is_traced = bool(settings.tracing.endpoint)
        self._settling: set[asyncio.Task[None]] = set()

    async def close(self) -> None:
        """Ends the workers, which have no call any more."""
        for task in self._settling:
            task.cancel()
        if self._settling:
            await asyncio.wait(self._settling)
        await asyncio.gather(*(worker.close() for worker in self._workers))

    @property
    def calls(self) -> int:
        """How many calls wait or run."""
        return self._turns.calls

    async def answer(self, call: Call) -> Answer:
        """See `HeavyWork.answer`."""
        with self._shares.take((call.address, *(call.caller.holders if call.caller else ()))):
            return await self._answer(call)

    async def _answer(self, call: Call) -> Answer:
        begun = perf_counter()
        turn = await self._turns.take(_holder(call), len(call.raw))
        metrics.HEAVY_WAIT.at().observe(perf_counter() - begun)
        worker = self._idle.pop()
        begun = perf_counter()
        try:
            answer = await self._relay(call, worker)
        except AppError:
            self._free(worker, turn)
            raise
        except BaseException:  # CancelledError, TimeoutError, or a fault of ours
            # The caller has gone, or its time is over, and the worker may compute on: whoever is next must
            # not wait in there, beyond the bounds of the queue and outside of the round.
            task = asyncio.get_running_loop().create_task(
                self._settle(call, worker, turn), context=detached_context()
            )
            self._settling.add(task)
            task.add_done_callback(self._settling.discard)
            raise
        finally:
            metrics.HEAVY_WORK.at().observe(perf_counter() - begun)
        self._free(worker, turn)
        return answer

    def _free(self, worker: HeavyWorker, turn: Turn) -> None:
        self._idle.append(worker)
        turn.end()

    async def _settle(self, call: Call, worker: HeavyWorker, turn: Turn) -> None:
        begun = perf_counter()
        try:
            await worker.settle()
        finally:
            call.worked(perf_counter() - begun)  # or nearly: what it took nobody was told
            self._free(worker, turn)

    async def _relay(self, call: Call, worker: HeavyWorker) -> Answer:
        channel = await worker.channel()
        ask: grpc.aio.UnaryUnaryMultiCallable[bytes, bytes] = channel.unary_unary(
            call.method.full_name
        )
        begun = perf_counter()
        asked = ask(
            call.raw,
            metadata=((RELAYED, orjson.dumps(self._headers(call))),),
            timeout=call.context.time_remaining(),
        )
        try:
            body: bytes = await asked
        except grpc.aio.AioRpcError as error:
            call.worked(perf_counter() - begun)  # or less: what it took is only told with an answer
            raise await self._failure(call, worker, error) from error
        headers = {
            key: value for key, value in await asked.initial_metadata() if isinstance(value, str)
        }
        for key, value in await asked.trailing_metadata():
            if key == CPU:
                call.worked(float(value))
        reason = headers.pop(REASON, None)
        if reason is not None:
            call.failure = Reason(reason)
        return Answer(body, headers)

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {**call.headers, REQUEST_ID: call.request_id, CLIENT: call.client}
        if not self._is_traced:
            return headers
        if call.trace is not None:
            headers[TRACEPARENT] = call.trace.traceparent
        elif trace_id_of(headers) is None:
            # Not recorded here, so not there: a process that is told nothing decides by itself.
            headers[TRACEPARENT] = f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-00"
        return headers

    async def _failure(
        self, call: Call, worker: HeavyWorker, error: grpc.aio.AioRpcError
    ) -> Exception:
        trailers = dict(error.trailing_metadata() or ())
        packed = trailers.get("grpc-status-details-bin")
        if isinstance(packed, bytes):
            api_error = errors_pb2.ApiError()
            status_pb2.Status.FromString(packed).details[0].Unpack(api_error)
            name = errors_pb2.Reason.Name(api_error.reason).removeprefix("REASON_")
            return Relayed(Reason(name), error)
        if error.code() is grpc.StatusCode.DEADLINE_EXCEEDED:
            return TimeoutError()
        ended = await worker.ended(_ENDS_S)
        metrics.HEAVY_FAILURES.at("ended" if ended else "lost").add()
        log.warning(
            "a heavy worker did not answer",
            code=worker.code, status=error.code().name, cause=error.details(),
        )  # fmt: skip
        await worker.kill()  # also one that is only lost: the way to it is not made again
        # Of a write nobody knows how far it came: mostly not far, as the store is asked last.
        return Overloaded(TOO_MUCH) if call.method.is_read else OutcomeUnknown()


def _holder(call: Call) -> str:
    caller = call.caller
    if isinstance(caller, ApiCaller | SessionCaller):
        return caller.tenant.app
    return call.client


def _heard(line: bytes) -> None:
    """Adds what a worker has counted to what this process has."""
    metrics.add_counted(orjson.loads(line))
