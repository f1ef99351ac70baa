"""A deployment that can have every fault that an alert is for, with a Prometheus that watches it.

Two servers that leave durable work to two `conjure work`, Envoy, a store; and what they call: the runtime's
provider, a model for the author and for looks, a receiver of webhooks, each played by the test. Limits that a fault
has to reach are small, and so are the times after which something is given up; rates and thresholds are the
product's.
"""

from __future__ import annotations

import contextlib
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from conjure.edge.observe import Insight
from conjure.run.child import Child
from conjure.run.ports import wait_for_port
from support.alerting.rules import FACTOR, compressed
from support.chaos.deployment import MUCH, Deployment, deployment, rest_client
from support.chaos.endpoint import register
from support.model import ModelServer, Outcome, Slow, structured
from support.ports import claimed_port, claimed_ports
from support.prometheus import Prometheus, running_prometheus
from support.reactor import Reactor, a_new_token
from support.receiver import Receiver
from support.stack import TestApp, new_app
from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    import httpx

    from support.model.calls import Call

EVERY_S: Final = 30 / FACTOR
"""Between two scrapes, and between two looks at the rules; the shortest window is two minutes."""
SYSTEM_SESSIONS: Final = 40
LEASE_S: Final = 8
LOOKS: Final = 2
MOST_REQUESTS: Final = 24
"""That the edge lets through at the same time."""
HEAVY_BYTES: Final = 6_000
TRIES: Final = 3
"""Of a delivery, before it is given up."""
CLAIM_S: Final = 2.0

_SEEN: Final = {
    "summary": "A hall.", "visible": ["a door"], "affordances": ["open it"], "exits": ["it"],
}  # fmt: skip


@dataclass
class Model:
    """What the model does: `author` and `look` may be changed while it runs."""

    server: ModelServer
    author: Callable[[Call], Outcome] | None = None
    """None: it writes well."""
    look_s: float = 0.0

    def answer(self, call: Call) -> Outcome:
        """The good model's answers, unless the test says otherwise."""
        if call.images:
            return Slow(self.look_s, structured(_SEEN, call))
        return call.good() if self.author is None else self.author(call)


@dataclass
class Scene:
    """All of it."""

    directory: Path
    deployed: Deployment
    prometheus: Prometheus
    works: dict[str, Child]
    """By the address of their /metrics, which is Prometheus' `instance`."""
    reactor: Reactor
    model: Model
    receiver: Receiver
    assets: Path
    rest: httpx.AsyncClient
    environment: Mapping[str, str]

    async def new_app(self, **caps: int) -> TestApp:
        """An app whose caps are out of the way, but for those that are named."""
        app = await new_app(self.deployed.admin)
        await free(app, **caps)
        return app

    async def hook(self, app: TestApp, number: int = 0) -> str:
        """Has an app's events go to the receiver, at a path of its own and of this number; returns that."""
        path = f"/{app.id}/{number}"
        await register(self.deployed.admin.store, app.id, self.receiver.url(path))
        return path


async def free(app: TestApp, **caps: int) -> None:
    """Puts the caps of an app out of the way."""
    units = ("generation", "session", "session_seconds", "edit", "say", "tts", "image")
    await app.set_caps(**{**dict.fromkeys(units, MUCH), "live_sessions": MUCH, **caps})


