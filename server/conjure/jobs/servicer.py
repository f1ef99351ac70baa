"""conjure.v1.JobService."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from conjure.v1 import job_pb2
from conjure.v1 import job_service_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from conjure.jobs.model import Job
    from conjure.jobs.service import JobService
    from conjure.rpc.call import Call


class JobServicer:
    """proto ↔ jobs."""

    def __init__(self, jobs: JobService) -> None:
        self._jobs = jobs

    async def GetJob(self, request: pb.GetJobRequest, call: Call) -> pb.GetJobResponse:
        """Answers with the job."""
        return pb.GetJobResponse(job=_message(await self._jobs.get(call.tenant, request.job_id)))

    async def CancelJob(self, request: pb.CancelJobRequest, call: Call) -> pb.CancelJobResponse:
        """Cancels it."""
        job = await self._jobs.cancel(call.tenant, request.job_id)
        return pb.CancelJobResponse(job=_message(job))

    async def WatchJob(
        self, request: pb.WatchJobRequest, call: Call
    ) -> AsyncGenerator[pb.WatchJobResponse | None, None]:
        """Yields the job and its changes; None when it has begun and when nothing has happened for a tick."""
        jobs = self._jobs.watch(call.tenant, request.job_id)
        async with contextlib.aclosing(jobs):
            async for job in jobs:
                yield None if job is None else pb.WatchJobResponse(job=_message(job))


def _message(job: Job) -> job_pb2.Job:
    return job_pb2.Job(
        job_id=job.id,
        status=job.status,
        phase=job.phase,
        progress=job.progress,
        world_id=job.world_id,
        error=job.error,
    )
