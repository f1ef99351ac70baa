"""Jobs in the store: each step of a job is one script on its tenant's node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from conjure.assets.names import joined, split
from conjure.core import jsondoc, metrics
from conjure.core.errors import JobCapacity, JobFinished, NotFound, QuotaExceeded
from conjure.core.ids import new_id
from conjure.jobs.model import FINAL, Imported, Job
from conjure.providers.pictures import Picture
from conjure.queue.kinds import EVENTS, JOBS
from conjure.store import keyspace
from conjure.store.client import Script
from conjure.usage.idempotency import first_answer
from conjure.worlds.requests import GENERATION, KeptFrame, NewWorld, slug_of
from conjure.worlds.stored_text import packed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from conjure.core.caller import Tenant
    from conjure.queue.handler import Entry
    from conjure.settings import CapSettings, JobSettings, WorldSettings
    from conjure.store.client import Store, Value
    from conjure.usage.idempotency import FirstAnswer, Idempotency
    from conjure.worlds.model import Summary

_ACCEPT: Final = Script(
    "conjure.jobs", "accept", includes=["queue.entries", "usage.hold", "usage.idempotency"]
)
_READ: Final = Script("conjure.jobs", "read", includes=["record"], reads_only=True)
_BEGIN: Final = Script("conjure.jobs", "begin", includes=["queue.entries", "record"])
_STEP: Final = Script("conjure.jobs", "step", includes=["queue.entries", "record"])
_SUCCEED: Final = Script(
    "conjure.jobs", "succeed",
    includes=["queue.entries", "record", "usage.spend", "assets.names", "worlds.new_world"],
)  # fmt: skip
_FAIL: Final = Script("conjure.jobs", "fail", includes=["queue.entries", "record"])
_CANCEL: Final = Script("conjure.jobs", "cancel", includes=["queue.entries", "record"])
_ENDED: Final = {status: metrics.JOBS.at(status) for status in FINAL}
_OF_A_REQUEST: Final = ("premise", "name", "pov")
_GRANTED: Final = metrics.QUOTA.at(GENERATION, "granted")
_RETURNED: Final = metrics.QUOTA.at(GENERATION, "returned")
_REFUSED: Final = metrics.QUOTA.at(GENERATION, "refused")
_REPLAYED: Final = metrics.QUOTA.at(GENERATION, "replayed")


@dataclass(frozen=True, slots=True)
class Begun:
    """What a worker makes: `world_id`, from `request`; without one it is an import, of a `kind` of worlds.

    Of an import also the assets that it names, and the cover of ours that has to be kept.
    """

    world_id: str
    request: NewWorld | None
    kind: str
    asset_names: tuple[str, ...] = ()
    cover: Picture | None = None


class JobStore:
    """Accepts, reads and changes jobs."""

    def __init__(
        self, store: Store, settings: JobSettings, worlds: WorldSettings, caps: CapSettings
    ) -> None:
        self._store = store
        self._life_ms = settings.life_s * 1000
        self._keep_ms = settings.keep_s * 1000
        self._most_open = settings.unfinished
        self._caps = caps
        self._idempotency_ms = worlds.idempotency_s * 1000

    async def accept(
        self,
        tenant: Tenant,
        job_id: str,
        world_id: str,
        made_from: NewWorld | Imported,
        idempotency: Idempotency | None,
        *,
        hold_id: str = "",
    ) -> FirstAnswer | None:
        """Begins a job; returns the first answer instead when the Idempotency-Key has one.

        `hold_id`: the hold that was taken for it already, which becomes the job's.

        Raises QuotaExceeded, JobCapacity, IdempotencyInProgress, IdempotencyMismatch, StoreUnavailable,
        OutcomeUnknown.
        """
        keys = [
            keyspace.job(tenant, job_id),
            keyspace.job_steps(tenant, job_id),
            keyspace.open_jobs(tenant),
            keyspace.queue_lanes(tenant),
            keyspace.queue_ready(tenant, JOBS, ""),
            keyspace.queue_entry(tenant, JOBS, job_id),
            keyspace.usage(tenant),
            keyspace.caps(tenant),
            keyspace.holds(tenant, GENERATION),
        ]
        body = ""
        if idempotency is not None:
            keys.append(idempotency.key(tenant))
            body = idempotency.body_hash
        args: list[Value] = [
            job_id, world_id, GENERATION, self._caps.of(GENERATION),
            self._life_ms, self._keep_ms, self._most_open,
            body, orjson.dumps({"job_id": job_id}), self._idempotency_ms, hold_id,
            *_members(made_from),
        ]  # fmt: skip
        outcome, *rest = await self._store.effect(_ACCEPT, keys, args)
        match outcome:
            case b"accepted":
                if not hold_id:
                    _GRANTED.add()
                return None
            case b"quota":
                _REFUSED.add()
                raise QuotaExceeded(GENERATION)
            case b"full":
                raise JobCapacity
            case _:
                first = first_answer(outcome, rest, keys[-1])
                _REPLAYED.add()
                return first

    async def get(self, tenant: Tenant, job_id: str) -> Job:
        """Returns a job as it is now. Raises NotFound, StoreUnavailable."""
        return (await self.steps(tenant, job_id))[0]

    async def steps(
        self, tenant: Tenant, job_id: str, after: int | None = None
    ) -> tuple[Job, int, list[Job]]:
        """Returns a job, how many steps it has had, and those `after` so many: the job as it was then.

        Raises NotFound, StoreUnavailable.
        """
        keys = [keyspace.job(tenant, job_id), keyspace.job_steps(tenant, job_id)]
        found = await self._store.query(_READ, keys, [] if after is None else [after])
        if found is None:
            raise NotFound
        count, view, steps = found
        job = _job(job_id, view)
        return job, int(count), [_then(job, step) for step in steps]

    async def begin(self, entry: Entry) -> Begun | str:
        """Begins a claimed job; returns what to make, or `lost`, `gone` or `expired`.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        keys = _claim_keys(entry)
        outcome, *rest = await self._store.effect(_BEGIN, keys, [entry.token])
        if outcome != b"begun":
            return str(outcome.decode())
        world_id, kind, request, names, media_type, cover = rest
        asked = None
        if request:
            found = jsondoc.load_stored(request, keys[1])
            # Another release may have written more.
            asked = NewWorld(
                **{name: found.get(name) for name in _OF_A_REQUEST}, kept_frame=_frame(found)
            )
        return Begun(
            world_id.decode(),
            asked,
            kind.decode(),
            tuple(split(names.decode())),
            Picture(cover, media_type.decode()) if cover else None,
        )

    async def step(self, entry: Entry, phase: str, progress: float) -> bool:
        """Says how far a job has come; False when the claim does not hold any more.

        Raises StoreUnavailable, OutcomeUnknown.
        """
        args: list[Value] = [entry.token, phase, f"{progress:.4g}"]
        return bool(await self._store.effect(_STEP, _claim_keys(entry), args))

    async def succeed(
        self,
        entry: Entry,
        begun: Begun,
        summary: Summary | None = None,
        text: bytes = b"",
        asset_names: Iterable[str] = (),
    ) -> str:
        """Ends a job with its world, given by `summary`, `text` and `asset_names` unless it is an import.

        Returns `succeeded`, `expired` or `lost`. Raises StoreUnavailable, OutcomeUnknown.
        """
        tenant, event_id = entry.tenant, new_id()
        kind = begun.kind if summary is None else summary.kind
        keys = [
            *_end_keys(tenant, entry.id),
            keyspace.usage(tenant),
            keyspace.holds(tenant, GENERATION),
            keyspace.world(tenant, begun.world_id),
            keyspace.worlds(tenant, kind),
            keyspace.slugs(tenant),
            keyspace.queue_ready(tenant, EVENTS, ""),
            keyspace.queue_entry(tenant, EVENTS, event_id),
            keyspace.asset_names(tenant, begun.world_id),
            keyspace.asset_counts(tenant, begun.world_id),
        ]
        args: list[Value] = [
            entry.id, entry.token, GENERATION, event_id, self._keep_ms, begun.world_id,
        ]  # fmt: skip
        if summary is not None:
            args += [
                summary.name, summary.description, summary.cover, kind, slug_of(summary.name),
                packed(text), joined(asset_names),
            ]  # fmt: skip
        (outcome,) = await self._store.effect(_SUCCEED, keys, args)
        if outcome == b"succeeded":
            _ENDED["succeeded"].add()
        return str(outcome.decode())

    async def fail(self, entry: Entry, error: str) -> str:
        """Ends a job without a world, and says why.

        Returns `failed`, `lost` or `gone`. Raises StoreUnavailable, OutcomeUnknown.
        """
        tenant, event_id = entry.tenant, new_id()
        keys = [
            *_end_keys(tenant, entry.id),
            keyspace.holds(tenant, GENERATION),
            keyspace.queue_ready(tenant, EVENTS, ""),
            keyspace.queue_entry(tenant, EVENTS, event_id),
        ]
        args: list[Value] = [entry.id, entry.token, event_id, self._keep_ms, error]
        (outcome,) = await self._store.effect(_FAIL, keys, args)
        if outcome == b"failed":
            _RETURNED.add()
            _ENDED["failed"].add()
        return str(outcome.decode())

    async def cancel(self, tenant: Tenant, job_id: str, request_id: str) -> Job:
        """Cancels a job and returns it. Idempotent under `request_id`.

        Raises NotFound, JobFinished, StoreUnavailable, OutcomeUnknown.
        """
        keys = [*_end_keys(tenant, job_id), keyspace.holds(tenant, GENERATION)]
        args: list[Value] = [job_id, request_id, self._keep_ms]
        outcome, *view = await self._store.effect(_CANCEL, keys, args)
        if outcome == b"gone":
            raise NotFound
        job = _job(job_id, view[0])
        if outcome == b"finished":
            raise JobFinished(job.status)
        _RETURNED.add()
        _ENDED["cancelled"].add()
        return job


