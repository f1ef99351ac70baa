"""Durable work, compared with what callers were told of it: jobs, the events of jobs, the ends of sessions.

As `checker.py`, a function from two records to a list of sentences; `test_checker.py` tells it lies.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import grpc

from conjure.store import keyspace
from conjure.v1 import world_service_pb2 as world_pb
from support.chaos.ledger import Fate
from support.jobs import Jobs
from support.rpc import TIMEOUT_S, metadata
from support.until import until

if TYPE_CHECKING:
    from collections.abc import Iterator

    from conjure.core.caller import Tenant
    from conjure.store.client import Store
    from support.chaos.endpoint import Endpoint, Event
    from support.chaos.ledger import Ledger
    from support.rpc import Client

SUCCEEDED: Final = "world.generation.succeeded"
FAILED: Final = "world.generation.failed"
ENDED: Final = "session.ended"
PREMISE: Final = "A lighthouse in a storm"
_QUIET_S: Final = 180.0


@dataclass(frozen=True, slots=True)
class JobSeen:
    """A job as it is at the end; `status` is empty when there is no such job."""

    status: str
    world_id: str = ""


@dataclass(slots=True)
class WorkSeen:
    """What is there once the run is over and everything is quiet."""

    worlds: dict[str, str]
    """World ids to their names."""
    jobs: dict[str, JobSeen]
    """The jobs that callers were told of, and those that events speak of."""
    events: list[Event]
    malformed: list[str]
    charged: dict[str, int]
    """Of each session that ever had a lease, by jti: the seconds charged for it."""
    left: list[str] = field(default_factory=list)
    """What is left in the tenant's queues: names of lanes, of dead letters, of entries."""


def work_violations(ledger: Ledger, seen: WorkSeen) -> list[str]:
    """Returns a sentence for each promise that was broken; empty when all were kept."""
    return [
        *seen.malformed,
        *(f"left in the queue: {name}" for name in seen.left),
        *_jobs(ledger, seen),
        *_events_of_jobs(seen),
        *_ends(ledger, seen),
    ]


def _jobs(ledger: Ledger, seen: WorkSeen) -> Iterator[str]:
    """Each acknowledged job has run and made one world; each key stands for one job."""
    named: dict[str, list[str]] = defaultdict(list)
    for world_id, name in seen.worlds.items():
        named[name].append(world_id)
    by_name: dict[str, set[str]] = defaultdict(set)
    may_be: set[str] = set()
    for attempt in ledger.of("job"):
        if attempt.fate is Fate.DONE:
            by_name[attempt.subject].add(attempt.answer)
        if attempt.fate is not Fate.REFUSED:
            may_be.add(attempt.subject)
    for name in {attempt.subject for attempt in ledger.of("job")}:
        told, made = by_name[name], named[name]
        if len(told) > 1:
            yield f"one Idempotency-Key made several jobs: {name} {sorted(told)}"
        if len(made) > 1:
            yield f"one job made {len(made)} worlds: {name} {sorted(told)}"
        if made and name not in may_be:
            yield f"a refused job made a world: {name}"
        for job_id in told:
            job = seen.jobs.get(job_id, JobSeen(""))
            if not job.status:
                yield f"an acknowledged job is lost: {name} {job_id}"
            elif job.status != "succeeded":
                yield f"an acknowledged job did not succeed: {name} {job_id} {job.status}"
            elif job.world_id not in made:
                yield f"the world of a job is lost: {name} {job_id} {job.world_id}"


def _events_of_jobs(seen: WorkSeen) -> Iterator[str]:
    """Each job that has ended was told of once, and truly."""
    told: dict[str, list[Event]] = defaultdict(list)
    for event in seen.events:
        if event.type in {SUCCEEDED, FAILED}:
            told[event.data["jobId"]].append(event)
    for job_id, job in seen.jobs.items():
        events = told.pop(job_id, [])
        if job.status in {"succeeded", "failed"} and len(events) != 1:
            yield f"{len(events)} events of a job that has {job.status}: {job_id}"
        for event in events:
            if event.type != f"world.generation.{job.status}":
                yield f"{event.type} of a job that has {job.status or 'never been'}: {job_id}"
            elif event.type == SUCCEEDED and event.data["worldId"] != job.world_id:
                yield f"an event names another world than its job: {job_id}"
    for job_id in told:
        yield f"events of an unknown job: {job_id}"


def _ends(ledger: Ledger, seen: WorkSeen) -> Iterator[str]:
    """Each session that has ended was told of, once for each time, the last time with all that was charged."""
    told: dict[str, list[int]] = defaultdict(list)
    for event in seen.events:
        if event.type == ENDED:
            told[event.data["jti"]].append(event.data["seconds"])
    begun = Counter(a.subject for a in ledger.of("connect", Fate.DONE, Fate.UNKNOWN))
    for jti, charged in seen.charged.items():
        seconds = told.pop(jti, [])
        if not seconds:
            yield f"nobody was told that a session has ended: {jti}"
        elif len(seconds) > begun[jti]:
            yield f"a session that began {begun[jti]} times has ended {len(seconds)} times: {jti}"
        elif max(seconds) != charged:
            yield f"a session has ended with {max(seconds)} s, it was charged {charged}: {jti}"
    for jti in told:
        yield f"the end of a session that never was: {jti}"


async def until_quiet(store: Store, tenant: Tenant) -> None:
    """Waits until nothing of a tenant is in a queue, but for dead letters. Raises TimeoutError."""

    async def is_quiet() -> bool:
        lanes = await store.read("SMEMBERS", keyspace.queue_lanes(tenant))
        return all(name.startswith(b"dead:") for name in lanes)

    await until(is_quiet, limit_s=_QUIET_S)


async def left_in_queues(store: Store, tenant: Tenant) -> list[str]:
    """What is left of durable work under a tenant's tag, of a single store."""
    found: list[str] = []
    cursor = b"0"
    while True:
        cursor, keys = await store.read(
            "SCAN", cursor, "MATCH", f"t:{{{tenant.tag}}}:queue*", "COUNT", 1000
        )
        found += [key.decode() for key in keys]
        if cursor == b"0":
            return sorted(found)


def begin(caller: Client, name: str, key: str) -> Any:
    """The call that begins a job whose world will have this name, under an Idempotency-Key."""
    request = world_pb.CreateWorldRequest(premise=PREMISE, name=name, run_async=True)
    return caller.worlds.CreateWorld(
        request, metadata=metadata(caller.key, idempotency_key=key), timeout=TIMEOUT_S
    )


async def job_of(caller: Client, job_id: str) -> JobSeen:
    """A job, as its caller sees it."""
    try:
        answer = await Jobs(caller).get(job_id)
    except grpc.aio.AioRpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return JobSeen("")
    return JobSeen(answer.job.status, answer.job.world_id)


async def see_work(
    caller: Client,
    ledger: Ledger,
    endpoint: Endpoint,
    *,
    worlds: dict[str, str],
    charged: dict[str, int],
    left: list[str],
) -> WorkSeen:
    """Reads all of it; everything must be quiet."""
    events = endpoint.events()
    ids: set[Any] = {attempt.answer for attempt in ledger.of("job", Fate.DONE)}
    ids |= {event.data["jobId"] for event in events if event.type in {SUCCEEDED, FAILED}}
    return WorkSeen(
        worlds=worlds,
        jobs={job_id: await job_of(caller, job_id) for job_id in ids},
        events=events,
        malformed=endpoint.malformed(),
        charged=charged,
        left=left,
    )
