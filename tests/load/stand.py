"""What is measured: a store, and beside it servers with their edge, the floor, the peer."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import os
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from conjure.administration import administration
from conjure.core.ids import new_id
from conjure.core.private_files import socket_folder
from conjure.core.transports import EdgeTransport
from conjure.run.child import Child
from conjure.run.ports import free_port, wait_for_port
from conjure.sessions.tokens import SessionTokens
from conjure.settings import AuthSettings, SessionSettings, StoreSettings
from load.meters import Meter
from load.peer_edge import peer_edge
from support.processes import family
from support.rest import bearer
from support.stack import TestApp, new_app, running_edge, running_server, running_store
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from conjure.administration import Administration

HERE = Path(__file__).parent
_IDLE_S = 2.0
_SOCKETS = "CONJURE_EDGE_SOCKETS"

UNLIMITED = {
    "CONJURE_CAPS_GENERATION": "1000000000",
    "CONJURE_CAPS_SESSION": "1000000000",
    "CONJURE_CAPS_SESSION_SECONDS": "1000000000",
    "CONJURE_CAPS_LIVE_SESSIONS": "1000000000",
    "CONJURE_SESSIONS_GLOBAL_LIVE_SESSIONS": "1000000000",
    "CONJURE_VERSIONS_PER_WORLD": "1000000",
    "CONJURE_RATES_KEY_PER_S": "1000000",
    "CONJURE_RATES_SESSION_PER_S": "1000000",
}
"""Caps and rates out of the way: a refusal is cheaper than an admission, and would flatter. Rates are still kept."""

TODAY = EdgeTransport.GRPC
"""The edge's calls over gRPC into grpc.aio (CONJURE_EDGE_CALLS), which others are compared with."""


@dataclass(frozen=True)
class Target:
    """Something that answers, and how to watch it. A port is 0 where it has no such face."""

    meter: Meter
    rest_port: int = 0
    grpc_port: int = 0
    direct_port: int = 0  # without an edge: gRPC, of the peer HTTP
    idle_bytes_per_s: float = 0.0

    @property
    def rest_url(self) -> str:
        return f"http://127.0.0.1:{self.rest_port}"


@dataclass(frozen=True)
class Stand:
    """A store with an app in it."""

    directory: Path
    store_child: Child
    store_url: str
    store: redis.Redis
    admin: Administration
    app: TestApp
    tokens: SessionTokens

    def meter(self, **pids: list[int]) -> Meter:
        """A meter of these processes and the store."""
        own_id = int(self.store.client_id())
        return Meter({**pids, "store": [self.store_child.pid]}, self.store, own_id)

    async def fresh_tokens(self, world_id: str, count: int) -> list[str]:
        """Session tokens that no server has seen, signed as the server signs them."""
        tokens = []
        for _ in range(count):
            token, _issued = await self.tokens.issue(
                self.app.tenant(),
                world_id,
                jti=new_id(),
                player="player",
                origin=None,
                ttl_s=3600,
            )
            tokens.append(token)
        return tokens


@contextlib.contextmanager
def _edge_sockets() -> Iterator[None]:
    """Gives servers and edges that share this machine a folder for their socket files, where none is given.

    Raises OSError when no folder has a path short enough.
    """
    if _SOCKETS in os.environ:
        yield
        return
    folder = socket_folder("65535")
    if folder is None:
        raise OSError("TMPDIR is too long a path for a socket")
    with folder as name:
        os.environ[_SOCKETS] = name
        try:
            yield
        finally:
            del os.environ[_SOCKETS]


@contextlib.asynccontextmanager
async def stand(directory: Path) -> AsyncIterator[Stand]:
    """Starts a store of its own, and makes an app."""
    async with contextlib.AsyncExitStack() as opened:
        opened.enter_context(_edge_sockets())
        child, url = await opened.enter_async_context(running_store(directory / "store"))
        admin = await opened.enter_async_context(
            administration(StoreSettings(url=url, timeout_s=10), AuthSettings())
        )
        client = redis.Redis.from_url(
            url, decode_responses=True, socket_timeout=60, retry=Retry(NoBackoff(), 0)
        )
        opened.callback(client.close)
        yield Stand(
            directory=directory,
            store_child=child,
            store_url=url,
            store=client,
            admin=admin,
            app=await new_app(admin),
            tokens=SessionTokens(SessionSettings(), admin.signing_keys),
        )


