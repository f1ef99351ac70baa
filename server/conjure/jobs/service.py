"""What callers may do with jobs: begin, read, watch and cancel them."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from conjure.core.errors import KernelRefused, OutcomeUnknown
from conjure.core.ids import checked_id, new_id
from conjure.jobs.model import Imported
from conjure.queue.kinds import JOBS
from conjure.usage.idempotency import Idempotency, Refused
from conjure.worlds.model import Summary
from conjure.worlds.requests import GENERATION, ROUTE, AcceptedJob, checked

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from conjure.core.caller import Tenant
    from conjure.jobs.following import JobFeeds
    from conjure.jobs.model import Job
    from conjure.jobs.store import JobStore
    from conjure.queue.directory import Directory
    from conjure.usage.idempotency import FirstAnswer
    from conjure.usage.metering import Metering
    from conjure.worlds.frames import Frames
    from conjure.worlds.generation import Generation
    from conjure.worlds.requests import NewWorld


class JobService:
    """Jobs of one tenant, which alone ever hears of them."""

    def __init__(
        self,
        store: JobStore,
        feeds: JobFeeds,
        metering: Metering,
        directory: Directory,
        generation: Generation,
        frames: Frames,
    ) -> None:
        self._store = store
        self._feeds = feeds
        self._metering = metering
        self._directory = directory
        self._generation = generation
        self._frames = frames

    async def accept(
        self, tenant: Tenant, new: NewWorld, *, idempotency_key: str | None = None
    ) -> AcceptedJob:
        """Refuses what can be refused at once, and begins a job for the rest.

        The id of the world is given here: whoever works on the job, there is one world at most. A frame is
        read here, and fetched, so that a bad one is refused at once; the job knows it by its hash.

        Raises InvalidField, UnprocessableCreation, KernelRefused, QuotaExceeded, JobCapacity,
        IdempotencyInProgress, IdempotencyMismatch, StoreUnavailable, OutcomeUnknown.
        """
        document = checked(new)
        idempotency = Idempotency.of(
            ROUTE,
            idempotency_key,
            new.premise,
            new.name,
            new.pov,
            document,
            "async",
            *new.frame_said,
        )
        job_id, world_id = new_id(), new_id()
        if new.has_frame:
            async with self._metering.held(tenant, GENERATION, idempotency, is_long=True) as hold:
                if hold.first is not None:
                    return _again(hold.first)
                frame = await self._frames.of(new)
                assert frame is not None  # noqa: S101 - it has one
                kept = await self._frames.keep(tenant, frame)
                made_of = replace(new, frame_b64=None, frame_url=None, kept_frame=kept)
                return await self._begin(tenant, job_id, world_id, made_of, idempotency, hold.id)
        made_from: NewWorld | Imported = new
        if document is not None:
            try:
                made = self._generation.given(document, world_id, new.name)
            except KernelRefused as refused:
                return _again(await self._remember(tenant, refused, idempotency))
            whole = made.document
            made_from = Imported(
                Summary.of(whole.value),
                whole.text,
                whole.written.asset_names,
                made.pictures[0] if made.pictures else None,
            )
        return await self._begin(tenant, job_id, world_id, made_from, idempotency)

    async def _begin(
        self,
        tenant: Tenant,
        job_id: str,
        world_id: str,
        made_from: NewWorld | Imported,
        idempotency: Idempotency | None,
        hold_id: str = "",
    ) -> AcceptedJob:
        try:
            first = await self._store.accept(
                tenant, job_id, world_id, made_from, idempotency, hold_id=hold_id
            )
        except (OutcomeUnknown, asyncio.CancelledError):
            self._directory.note(tenant, JOBS, "")  # it may have been accepted
            raise
        if first is not None:
            return _again(first)
        # Not waited for: on a cluster that is another node, which may be away.
        self._directory.note(tenant, JOBS, "")
        return AcceptedJob(job_id)

    async def get(self, tenant: Tenant, job_id: str) -> Job:
        """Returns a job as it is now. Raises NotFound, StoreUnavailable."""
        return await self._store.get(tenant, checked_id(job_id))

    async def cancel(self, tenant: Tenant, job_id: str) -> Job:
        """Ends a job that is not finished; its unit is given back.

        Raises NotFound, JobFinished, StoreUnavailable, OutcomeUnknown.
        """
        job = await self._store.cancel(tenant, checked_id(job_id), new_id())
        self._directory.note(tenant, JOBS, "")  # the next one may have waited for its place
        return job

    def watch(self, tenant: Tenant, job_id: str) -> AsyncGenerator[Job | None, None]:
        """Yields a job and its changes (`JobFeeds.watch`). Raises NotFound, StoreUnavailable."""
        return self._feeds.watch(tenant, checked_id(job_id))

    async def _remember(
        self, tenant: Tenant, refused: KernelRefused, idempotency: Idempotency | None
    ) -> FirstAnswer:
        """Refuses an import as a creation that is waited for does: its Idempotency-Key belongs to that body.

        Returns the first answer when the same body was accepted once, by other rules.
        Raises KernelRefused, QuotaExceeded, IdempotencyInProgress, IdempotencyMismatch, StoreUnavailable,
        OutcomeUnknown.
        """
        if idempotency is None:
            raise refused
        try:
            async with self._metering.held(tenant, GENERATION, idempotency) as hold:
                if hold.first is not None:
                    return hold.first
                raise refused
        except Refused:
            refused.is_replayed = True
            raise refused from None


def _again(first: FirstAnswer) -> AcceptedJob:
    return AcceptedJob(first.members["job_id"], replayed=True)
