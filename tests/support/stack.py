"""The real parts, started once per run: a store process, a server process, an Envoy process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc
import httpx

from conjure.administration import Administration, administration
from conjure.core.caller import Tenant
from conjure.core.ids import new_id
from conjure.edge.admin import private_socket
from conjure.edge.config import EdgeConfig
from conjure.edge.render import envoy_command, render
from conjure.run.child import Child
from conjure.run.embedded_store import embedded_store
from conjure.run.ports import wait_for_port
from conjure.settings import AuthSettings, Settings, StoreSettings, WebhookSettings
from conjure.webhooks.model import Webhook
from conjure.webhooks.signatures import new_secret
from conjure.webhooks.store import WebhookStore
from support.cluster import running_cluster
from support.issuer import Issuer, ec_key, ed_key, rsa_key
from support.ports import claimed_port
from support.until import LIMIT_S
from support.warm import WarmChild
from support.yaml_text import written

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from support.issuer import Key

USER_SECRET = "a-user-jwt-secret-of-thirty-two-bytes!"


@dataclass
class Stack:
    """Where everything is."""

    directory: Path
    store: Child | None  # None: a cluster
    server: Child
    edge: Child
    store_url: str
    server_target: str
    edge_grpc_target: str
    rest_url: str
    admin: Administration
    user_keys: tuple[Key, ...]  # of the identity provider, besides USER_SECRET

    @property
    def server_port(self) -> int:
        return int(self.server_target.rpartition(":")[2])


def store_settings(url: str) -> StoreSettings:
    """How to reach a store: more than one URL is a cluster."""
    return StoreSettings(url=url, cluster="," in url)


def patient_store_settings(url: str) -> StoreSettings:
    """The same for tests that need each answer of a store, which a busy machine leaves standing."""
    return replace(store_settings(url), timeout_s=LIMIT_S, connect_timeout_s=LIMIT_S)


@contextlib.asynccontextmanager
async def running_store(directory: Path) -> AsyncIterator[tuple[Child, str]]:
    """A store of its own for a test that hurts it."""
    port = claimed_port()
    async with embedded_store(directory, port) as child:
        yield child, f"redis://127.0.0.1:{port}/0"


@contextlib.asynccontextmanager
async def running_server(
    directory: Path,
    store_url: str,
    environment: Mapping[str, str] | None = None,
    *,
    port: int | None = None,
) -> AsyncIterator[tuple[Child, int]]:
    """A `conjure serve` process."""
    port = claimed_port() if port is None else port
    child = WarmChild(
        "server",
        lambda: [sys.executable, "-m", "conjure", "serve"],
        ready=lambda: wait_for_port(port),
        environment={
            **os.environ,
            "PYTHONPATH": str(Path(__file__).parents[2] / "server"),
            "CONJURE_STORE_URL": store_url,
            "CONJURE_STORE_CLUSTER": str(store_settings(store_url).cluster),
            "CONJURE_SERVER_PORT": str(port),
            "CONJURE_SERVER_DRAIN_PAUSE_S": "0.2",
            "CONJURE_AUTH_USER_JWT_SECRET": USER_SECRET,
            "CONJURE_WEBHOOKS_ALLOW_PRIVATE": "true",  # receivers of tests are on this machine
            "CONJURE_AUTHOR_FRAME_ALLOW_PRIVATE": "true",  # and so is what frames are fetched from
            **(environment or {}),
        },
        log_file=directory / "server.log",
        stop_s=LIMIT_S,
        start_s=LIMIT_S,
    )
    async with child:
        yield child, port


def agreed_on() -> dict[str, Any]:
    """What edges must be told of this run's servers: how their unary calls are taken, and where."""
    edge = Settings.from_environment().edge
    return {"calls": edge.transport, "sockets": edge.sockets}


@contextlib.asynccontextmanager
async def running_edge(
    directory: Path,
    *server_ports: int,
    statuses: tuple[int, ...] = (200,),
    concurrency: int = 1,
    rendered: Callable[[EdgeConfig], str] = render,
    rest_port: int | None = None,
    **settings: Any,
) -> AsyncIterator[tuple[Child, int, int]]:
    """Envoy in front of a server, or of each worker of one, once its health is one of `statuses`.

    It bears with a server that a busy machine leaves standing; where that is the matter, `settings` say less.
    """
    rest = claimed_port() if rest_port is None else rest_port
    rpc, admin = claimed_port(), claimed_port()
    config = EdgeConfig(
        upstreams=tuple(("127.0.0.1", port) for port in server_ports),
        rest_host="127.0.0.1",
        rest_port=rest,
        grpc_port=rpc,
        admin_port=admin,
        admin_socket=private_socket(),
        access_log=str(directory / "access.log"),
        **{"health_timeout_s": LIMIT_S, **agreed_on(), **settings},
    )
    path = written(directory, rendered(config))

    async def healthy() -> None:
        await wait_for_port(rest)
        scheme = "https" if config.listener_tls else "http"
        # Who it is, is the tests' business; here it only has to answer.
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=LIMIT_S) as client:
            while True:
                with contextlib.suppress(httpx.HTTPError):
                    health = await client.get(f"{scheme}://127.0.0.1:{rest}/healthz")
                    if health.status_code in statuses:
                        return
                await asyncio.sleep(0.02)

    child = Child(
        "edge",
        lambda: envoy_command(path, concurrency=concurrency),
        ready=healthy,
        log_file=directory / "envoy.log",
        start_s=LIMIT_S,
    )
    async with child:
        yield child, rest, rpc


