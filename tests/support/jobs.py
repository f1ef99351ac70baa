"""Jobs of a test: begun and followed over gRPC, or put into the store so that no worker takes them."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from conjure.administration import administration
from conjure.app import serving
from conjure.core.ids import new_id
from conjure.jobs.store import JobStore
from conjure.queue.kinds import EVENTS, JOBS
from conjure.settings import (
    AuthSettings,
    CapSettings,
    JobSettings,
    QueueSettings,
    ServerSettings,
    Settings,
    WatchSettings,
    WorldSettings,
)
from conjure.store import keyspace
from conjure.v1 import job_service_pb2 as job_pb
from conjure.v1 import world_service_pb2 as world_pb
from conjure.v1.job_service_pb2_grpc import JobServiceStub
from conjure.worlds.requests import NewWorld
from support.rpc import TIMEOUT_S, Client, client, metadata
from support.stack import new_app, store_settings
from support.until import until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.administration import Administration
    from conjure.core.caller import Tenant
    from conjure.providers.author import Author
    from conjure.store.client import Store
    from conjure.v1 import job_pb2
    from support.stack import TestApp

FINAL = ("succeeded", "failed", "cancelled")


def job_store(store: Store, **settings: int) -> JobStore:
    return JobStore(store, JobSettings(**settings), WorldSettings(), CapSettings())


async def queued_job(app: TestApp) -> str:
    """A job that stays queued: it is in no lane, so that no worker finds it."""
    tenant, job_id, store = app.tenant(), new_id(), app.admin.store
    await job_store(store).accept(tenant, job_id, new_id(), NewWorld("a quiet place"), None)
    await store.write("ZREM", keyspace.queue_ready(tenant, JOBS, ""), job_id)
    return job_id


async def events_of(store: Store, tenant: Tenant) -> list[str]:
    """The payloads of the events that wait for their endpoints, while nobody was told of them."""
    ids = await store.read("ZRANGE", keyspace.queue_ready(tenant, EVENTS, ""), 0, -1)
    entries = [keyspace.queue_entry(tenant, EVENTS, one.decode()) for one in ids]
    return [(await store.read("HGET", entry, "payload")).decode() for entry in entries]


class Jobs:
    """One app's jobs at one server."""

    def __init__(self, caller: Client) -> None:
        self.caller = caller
        self._jobs = JobServiceStub(caller.channel)

    def begin(self, premise: str = "a lighthouse under the sea", **headers: str) -> Any:
        request = world_pb.CreateWorldRequest(premise=premise, run_async=True)
        return self.caller.worlds.CreateWorld(
            request, metadata=metadata(self.caller.key, **headers), timeout=TIMEOUT_S
        )

    async def begun(self, premise: str = "a lighthouse under the sea", **headers: str) -> str:
        return str((await self.begin(premise, **headers)).accepted.job_id)

    def get(self, job_id: str) -> Any:
        return self._jobs.GetJob(
            job_pb.GetJobRequest(job_id=job_id),
            metadata=metadata(self.caller.key),
            timeout=TIMEOUT_S,
        )

    async def job(self, job_id: str) -> job_pb2.Job:
        return (await self.get(job_id)).job

    def cancel(self, job_id: str) -> Any:
        return self._jobs.CancelJob(
            job_pb.CancelJobRequest(job_id=job_id),
            metadata=metadata(self.caller.key),
            timeout=TIMEOUT_S,
        )

    def watch(self, job_id: str) -> Any:
        return self._jobs.WatchJob(
            job_pb.WatchJobRequest(job_id=job_id),
            metadata=metadata(self.caller.key),
            timeout=TIMEOUT_S,
        )

    async def finished(self, job_id: str) -> job_pb2.Job:
        """The job, once its status is final."""
        found: list[job_pb2.Job] = []

        async def is_final() -> bool:
            found[:] = [await self.job(job_id)]
            return found[0].status in FINAL

        await until(is_final)
        return found[0]

    async def used(self) -> int:
        """Generations that are spent or held."""
        return await self.caller.used("generation")


@dataclass
class Maker:
    """A server with an author of the test's, on a store that no other server works for, and an app of its own."""

    port: int
    server: Any
    admin: Administration
    app: TestApp
    jobs: Jobs

    @property
    def store(self) -> Store:
        return self.admin.store

    @property
    def tenant(self) -> Tenant:
        return self.app.tenant()

    async def holds(self) -> int:
        return int(await self.store.read("ZCARD", keyspace.holds(self.tenant, "generation")))

    async def worlds(self) -> list[Any]:
        return list((await self.jobs.caller.list_worlds(limit=100)).worlds)


@contextlib.asynccontextmanager
async def making(
    store_url: str, author: Author, *, queue: QueueSettings | None = None, **jobs: Any
) -> AsyncIterator[Maker]:
    """Runs such a server in this process. `jobs` are its settings of jobs."""
    settings = replace(
        Settings.from_environment(),
        store=store_settings(store_url),
        server=ServerSettings(drain_pause_s=0.0, drain_s=0.2),
        jobs=JobSettings(**{"retry_s": 0.02} | jobs),
        watch=WatchSettings(poll_s=0.02),
        queue=queue or QueueSettings(poll_s=0.02, lease_s=1.0),
    )
    async with (
        administration(settings.store, AuthSettings()) as admin,
        serving(settings, port=0, author=author) as (server, port),
    ):
        app = await new_app(admin)
        async with client(port, app.secret) as caller:
            yield Maker(port, server, admin, app, Jobs(caller))