def _claim_keys(entry: Entry) -> list[str]:
    return [
        keyspace.queue_entry(entry.tenant, JOBS, entry.id),
        keyspace.job(entry.tenant, entry.id),
        keyspace.job_steps(entry.tenant, entry.id),
    ]


def _end_keys(tenant: Tenant, job_id: str) -> list[str]:
    return [
        keyspace.queue_lanes(tenant),
        keyspace.queue_ready(tenant, JOBS, ""),
        keyspace.queue_claimed(tenant, JOBS, ""),
        keyspace.queue_entry(tenant, JOBS, job_id),
        keyspace.job(tenant, job_id),
        keyspace.job_steps(tenant, job_id),
        keyspace.open_jobs(tenant),
    ]


def _members(made_from: NewWorld | Imported) -> list[Value]:
    """What a job keeps of its request, as names and values."""
    if isinstance(made_from, NewWorld):
        request = {name: getattr(made_from, name) for name in _OF_A_REQUEST}
        if made_from.kept_frame is not None:
            request["frame"] = made_from.kept_frame.members
        return ["request", jsondoc.dumps(request)]
    summary = made_from.summary
    members: list[Value] = [
        "name", summary.name, "description", summary.description, "cover", summary.cover,
        "kind", summary.kind, "slug", slug_of(summary.name), "doc", packed(made_from.text),
        "assets", joined(made_from.asset_names),
    ]  # fmt: skip
    if made_from.cover is not None:
        members += ["drawn", made_from.cover.content, "drawn_type", made_from.cover.media_type]
    return members


def _frame(request: dict[str, Any]) -> KeptFrame | None:
    found = request.get("frame")
    if found is None:
        return None
    return KeptFrame(found["sha256"], found["extension"], found["width"], found["height"])


def _job(job_id: str, view: list[Any]) -> Job:
    status, phase, progress, world_id, error = (member.decode() for member in view)
    return Job(job_id, status, phase or None, float(progress), world_id or None, error or None)


def _then(job: Job, step: bytes) -> Job:
    """The job as it was at one of its steps."""
    status, phase, progress = step.decode().split("|")
    if status in FINAL:
        return job
    return Job(job.id, status, phase or None, float(progress))
