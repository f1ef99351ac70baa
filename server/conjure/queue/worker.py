"""The workers of a process: they claim entries, have them handled, and see to what comes of it.

What is promised. An entry that is in the store is handled until its handler says that it is done, whatever
dies on the way (README.md has what each crash does). No more than `at_once` are handled by this process,
none by two processes at the same time unless one of them has lost its claim. Lanes take turns.

Nothing blocks on the store's one connection: a worker looks at the directory a few times a second, and at
once when its own process announced something.
"""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, Self

import structlog

from conjure.core import metrics
from conjure.core.background import Background
from conjure.core.context import WORKING_FOR
from conjure.core.errors import AppError, OutcomeUnknown, StoreUnavailable
from conjure.queue.handler import Ack, Bury, Finished, Retry

if TYPE_CHECKING:
    from conjure.queue.directory import Directory, Visit
    from conjure.queue.handler import Entry, Handler, Outcome
    from conjure.queue.store import QueueStore
    from conjure.settings import QueueSettings

log = structlog.get_logger(__name__)

_LANES_AT_ONCE: Final = 16  # lanes visited in one turn
_VISIT_S: Final = 1.0  # what a turn waits for its visits; the usual one takes a millisecond
_AWAY_S: Final = 1.0  # how long to wait for a store that is away
_LATER_S: Final = (
    1.0,
    5.0,
)  # an entry whose handler could not reach the store is tried again after this
_PHASE: Final = random.random()  # noqa: S311 - what tells processes apart
_LONGEST_RETRY_S: Final = 300.0
_FRUITLESS_S: Final = 0.02  # between turns that claim nothing: some 600 lanes a second
_LAST_TURN_S: Final = (
    1.0  # a turn is three round trips; a drain waits no longer for a store that is away
)


@dataclass(frozen=True, slots=True)
class _GiveBack:
    """Not done, for no fault of its own: this attempt does not count."""

    after_s: float


@dataclass(slots=True, eq=False)
class _Run:
    """An entry that is being handled. `renewed`: when its claim was made or prolonged, monotonic seconds."""

    entry: Entry
    renewed: float = field(default_factory=time.monotonic)
    is_ending: bool = False
    is_lost: bool = False


@dataclass(frozen=True, slots=True)
class _End:
    """What came of a visit: the ms until the lane is worth another one, None: it is empty."""

    visit: Visit
    next_ms: int | None
    claimed: int


