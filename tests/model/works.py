"""The works that are counted: a world, an edit; each with what it cost and what was wrong."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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
    document: dict[str, Any] | None = None

    def counted(self, lines: Iterable[dict[str, Any]], event: str) -> None:
        """Adds what the server has logged about it: a job may be tried again."""
        for line in lines:
            if line.get("event") == event:
                self.calls += line["calls"]
                self.read += line["read"]
                self.written += line["written"]
                self.repairs += line["repairs"]
                self.mended += line.get("mended", 0)
            elif line.get("level") in ("warning", "error"):
                self.why = f"{line.get('event')}: {line.get('error', '')}"[:300]


async def world(on: Stand, what: str, premise: str, *, waits: bool) -> tuple[Work, str | None]:
    """Has a world written, by a call that waits or by a job; returns its row, and its id if there is one."""
    work, before = Work(what), await on.used("generation")
    on.logged()
    begun = time.monotonic()
    world_id = await (_waited_for if waits else _by_a_job)(on, work, premise)
    work.seconds = time.monotonic() - begun
    work.counted(on.logged(), "author finished")
    cost = await on.used("generation") - before
    if world_id is None:
        work.outcome = "refunded"
        if cost:
            work.broken.append(f"a world that there is not cost {cost}")
        return work, None
    work.outcome = "accepted"
    if cost != 1:
        work.broken.append(f"a world cost {cost}")
    work.document = (await on.ask("GET", f"/v1/worlds/{world_id}")).json()["world"]
    work.broken += [f"misses the bar: {one}" for one in misses(work.document or {}, premise)]
    return work, world_id


async def _waited_for(on: Stand, work: Work, premise: str) -> str | None:
    answer = await on.ask("POST", "/v1/worlds", premise=premise)
    if answer.status_code == 200:
        return str(answer.json()["worldId"])
    _must_be_503(answer, work)
    return None


async def _by_a_job(on: Stand, work: Work, premise: str) -> str | None:
    answer = await on.ask("POST", "/v1/worlds", **{"premise": premise, "async": True})
    if answer.status_code != 202:
        _must_be_503(answer, work)
        return None
    while True:
        job = (await on.ask("GET", f"/v1/jobs/{answer.json()['jobId']}")).json()
        if job["status"] in _FINAL:
            return str(job["worldId"]) if job["status"] == "succeeded" else None
        await asyncio.sleep(_POLL_S)


async def edit(on: Stand, what: str, world_id: str, instruction: str) -> Work:
    """Edits a world in words."""
    work, before = Work(what), await on.used("edit")
    old = await on.ask("GET", f"/v1/worlds/{world_id}")
    on.logged()
    begun = time.monotonic()
    answer = await on.ask("POST", f"/v1/worlds/{world_id}/edit", instruction=instruction)
    work.seconds = time.monotonic() - begun
    work.counted(on.logged(), "editor finished")
    cost = await on.used("edit") - before
    new = await on.ask("GET", f"/v1/worlds/{world_id}")
    has_changed = old.headers["etag"] != new.headers["etag"]
    if answer.status_code == 200:
        work.outcome = "edited" if has_changed else "asked"
        if sorted(answer.json()) != ["diagnostics", "reply", "world"]:
            work.broken.append(f"the answer has {sorted(answer.json())}")
        if cost != 1:
            work.broken.append(f"an edit cost {cost}")
    else:
        work.outcome = "refunded"
        _must_be_503(answer, work)
        if cost:
            work.broken.append(f"an edit that failed cost {cost}")
        if has_changed:
            work.broken.append("an edit that failed changed the world")
    work.document = new.json()["world"]
    work.broken += [
        f"{finding.lint} at {finding.path}"
        for finding in check(work.document)
        if finding.severity is Severity.ERROR
    ]
    return work


def _must_be_503(answer: httpx.Response, work: Work) -> None:
    """What a model cannot do is a 503, and nothing else."""
    if answer.status_code != 503:
        work.broken.append(f"status {answer.status_code}: {answer.text[:300]}")
