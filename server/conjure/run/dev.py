"""`conjure dev`: an embedded store, a server and Envoy, supervised, with a demo app, world and character."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import signal
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import httpx
import jwt
from rich.console import Console

from conjure.administration import administration
from conjure.core.caller import MODES, Tenant
from conjure.core.errors import AppError, NotFound
from conjure.core.private_files import (
    FOLDER_MODE,
    UMASK,
    create_private,
    open_private_log,
    private_folder,
    replace_private,
    socket_folder,
)
from conjure.edge.admin import private_socket
from conjure.edge.config import EdgeConfig
from conjure.edge.cors import Cors
from conjure.edge.observe import Insight
from conjure.edge.render import EdgeError, envoy_binary, envoy_command, render
from conjure.migrations import STEPS
from conjure.providers.voice.local.available import is_installed
from conjure.run.child import Child, ChildFailed
from conjure.run.demo import made_demo
from conjure.run.embedded_store import locked, socket_for, socket_url, store_binary, store_process
from conjure.run.guide import guide
from conjure.run.ports import free_port, require_free, wait_for_port
from conjure.settings import HIGHEST_PORT, UNITS, Settings
from conjure.store.client import Store
from conjure.store.format import FORMAT
from conjure.store.upgrade import upgrade

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from conjure.administration import Administration
    from conjure.settings import AuthSettings

_FILE: Final = "dev.json"
UNMETERED: Final = "CONJURE_DEV_UNMETERED"
_NO_LIMIT: Final = 1_000_000_000
_MODE: Final = "test"
_USER: Final = "demo-user"
_USER_TOKEN_S: Final = 30 * 86_400


@dataclass(slots=True)
class Ports:
    """Where everything listens, on loopback."""

    server: int
    rest: int
    grpc: int
    admin: int
    metrics: int


async def run(directory: Path, *, rest_port: int | None, grpc_port: int | None) -> None:
    """Runs until INT or TERM.

    Raises ChildFailed when a part does not start, and when a part is not installed or another one runs in the
    folder: then nothing in it was touched.
    """
    _require_parts()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    os.umask(UMASK)  # for what the store and Envoy write; they inherit it
    with (
        _held(directory) as (folder, lock),
        socket_for(folder / "store") as socket,
        _edge_sockets() as sockets,
    ):
        console = Console(highlight=False, soft_wrap=True)
        parts = _Development(folder, console, lock=lock, socket=socket, sockets=sockets)
        await parts.run(rest_port, grpc_port, stop)


def _require_parts() -> None:
    """Raises ChildFailed when a part is not installed: before anything is started or written."""
    store_binary()
    try:
        envoy_binary()
    except EdgeError as error:
        raise ChildFailed(str(error)) from error


@contextlib.contextmanager
def _held(directory: Path) -> Iterator[tuple[Path, int]]:
    """Holds the folder, by the lock of its store; yields it, private and resolved, and the lock's descriptor.

    All parts inherit the lock: it lasts as long as any of them runs.
    """
    directory.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    with contextlib.ExitStack() as stack:
        try:
            lock = stack.enter_context(locked(directory / "store"))
        except ChildFailed as error:
            raise ChildFailed(f"{directory} is in use: another `conjure dev` runs there") from error
        private_folder(directory)  # keys, and a store that holds keys
        yield directory.resolve(), lock


@contextlib.contextmanager
def _edge_sockets() -> Iterator[str]:
    """Yields a folder for the socket file on which the server takes the edge's calls.

    Raises ChildFailed when there is no place for one.
    """
    folder = socket_folder(str(HIGHEST_PORT))
    if folder is None:
        raise ChildFailed("TMPDIR is too long a path for a socket")
    with folder as name:
        yield name


class _Development:
    def __init__(
        self, directory: Path, console: Console, *, lock: int, socket: Path, sockets: str
    ) -> None:
        self._directory = directory
        self._file = directory / _FILE
        self._console = console
        self._lock = lock
        self._socket = socket
        self._sockets = sockets
        self._store_url = socket_url(socket)
        self._known = _read(self._file)
        self._children: dict[str, Child] = {}
        self._facts: dict[str, Any] = {}

    async def run(self, rest_port: int | None, grpc_port: int | None, stop: asyncio.Event) -> None:
        started = time.monotonic()
        ports = self._choose_ports(rest_port, grpc_port)
        environment = _server_environment(
            ports, self._store_url, self._sockets, self._user_secret(), self._directory
        )
        # Read as the server reads them: server and edge then agree, whatever the shell has set.
        settings = Settings.from_environment(environment)
        async with contextlib.AsyncExitStack() as stack:
            for name, part in (
                ("store", self._store()),
                ("server", self._server(ports, environment)),
                ("edge", self._edge(ports, settings)),
            ):
                begun = time.monotonic()
                self._children[name] = await stack.enter_async_context(part)
                took = (time.monotonic() - begun) * 1000
                self._console.print(f"  [green]✓[/] {name:<7} {took:5.0f} ms")
                if name == "store":
                    await self._upgrade(settings)
                if stop.is_set():
                    return
            await self._seed(ports, settings)
            self._console.print(
                f"  [green]✓[/] ready   {(time.monotonic() - started) * 1000:5.0f} ms"
            )
            self._write()
            self._console.print(
                guide(self._facts, self._demo_states, speaks=settings.voice.provider != "none")
            )
            await stop.wait()
            self._console.print("\nstopping …")
        self._write_without_pids()
        self._console.print(f"stopped; the data stays in [bold]{self._directory}[/]")

    async def _upgrade(self, settings: Settings) -> None:
        """Raises the store's format, which nobody else serves. Raises FormatRefused."""
        async with Store(settings.store) as store:
            before = await upgrade(store, STEPS)
        if before and before != FORMAT:
            self._console.print(
                f"  [green]✓[/] the store was upgraded from format {before} to {FORMAT}"
            )

    def _choose_ports(self, rest_port: int | None, grpc_port: int | None) -> Ports:
        """Returns the ports of the last run if they are free, so that its commands work; else others."""
        known = self._known.get("ports", {})

        def choose(name: str, usual: int | None) -> int:
            last = known.get(name)
            return free_port(last if isinstance(last, int) else None, usual)

        for wanted in filter(None, (rest_port, grpc_port)):
            require_free("127.0.0.1", wanted)
        return Ports(
            server=choose("server", None),
            rest=rest_port if rest_port is not None else choose("rest", 8080),
            grpc=grpc_port if grpc_port is not None else choose("grpc", 9090),
            admin=choose("admin", None),
            metrics=choose("metrics", 9464),  # where OpenTelemetry's own exporters listen
        )

    def _store(self) -> Child:
        directory = self._directory / "store"
        return store_process(directory, self._socket, lock=self._lock, on_start=self._write)

    def _server(self, ports: Ports, environment: Mapping[str, str]) -> Child:
        return Child(
            "server",
            lambda: [sys.executable, "-m", "conjure", "serve"],
            ready=lambda: wait_for_port(ports.server),
            environment=environment,
            log_file=self._directory / "server.log",
            pass_fds=(self._lock,),
            on_start=self._write,
        )

    def _edge(self, ports: Ports, settings: Settings) -> Child:
        config = EdgeConfig(
            upstreams=(("127.0.0.1", ports.server),),
            rest_host="127.0.0.1",
            rest_port=ports.rest,
            grpc_port=ports.grpc,
            admin_port=ports.admin,
            admin_socket=private_socket(),
            access_log=str(self._directory / "access.log"),
            cors=Cors(settings.cors.origins, settings.cors.console_origins),
            insight=Insight(settings.tracing),
            max_body_bytes=settings.server.max_body_bytes,
            max_connection_streams=settings.server.max_connection_streams,
            calls=settings.edge.transport,
            sockets=settings.edge.sockets,
            port_offset=settings.edge.port_offset,
            health_interval_s=settings.edge.health_interval_s,
            health_timeout_s=settings.edge.health_timeout_s,
        )
        path = self._directory / "envoy.yaml"
        replace_private(path, render(config))
        open_private_log(self._directory / "access.log").close()  # Envoy appends to it
        return Child(
            "edge",
            lambda: envoy_command(path, concurrency=1),
            ready=lambda: _healthy(ports.rest),
            log_file=self._directory / "envoy.log",
            pass_fds=(self._lock,),
            on_start=self._write,
        )

    async def _seed(self, ports: Ports, settings: Settings) -> None:
        """Makes the demo app, its keys and its world, or finds those of the last run."""
        async with administration(settings.store, settings.auth, settings.apps) as admin:
            app_id = await self._demo_app(admin)
            secret = await self._demo_key(admin, app_id, "secret", "secretKey")
            publishable = await self._demo_key(admin, app_id, "publishable", "publishableKey")
            for mode in MODES:
                tenant = Tenant(app_id, mode)
                if _is_unmetered():
                    every = (*UNITS, "live_sessions")
                    await admin.apps.set_caps(tenant, dict.fromkeys(every, _NO_LIMIT))
                elif self._known.get("unmetered"):
                    await admin.apps.reset_caps(tenant)
        self._facts = {
            "restUrl": f"http://127.0.0.1:{ports.rest}",
            "grpcTarget": f"127.0.0.1:{ports.grpc}",
            "appId": app_id,
            "mode": _MODE,
            "secretKey": secret,
            "publishableKey": publishable,
            "userToken": self._user_token(settings.auth),
            "storeUrl": self._store_url,
            "metricsUrl": f"http://127.0.0.1:{ports.metrics}/metrics",
            "edgeMetricsUrl": f"http://127.0.0.1:{ports.admin}/stats/prometheus",
            "tracingEndpoint": settings.tracing.endpoint or None,
            "logs": {
                "server": str(self._directory / "server.log"),
                "access": str(self._directory / "access.log"),
                "edge": str(self._directory / "envoy.log"),
            },
            "ports": {
                "server": ports.server, "rest": ports.rest, "grpc": ports.grpc,
                "admin": ports.admin, "metrics": ports.metrics,
            },
            "unmetered": _is_unmetered(),
        }  # fmt: skip
        demo = await made_demo(self._facts, self._known)
        self._facts |= {
            "worldId": demo.world_id,
            "worldEdition": demo.edition,
            "characterId": demo.character_id,
        }
        self._demo_states = demo.states

    async def _demo_app(self, admin: Administration) -> str:
        known = self._known.get("appId")
        if isinstance(known, str):
            with contextlib.suppress(NotFound):
                await admin.apps.adopt(known, _USER)  # until 0.3 it was nobody's
                return known
        return (await admin.apps.create("demo", owner=_USER)).id

    async def _demo_key(self, admin: Administration, app_id: str, kind: str, member: str) -> str:
        known = self._known.get(member)
        if isinstance(known, str) and self._known.get("appId") == app_id:
            with contextlib.suppress(AppError):
                await admin.keys.verify(known)
                return known
        _, plaintext = await admin.keys.create(app_id, kind=kind, mode=_MODE, name="demo")
        return plaintext

    def _user_secret(self) -> str:
        path = self._directory / "user-jwt-secret"
        if not path.exists():
            create_private(path, secrets.token_hex(32).encode())
        return path.read_text()

    def _user_token(self, settings: AuthSettings) -> str:
        """One that this server takes, whatever the shell says of users besides the secret."""
        now = int(time.time())
        claims: dict[str, Any] = {
            "sub": _USER,
            "aud": settings.user_jwt_audience,
            "iat": now,
            "exp": now + _USER_TOKEN_S,
        }
        if settings.user_jwt_issuer:
            claims["iss"] = settings.user_jwt_issuer
        return jwt.encode(claims, self._user_secret(), algorithm="HS256")

    def _write(self) -> None:
        """Writes dev.json; also after a part was restarted, as its process id changed."""
        if not self._facts:
            return
        pids = {name: child.pid for name, child in self._children.items()}
        _write_json(self._file, {**self._facts, "pids": pids})

    def _write_without_pids(self) -> None:
        _write_json(self._file, {**self._facts, "pids": {}})