@contextlib.asynccontextmanager
async def conjure(
    on: Stand,
    workers: int,
    environment: dict[str, str] | None = None,
    *,
    name: str = "conjure",
    calls: EdgeTransport | None = None,
    **edge_settings: Any,
) -> AsyncIterator[Target]:
    """`conjure serve` with so many workers, and Envoy with as many threads.

    `calls`: how calls come from the edge to the server, where that is not as by default. The edge bears with
    servers that a busy machine leaves standing, unless its settings say less.
    """
    first = free_ports(workers)
    settings = {**UNLIMITED, "CONJURE_SERVER_WORKERS": str(workers), **(environment or {})}
    settings["CONJURE_SERVER_DRAIN_PAUSE_S"] = "3"  # several workers do not start with less
    if calls is not None:
        settings["CONJURE_EDGE_CALLS"] = calls
        edge_settings["calls"] = calls
    directory = _folder(on, name)
    async with contextlib.AsyncExitStack() as opened:
        server, _ = await opened.enter_async_context(
            running_server(directory, on.store_url, settings, port=first)
        )
        ports = range(first, first + workers)
        async with asyncio.timeout(20):
            await asyncio.gather(*(wait_for_port(port) for port in ports))
        edge, rest, rpc = await opened.enter_async_context(
            running_edge(directory, *ports, concurrency=workers, **edge_settings)
        )
        meter = on.meter(server=family(server.pid), envoy=[edge.pid])
        yield Target(meter, rest, rpc, first, await meter.idle_bytes_per_s(_IDLE_S))


@contextlib.asynccontextmanager
async def floor(
    on: Stand, name: str, answer: bytes, calls: EdgeTransport | None = TODAY
) -> AsyncIterator[Target]:
    """A server that answers `answer` and does nothing else, behind an Envoy of the same configuration.

    `calls`: how calls come from the edge to it; None: as by default.
    """
    port, directory = free_port(), _folder(on, name)
    (directory / "answer").write_bytes(answer)
    command = [sys.executable, str(HERE / "floor.py"), str(port), str(directory / "answer")]
    child = Child("floor", lambda: command, ready=lambda: wait_for_port(port))
    by = {} if calls is None else {"calls": calls}
    async with child, running_edge(directory, port, **by) as (edge, rest, rpc):
        yield Target(on.meter(server=[child.pid], envoy=[edge.pid]), rest, rpc, port)


def peer_is_installed() -> bool:
    """Whether the group `load` is there (`make load` installs it)."""
    return all(importlib.util.find_spec(name) for name in ("fastapi", "httptools", "uvicorn"))


@contextlib.asynccontextmanager
async def peer(on: Stand, name: str = "peer", **variant: str) -> AsyncIterator[Target]:
    """The FastAPI service of peer.py, one process behind an Envoy of its own; `direct_port` is without.

    `variant`: what its environment says besides (peer.py).
    """
    await on.admin.signing_keys.current()  # the first one is made when it is asked for
    port, directory = free_port(), _folder(on, name)
    command = [sys.executable, str(HERE / "peer.py"), str(port)]
    child = Child(
        "peer",
        lambda: command,
        ready=lambda: wait_for_port(port),
        environment={
            **os.environ,
            **UNLIMITED,
            "CONJURE_STORE_URL": on.store_url,
            **variant,
        },
        log_file=directory / "peer.log",
    )
    in_front = running_edge(directory, port, rendered=peer_edge, calls=TODAY)
    async with child, in_front as (edge, rest, _):
        yield Target(on.meter(server=[child.pid], envoy=[edge.pid]), rest, direct_port=port)


def _folder(on: Stand, name: str) -> Path:
    """A folder of its own for each deployment."""
    directory = on.directory / name
    directory.mkdir()
    return directory


async def import_world(url: str, key: str, world: dict[str, Any]) -> str:
    """Imports a world over REST; returns its id."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as rest:
        made = await rest.post("/v1/worlds", json={"world": world}, headers=bearer(key))
        made.raise_for_status()
        return str(made.json()["worldId"])


def world_of(size: int, states: int) -> dict[str, Any]:
    """A world of about `size` bytes with so many states, each with one event."""
    prose = "A wide hall of grey stone with tall windows and a long table. " * 40
    each = max(40, size // states - 100)
    names = [f"room_{index}" for index in range(states)]
    return small_world(
        entrance={"state": names[0], "image": {"src": "https://example.com/hall.png"}},
        scene={
            "states": {name: {"base": prose[:each]} for name in names},
            "events": [
                {"name": f"Go {a}", "kind": "transition", "from": [a], "to": b}
                for a, b in zip(names, [*names[1:], names[0]], strict=True)
            ],
        },
    )


def free_ports(count: int) -> int:
    """The first of `count` ports in a row that can be bound now."""
    for _ in range(100):
        first = free_port()
        with contextlib.suppress(OSError), contextlib.ExitStack() as opened:
            for port in range(first, first + count):
                opened.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise OSError(f"no {count} free ports in a row")
