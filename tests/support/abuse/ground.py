"""Where an attack takes place: the real parts, an app that attacks, and what it has in the store."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

import httpx
from redis.asyncio import Redis

from conjure.administration import administration
from conjure.core.ids import new_id
from conjure.settings import AuthSettings
from conjure.store import keyspace
from support.rest import bearer, import_world
from support.stack import (
    Stack,
    TestApp,
    new_app,
    running_edge,
    running_server,
    running_store,
    store_settings,
)
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
    from pathlib import Path

T = TypeVar("T")

_MUCH: Final = "1000000000"
OPEN: Final = {
    "CONJURE_CAPS_GENERATION": _MUCH,
    "CONJURE_CAPS_SESSION": _MUCH,
    "CONJURE_CAPS_SESSION_SECONDS": _MUCH,
}
"""Caps bound what is charged, by the day. Here it is about what is not: they are out of the way."""


def port_of(url: str) -> int:
    """The port of a URL or a target."""
    return int(url.rpartition(":")[2])


@dataclass
class Ground:
    """The parts, and the attacker. `streams`: how many the server takes at once."""

    stack: Stack
    rest: httpx.AsyncClient
    attacker: TestApp
    streams: int
    _made: dict[str, Any] = field(default_factory=dict)

    @property
    def port(self) -> int:
        """Of the edge's public listener."""
        return port_of(self.stack.rest_url)

    @property
    def pids(self) -> dict[str, int]:
        """The processes that all callers share. What works for one of them alone is a child of these."""
        children = {"server": self.stack.server, "edge": self.stack.edge, "store": self.stack.store}
        return {name: child.pid for name, child in children.items() if child is not None}

    async def once(self, name: str, make: Callable[[], Awaitable[T]]) -> T:
        """What `make` returned for this name the first time: attacks share what takes long to make."""
        if name not in self._made:
            self._made[name] = await make()
        made: T = self._made[name]
        return made

    async def renew_keys(self) -> None:
        """Gives the attacker keys that have spent nothing: an attack may use up the rate of those it has."""
        keys = self.attacker.admin.keys
        _, self.attacker.secret = await keys.create(self.attacker.id, kind="secret", mode="test")
        _, self.attacker.publishable = await keys.create(
            self.attacker.id, kind="publishable", mode="test"
        )

    async def world(self) -> str:
        """A small world of the attacker's, always the same."""
        return await self.once("world", lambda: import_world(self.rest, self.attacker.secret))

    async def import_text(self, text: bytes) -> str:
        """Imports a document of the attacker's, as it is; returns the world's id."""
        answer = await self.rest.post(
            "/v1/worlds", content=b'{"world":%s}' % text, headers=bearer(self.attacker.secret)
        )
        assert answer.status_code == 200, answer.text[:500]
        return str(answer.json()["worldId"])

    async def save(self, world_id: str) -> str:
        """Saves a version of a world of the attacker's; returns its id."""
        answer = await self.rest.post(
            f"/v1/worlds/{world_id}/versions", json={}, headers=bearer(self.attacker.secret)
        )
        assert answer.status_code == 200, answer.text[:500]
        return str(answer.json()["versionId"])

    async def store_cold(self, text: bytes) -> str:
        """Puts a document into the store that no server has seen: as from a colleague that is gone.

        It is a copy of the small world's record with another document.
        """
        tenant, like, world_id = self.attacker.tenant(), await self.world(), new_id()
        async with self._store() as store:
            record = await store.hgetall(keyspace.world(tenant, like))
            record[b"doc"] = text.replace(b"{", b'{"id":"%s",' % world_id.encode(), 1)
            record.pop(b"slug", None)
            await store.hset(keyspace.world(tenant, world_id), mapping=record)
        return world_id

    async def fill_versions(self, world_id: str, count: int) -> None:
        """Puts so many versions beside the one that a world has, all of the same snapshot."""
        key = keyspace.versions(self.attacker.tenant(), world_id)
        async with self._store() as store:
            nodes = await store.hgetall(key)
            node = json.loads(next(iter(nodes.values())))
            made = {new_id(): json.dumps(node | {"seq": n + 2}) for n in range(count - 1)}
            await store.hset(key, mapping=made)

    def _store(self) -> Redis:
        return Redis.from_url(self.stack.store_url)


@contextlib.asynccontextmanager
async def ground(
    directory: Path,
    *,
    streams: int,
    environment: Mapping[str, str] | None = None,
    **edge_settings: Any,
) -> AsyncIterator[Ground]:
    """Starts a store, a server and an edge of its own, with an app that attacks.

    `streams`: how many the server takes at once.
    """
    variables = {**OPEN, "CONJURE_SERVER_MAX_STREAMS": str(streams), **(environment or {})}
    async with contextlib.AsyncExitStack() as opened:
        store, url = await opened.enter_async_context(running_store(directory / "store"))
        server, port = await opened.enter_async_context(running_server(directory, url, variables))
        edge, rest_port, rpc = await opened.enter_async_context(
            running_edge(directory, port, **edge_settings)
        )
        admin = await opened.enter_async_context(
            administration(store_settings(url), AuthSettings())
        )
        rest_url = f"http://127.0.0.1:{rest_port}"
        rest = await opened.enter_async_context(
            httpx.AsyncClient(base_url=rest_url, timeout=LIMIT_S, trust_env=False)
        )
        stack = Stack(
            directory=directory,
            store=store,
            server=server,
            edge=edge,
            store_url=url,
            server_target=f"127.0.0.1:{port}",
            edge_grpc_target=f"127.0.0.1:{rpc}",
            rest_url=rest_url,
            admin=admin,
            user_keys=(),
        )
        yield Ground(stack, rest, await new_app(admin, "the attacker"), streams)