def _server_environment(
    ports: Ports, store_url: str, sockets: str, user_secret: str, directory: Path
) -> dict[str, str]:
    """Returns the environment of the server: that of the shell, with what dev decides replaced."""
    environment = {
        # Beside the store that knows of them, unless the shell says another place: to try one.
        "CONJURE_ASSETS_URL": str(directory / "assets"),
        # Who has installed the voice of this machine wants to hear it.
        "CONJURE_VOICE_PROVIDER": "local" if is_installed() else "none",
        **os.environ,
        "CONJURE_ASSETS_PUBLIC_URL": f"http://127.0.0.1:{ports.rest}",
        # `/`, and `/demo`, which plays what is made here.
        "CONJURE_PLAYER_HOME": "true",
        "CONJURE_PLAYER_DEMO_FILE": str(directory / _FILE),
        "CONJURE_STORE_URL": store_url,
        # One server without replicas, whatever store the shell has been set up for.
        "CONJURE_STORE_CLUSTER": "false",
        "CONJURE_STORE_WAIT_REPLICAS": "0",
        "CONJURE_SERVER_HOST": "127.0.0.1",
        "CONJURE_SERVER_PORT": str(ports.server),
        "CONJURE_SERVER_WORKERS": "1",
        "CONJURE_SERVER_DRAIN_PAUSE_S": "0.2",
        "CONJURE_EDGE_SOCKETS": sockets,
        "CONJURE_METRICS_HOST": "127.0.0.1",
        "CONJURE_METRICS_PORT": str(ports.metrics),
        "CONJURE_AUTH_USER_JWT_SECRET": user_secret,
        # Who tries webhooks here receives them here (`conjure webhooks listen`).
        "CONJURE_WEBHOOKS_ALLOW_PRIVATE": "true",
        # Everything here talks over loopback.
        "CONJURE_SERVER_TLS_CERT": "",
        "CONJURE_SERVER_TLS_KEY": "",
        "CONJURE_SERVER_TLS_CLIENT_CA": "",
    }
    if _is_unmetered():
        environment["CONJURE_SESSIONS_GLOBAL_LIVE_SESSIONS"] = str(_NO_LIMIT)
        for rate in ("KEY", "SESSION", "FAILURES"):
            environment[f"CONJURE_RATES_{rate}_PER_S"] = "0"
    return environment


def _is_unmetered() -> bool:
    return os.environ.get(UNMETERED, "") not in {"", "0"}


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _write_json(path: Path, value: dict[str, Any]) -> None:
    replace_private(path, json.dumps(value, indent=2) + "\n")


async def _healthy(port: int) -> None:
    """Returns once Envoy passes a call through to a server whose store answers."""
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            with contextlib.suppress(httpx.HTTPError):
                answer = await client.get(f"http://127.0.0.1:{port}/healthz")
                if answer.status_code == httpx.codes.OK:
                    return
            await asyncio.sleep(0.03)
