"""Following a world: first what the store remembers, then what lands.

The truth is the stream that each write appends to in the store, in the same script, so a change seen by one
process was made by any. A process reads it on behalf of all who watch a world there: one poll, fanned out.
Polling costs a tiny read a world; a blocking read would hold up everybody on the one connection, and a
published message may be lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections import deque
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.context import detached_context
from conjure.core.errors import (
    AppError,
    Internal,
    InvalidField,
    StoreUnavailable,
    StreamInterrupted,
)
from conjure.core.ids import checked_id
from conjure.core.watching import RIDE_OUT_S, TICK_S
from conjure.worlds.model import Change
from conjure.worlds.revisions import is_later, is_revision, is_same_incarnation, number_of

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterator

    from conjure.core.caller import Tenant
    from conjure.settings import WatchSettings
    from conjure.worlds.model import History
    from conjure.worlds.service import WorldService

log = structlog.get_logger(__name__)

_FELL_BEHIND: Final = "this watcher reads too slowly; watch again from the last rev that it has"


class WatchService:
    """The hub: a feed for each world that is watched in this process, while it is."""

    def __init__(self, worlds: WorldService, settings: WatchSettings) -> None:
        self._worlds = worlds
        self._poll_s = settings.poll_s
        self._queue = settings.queue
        self._feeds: dict[tuple[str, str], _Feed] = {}

    @property
    def watched(self) -> int:
        """How many worlds are watched."""
        return len(self._feeds)

    async def watch(
        self, tenant: Tenant, world_id: str, from_rev: str | None
    ) -> AsyncGenerator[Change | None, None]:
        """Yields each change after `from_rev` in order; None at first and whenever a tick has passed.

        Raises InvalidField, NotFound (also once the world is deleted), StreamInterrupted,
        StoreUnavailable.
        """
        world_id = checked_id(world_id)
        if from_rev is not None and not is_revision(from_rev):
            raise InvalidField("fromRev must be a rev of this world")
        history = await self._worlds.history(tenant, world_id, from_rev)
        yield None
        position = from_rev or ""
        changes = (_reset(history),) if from_rev is None else _following(position, history)
        while True:
            for change in changes:
                position = change.rev
                yield change
            # From here to `joined` nothing waits: the feed cannot move on in between.
            if position == history.rev:
                feed = self._feed(tenant, world_id, position)
                if not _is_ahead(feed.position, position):
                    break
            history = await self._worlds.history(tenant, world_id, position)
            changes = _following(position, history)
        with feed.joined(self._queue) as watcher:
            while True:
                following = await watcher.next()
                if following is not None:
                    if _is_recorded(following, position):
                        continue
                    if following.after != position and not following.is_reset:
                        following = dataclasses.replace(following, ops=(), is_reset=True)
                    position = following.rev
                yield following

    def _feed(self, tenant: Tenant, world_id: str, position: str) -> _Feed:
        key = (tenant.tag, world_id)
        feed = self._feeds.get(key)
        if feed is None:
            feed = _Feed(
                self._worlds, tenant, world_id, position,
                poll_s=self._poll_s, done=lambda: self._feeds.pop(key, None),
            )  # fmt: skip
            self._feeds[key] = feed
        return feed


class _Feed:
    """Polls one world from `position` on. Ends with its last watcher, or tells all why it ends."""

    def __init__(
        self,
        worlds: WorldService,
        tenant: Tenant,
        world_id: str,
        position: str,
        *,
        poll_s: float,
        done: Callable[[], object],
    ) -> None:
        self.position = position
        self._worlds = worlds
        self._tenant = tenant
        self._world_id = world_id
        self._poll_s = poll_s
        self._done = done
        self._watchers: set[_Watcher] = set()
        self._task = asyncio.create_task(self._run(), name="world-feed", context=detached_context())

    @contextlib.contextmanager
    def joined(self, queue: int) -> Iterator[_Watcher]:
        """A watcher that gets all that comes."""
        watcher = _Watcher(queue)
        self._watchers.add(watcher)
        try:
            yield watcher
        finally:
            self._watchers.discard(watcher)
            if not self._watchers and not self._task.done():
                self._task.cancel()
                self._done()

    async def _run(self) -> None:
        try:
            await self._poll()
        except AppError as error:
            self._end(error)
        except Exception:  # a task has no caller: whoever watches must hear that it ended
            log.exception("a feed failed")
            self._end(Internal())

    def _end(self, error: AppError) -> None:
        self._done()
        for watcher in self._watchers:
            watcher.end(error)

    async def _poll(self) -> None:
        loop = asyncio.get_running_loop()
        answered = loop.time()
        has_more = False
        while True:
            await asyncio.sleep(0 if has_more else self._poll_s)
            try:
                history = await self._worlds.history(self._tenant, self._world_id, self.position)
            except StoreUnavailable:
                if loop.time() - answered > RIDE_OUT_S:
                    raise
                continue
            answered = loop.time()
            for change in _following(self.position, history):
                self.position = change.rev
                for watcher in self._watchers:
                    watcher.offer(change)
            has_more = self.position != history.rev


class _Watcher:
    """A bounded queue and why it ended."""

    __slots__ = ("_changes", "_error", "_limit", "_something")

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._changes: deque[Change] = deque()
        self._something = asyncio.Event()
        self._error: AppError | None = None

    def offer(self, change: Change) -> None:
        if self._error is not None:
            return
        if len(self._changes) >= self._limit:
            self._changes.clear()  # it resumes from what it has read
            self.end(StreamInterrupted(_FELL_BEHIND))
            return
        self._changes.append(change)
        self._something.set()

    def end(self, error: AppError) -> None:
        self._error = self._error or error
        self._something.set()

    async def next(self) -> Change | None:
        """The next change; None when a tick passed without one."""
        if not self._something.is_set():
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(TICK_S):
                    await self._something.wait()
        if self._changes:
            change = self._changes.popleft()
            if not self._changes and self._error is None:
                self._something.clear()
            return change
        if self._error is not None:
            raise self._error
        return None


def _following(position: str, history: History) -> tuple[Change, ...]:
    """The changes that follow `position`, each made from the one before it.

    A reset when none does: the next one is not known any more, or the store has lost `position`.
    """
    if history.rev == position:
        return ()
    following: list[Change] = []
    for change in history.changes:
        if change.after != position:
            break
        following.append(change)
        position = change.rev
    return tuple(following) or (_reset(history),)


def _is_ahead(feed: str, position: str) -> bool:
    """Whether a feed may have told what comes after `position`: then that is to be read first."""
    if is_same_incarnation(feed, position):
        return number_of(feed) > number_of(position)
    return number_of(feed) >= number_of(position)


def _is_recorded(change: Change, position: str) -> bool:
    """Whether a watcher has been told of a change already: its feed may have begun earlier than it."""
    if change.rev == position:
        return True
    if change.is_reset or change.after == position:
        return False
    return is_later(position, change.rev)


def _reset(history: History) -> Change:
    return Change(history.rev, "", (), history.updated_ms, is_reset=True)
