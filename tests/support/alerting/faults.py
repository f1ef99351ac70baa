"""For each alert the fault that it is for. Each is an async context manager: entering hurts, leaving mends."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conjure.store import keyspace
from support.alerting.deployment import CLAIM_S, EVERY_S, LOOKS, MOST_REQUESTS
from support.alerting.load import FRAME, HEAVY_WORLD, Life, play
from support.assets import asset_path
from support.heavy import stopped, workers_of
from support.model import Held, Slow, failure
from support.reactor import a_new_token, after, answers
from support.receiver import Answer
from support.until import until
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from support.alerting.deployment import Scene
    from support.stack import TestApp

Injection = contextlib.AbstractAsyncContextManager[None]


@dataclass(frozen=True)
class Fault:
    """`fires`: who has to. `companions`: who may as well, as it is the same fault to callers, or its cause."""

    name: str
    text: str
    inject: Callable[[Scene, Life], Injection] = field(repr=False)
    fires: frozenset[str]
    companions: frozenset[str]


FAULTS: Final[dict[str, Fault]] = {}


def _fault(
    text: str, *fires: str, companions: tuple[str, ...] = ()
) -> Callable[[Callable[[Scene, Life], AsyncIterator[None]]], None]:
    def note(inject: Callable[[Scene, Life], AsyncIterator[None]]) -> None:
        FAULTS[inject.__name__] = Fault(
            inject.__name__,
            text,
            contextlib.asynccontextmanager(inject),
            frozenset(f"Conjure{name}" for name in fires),
            frozenset(f"Conjure{name}" for name in companions),
        )

    return note


@contextlib.asynccontextmanager
async def _meanwhile(
    step: Callable[[], Awaitable[object]], *, at_once: int = 1, rest_s: float = 0.05
) -> AsyncIterator[None]:
    """Does this again and again while the body runs."""

    async def go_on() -> None:
        while True:
            await step()
            await asyncio.sleep(rest_s)

    tasks = [asyncio.create_task(go_on()) for _ in range(at_once)]
    try:
        yield
        for task in tasks:
            if task.done():
                task.result()  # what the fault is made of has failed
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _life_of(scene: Scene, app: TestApp) -> Life:
    """Another app with a world, whose callers only do what a fault has them do."""
    life = Life(scene, app)
    life.world = (await life.ask("import", "POST", "/v1/worlds", {"world": small_world()}))[
        "worldId"
    ]
    return life


# What callers are told.


@_fault("the runtime's provider answers 500", "CallsFail")
async def provider_fails(scene: Scene, life: Life) -> AsyncIterator[None]:
    scene.reactor.answer = answers(500, b"{}")
    try:
        yield
    finally:
        scene.reactor.answer = a_new_token


@_fault("a world in the store is garbage, and is read once", "InternalErrors")
async def stored_garbage(scene: Scene, life: Life) -> AsyncIterator[None]:
    other = await _life_of(scene, await scene.new_app())
    key = keyspace.world(other.tenant, other.world)
    await scene.deployed.admin.store.write("HSET", key, "doc", b"\x00\xffgarbage", "rev", 77)
    await other.ask("garbage", "GET", f"/v1/worlds/{other.world}")
    assert other.answers["garbage", 500] == 1, other.answers
    yield


@_fault("the runtime's provider takes 400 ms", "ConnectSlow")
async def slow_provider(scene: Scene, life: Life) -> AsyncIterator[None]:
    scene.reactor.answer = after(0.4, a_new_token)
    try:
        yield
    finally:
        scene.reactor.answer = a_new_token


@_fault("more players than the whole system takes", "SystemFull")
async def system_full(scene: Scene, life: Life) -> AsyncIterator[None]:
    other = await _life_of(scene, await scene.new_app())
    async with _meanwhile(lambda: play(other, other.world, ends=False), at_once=6):
        yield


@_fault("an app that goes on connecting at its cap of 3", "TenantsFull")
async def tenant_full(scene: Scene, life: Life) -> AsyncIterator[None]:
    other = await _life_of(scene, await scene.new_app(live_sessions=3))
    async with _meanwhile(lambda: play(other, other.world, ends=False), at_once=3):
        yield


@_fault(
    f"six apps look at frames at once, {LOOKS} fit into a worker, and the model takes 3 s",
    "WorkersFull",
    companions=("CallsFail",),
)
async def looks_full(scene: Scene, life: Life) -> AsyncIterator[None]:
    scene.model.look_s = 3.0
    async with contextlib.AsyncExitStack() as stack:
        for _ in range(6):
            other = Life(scene, await scene.new_app())
            looking = _meanwhile(
                lambda other=other: other.ask("look", "POST", "/v1/perceive", FRAME), rest_s=0.2
            )
            await stack.enter_async_context(looking)
        try:
            yield
        finally:
            scene.model.look_s = 0.0


@_fault(
    f"the author's model takes 1 s for each answer, and more wait for worlds than the {MOST_REQUESTS} calls that"
    " the edge lets through",
    "EdgeOverflows",
)
async def edge_full(scene: Scene, life: Life) -> AsyncIterator[None]:
    theirs = "a slow tide under a red moon"
    scene.model.author = lambda call: Slow(1.0) if theirs in call.text else call.good()
    other = Life(scene, await scene.new_app())
    asking = _meanwhile(
        lambda: other.ask("generate", "POST", "/v1/worlds", {"premise": theirs}),
        at_once=2 * MOST_REQUESTS,
    )
    try:
        async with asking:
            yield
    finally:
        scene.model.author = None


# The store.


@_fault(
    "SIGSTOP of the store",
    "OutcomesUnknown",
    companions=("CallsFail", "StoreAway", "RevocationsUnheard", "WorkTwice"),
)
async def store_frozen(scene: Scene, life: Life) -> AsyncIterator[None]:
    with stopped(scene.deployed.store.pid):
        yield


@_fault(
    "SIGKILL of the store, again each time that it has come up",
    "StoreAway",
    "RevocationsUnheard",
    "CallsFail",
    companions=("OutcomesUnknown", "WorkTwice"),
)
async def store_gone(scene: Scene, life: Life) -> AsyncIterator[None]:
    async def kill() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(scene.deployed.store.pid, signal.SIGKILL)

    async with _meanwhile(kill, rest_s=0.02):
        yield


@_fault("bytes of a picture are changed where it is kept, and it is asked for", "AssetsFail")
async def asset_damaged(scene: Scene, life: Life) -> AsyncIterator[None]:
    other = Life(scene, await scene.new_app())
    made = await other.ask("generate", "POST", "/v1/worlds", {"premise": "a fair at dusk"})
    path = asset_path(made["cover"])
    (kept,) = scene.assets.rglob(f"*{Path(path).stem}*")
    kept.write_bytes(b"something else")
    await other.ask("damaged", "GET", path)
    assert other.answers["damaged", 404] == 1, other.answers
    yield


# Processes.


@_fault("SIGSTOP of a worker of two", "WorkersUnhealthy", companions=("CallsFail", "ConnectSlow"))
async def worker_hangs(scene: Scene, life: Life) -> AsyncIterator[None]:
    with stopped(scene.deployed.worker(scene.deployed.ports[0])):
        yield


@_fault(
    "a worker has less than a third of a core, as under a quota: 250 ms without, 100 ms with",
    "LoopLags",
    "LoopHeld",
    companions=("ConnectSlow",),
)
async def worker_throttled(scene: Scene, life: Life) -> AsyncIterator[None]:
    async with _meanwhile(_held(scene, 0.25), rest_s=0.1):
        yield


@_fault("something holds a worker for 80 ms, twice a second", "LoopHeld", companions=("LoopLags",))
async def worker_held(scene: Scene, life: Life) -> AsyncIterator[None]:
    async with _meanwhile(_held(scene, 0.08), rest_s=0.4):
        yield


def _held(scene: Scene, seconds: float) -> Callable[[], Awaitable[None]]:
    pid = scene.deployed.worker(scene.deployed.ports[0])

    async def hold() -> None:
        with stopped(pid):
            await asyncio.sleep(seconds)

    return hold


@_fault(
    "SIGKILL of a heavy worker at its work, each time that it works again, as when memory is out",
    "HeavyCallsFail",
    companions=("CallsFail", "HeavyCallsWait"),
)
async def heavy_workers_killed(scene: Scene, life: Life) -> AsyncIterator[None]:
    async def kill() -> None:
        answered = life.answers["lint", 200]
        await until(lambda: life.answers["lint", 200] > answered)
        with contextlib.ExitStack() as stack:
            for worker in (workers := _heavy_workers(scene)):
                stack.enter_context(stopped(worker))
            await asyncio.sleep(0.3)  # a call comes to it meanwhile
            for worker in workers:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)

    async with _meanwhile(lambda: _lint(life), at_once=4), _meanwhile(kill, rest_s=0):
        yield


@_fault(
    "heavy workers compute nothing for 6.5 s, again and again, and calls come",
    "HeavyCallsWait",
    companions=("CallsFail",),
)
async def heavy_workers_hang(scene: Scene, life: Life) -> AsyncIterator[None]:
    async def freeze() -> None:
        with contextlib.ExitStack() as stack:
            for worker in _heavy_workers(scene):
                stack.enter_context(stopped(worker))
            await asyncio.sleep(6.5)

    async with _meanwhile(lambda: _lint(life), at_once=8), _meanwhile(freeze, rest_s=0.3):
        yield


def _heavy_workers(scene: Scene) -> list[int]:
    deployed = scene.deployed
    return [pid for port in deployed.ports for pid in workers_of(deployed.worker(port))]


async def _lint(life: Life) -> None:
    await life.ask("lint", "POST", f"/v1/worlds/{life.world}/lint", HEAVY_WORLD)


# Durable work.


@_fault("servers leave work to others, and every `conjure work` is stopped", "NobodyWorks")
async def nobody_works(scene: Scene, life: Life) -> AsyncIterator[None]:
    for work in scene.works.values():
        await work.__aexit__(None, None, None)
    try:
        yield
    finally:
        for work in scene.works.values():
            await work.__aenter__()


@_fault("the author's model does not answer, and all places for jobs are taken", "WorkWaits")
async def jobs_wait(scene: Scene, life: Life) -> AsyncIterator[None]:
    answers_come = threading.Event()
    scene.model.author = lambda _: Held(answers_come)
    others = [Life(scene, await scene.new_app()) for _ in range(3)]
    try:
        for other in others:
            for _ in range(4):
                await other.ask("job", "POST", "/v1/worlds", {"premise": "a mill", "async": True})
        yield
    finally:
        answers_come.set()
        scene.model.author = None


@_fault("a receiver answers 500 to each try", "DeadLetters")
async def receiver_fails(scene: Scene, life: Life) -> AsyncIterator[None]:
    app = await scene.new_app()
    other = await _life_of(scene, app)
    scene.receiver.script(await scene.hook(app), Answer(500))
    await play(other, other.world, ends=True)
    try:
        yield
    finally:
        await _conjure(scene, "queue", "drop", "deliveries", "--all")


@_fault("SIGSTOP of a `conjure work` for longer than its claims hold, at its work", "WorkTwice")
async def claims_lapse(scene: Scene, life: Life) -> AsyncIterator[None]:
    # A receiver that is slow gets one delivery at a time, so there are many of them.
    lives, paths = [], []
    for _ in range(2):
        app = await scene.new_app()
        lives.append(await _life_of(scene, app))
        paths += [await scene.hook(app, number) for number in range(20)]
    for path in paths:
        scene.receiver.script(path, Answer(after_s=8.0))

    def begun() -> int:
        return sum(len(scene.receiver.deliveries(path)) for path in paths)

    async def busiest() -> str:
        """Who has more than a dozen at hand."""
        while True:
            for at in await scene.prometheus.query('conjure_queue_running{kind="deliveries"} > 12'):
                return at.labels["instance"]
            await asyncio.sleep(EVERY_S)

    async def freeze() -> None:
        expected = begun() + len(paths)
        for one in lives:
            await play(one, one.world, ends=True)
        await until(lambda: begun() >= expected)
        with stopped(scene.works[await busiest()].pid):
            await asyncio.sleep(3 * CLAIM_S)

    async with _meanwhile(freeze, rest_s=2 * CLAIM_S):
        yield


@_fault("the author's model answers 500", "ModelsFail")
async def model_fails(scene: Scene, life: Life) -> AsyncIterator[None]:
    scene.model.author = lambda _: failure(500, "it does not think")
    try:
        yield
    finally:
        scene.model.author = None


async def _conjure(scene: Scene, *arguments: str) -> None:
    """As an operator types it."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "conjure", *arguments,
        env={**os.environ, **scene.environment, "CONJURE_STORE_URL": scene.deployed.store_url},
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
