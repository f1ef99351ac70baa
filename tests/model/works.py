"""The works that are counted: a world, an edit; each with what it cost and what was wrong."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from conjure.core.ids import new_id
from conjure.kernel import Severity, check
from conjure.providers.author.bar import misses

if TYPE_CHECKING:
    from collections.abc import Iterable

    import httpx

    from model.stand import Stand

_FINAL = ("succeeded", "failed", "cancelled")
_POLL_S = 1.0


@dataclass
class Work:
    """One row of the table."""

    what: str
    outcome: str = ""
    seconds: float = 0.0
    calls: int = 0
    read: int = 0
    written: int = 0
    repairs: int = 0
    mended: int = 0
    why: str = ""
    """Why there is no world or edit, for whoever watches."""
    broken: list[str] = field(default_factory=list)
    """Which promises were not kept."""
    world_id: str | None = None
    document: dict[str, Any] | None = None
    request_id: str = field(default_factory=lambda: f"model-{new_id()}")

    def counted(self, lines: Iterable[dict[str, Any]], event: str) -> None:
        """Adds what the server has logged about it: a job may be tried again."""
        for line in lines:
            if line.get("event") == event:
                self.calls += line["calls"]
                self.read += line["read"]
                self.written += line["written"]
                self.repairs += line["repairs"]
                self.mended += line.get("mended", 0) + line.get("leaks", 0)
            elif line.get("level") in ("warning", "error") and "error" in line:
                self.why = f"{line.get('event')}: {line.get('error', '')}"[:300]


async def world(on: Stand, what: str, premise: str, *, waits: bool) -> Work:
    """Has a world written, by a call that waits or by a job; a job's log is told from others' only when it is alone."""
    work = Work(what)
    begun = time.monotonic()
    await (_waited_for if waits else _by_a_job)(on, work, premise)
    work.seconds = time.monotonic() - begun
    work.counted(on.logged(work.request_id if waits else None), "author finished")
    if work.world_id is None:
        work.outcome = "refunded"
        return work
    work.outcome = "accepted"
    work.document = (await on.ask("GET", f"/v1/worlds/{work.world_id}")).json()
    work.broken += [f"misses the bar: {one}" for one in misses(work.document or {}, premise)]
    return work


async def _waited_for(on: Stand, work: Work, premise: str) -> None:
    answer = await on.ask("POST", "/v1/worlds", request_id=work.request_id, premise=premise)
    if answer.status_code == 200:
        work.world_id = str(answer.json()["worldId"])
    else:
        must_be_503(answer, work)


async def _by_a_job(on: Stand, work: Work, premise: str) -> None:
    on.logged(None)  # what came before is not its own
    answer = await on.ask("POST", "/v1/worlds", **{"premise": premise, "async": True})
    if answer.status_code != 202:
        must_be_503(answer, work)
        return
    while True:
        job = (await on.ask("GET", f"/v1/jobs/{answer.json()['jobId']}")).json()
        if job["status"] in _FINAL:
            work.world_id = str(job["worldId"]) if job["status"] == "succeeded" else None
            return
        await asyncio.sleep(_POLL_S)


async def edit(on: Stand, what: str, document: dict[str, Any], asked: str) -> Work:
    """Edits a copy of a world in words."""
    work = Work(what)
    world_id = (await on.ask("POST", "/v1/worlds", world=document)).json()["worldId"]
    old = await on.ask("GET", f"/v1/worlds/{world_id}")
    begun = time.monotonic()
    answer = await on.ask(
        "POST", f"/v1/worlds/{world_id}/edit", request_id=work.request_id, instruction=asked
    )
    work.seconds = time.monotonic() - begun
    work.counted(on.logged(work.request_id), "editor finished")
    new = await on.ask("GET", f"/v1/worlds/{world_id}")
    has_changed = old.headers["etag"] != new.headers["etag"]
    if answer.status_code == 200:
        work.outcome = "edited" if has_changed else "asked"
        if sorted(answer.json()) != ["diagnostics", "reply", "world"]:
            work.broken.append(f"the answer has {sorted(answer.json())}")
    else:
        work.outcome = "refunded"
        if answer.status_code != 422:  # what the gate refuses is told so (CONTRACT 3.4)
            must_be_503(answer, work)
        if has_changed:
            work.broken.append("an edit that failed changed the world")
    work.broken += [
        f"{finding.lint} at {finding.path}"
        for finding in check(new.json())
        if finding.severity is Severity.ERROR
    ]
    return work


def must_be_503(answer: httpx.Response, work: Work) -> None:
    """What a model cannot do is a 503, and nothing else."""
    if answer.status_code != 503:
        work.broken.append(f"status {answer.status_code}: {answer.text[:300]}")
