"""What each thing takes: bytes of the store's memory and of its append-only file, over many of it."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from conjure.store import keyspace
from conjure.core.caller import Tenant
from conjure.settings import UNITS
from conjure.v1 import version_service_pb2
from conjure.v1.version_service_pb2_grpc import VersionServiceStub
from load.capacity import VERSION
from load.fill import spread
from load.stand import world_of
from support.rpc import client, metadata

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from load.stand import Stand, Target
    from support.rpc import Client

_AT_ONCE = 8
_BEFORE = 10
_KEYS = 90  # of one app


@dataclass(frozen=True, slots=True)
class Size:
    """Bytes of one thing, over `count` of it: in memory once all is quiet, and written to the file."""

    what: str
    count: int
    memory: float
    file: float


class Scales:
    """Weighs what happens to a store."""

    def __init__(self, on: Stand) -> None:
        self._on = on
        self.found: list[Size] = []

    async def weigh(
        self, what: str, count: int, one: Callable[[int], Awaitable[object]], *, less: str = ""
    ) -> None:
        """Does `one(index)` so many times; `less` names what comes with each and was weighed before."""
        for n in range(count, count + _BEFORE):  # what only the first of them takes
            await one(n)
        memory, file = self._read()
        await spread(count, one, _AT_ONCE)
        after, written = self._read()
        known = next((size for size in self.found if size.what == less), None)
        self.found.append(
            Size(
                what,
                count,
                (after - memory) / count - (known.memory if known else 0),
                (written - file) / count - (known.file if known else 0),
            )
        )

    def _read(self) -> tuple[int, int]:
        """Memory without the buffers of connections, the file; when what lives for a minute is gone."""
        store = self._on.store
        for key in store.scan_iter(match=keyspace.effect(self._on.app.tenant(), "*"), count=10_000):
            store.unlink(key)
        info: dict[str, Any] = store.info("memory")
        memory = info["used_memory"] - info["mem_clients_normal"] - info["mem_aof_buffer"]
        return memory, store.info("persistence")["aof_current_size"]


async def weigh_all(on: Stand, at: Target, each: int) -> list[Size]:
    """Weighs what grows with use, `each` of it, through the API where it has one; sessions: scale.py."""
    scales, app = Scales(on), on.app
    async with client(at.direct_port, app.secret) as caller:
        numbers = itertools.count()

        def named(world: dict[str, Any]) -> dict[str, Any]:
            return world | {"name": f"World {next(numbers)}"}

        small, middle, large = world_of(800, 2), world_of(17_000, 40), world_of(170_000, 1000)
        await scales.weigh("world, 0.8 KB", each, lambda _: caller.create(named(small)))
        await scales.weigh(
            "idempotency record (24 h)",
            each,
            lambda n: caller.create(named(small), idempotency_key=f"key-{n}"),
            less="world, 0.8 KB",
        )
        await scales.weigh("world, 17 KB, 40 states", each, lambda _: caller.create(named(middle)))
        await scales.weigh(
            "world, 170 KB, 1,000 states", each, lambda _: caller.create(named(large))
        )
        world = str((await caller.create(named(middle))).world_id)
        await scales.weigh(
            "write of a 17 KB world, told to watchers (at most 1,000 a world)",
            min(each, 1000),
            lambda n: caller.set_entrance(world, "room_1", src=f"https://x.test/{n}"),
        )
        await scales.weigh(
            VERSION,
            each,
            _saver(caller, str((await caller.create(named(middle))).world_id)),
        )
        await scales.weigh("token minted (a minute)", each, lambda _: caller.mint(world))
        # An app may have so many keys and no more.
        apps = [await on.admin.apps.create("keys") for _ in range(0, each + _BEFORE, _KEYS)]
        await scales.weigh(
            "API key",
            each,
            lambda n: on.admin.keys.create(apps[n // _KEYS].id, kind="secret", mode="test"),
        )
        await scales.weigh("app", each, lambda n: on.admin.apps.create(f"App {n}"))
    await scales.weigh("usage of an app's day, all units", each, _usage(on))
    return scales.found


def _saver(caller: Client, world: str) -> Callable[[int], Awaitable[object]]:
    versions = VersionServiceStub(caller.channel)

    async def edit_and_save(n: int) -> None:
        await caller.set_entrance(world, "room_1", src=f"https://x.test/{n}")
        await versions.CreateVersion(
            version_service_pb2.CreateVersionRequest(id=world),
            metadata=metadata(caller.key),
        )

    return edit_and_save


def _usage(on: Stand) -> Callable[[int], Awaitable[object]]:
    """Writes what roll() of prelude.lua and the scripts after it leave: an app's day has no API."""

    async def use(n: int) -> None:
        key = keyspace.usage(Tenant(f"app-of-thirty-six-characters-{n:07}", "test"))
        on.store.hset(key, mapping={"day": 20_000} | dict.fromkeys(UNITS, 100))

    return use