class Worker(Background):
    """Handles the entries of one kind while it is entered."""

    def __init__(
        self,
        queue: QueueStore,
        directory: Directory,
        handler: Handler,
        settings: QueueSettings,
        *,
        at_once: int,
    ) -> None:
        self._queue = queue
        self._directory = directory
        self._handler = handler
        self._kind = handler.kind
        self._at_once = at_once
        self._poll_s = settings.poll_s
        self._lease_s = settings.lease_s
        self._renew_s = settings.lease_s / 3
        self._running: dict[asyncio.Task[None], _Run] = {}
        self._visiting: dict[asyncio.Task[_End], int] = {}  # with how many entries each may claim
        self._settling: set[asyncio.Task[None]] = set()
        self._may_go_on = asyncio.Event()
        self._renewing: asyncio.Task[None] | None = None
        self._is_leaving = False

    async def __aenter__(self) -> Self:
        self._renewing = asyncio.create_task(self._renew(), name=f"renew {self._kind}")
        return await super().__aenter__()

    @property
    def running(self) -> int:
        """How many entries are being handled."""
        return len(self._running)

    async def drain(self, grace_s: float) -> None:
        """Takes nothing more; waits for what is running, and gives back what has not ended in time."""
        await self._end_turn()
        if self._running:
            await asyncio.wait(self._running, timeout=grace_s)
        for task, run in tuple(self._running.items()):
            if not run.is_ending:  # else its outcome is on its way to the store
                task.cancel()
        if self._running:
            await asyncio.wait(self._running)
        # Until here, as what is running is renewed for as long as it runs.
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait({self._renewing})

    async def __aexit__(self, *_: object) -> None:
        await self.drain(0.0)

    async def _end_turn(self) -> None:
        """Lets a turn end: what it is about to claim would be nobody's until the claim lapses."""
        self._is_leaving = True
        self._may_go_on.set()
        self._directory.waker(self._kind).set()
        if self._task is not None:
            await asyncio.wait({self._task, *self._visiting}, timeout=_LAST_TURN_S)
        await super().__aexit__()
        late = {*self._visiting, *self._settling}
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    async def _work(self) -> None:
        while not self._is_leaving:
            try:
                wait_s = await self._turn()
            except AppError as error:
                log.warning("the queue cannot be read", kind=self._kind, cause=error.reason)
                await asyncio.sleep(_AWAY_S)
            except Exception:  # a fault of ours must not end all work of this process
                log.exception("a turn of the queue failed", kind=self._kind)
                await asyncio.sleep(_AWAY_S)
            else:
                if wait_s:
                    await self._pause(wait_s)

    async def _pause(self, wait_s: float) -> None:
        """Waits, until this process announces something at the longest.

        The workers of a process look at the same moments, so that it wakes up once for all of them; those of
        different processes do not.
        """
        waker = self._directory.waker(self._kind)
        left_s = wait_s - (asyncio.get_running_loop().time() - _PHASE * wait_s) % wait_s
        if left_s < wait_s / 2:  # a timer may also have been a little early
            left_s += wait_s
        try:
            async with asyncio.timeout(left_s):
                await waker.wait()
        except TimeoutError:
            return
        waker.clear()

    async def _turn(self) -> float:
        """Visits lanes that are due; returns how long to wait before the next turn."""
        while (free := self._free) <= 0:
            self._may_go_on.clear()
            await self._may_go_on.wait()
            if self._is_leaving:
                return 0.0
        visits = await self._directory.take(self._kind, min(free, _LANES_AT_ONCE))
        if not visits:
            return self._poll_s
        share = min(max(1, free // len(visits)), self._handler.batch)
        tasks = [asyncio.create_task(self._visit(visit, share)) for visit in visits]
        self._visiting |= dict.fromkeys(tasks, share)
        done, late = await asyncio.wait(tasks, timeout=_VISIT_S)
        # On a cluster one node may be silent for as long as a failover takes; the other tenants go on.
        for task in late:
            task.add_done_callback(self._came_late)
        ends = [self._visited(task) for task in done]
        counts = [end.claimed for end in ends]
        await self._directory.settle(self._kind, [(end.visit, end.next_ms) for end in ends])
        # Thousands of lanes with nothing to claim (the sweep has announced them, or their receivers are dead)
        # must not hold up the one behind them, nor take a core.
        return 0.0 if any(counts) else min(self._poll_s, _FRUITLESS_S)

    @property
    def _free(self) -> int:
        """How many more entries may be claimed, should every visit claim all that it may."""
        return self._at_once - len(self._running) - sum(self._visiting.values())

    def _visited(self, task: asyncio.Task[_End]) -> _End:
        """What came of a visit."""
        del self._visiting[task]
        self._may_go_on.set()
        return task.result()

    def _came_late(self, task: asyncio.Task[_End]) -> None:
        """Ends a visit that its turn did not wait for."""
        if task.cancelled() or task.exception() is not None:
            del self._visiting[task]
            self._may_go_on.set()
            return
        end = self._visited(task)
        settling = asyncio.create_task(self._settle_late(end))
        self._settling.add(settling)
        settling.add_done_callback(self._settling.discard)

    async def _settle_late(self, end: _End) -> None:
        try:
            await self._directory.settle(self._kind, [(end.visit, end.next_ms)])
        except AppError as error:
            log.warning("a visit was not ended; it ends by itself", cause=error.reason)

    async def _visit(self, visit: Visit, share: int) -> _End:
        """Claims from a lane."""
        most = self._handler.most_in_lane(visit.tenant, visit.lane)
        try:
            claimed = await self._queue.claim(
                visit.tenant, self._kind, visit.lane,
                want=share, most_in_lane=most,
            )  # fmt: skip
        except AppError as error:
            log.warning(
                "a lane cannot be read", kind=self._kind, lane=visit.lane, cause=error.reason
            )
            return _End(visit, int(_AWAY_S * 1000), 0)
        for entry in claimed.entries:
            self._start(entry)
        return _End(visit, claimed.next_ms, len(claimed.entries))

    def _start(self, entry: Entry) -> None:
        run = _Run(entry)
        task = asyncio.create_task(self._run(run), name=f"{self._kind} {entry.id}")
        self._running[task] = run
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        self._may_go_on.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("the end of an entry failed", kind=self._kind, exc_info=error)

    async def _run(self, run: _Run) -> None:
        entry = run.entry
        WORKING_FOR.set(entry.tenant.app)  # its task is its own, and so is the context
        if entry.attempt == 1:
            waited_s = time.time() - entry.created_ms / 1000
            metrics.QUEUE_WAIT.at(self._kind).observe(max(0.0, waited_s))
        begun = time.perf_counter()
        try:
            outcome = await self._outcome(entry)
        except asyncio.CancelledError:
            if run.is_lost:
                metrics.QUEUE_ENTRIES.at(self._kind, "lost").add()
                return
            # The process stops. Another one goes on at once.
            run.is_ending = True
            await self._finish(entry, _GiveBack(0.0))
            raise
        finally:
            metrics.QUEUE_DURATION.at(self._kind).observe(time.perf_counter() - begun)
        run.is_ending = True
        await self._finish(entry, outcome)

    async def _outcome(self, entry: Entry) -> Outcome | _GiveBack:
        most = self._handler.most_attempts
        try:
            if most is not None and entry.attempt > most:
                return await self._handler.exhausted(entry)
            return await self._handler.handle(entry)
        except (StoreUnavailable, OutcomeUnknown) as error:
            log.warning(
                "work has to wait for the store",
                kind=self._kind,
                entry=entry.id,
                cause=error.reason,
            )
            return _GiveBack(random.uniform(*_LATER_S))  # noqa: S311 - spreads them
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and _is_cancelled():
                raise
            log.exception("work failed", kind=self._kind, entry=entry.id, attempt=entry.attempt)
            return Retry(
                min(_LONGEST_RETRY_S, 5.0 * 2 ** min(entry.attempt, 8)), type(error).__name__
            )

    async def _finish(self, entry: Entry, outcome: Outcome | _GiveBack) -> None:
        """Stores an outcome; tries again while the store is away, for as long as a claim lasts."""
        give_up = time.monotonic() + self._lease_s
        next_ms: int | None = None
        while True:
            try:
                counted, next_ms = await self._stored(entry, outcome)
            except AppError as error:
                if not self._is_leaving and time.monotonic() < give_up:
                    await asyncio.sleep(_AWAY_S)
                    continue
                # The claim lapses, and the entry is handled once more: its handler is idempotent.
                counted = "unknown"
                log.warning(
                    "the end of work was not stored",
                    kind=self._kind,
                    entry=entry.id,
                    cause=error.reason,
                )
            break
        metrics.QUEUE_ENTRIES.at(self._kind, counted).add()
        if next_ms is not None:
            self._directory.note(entry.tenant, entry.kind, entry.lane, delay_s=next_ms / 1000)

    async def _stored(self, entry: Entry, outcome: Outcome | _GiveBack) -> tuple[str, int | None]:
        """Stores an outcome; returns what it is counted as, and the ms until its lane is worth a look.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        match outcome:
            case Ack():
                return "done", await self._queue.ack(entry)
            case Finished(announce):
                for kind, lane in announce:
                    self._directory.note(entry.tenant, kind, lane)
                return "done", 0  # its lane may have waited for it
            case Retry(after_s, cause):
                next_ms = await self._queue.retry(entry, after_s, cause)
                log.info("work is tried again", kind=self._kind, entry=entry.id, cause=cause)
                return "retried", next_ms
            case Bury(cause):
                next_ms = await self._queue.bury(entry, cause)
                await self._directory.note_grave(entry.tenant, entry.kind)
                log.warning("work was given up", kind=self._kind, entry=entry.id, cause=cause)
                return "buried", next_ms
            case _GiveBack(after_s):
                return "given_back", await self._queue.give_back(entry, after_s)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._renew_s / 2)
            now = time.monotonic()
            due = [
                (task, run)
                for task, run in self._running.items()
                if now - run.renewed >= self._renew_s
            ]
            await asyncio.gather(*(self._renew_one(task, run) for task, run in due))

    async def _renew_one(self, task: asyncio.Task[None], run: _Run) -> None:
        try:
            is_ours = await self._queue.renew(run.entry)
        except AppError as error:
            log.warning(
                "a claim was not renewed", kind=self._kind, entry=run.entry.id, cause=error.reason
            )
            return
        except Exception:  # a fault of ours must not end the renewing of all others
            log.exception("a claim was not renewed", kind=self._kind, entry=run.entry.id)
            return
        run.renewed = time.monotonic()
        # Unless it has just ended itself.
        if not is_ours and not task.done() and not run.is_ending:
            run.is_lost = True
            task.cancel()


def _is_cancelled() -> bool:
    """Whether somebody cancels this task; else what was cancelled is something of the handler's own."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
