"""A store with very many apps, memories and due jobs: what each takes, and what is done over all of them.

Costs are counted in the store's own CPU and in commands, as a busy machine changes neither.
"""

from __future__ import annotations

import asyncio
import dataclasses
import itertools
import os
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjure.core.caller import Tenant
from conjure.queue.directory import Directory
from conjure.queue.handler import Ack
from conjure.queue.kinds import JOBS, KINDS
from conjure.queue.store import QueueStore
from conjure.queue.survey import Survey
from conjure.queue.sweep import Sweep
from conjure.queue.worker import Worker
from conjure.settings import JobSettings, QueueSettings, StoreSettings
from conjure.store.client import Store
from load.fill import fill_apps, fill_characters, fill_jobs, fill_memories
from load.meters import cpu_us
from load.report import markdown
from load.sizes import Size
from load.tools import ROOT, LoadFailed

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from conjure.queue.handler import Entry, Outcome
    from load.stand import Stand

APPS = 10_000
MEMORIES = 1_000_000
JOBS_DUE = 100_000

APP = "app with a key and a webhook"
MEMORY = "what a character remembers of a player, one turn"
JOB = "job that is due"

_PLAYERS = 1_000  # of a character
_CLAIMS = 500
_WORKED = 2_000  # jobs that a worker is watched over
_LIMIT_S = 120.0


@dataclass(frozen=True, slots=True)
class Step:
    """Something that is done over many. `commands`: of the store, those of scripts too."""

    what: str
    beside: str
    commands: float
    store_us: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Crowd:
    """What was made and measured. `first_claim_s`: from the start of a worker; `apps_first`: of how many
    apps the first `worked` jobs were."""

    sizes: tuple[Size, ...]
    steps: tuple[Step, ...]
    first_claim_s: float
    worked: int
    apps_first: int

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return dataclasses.asdict(self)


