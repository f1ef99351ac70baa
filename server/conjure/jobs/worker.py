"""What works on jobs (queue/README.md)."""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, Final

import structlog

from conjure.core.errors import (
    AssetsUnavailable,
    AuthorUnavailable,
    NotFound,
    OutcomeUnknown,
    StoreUnavailable,
)
from conjure.jobs.store import Begun
from conjure.queue.handler import Ack, Finished, Retry
from conjure.queue.kinds import EVENTS, JOBS
from conjure.worlds.generation import UnfitWorld
from conjure.worlds.model import Summary

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from conjure.assets.service import Assets
    from conjure.core.caller import Tenant
    from conjure.jobs.store import JobStore
    from conjure.queue.handler import Entry, Outcome
    from conjure.settings import JobSettings
    from conjure.worlds.frames import Frames
    from conjure.worlds.generation import Generation, Made, Phase

log = structlog.get_logger(__name__)

MOST_ATTEMPTS: Final = 3
"""How often a job is worked on, claims that were lost with their process included."""

_BEGINS_AT: Final[dict[Phase, tuple[float, float]]] = {
    "planning": (0.0, 0.1),
    "writing": (0.1, 0.7),
    "checking": (0.7, 0.9),
    "drawing": (0.9, 0.99),
}
"""The part of the whole at which a phase begins, and at which it ends. 1 is the world that is there."""

_LOOK_S: Final = 0.5
"""How often it is looked whether a job that is made is still wanted: what a model does meanwhile costs."""

_ANNOUNCED: Final = Finished(((EVENTS, ""),))
_UNAVAILABLE: Final = "the author is not available; nothing was charged"
_NOT_KEPT: Final = "the pictures of the world could not be kept; nothing was charged"
_UNFIT: Final = "the author did not write a world that can be played; nothing was charged"
_EXPIRED: Final = "the job was not done in the time that a job may take; nothing was charged"
_NO_FRAME: Final = "the frame of the world is no longer kept; nothing was charged"
_EXHAUSTED: Final = f"the job was given up after {MOST_ATTEMPTS} attempts; nothing was charged"


class ClaimLost(Exception):
    """Somebody has cancelled the job, or another worker has it: nothing is left to be done."""


class JobHandler:
    """Makes the world of a job.

    Nothing is stored before the one script that ends it, so a job that was interrupted is begun again. All
    that it does to the store checks its claim: who has lost it changes nothing.
    """

    kind = JOBS
    most_attempts: int | None = MOST_ATTEMPTS
    batch = 1

    def __init__(
        self,
        store: JobStore,
        generation: Generation,
        assets: Assets,
        frames: Frames,
        settings: JobSettings,
    ) -> None:
        self._store = store
        self._generation = generation
        self._assets = assets
        self._frames = frames
        self._concurrent = settings.concurrent
        self._attempt_s = settings.attempt_s
        self._retry_s = settings.retry_s

    def most_in_lane(self, tenant: Tenant, lane: str) -> int:
        """Jobs of an app and mode that run at the same time."""
        return self._concurrent

    async def handle(self, entry: Entry) -> Outcome:
        """Makes the world, or says why it cannot be made."""
        begun = await self._store.begin(entry)
        if begun == "gone":
            return Ack()
        if begun == "expired":
            return await self._fail(entry, _EXPIRED)
        if not isinstance(begun, Begun):
            return Finished()
        try:
            outcome = await self._make(entry, begun)
        except ClaimLost:
            return Finished()
        except UnfitWorld:
            return await self._fail(entry, _UNFIT)
        except NotFound:
            return await self._fail(entry, _NO_FRAME)
        except (AuthorUnavailable, AssetsUnavailable, TimeoutError) as error:
            is_asset = isinstance(error, AssetsUnavailable)
            if entry.attempt >= MOST_ATTEMPTS:
                return await self._fail(entry, _NOT_KEPT if is_asset else _UNAVAILABLE)
            cause = "the cover was not kept" if is_asset else "the author failed"
            return Retry(self._retry_s * 4 ** (entry.attempt - 1), cause)
        if outcome == "expired":
            return await self._fail(entry, _EXPIRED)
        return _ANNOUNCED if outcome == "succeeded" else Finished()

    async def exhausted(self, entry: Entry) -> Outcome:
        """Gives a job up that has taken its workers with it."""
        log.error("a job was given up", job=entry.id, attempts=MOST_ATTEMPTS)
        return await self._fail(entry, _EXHAUSTED)

    async def _make(self, entry: Entry, begun: Begun) -> str:
        tenant, world_id = entry.tenant, begun.world_id
        if begun.request is None:
            covers = () if begun.cover is None else (begun.cover,)
            await self._assets.prepare(tenant, world_id, begun.asset_names, covers)
            return await self._store.succeed(entry, begun)

        async def progress(phase: Phase, done: float) -> None:
            begin, end = _BEGINS_AT[phase]
            part = begin + (end - begin) * min(max(done, 0.0), 1.0)
            if not await self._store.step(entry, phase, part):
                raise ClaimLost

        async with asyncio.timeout(self._attempt_s):
            kept = begun.request.kept_frame
            frame = None if kept is None else await self._frames.kept(kept)
            work = self._generation.world(begun.request, world_id, progress, frame=frame)
            made = await self._while_wanted(entry, work)
        document, asset_names = made.document, made.document.written.asset_names
        await self._assets.prepare(tenant, world_id, asset_names, made.pictures)
        summary = Summary.of(document.value)
        return await self._store.succeed(entry, begun, summary, document.text, asset_names)

    async def _while_wanted(self, entry: Entry, work: Coroutine[Any, Any, Made]) -> Made:
        """Does the work of a job. Ends it and raises ClaimLost when the job has ended without it.

        An author tells its progress, but not in the middle of a call of its model.
        """
        making = asyncio.create_task(work, name=f"making {entry.id}")
        try:
            while not (await asyncio.wait({making}, timeout=_LOOK_S))[0]:
                # A store that cannot be asked is asked again; the claim is what counts in the end.
                with contextlib.suppress(StoreUnavailable, OutcomeUnknown):
                    if await self._has_ended(entry):
                        raise ClaimLost
            return making.result()
        finally:
            if not making.done():
                making.cancel()
                await asyncio.wait({making})

    async def _has_ended(self, entry: Entry) -> bool:
        try:
            return (await self._store.get(entry.tenant, entry.id)).is_final
        except NotFound:
            return True

    async def _fail(self, entry: Entry, error: str) -> Outcome:
        outcome = await self._store.fail(entry, error)
        if outcome == "gone":
            return Ack()
        return _ANNOUNCED if outcome == "failed" else Finished()
