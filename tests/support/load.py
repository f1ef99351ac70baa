"""Load for tests that kill things: callers that write down what was acknowledged, and what became unsure."""

from __future__ import annotations

import asyncio
import contextlib
import json
import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio

from conjure.core.errors import Reason
from support.rpc import Client, read_refusal
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

SURE = frozenset({Reason.STORE_UNAVAILABLE, Reason.IDEMPOTENCY_IN_PROGRESS, Reason.OVERLOADED})
"""Refusals that promise that nothing happened."""

UNSURE = frozenset({Reason.OUTCOME_UNKNOWN, Reason.DEADLINE_EXCEEDED})
"""Failures after which nobody knows."""

ROOMS = 8


@dataclass
class Book:
    """What the callers know. `unsure` counts, by kind, the calls that may have had their effect."""

    revs: list[tuple[int, str]] = field(default_factory=list)
    worlds: list[str] = field(default_factory=list)
    keyed: dict[str, set[str]] = field(default_factory=dict)
    minted: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    unsure: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    unclean: list[str] = field(default_factory=list)


class Load:
    """Callers of every kind that go on until they are stopped, whatever happens to them."""

    def __init__(self, client: Client, world_id: str, *, server_dies: bool = False) -> None:
        self.book = Book()
        self._client = client
        self._world_id = world_id
        self._server_dies = server_dies
        self._stopping = False

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Load for as long as the body runs; leaves when the last call has ended."""
        kinds = [self._write] * 6 + [self._create] * 3 + [self._create_keyed] * 3
        kinds += [self._create] * 3 + [self._mint] * 3 + [self._play] * 6
        callers = [asyncio.ensure_future(self._go_on(kind, n)) for n, kind in enumerate(kinds)]
        try:
            yield
        finally:
            self._stopping = True
            await asyncio.gather(*callers)

    async def _go_on(self, kind: Callable[[int], Awaitable[None]], n: int) -> None:
        while not self._stopping:
            await kind(n)
            await asyncio.sleep(0.005)

    async def _try(self, kind: str, call: Awaitable[Any]) -> Any:
        """Awaits a call; None, and an entry in the book, when it failed."""
        try:
            return await call
        except grpc.aio.AioRpcError as error:
            trailers = dict(error.trailing_metadata() or ())
            if "grpc-status-details-bin" in trailers:
                reason = read_refusal(error).reason
                self.book.reasons[reason] += 1
                if reason in UNSURE:
                    self.book.unsure[kind] += 1
                elif reason not in SURE:
                    self.book.unclean.append(f"{kind}: {reason} {error.details()}")
            elif self._server_dies and error.code() is grpc.StatusCode.UNAVAILABLE:
                self.book.reasons["connection lost"] += 1
                self.book.unsure[kind] += 1
            else:
                self.book.unclean.append(f"{kind}: {error.code()} {error.details()}")
            await asyncio.sleep(0.02)
            return None

    async def _write(self, n: int) -> None:
        state = ("hall", "cellar")[n % 2]
        src = f"https://x.test/{uuid.uuid4()}"
        done = await self._try("write", self._client.set_entrance(self._world_id, state, src=src))
        if done is not None:
            self.book.revs.append((int(done.result.rev), src))
            shown = json.loads(done.result.world.json)["entrance"]["image"]["src"]
            assert shown == src

    async def _create(self, n: int) -> None:
        done = await self._try("create", self._client.create())
        if done is not None:
            self.book.worlds.append(done.world_id)

    async def _create_keyed(self, n: int) -> None:
        """Asks again with its key until it is answered, as a client library does."""
        key = uuid.uuid4().hex
        self.book.keyed[key] = set()
        for _ in range(400):
            done = await self._try(
                "keyed", self._client.create(small_world(name=key), idempotency_key=key)
            )
            if done is not None:
                self.book.keyed[key].add(done.world_id)
                return
        raise AssertionError("a key was never answered")

    async def _mint(self, n: int) -> None:
        done = await self._try("mint", self._client.mint(self._world_id))
        if done is not None:
            self.book.minted.append(done.jti)

    async def _play(self, n: int) -> None:
        minted = await self._try("mint", self._client.mint(self._world_id))
        if minted is None:
            return
        self.book.minted.append(minted.jti)
        done = await self._try("connect", self._client.connect(minted.token))
        if done is None:
            return
        self.book.connected.append(minted.jti)
        if n % 2 and await self._try("end", self._client.end(minted.jti)) is not None:
            self.book.ended.append(minted.jti)