async def measure(on: Stand, apps: int, memories: int, jobs: int) -> Crowd:
    """Fills the store of a stand on which no server works, and measures. Raises LoadFailed."""
    found: list[Size] = []

    async def weigh(what: str, count: int, filling: Awaitable[Any]) -> Any:
        print(f"· {count:,} of: {what}", flush=True)
        memory, file = _weight(on)
        result = await filling
        after, written = _weight(on)
        found.append(Size(what, count, (after - memory) / count, (written - file) / count))
        return result

    steps = await _over_all(on, "the first app")
    ids: list[str] = await weigh(APP, apps, fill_apps(on, apps))
    tenants = [Tenant(app_id, "test") for app_id in ids]
    steps += await _over_all(on, f"{apps:,} apps")
    characters = await fill_characters(on, tenants[: max(1, memories // _PLAYERS)])
    await weigh(MEMORY, memories, fill_memories(on, characters, memories))
    await fill_jobs(on, tenants[:1], 100)
    steps += await _claims(on, tenants[:1], "100 jobs due, of an app")
    await weigh(JOB, jobs, fill_jobs(on, tenants, jobs))
    steps += await _claims(on, tenants, f"{jobs:,} jobs due, of {apps:,} apps")
    steps += await _over_all(on, f"{apps:,} apps with {jobs:,} jobs due")
    first, seen = await _worked(on, min(_WORKED, jobs))
    return Crowd(tuple(found), tuple(steps), first, len(seen), len({one.app for one in seen}))


def _weight(on: Stand) -> tuple[int, int]:
    """Memory without the buffers of connections, and bytes of the file; without what lives for a minute."""
    store = on.store
    effects = store.scan_iter(match="t:*:effect:*", count=10_000)
    while some := list(itertools.islice(effects, 1_000)):
        store.unlink(*some)
    info: dict[str, Any] = store.info("memory")
    memory = info["used_memory"] - info["mem_clients_normal"] - info["mem_aof_buffer"]
    return memory, store.info("persistence")["aof_current_size"]


async def _step(
    on: Stand, what: str, beside: str, times: int, act: Callable[[], Awaitable[Any]]
) -> Step:
    """Does it so often, and reads the store's clock and its count of commands before and after."""
    commands, cpu, started = _commands(on), cpu_us(on.store_child.pid), time.monotonic()
    for _ in range(times):
        await act()
    seconds = time.monotonic() - started
    spent = cpu_us(on.store_child.pid) - cpu
    return Step(
        what, beside, (_commands(on) - commands - 1) / times, spent / times, seconds / times
    )


def _commands(on: Stand) -> int:
    return int(on.store.info("stats")["total_commands_processed"])


async def _over_all(on: Stand, beside: str) -> list[Step]:
    """What goes over all apps, or all lanes of work, now and then."""
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        directory = Directory(store)
        sweep = Sweep(store, directory, every_s=60.0)
        survey = Survey(store, directory)

        async def depths() -> None:
            for kind in KINDS:
                await survey.depth(kind)

        return [
            await _step(on, "pass of the sweep (every two minutes)", beside, 1, sweep.sweep),
            await _step(on, "depths for metrics (a process, every 15 s)", beside, 1, depths),
            await _step(
                on, "list of all apps (`conjure apps list`)", beside, 1, on.admin.apps.list
            ),
            await _step(
                on, "`conjure queue list`", beside, 1, lambda: _cli(on, "queue", "list", "--json")
            ),
        ]


async def _cli(on: Stand, *arguments: str) -> None:
    """Runs `conjure` on the store of the stand. Raises LoadFailed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "conjure", *arguments,
        env={**os.environ, "PYTHONPATH": str(ROOT / "server"), "CONJURE_STORE_URL": on.store_url},
        stdout=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    if await process.wait():
        raise LoadFailed(f"conjure {' '.join(arguments)} ended with {process.returncode}")


async def _claims(on: Stand, tenants: list[Tenant], beside: str) -> list[Step]:
    """A visit of a lane as workers make it: take it from the directory, claim one, give it back, settle."""
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        directory = Directory(store, [JOBS])
        queue = QueueStore(store, lease_s=60, kept_s=60)

        async def visit() -> None:
            (seen,) = await directory.take(JOBS, 1) or (None,)
            if seen is None:
                raise LoadFailed("no lane is due")
            claimed = await queue.claim(seen.tenant, JOBS, "", want=1, most_in_lane=1_000)
            for entry in claimed.entries:
                await queue.give_back(entry)
            await directory.settle(JOBS, [(seen, 0)])

        return [await _step(on, "claim of a job, and its end", beside, _CLAIMS, visit)]


class _Watched:
    """A handler that is done at once, and notes whose work it was given."""

    kind = JOBS
    most_attempts = None
    batch = 8

    def __init__(self, enough: int) -> None:
        self.seen: list[Tenant] = []
        self.enough = asyncio.Event()
        self._enough = enough

    def most_in_lane(self, tenant: Tenant, lane: str) -> int:
        return JobSettings().concurrent

    async def handle(self, entry: Entry) -> Outcome:
        self.seen.append(entry.tenant)
        if len(self.seen) >= self._enough:
            self.enough.set()
        return Ack()

    async def exhausted(self, entry: Entry) -> Outcome:
        raise AssertionError(entry)


async def _worked(on: Stand, count: int) -> tuple[float, list[Tenant]]:
    """Starts a worker as a process has one; returns when it was given the first, and whose the first were."""
    handler, settings = _Watched(count), QueueSettings()
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        queue = QueueStore(store, lease_s=settings.lease_s, kept_s=settings.dead_s)
        started = time.monotonic()
        async with (
            Directory(store, [JOBS]) as directory,
            Worker(queue, directory, handler, settings, at_once=settings.at_once(JOBS)),
        ):
            first = 0.0
            while not handler.enough.is_set():
                if handler.seen and not first:
                    first = time.monotonic() - started
                if time.monotonic() - started > _LIMIT_S:
                    raise LoadFailed(f"{len(handler.seen)} jobs were claimed in {_LIMIT_S:g} s")
                await asyncio.sleep(0.002)
    return first, handler.seen[:count]


def table(steps: tuple[Step, ...]) -> str:
    """A row each."""
    return markdown(
        ("what", "beside", "commands", "store, ms of CPU", "s"),
        [
            (
                step.what, step.beside, f"{step.commands:,.0f}", f"{step.store_us / 1e3:,.2f}",
                f"{step.seconds:,.3f}",
            )
            for step in steps
        ],
    )  # fmt: skip