@contextlib.asynccontextmanager
async def running_scene(directory: Path, prometheus: str) -> AsyncIterator[Scene]:
    """Runs it, with the rules of `edge/alerts.yaml` in compressed time; all targets are reached when it is yielded."""
    assets = directory / "assets"
    ports = claimed_ports(2)
    async with contextlib.AsyncExitStack() as stack:
        model = Model(stack.enter_context(ModelServer()))
        model.server.answers = model.answer
        reactor = await stack.enter_async_context(Reactor(answer=a_new_token))
        receiver = await stack.enter_async_context(Receiver())
        environment = _environment(model, reactor, assets)
        edge_port = claimed_port()
        deployed = await stack.enter_async_context(
            deployment(
                directory,
                environment={**environment, "CONJURE_METRICS_PORT": str(ports[0])},
                edge_settings={
                    "insight": Insight(metrics_port=edge_port),
                    "max_requests": MOST_REQUESTS,
                },
            )
        )
        await free(deployed.app)
        works, work_ports = {}, claimed_ports(2)
        for number, port in enumerate(work_ports):
            at = {"CONJURE_STORE_URL": deployed.store_url}
            work = _work(directory / f"work-{number}.log", port, environment | at)
            works[f"127.0.0.1:{port}"] = await stack.enter_async_context(work)
        watching = await stack.enter_async_context(
            running_prometheus(
                prometheus,
                directory / "prometheus",
                targets={
                    "conjure": _local(*ports),
                    "conjure-work": _local(*work_ports),
                    "conjure-edge": _local(edge_port),
                },
                rules=compressed(),
                every_s=EVERY_S,
            )
        )
        rest = await stack.enter_async_context(rest_client(deployed.rest_url))
        scene = Scene(
            directory, deployed, watching, works, reactor, model, receiver, assets, rest, environment
        )  # fmt: skip
        await scene.hook(deployed.app)

        async def all_is_seen() -> bool:
            return not await watching.faults()

        await until(all_is_seen)
        yield scene


def _local(*ports: int) -> list[str]:
    return [f"127.0.0.1:{port}" for port in ports]


def _environment(model: Model, reactor: Reactor, assets: Path) -> dict[str, str]:
    return {
        "CONJURE_QUEUE_INLINE": "false",
        "CONJURE_QUEUE_LEASE_S": str(CLAIM_S),
        # Four places for jobs in all: as many as one app may have.
        "CONJURE_QUEUE_JOBS": "2",
        "CONJURE_JOBS_CONCURRENT": "4",
        # A quarter of these is for slow receivers: one process has to have room for the work of two.
        "CONJURE_QUEUE_DELIVERIES": "512",
        "CONJURE_WEBHOOKS_ALLOW_PRIVATE": "true",
        "CONJURE_WEBHOOKS_RETRY_AFTER_S": ",".join(["0.2"] * (TRIES - 1)),
        "CONJURE_RUNTIME_PROVIDER": "reactor",
        "CONJURE_RUNTIME_REACTOR_URL": f"http://127.0.0.1:{reactor.port}",
        "CONJURE_RUNTIME_REACTOR_API_KEY": "a-key",
        "CONJURE_RUNTIME_REACTOR_MODEL": "a-model",
        "CONJURE_RUNTIME_CIRCUIT_OPEN_S": "0.5",
        "CONJURE_OPENAI_URL": model.server.url,
        "CONJURE_OPENAI_CIRCUIT_OPEN_S": "0.5",
        "CONJURE_AUTHOR_PROVIDER": "openai",
        "CONJURE_AUTHOR_MODEL": "a-model",
        "CONJURE_VISION_PROVIDER": "openai",
        "CONJURE_VISION_MODEL": "a-model",
        "CONJURE_VISION_LOOKS": str(LOOKS),
        # All callers of a test are at one address.
        "CONJURE_SHARES_ADDRESS": "0",
        "CONJURE_HEAVY_REQUEST_BYTES": str(HEAVY_BYTES),
        "CONJURE_ASSETS_URL": str(assets),
        "CONJURE_ASSETS_CACHE_BYTES": "1",
        "CONJURE_SESSIONS_GLOBAL_LIVE_SESSIONS": str(SYSTEM_SESSIONS),
        # What was sent and not answered is asked for again for a second; a call may take its usual time.
        "CONJURE_SESSIONS_LEASE_S": str(LEASE_S),
        "CONJURE_STORE_RECOVERY_S": "1",
        "CONJURE_SERVER_DEADLINE_S": "15",
        "CONJURE_WORLDS_HOLD_S": "20",
    }


def _work(log_file: Path, port: int, environment: Mapping[str, str]) -> Child:
    return Child(
        "work",
        lambda: [sys.executable, "-m", "conjure", "work"],
        ready=lambda: wait_for_port(port),
        environment={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[3] / "server"),
            **environment,
            "CONJURE_METRICS_PORT": str(port),
        },
        log_file=log_file,
        start_s=LIMIT_S,
    )
