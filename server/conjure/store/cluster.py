"""A cluster of servers, to the rest of the code like one (Redis cluster specification).

A command goes to the master of its key's slot. What a cluster adds to a store's troubles, and what is done:

- **A slot has moved** (MOVED): the command has not run; it goes where it was told to, and the topology is
  read anew. **It is just moving** (ASK): the command goes there once, with ASKING right in front of it.
  **Its keys are on both sides** (TRYAGAIN), or the two sides do not agree yet whose it is: again, for a
  second, then StoreUnavailable: it has not run.
- **A master died.** Its connections are lost: what was not sent is StoreUnavailable; what was sent is
  NoReply, and the store client asks again until a replica was promoted. Each failure has the topology
  read anew, from any server that answers, at most ten times a second.
- **The cluster is down** (CLUSTERDOWN), or a server is no master any more: StoreUnavailable, and the same.

Every command and script here has its keys in one slot (`store.keyspace`); one without a key goes anywhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Any, Final

import structlog
from redis.exceptions import (
    AskError,
    ClusterDownError,
    MovedError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)

from conjure.core.context import detached_context
from conjure.store.link import NoReply, NotSent
from conjure.store.replicated import ReplicatedWire
from conjure.store.topology import SLOTS, address_in, address_of, read_topology, slot_of, url_at
from conjure.store.wire import Wire

if TYPE_CHECKING:
    from collections.abc import Awaitable, Sequence

    from conjure.settings import StoreSettings
    from conjure.store.link import Value
    from conjure.store.topology import Address, Topology

log = structlog.get_logger(__name__)

_PATIENCE_S: Final = 1.0  # how long a slot may be between two servers: moving one takes less
_LONGEST_PAUSE_S: Final = 0.05
_REFRESH_S: Final = 0.1  # between two readings of the topology
_STAGGER_S: Final = 0.1  # a server that has not answered by then may hang: another one is asked too
_TROUBLE: Final = (NotSent, NoReply, RedisError)


class Node:
    """One server: a wire for what only reads, and one for what replicas must confirm."""

    def __init__(self, settings: StoreSettings, url: str) -> None:
        self.address = address_in(url)
        self._reads = Wire(settings, url)
        self._writes = ReplicatedWire(settings, url) if settings.replicas else self._reads

    def call(self, command: Sequence[Value], key: Value | None, safe: bool) -> Awaitable[Any]:
        """Runs a command; a `safe` one's reply comes when replicas have it. As `Wire.call`."""
        return (self._writes if safe else self._reads).call(command, key)

    def ask(self, command: Sequence[Value], key: Value | None, safe: bool) -> Awaitable[Any]:
        """As `call`, behind ASKING."""
        return (self._writes if safe else self._reads).ask(command, key)

    async def close(self) -> None:
        """Ends its connections; waiting callers get NoReply."""
        await self._reads.close()
        if self._writes is not self._reads:
            await self._writes.close()


