"""Durable work: what a worker costs that has nothing to do, and how fast deliveries of webhooks go out.

Both are measured on a `conjure work` process of its own, with its default settings, beside a store with many apps in
it. The receiver is a process too, and answers 200 at once: some 100,000 a second, so it is not what is measured.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from conjure.core.caller import Tenant
from conjure.core.ids import new_id
from conjure.queue.directory import Directory
from conjure.queue.kinds import DELIVERIES
from conjure.run.child import Child
from conjure.run.ports import wait_for_port
from conjure.settings import StoreSettings
from conjure.store.client import Store
from conjure.webhooks.events import body_of
from load.fill import spread
from load.report import markdown
from load.tools import ROOT, LoadFailed
from support.chaos.endpoint import register
from support.ports import claimed_port
from support.processes import family
from support.queue import put
from support.receiver_process import running_receiver

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from load.meters import Reading
    from load.stand import Stand
    from support.receiver_process import ReceiverProcess

NAME = "work"
APPS = 10_000
DUE = 10_000
MOST_IDLE = 1.0
"""Per cent of a core that a worker may use that has nothing to do."""
LEAST_RATE = 500
"""Deliveries a second to a healthy receiver."""

NOTE = (
    "One `conjure work` process with its default settings, beside a store with 10,000 apps. Deliveries are due before"
    " the worker starts; their rate is from the first arrival to the last."
)

_SETTLE_S = 5.0
_AT_ONCE = 200
_LIMIT_S = 180.0
_MANY = 100


@dataclass(frozen=True, slots=True)
class Work:
    """One measurement. `cores`: the share of a core that each process used. `deliveries`: 0 where there were none."""

    what: str
    seconds: float
    cores: dict[str, float]
    deliveries: int = 0

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds

    @property
    def met(self) -> bool:
        """Whether it is as it should be, judged as it is shown."""
        if self.deliveries:
            return round(self.rate) >= LEAST_RATE
        return round(self.cores["worker"] * 100, 2) <= MOST_IDLE


async def measure(on: Stand, *, idle_s: float) -> list[Work]:
    """Measures all of it. Raises LoadFailed when deliveries do not arrive."""
    directory = on.directory / NAME
    directory.mkdir()
    print(f"Durable work: {APPS:,} apps", flush=True)
    await spread(APPS, lambda n: on.admin.apps.create(f"app {n}"), _AT_ONCE)
    found = [await _idle(on, directory, idle_s)]
    for what, tenants in (
        ("to one webhook", [on.app.tenant()]),
        (f"to {_MANY} webhooks of {_MANY} apps", await _some_apps(on)),
    ):
        found.append(await _sent(on, directory, f"{DUE:,} deliveries {what}", tenants))
    return found


async def _some_apps(on: Stand) -> list[Tenant]:
    apps = [await on.admin.apps.create(f"busy {n}") for n in range(_MANY)]
    return [Tenant(app.id, "test") for app in apps]


@contextlib.asynccontextmanager
async def worker(on: Stand, directory: Path) -> AsyncIterator[Child]:
    """A `conjure work` process; it may call this machine."""
    metrics = claimed_port()
    child = Child(
        "worker",
        lambda: [sys.executable, "-m", "conjure", "work"],
        ready=lambda: wait_for_port(metrics),
        environment={
            **os.environ,
            "PYTHONPATH": str(ROOT / "server"),
            "CONJURE_STORE_URL": on.store_url,
            "CONJURE_METRICS_PORT": str(metrics),
            "CONJURE_WEBHOOKS_ALLOW_PRIVATE": "true",
        },
        log_file=directory / "worker.log",
    )
    async with child:
        yield child


async def _idle(on: Stand, directory: Path, seconds: float) -> Work:
    async with worker(on, directory) as running:
        await asyncio.sleep(_SETTLE_S)
        meter = on.meter(worker=family(running.pid))
        before = meter.read()
        await asyncio.sleep(seconds)
        return _between(f"nothing due, {APPS:,} apps", before, meter.read())


async def _sent(on: Stand, directory: Path, what: str, tenants: Sequence[Tenant]) -> Work:
    """Delivers as many to each of these tenants, and waits for all of them."""
    async with running_receiver(directory) as receiver:
        await _fill(on, receiver, tenants)
        async with worker(on, directory) as running:
            meter = on.meter(worker=family(running.pid), receiver=[receiver.child.pid])
            before = meter.read()
            seen = await receiver.seen()
            end = time.monotonic() + _LIMIT_S
            while seen.events < DUE and time.monotonic() < end:
                await asyncio.sleep(0.2)
                seen = await receiver.seen()
            found = _between(what, before, meter.read())
        if seen.events < DUE:
            raise LoadFailed(f"{what}: {seen.events:,} arrived in {_LIMIT_S:g} s")
        if seen.deliveries > seen.events:
            print(f"! {seen.deliveries - seen.events:,} were sent again", flush=True)
        return Work(what, seen.last_s - seen.first_s, found.cores, seen.deliveries)


async def _fill(on: Stand, receiver: ReceiverProcess, tenants: Sequence[Tenant]) -> None:
    """Puts deliveries that are due, the same number for each tenant."""
    async with Store(StoreSettings(url=on.store_url, timeout_s=14)) as store:
        lanes = {
            tenant: (await register(store, tenant.app, receiver.url())).id for tenant in tenants
        }

        async def one(index: int) -> None:
            tenant = tenants[index % len(tenants)]
            lane, event = lanes[tenant], new_id()
            data = {"worldId": new_id(), "jti": new_id(), "seconds": 60}
            body = body_of(event, "session.ended", int(time.time()), data).decode()
            await put(store, tenant, DELIVERIES, f"{event}.{lane}", lane=lane, payload=body)

        await spread(DUE, one, _AT_ONCE)
        await Directory(store, [DELIVERIES]).announce_all(DELIVERIES, lanes.items())


def _between(what: str, before: Reading, after: Reading) -> Work:
    seconds = after.at_s - before.at_s
    cores = {
        label: (after.cpu_us[label] - before.cpu_us[label]) / 1e6 / seconds
        for label in after.cpu_us
    }
    return Work(what, seconds, cores)


def table(found: Sequence[Work]) -> str:
    """A row each."""
    processes = ("worker", "store", "receiver")
    return markdown(
        ("durable work", "s", "deliveries/s", *(f"{name}, % of a core" for name in processes),
         "should be", ""),
        [
            (
                one.what,
                f"{one.seconds:.1f}",
                f"{one.rate:,.0f}" if one.deliveries else "",
                *(f"{one.cores[name] * 100:.2f}" if name in one.cores else "" for name in processes),
                f"at least {LEAST_RATE}/s" if one.deliveries else f"worker at most {MOST_IDLE:g} %",
                _said(one),
            )
            for one in found
        ],
    )  # fmt: skip


def plain(one: Work) -> dict[str, Any]:
    """For JSON."""
    return asdict(one) | {"rate": one.rate, "met": one.met}


def _said(one: Work) -> str:
    return "met" if one.met else "NOT met"
