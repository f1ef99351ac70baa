"""A store that is killed: how long it reads its file, as that grew and rewritten, and what callers see meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import os
import signal
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx
import redis

from conjure.run.embedded_store import REWRITE_AT_PERCENT
from conjure.store import keyspace
from load.bench import connect
from load.fill import fill_leases
from load.meters import cpu_us
from load.rows import Rest
from load.tools import CONNECTIONS, LoadFailed
from support.rest import bearer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from load.rows import Drive
    from load.stand import Stand, Target

GROWN = "as it grew, never rewritten"
REWRITTEN = "rewritten"
WORST = "just before a rewrite is due"
ALL = "with apps, memories and jobs, just before a rewrite is due"

_LOAD_S = 590  # a store that has not read its file by then never will
_BACK_S = 60  # callers that have not come back by then do not by themselves
_POLL_S = 0.01
_ASK_S = 0.2
_NEARLY = 0.9  # of what the file may grow by before it is rewritten


@dataclass(frozen=True, slots=True)
class Restart:
    """A store was killed. `seconds` until it answered with all of its data, `cpu_s` of its own for that.

    `back_s`: from then until a caller's call was answered; `answers`: how often callers had each status
    before. Every one but 200 has to say `Retry-After`: `silent` are those that did not.
    """

    what: str
    bytes: int
    seconds: float
    cpu_s: float
    back_s: float
    answers: dict[str, int] = field(default_factory=dict)
    silent: int = 0


async def rewrite(drive: Drive, on: Stand, at: Target) -> dict[str, Any]:
    """Kills the store on its file as it grew, rewritten, and grown as far as it may; connects meanwhile."""
    store, watched = on.store, at.meter.pids
    before = size(on)
    restarts = [await restart(GROWN, on, at)]
    at = dataclasses.replace(at, meter=on.meter(server=watched["server"], envoy=watched["envoy"]))
    await asyncio.sleep(1)
    await _settled(on)  # a store that starts on a file that grew so much rewrites it at once
    print("· the file is rewritten", flush=True)
    store.bgrewriteaof()
    waiting = asyncio.ensure_future(_settled(on))
    tenant = on.app.tenant()
    jti = store.zrange(keyspace.leases(tenant), 0, 0)[0]
    world = store.hget(keyspace.lease(tenant, jti), "world")
    tokens = await on.fresh_tokens(world, CONNECTIONS)
    name = "connect, known token, while the file is rewritten"
    await drive.rest(Rest(name, connect(tokens)), at)
    seconds = await waiting
    after = size(on)
    restarts.append(await restart(REWRITTEN, on, at))
    await fill_up(on, world)
    restarts.append(await restart(WORST, on, at))
    return {
        "rewrite_s": seconds,
        "before_bytes": before,
        "after_bytes": after,
        "memory_bytes": store.info("memory")["used_memory"],
        "restarts": restarts,
    }


def size(on: Stand) -> int:
    """Bytes of the append-only file."""
    return int(on.store.info("persistence")["aof_current_size"])


async def fill_up(on: Stand, world: str) -> None:
    """Has sessions come in until the store would soon rewrite its file by itself."""
    await _settled(on)
    grows = _NEARLY * REWRITE_AT_PERCENT / 100
    start, step = size(on), 200
    info = on.store.info("persistence")
    end = int(info["aof_base_size"]) * (1 + grows)
    while (now := size(on)) < end:
        each = max(500.0, (now - start) / step) if now > start else 1_000.0
        step = max(200, min(50_000, int((end - now) / each)))
        start = now
        await fill_leases(on, world, step)


async def _settled(on: Stand) -> float:
    """Waits until no rewrite is under way or due; returns how long that took."""
    started = time.monotonic()
    while True:
        info = on.store.info("persistence")
        if not (info["aof_rewrite_in_progress"] or info["aof_rewrite_scheduled"]):
            return time.monotonic() - started
        await asyncio.sleep(0.1)


async def restart(what: str, on: Stand, at: Target) -> Restart:
    """Kills the store, as a crash does, while a caller goes on asking. Raises LoadFailed."""
    print(f"· the store is killed, its file is {what}", flush=True)
    keys, file = on.store.dbsize(), size(on)
    async with _caller(on, at) as caller:
        os.kill(on.store_child.pid, signal.SIGKILL)
        took = await _answers(on, keys)
        cpu = cpu_us(on.store_child.pid) / 1e6
        back = await caller.is_served()
    return Restart(what, file, took, cpu, back, caller.answers, caller.silent)


async def _answers(on: Stand, keys: int) -> float:
    started = time.monotonic()
    while time.monotonic() - started < _LOAD_S:
        with contextlib.suppress(redis.RedisError):
            if on.store.ping():
                took = time.monotonic() - started
                missing = keys - on.store.dbsize()
                # What lives for a minute may have ended meanwhile; a lease may not.
                if missing > keys // 100:
                    raise LoadFailed(f"{missing} of {keys} keys are gone after a restart")
                return took
        await asyncio.sleep(_POLL_S)
    raise LoadFailed("the store did not come back")


class _Caller:
    """Asks through the edge, again and again, and notes what it is told."""

    def __init__(self) -> None:
        self.answers: dict[str, int] = {}
        self.silent = 0
        self._served = asyncio.Event()

    async def ask(self, on: Stand, at: Target) -> None:
        async with httpx.AsyncClient(base_url=at.rest_url, trust_env=False, timeout=30) as rest:
            while True:
                answer = await rest.get("/v1/worlds?limit=1", headers=bearer(on.app.secret))
                status = str(answer.status_code)
                self.answers[status] = self.answers.get(status, 0) + 1
                if answer.is_success:
                    self._served.set()
                elif "retry-after" not in answer.headers:
                    self.silent += 1
                await asyncio.sleep(_ASK_S)

    async def is_served(self) -> float:
        """Waits for a call that succeeds; returns how long. Raises LoadFailed."""
        started = time.monotonic()
        self._served.clear()
        try:
            async with asyncio.timeout(_BACK_S):
                await self._served.wait()
        except TimeoutError as error:
            raise LoadFailed(f"callers are not served again: {self.answers}") from error
        return time.monotonic() - started


@contextlib.asynccontextmanager
async def _caller(on: Stand, at: Target) -> AsyncIterator[_Caller]:
    caller = _Caller()
    task = asyncio.ensure_future(caller.ask(on, at))
    try:
        yield caller
        if task.done():
            await task  # raises what ended it
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, httpx.HTTPError):
            await task
