"""CONJURE_EDGE_CALLS is changed, and changed back, under load and without one failed request.

To http1: edges first, then servers; back: servers first, then edges (OPERATIONS.md). What the wrong order does
is in `edge/run/test_edge_calls.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING

import pytest

from conjure.core.transports import EdgeTransport
from support.chaos.deployment import QUICK, plain_channel, rest_client, world_of_rooms
from support.chaos.faces import GrpcFace, RestFace
from support.chaos.ledger import Ledger
from support.chaos.load import Load
from support.ports import claimed_ports
from support.rest import import_world
from support.rpc import Client
from support.stack import new_app, running_edge, running_server

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.stack import Stack, TestApp

HTTP1, GRPC = EdgeTransport.HTTP1, EdgeTransport.GRPC
MUCH = 10_000_000
BEFORE_S = 0.5


class Servers:
    """Two servers, each told in its own time how edges call."""

    def __init__(self, folder: Path, store_url: str) -> None:
        self._folder = folder
        self._store_url = store_url
        self._running = [contextlib.AsyncExitStack(), contextlib.AsyncExitStack()]
        self.ports = claimed_ports(2)

    async def start(self, number: int, calls: EdgeTransport) -> None:
        folder = self._folder / f"server-{number}"
        folder.mkdir(exist_ok=True)
        environment = {
            "CONJURE_EDGE_CALLS": calls,
            "CONJURE_SERVER_DRAIN_PAUSE_S": str(QUICK.notice_s),
            "CONJURE_LOG_CALLS": "true",
        }
        await self._running[number].enter_async_context(
            running_server(folder, self._store_url, environment, port=self.ports[number])
        )

    async def turn(self, calls: EdgeTransport) -> None:
        """Replaces one after the other, as a deployment does."""
        for number, running in enumerate(self._running):
            await running.aclose()
            await self.start(number, calls)
            await asyncio.sleep(QUICK.notice_s)  # until edges know that it is back

    async def stop(self) -> None:
        for running in self._running:
            await running.aclose()

    def calls(self) -> int:
        """How many calls of edges both have answered so far."""
        lines = [
            json.loads(line)
            for number in range(2)
            for line in (self._folder / f"server-{number}/server.log").read_text().splitlines()
        ]
        return sum(line["event"] == "call" and line["face"] == "rest" for line in lines)


class Way:
    """An edge of one way, and the callers behind it."""

    def __init__(self, name: str, rest_port: int, grpc_port: int) -> None:
        self.name = name
        self.rest_url = f"http://127.0.0.1:{rest_port}"
        self._grpc = f"127.0.0.1:{grpc_port}"

    @contextlib.asynccontextmanager
    async def load(self, app: TestApp, worlds: list[str], during: str) -> AsyncIterator[None]:
        """Callers of every kind while the body runs, of whom none may fail."""
        ledger = Ledger()
        async with rest_client(self.rest_url) as rest, plain_channel(self._grpc) as channel:
            faces = [
                RestFace(rest, app.secret, ledger),
                GrpcFace(Client(channel, app.secret), ledger),
            ]
            load = Load(faces, worlds, ledger, callers=8)
            async with load.watching(), load.running():
                await asyncio.sleep(BEFORE_S)
                yield
                await asyncio.sleep(BEFORE_S)
        failed = [str(attempt) for attempt in ledger.failures()]
        assert not failed, "\n".join([f"{during}, by the edge of {self.name}:", *failed[:20]])
        assert not ledger.malformed
        assert len(ledger.attempts) > 20, "there was load"


@pytest.fixture
async def servers(stack: Stack, tmp_path: Path) -> AsyncIterator[Servers]:
    servers = Servers(tmp_path, stack.store_url)
    for number in range(2):
        await servers.start(number, GRPC)
    yield servers
    await servers.stop()


@contextlib.asynccontextmanager
async def edge(tmp_path: Path, servers: Servers, calls: EdgeTransport) -> AsyncIterator[Way]:
    folder = tmp_path / f"edge-{calls}"
    folder.mkdir(exist_ok=True)
    async with running_edge(
        folder,
        *servers.ports,
        calls=calls,
        health_interval_s=QUICK.health_interval_s,
        health_timeout_s=QUICK.health_timeout_s,
    ) as (_, rest_port, grpc_port):
        yield Way(calls, rest_port, grpc_port)


@pytest.mark.chaos
async def test_the_way_is_changed_and_changed_back_without_a_failed_request(
    stack, servers, tmp_path
):
    app = await new_app(stack.admin)
    await app.set_caps(generation=MUCH, session=MUCH, session_seconds=MUCH, live_sessions=MUCH)
    async with edge(tmp_path, servers, HTTP1) as new:
        async with edge(tmp_path, servers, GRPC) as old:
            async with rest_client(old.rest_url) as rest:
                worlds = [
                    await import_world(rest, app.secret, **world_of_rooms(f"common {n}"))
                    for n in range(2)
                ]
            async with (
                old.load(app, worlds, "edges of both ways"),
                new.load(app, worlds, "edges of both ways"),
            ):
                pass
        async with new.load(app, worlds, "servers are turned to http1"):
            await servers.turn(HTTP1)
        async with new.load(app, worlds, "servers are turned back to grpc"):
            await servers.turn(GRPC)
        async with (
            edge(tmp_path, servers, GRPC) as old,
            old.load(app, worlds, "edges go back"),
            new.load(app, worlds, "edges go back"),
        ):
            pass
    assert servers.calls() > 100