@contextlib.asynccontextmanager
async def running_stack(
    directory: Path, environment: Mapping[str, str] | None = None, *, cluster: bool = False
) -> AsyncIterator[Stack]:
    """All three, and an administrative way in. The store may be a cluster of nine processes."""
    async with contextlib.AsyncExitStack() as stack:
        store: Child | None = None
        if cluster:
            url = (await stack.enter_async_context(running_cluster(directory / "store"))).url
        else:
            store, url = await stack.enter_async_context(running_store(directory / "store"))
        yield await stack.enter_async_context(serving_stack(directory, url, store, environment))


@contextlib.asynccontextmanager
async def serving_stack(
    directory: Path,
    url: str,
    store: Child | None,
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[Stack]:
    """Server, edge and an administrative way in, on a store that is there."""
    async with contextlib.AsyncExitStack() as stack:
        user_keys = (rsa_key(), ec_key(), ed_key())
        issuer = await stack.enter_async_context(Issuer())
        issuer.publish(*user_keys)
        rest_url = f"http://127.0.0.1:{(rest_port := claimed_port())}"
        environment = {
            "CONJURE_AUTH_USER_JWKS_URL": issuer.url,
            "CONJURE_ASSETS_PUBLIC_URL": rest_url,
            **(environment or {}),
        }
        server, port = await stack.enter_async_context(running_server(directory, url, environment))
        edge, _, rpc = await stack.enter_async_context(
            running_edge(directory, port, rest_port=rest_port)
        )
        admin = await stack.enter_async_context(administration(store_settings(url), AuthSettings()))
        yield Stack(
            directory=directory,
            store=store,
            server=server,
            edge=edge,
            store_url=url,
            server_target=f"127.0.0.1:{port}",
            edge_grpc_target=f"127.0.0.1:{rpc}",
            rest_url=rest_url,
            admin=admin,
            user_keys=user_keys,
        )


@dataclass
class TestApp:
    """An app of its own for a test, with a key of each kind and mode."""

    __test__ = False

    id: str
    secret: str
    publishable: str
    live_secret: str
    admin: Administration = field(repr=False)
    keys: dict[str, str] = field(default_factory=dict)
    user_id: str = field(default_factory=lambda: f"user-{new_id()}")
    _console: tuple[str, str, str] | None = None

    def tenant(self, mode: str = "test") -> Tenant:
        return Tenant(self.id, mode)

    async def console(self) -> tuple[str, str, str]:
        """An app of this app's user, a key and a webhook of that, for calls of a console; made when first asked for."""
        if self._console is None:
            app = await self.admin.apps.create("of the console", owner=self.user_id)
            key, _ = await self.admin.keys.create(app.id, kind="secret", mode="test")
            hook = Webhook(new_id(), "https://127.0.0.1:1/", ("*",), new_secret(), 0)
            hooks = WebhookStore(self.admin.store, WebhookSettings(), idempotency_s=60)
            await hooks.create((app.id, self.user_id), hook, None)
            self._console = app.id, key.id, hook.id
        return self._console

    async def set_caps(self, mode: str = "test", **caps: int) -> None:
        await self.admin.apps.set_caps(self.tenant(mode), caps)


async def new_app(admin: Administration, name: str = "test app") -> TestApp:
    app = await admin.apps.create(name)
    made: dict[str, Any] = {}
    ids: dict[str, str] = {}
    for label, kind, mode in (
        ("secret", "secret", "test"),
        ("publishable", "publishable", "test"),
        ("live_secret", "secret", "live"),
    ):
        key, plaintext = await admin.keys.create(app.id, kind=kind, mode=mode)
        made[label] = plaintext
        ids[label] = key.id
    return TestApp(id=app.id, admin=admin, keys=ids, **made)


def resident_bytes(pid: int | None) -> int:
    """The memory that a process has in RAM (Linux)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS"))


def channel(target: str) -> grpc.aio.Channel:
    return grpc.aio.insecure_channel(
        target,
        options=(("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0)),
    )
