"""Edges and servers that were not told the same of unary calls (CONJURE_EDGE_CALLS), or are of two ages.

How to change it without one failed request is in `chaos/test_edge_calls.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from typing import TYPE_CHECKING

import httpx
import pytest

from conjure.core.transports import EdgeTransport
from support.reactor import Reactor, once
from support.rest import assert_error, bearer, connect, import_world, mint
from support.stack import running_edge, running_server
from support.until import LIMIT_S, until
from support.worlds import small_world

if TYPE_CHECKING:
    from conjure.run.child import Child

MISPLACED = (
    "this server takes edges' calls on another listener: CONJURE_EDGE_CALLS of the two differs"
)


class Parts:
    """Servers that are replaced, and the edge before them."""

    def __init__(self, stack, tmp_path) -> None:
        self._store_url = stack.store_url
        self._folder = tmp_path
        self._servers: dict[str, contextlib.AsyncExitStack] = {}
        self._children: dict[str, Child] = {}
        self.all = contextlib.AsyncExitStack()

    async def server(self, name: str, port: int | None = None, **environment: str) -> int:
        folder = self._folder / name
        folder.mkdir(exist_ok=True)
        running = self._servers[name] = contextlib.AsyncExitStack()
        self.all.push_async_callback(running.aclose)
        self._children[name], port = await running.enter_async_context(
            running_server(
                folder, self._store_url, {"CONJURE_LOG_CALLS": "true", **environment}, port=port
            )
        )
        return port

    async def replace(self, name: str, port: int, **environment: str) -> None:
        await self._servers[name].aclose()
        await self.server(name, port, **environment)

    def kill(self, name: str) -> None:
        os.kill(self._children[name].pid, signal.SIGKILL)

    async def edge(self, *ports: int, calls: str, statuses=(200,)) -> httpx.AsyncClient:
        folder = self._folder / f"edge-{calls}"
        folder.mkdir()
        _, rest, _ = await self.all.enter_async_context(
            running_edge(
                folder,
                *ports,
                calls=EdgeTransport(calls),
                statuses=statuses,
                health_interval_s=0.1,
            )
        )
        client = httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest}", timeout=LIMIT_S, trust_env=False
        )
        return await self.all.enter_async_context(client)

    def log(self, name: str) -> list[dict[str, object]]:
        lines = (self._folder / name / "server.log").read_text().splitlines()
        return [json.loads(line) for line in lines]

    def rest_calls(self, name: str) -> int:
        """How many calls of edges a server has answered."""
        return sum(line["event"] == "call" and line["face"] == "rest" for line in self.log(name))


@pytest.fixture
async def parts(stack, tmp_path):
    parts = Parts(stack, tmp_path)
    async with parts.all:
        yield parts


def before_the_listener() -> dict[str, str]:
    """What makes of a server one that has no listener for edges, where they look for it."""
    return {"CONJURE_EDGE_SOCKETS": f"{os.environ['CONJURE_EDGE_SOCKETS']}/old"}


async def answers(rest: httpx.AsyncClient, app) -> int:
    """The status of a write."""
    made = await rest.post("/v1/worlds", json={"world": small_world()}, headers=bearer(app.secret))
    return made.status_code


async def test_servers_without_the_listener_are_no_servers_of_unary_calls(parts, app):
    """503, as nothing has happened; all is well as soon as one has it."""
    port = await parts.server("one", **before_the_listener())
    rest = await parts.edge(port, calls="http1", statuses=(503,))
    for method, path in (("GET", "/v1/usage"), ("POST", "/v1/worlds")):
        answer = await rest.request(method, path, headers=bearer(app.secret))
        assert_error(answer, 503)
        assert int(answer.headers["retry-after"]) >= 1
    await parts.replace("one", port)

    async def is_well() -> bool:
        return await answers(rest, app) == 200

    await until(is_well)


async def test_of_an_old_and_a_new_server_the_new_one_has_the_unary_calls(parts, app):
    old = await parts.server("old", **before_the_listener())
    new = await parts.server("new")
    rest = await parts.edge(old, new, calls="http1")
    before = parts.rest_calls("new")
    assert [await answers(rest, app) for _ in range(20)] == [200] * 20
    assert parts.rest_calls("old") == 0
    assert parts.rest_calls("new") == before + 20


async def test_an_edge_whose_calls_its_server_takes_elsewhere_is_told(parts, app):
    """The wrong order: 503, for nothing has been done; the server's log says what to set."""
    port = await parts.server("one", CONJURE_EDGE_CALLS="http1")
    rest = await parts.edge(port, calls="grpc", statuses=(503,))
    answer = await rest.post(
        "/v1/worlds", json={"world": small_world()}, headers=bearer(app.secret)
    )
    assert_error(answer, 503)
    assert int(answer.headers["retry-after"]) >= 1
    assert_error(await rest.get("/v1/usage", headers=bearer(app.secret)), 503)
    told = [line for line in parts.log("one") if line["event"] == MISPLACED]
    assert {line["level"] for line in told} == {"warning"}
    await parts.replace("one", port, CONJURE_EDGE_CALLS="grpc")

    async def is_well() -> bool:
        return await answers(rest, app) == 200

    await until(is_well)
    listed = await rest.get("/v1/worlds", headers=bearer(app.secret))
    assert len(listed.json()["worlds"]) == 1, "what was refused has no effect"


async def test_a_server_that_is_asked_over_grpc_believes_edges_on_both(parts, app):
    """So that edges go first when it is turned to http1, and servers when it is turned back."""
    port = await parts.server("one", CONJURE_EDGE_CALLS="grpc")
    for calls in ("http1", "grpc"):
        rest = await parts.edge(port, calls=calls)
        assert await import_world(rest, app.secret)


@pytest.mark.both_ways
async def test_a_write_is_not_sent_again_when_the_server_that_has_it_is_killed(parts, app, way):
    """There is another server, which does not get it: what the first one did is unknown, and said so."""
    let_go = asyncio.Event()
    async with Reactor(answer=once(let_go)) as reactor:
        ports = {
            name: await parts.server(
                name,
                CONJURE_EDGE_CALLS=way,
                CONJURE_RUNTIME_PROVIDER="reactor",
                CONJURE_RUNTIME_REACTOR_URL=f"http://127.0.0.1:{reactor.port}",
                CONJURE_RUNTIME_REACTOR_API_KEY=name,
                CONJURE_RUNTIME_REACTOR_MODEL="m",
                CONJURE_RUNTIME_TIMEOUT_S="12",
            )
            for name in ("one", "two")
        }
        rest = await parts.edge(*ports.values(), calls=way)
        minted = await mint(rest, app.secret, await import_world(rest, app.secret))
        answer = asyncio.create_task(connect(rest, minted["token"]))
        await until(lambda: reactor.requests)
        parts.kill(reactor.requests[0].headers["reactor-api-key"])
        assert_error(await answer, 504)
        assert len(reactor.requests) == 1, "nobody else was sent it"
        assert await answers(rest, app) == 200, "the other one serves"
        let_go.set()