class Cluster:
    """Calls the server that has the key."""

    def __init__(self, settings: StoreSettings) -> None:
        self._settings = settings
        self._seeds = frozenset(address_in(url) for url in settings.urls)
        self._nodes: dict[Address, Node] = {}
        for address in self._seeds:
            self._node(address)
        self._owners: list[Node | None] = [None] * SLOTS
        self._refreshing: asyncio.Task[None] | None = None
        self._not_before = 0.0
        self._farewells: set[asyncio.Task[None]] = set()

    async def call(
        self, command: Sequence[Value], key: Value | None = None, safe: bool = False
    ) -> Any:
        """Runs a command where its key is.

        Raises NotSent, NoReply, or the error that a server answered with. `safe`: its reply comes
        when replicas have what it speaks of.
        """
        if key is None:
            return await self._anywhere(command)
        slot = slot_of(key)
        node = self._owners[slot]
        if node is None:
            await self._refreshed()
            node = self._owners[slot]
            if node is None:
                raise NotSent("no server is known for this slot")
        asking = False
        detour: _Detour | None = None
        while True:
            try:
                return await (node.ask if asking else node.call)(command, key, safe)
            except _TROUBLE as error:
                if detour is None:
                    detour = _Detour(asyncio.get_running_loop().time() + _PATIENCE_S)
                node, asking = await self._where_next(error, slot, node, detour)

    async def close(self) -> None:
        """Ends all connections; waiting callers get NoReply."""
        if self._refreshing is not None:
            self._refreshing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._refreshing
        for farewell in self._farewells:
            farewell.cancel()
        await asyncio.gather(*self._farewells, return_exceptions=True)
        await asyncio.gather(*(node.close() for node in self._nodes.values()))

    async def _anywhere(self, command: Sequence[Value]) -> Any:
        """Runs a command without a key and without effects on the first server that answers."""
        if not any(self._owners):
            await self._refreshed()
        masters = list({node for node in self._owners if node is not None})
        random.shuffle(masters)
        trouble: NotSent | NoReply = NotSent("no server of the cluster is known")
        for node in masters:
            try:
                return await node.call(command, None, False)
            except (NotSent, NoReply) as error:
                trouble = error
                self._refresh_soon()
        raise trouble

    async def _where_next(
        self, error: Exception, slot: int, node: Node, detour: _Detour
    ) -> tuple[Node, bool]:
        """Where a command goes that did not run, and whether behind ASKING; else raises `error`."""
        if isinstance(error, NotSent):
            await self._refreshed()
            owner = self._owners[slot]
            if owner is None or owner is node or detour.is_over:
                raise error
            return owner, False
        if isinstance(error, NoReply | ClusterDownError | ReadOnlyError):
            self._refresh_soon()
            raise error
        if isinstance(error, MovedError):
            to = self._node(address_of(error.host, error.port, node.address))
            self._owners[slot] = to
            self._refresh_soon()
            await detour.turn()
            return to, False
        if isinstance(error, AskError):
            await detour.turn()
            return self._node(address_of(error.host, error.port, node.address)), True
        if isinstance(error, TryAgainError) or _is_between(error):
            await detour.turn(at_once=False)
            return self._owners[slot] or node, False
        raise error

    def _node(self, address: Address) -> Node:
        node = self._nodes.get(address)
        if node is None:
            node = Node(self._settings, url_at(self._settings.urls[0], address))
            self._nodes[address] = node
        return node

    def _refresh_soon(self) -> None:
        """Has the topology read anew, unless that was done a moment ago."""
        loop = asyncio.get_running_loop()
        if self._refreshing is None and loop.time() >= self._not_before:
            self._not_before = loop.time() + _REFRESH_S
            self._refreshing = loop.create_task(
                self._refresh(), name="store-topology", context=detached_context()
            )

    async def _refreshed(self) -> None:
        """Returns when the topology has just been read, or cannot be."""
        self._refresh_soon()
        if self._refreshing is not None:
            await asyncio.shield(self._refreshing)

    async def _refresh(self) -> None:
        """Reads the topology from the first server that tells it: masters first, one after the other."""
        masters = {node.address for node in self._owners if node is not None}
        # Random, so that one which is cut off from the others does not mislead every time.
        order = sorted(self._nodes, key=lambda at: (at not in masters, random.random()))  # noqa: S311
        asked: set[asyncio.Task[Topology | None]] = set()
        try:
            for address in order:
                asked.add(asyncio.create_task(self._ask_topology(self._nodes[address])))
                if self._settle(*await _first(asked, _STAGGER_S)):
                    return
            while asked:
                if self._settle(*await _first(asked, None)):
                    return
            log.warning("no server of the cluster tells its topology")
        finally:
            self._refreshing = None
            for task in asked:
                task.cancel()

    @staticmethod
    async def _ask_topology(node: Node) -> Topology | None:
        with contextlib.suppress(*_TROUBLE, ValueError):
            return read_topology(await node.call(("CLUSTER", "SLOTS"), None, False), node.address)
        return None

    def _settle(self, *found: Topology | None) -> bool:
        topology = next((one for one in found if one is not None), None)
        if topology is None:
            return False
        owners: list[Node | None] = [None] * SLOTS
        for first, last, address in topology.ranges:
            owners[first : last + 1] = [self._node(address)] * (last - first + 1)
        if owners != self._owners and any(self._owners):
            log.info("the cluster's topology changed", masters=len({o for o in owners if o}))
        self._owners = owners
        known = self._seeds | topology.servers
        for address in [address for address in self._nodes if address not in known]:
            self._leave(self._nodes.pop(address))
        for address in topology.servers:
            self._node(address)  # connects only when it is needed
        return True

    def _leave(self, node: Node) -> None:
        """Closes a server's connections once whatever waits there was answered or timed out."""

        async def farewell() -> None:
            await asyncio.sleep(self._settings.timeout_s)
            await node.close()

        task = asyncio.get_running_loop().create_task(farewell(), name="store-farewell")
        self._farewells.add(task)
        task.add_done_callback(self._farewells.discard)


class _Detour:
    """How often and how long a command was sent on."""

    def __init__(self, give_up: float) -> None:
        self._give_up = give_up
        self._pause_s = 0.0

    @property
    def is_over(self) -> bool:
        return asyncio.get_running_loop().time() >= self._give_up

    async def turn(self, *, at_once: bool = True) -> None:
        """Before the next server: the first time at once, then ever slower. Raises NotSent at the end."""
        if self.is_over:
            raise NotSent("the slot is between two servers")
        if self._pause_s or not at_once:
            await asyncio.sleep(self._pause_s or 0.005)
        self._pause_s = min(max(self._pause_s * 2, 0.005), _LONGEST_PAUSE_S)


async def _first(asked: set[asyncio.Task[Any]], timeout_s: float | None) -> list[Any]:
    """Waits for one of the tasks, takes out those that are done, and returns their results."""
    done, _ = await asyncio.wait(asked, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    asked -= done
    return [task.result() for task in done]


def _is_between(error: Exception) -> bool:
    """Whether a script met, beside its declared keys, one that has moved already."""
    return isinstance(error, ResponseError) and "non local key" in str(error)
