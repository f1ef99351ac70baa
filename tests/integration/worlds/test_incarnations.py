"""A store that went back in time gives no revision twice, and nobody is shown what it has lost (CONTRACT 0)."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest

from conjure.administration import administration
from conjure.core.errors import Reason
from conjure.run.embedded_store import embedded_store
from conjure.settings import AuthSettings, StoreSettings
from conjure.store import keyspace
from support.ports import claimed_port
from support.revs import number
from support.rpc import Client, client, outcomes, refused
from support.stack import new_app, running_server, running_store
from support.until import LIMIT_S, until
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from support.stack import TestApp


class Deployment:
    """A server that goes on while its store is stopped, changed and started again."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.port = claimed_port()
        self.caller: Client
        self.app: TestApp
        self._store = contextlib.AsyncExitStack()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def log(self) -> Path:
        """The append-only file that writes go to."""
        return max((self.directory / "appendonlydir").glob("*.incr.aof"))

    async def start(self) -> None:
        await self._store.enter_async_context(embedded_store(self.directory, self.port))

    async def stop(self) -> None:
        await self._store.aclose()

    async def until_served(self, world_id: str) -> Any:
        """The scene, as soon as the store is back."""
        scenes: list[Any] = []

        async def is_served() -> bool:
            answers, _ = await outcomes([self.caller.scene(world_id)])
            scenes.extend(answers)
            return bool(answers)

        await until(is_served)
        return scenes[0]


@pytest.fixture
async def deployed(tmp_path) -> AsyncIterator[Deployment]:
    made = Deployment(tmp_path / "store")
    await made.start()
    try:
        async with (
            running_server(tmp_path, made.url) as (_, port),
            administration(StoreSettings(url=made.url), AuthSettings()) as admin,
        ):
            made.app = await new_app(admin)
            async with client(port, made.app.secret) as made.caller:
                yield made
    finally:
        await made.stop()


async def write(caller: Client, world_id: str, mark: str) -> str:
    """Makes a revision that can be told from every other one."""
    done = await caller.set_entrance(world_id, "hall", src=f"https://x.test/{mark}")
    return str(done.result.rev)


@pytest.mark.parametrize("how", ["restored", "cut short"])
async def test_no_revision_is_given_twice(deployed, how):
    caller = deployed.caller
    world_id = await caller.new_world()
    kept = [await write(caller, world_id, f"kept {n}") for n in range(3)]
    saved, size = deployed.log.read_bytes(), deployed.log.stat().st_size
    lost = [await write(caller, world_id, f"lost {n}") for n in range(4)]
    watching = caller.watch(world_id, from_rev=lost[-1])
    await watching.initial_metadata()  # it has begun
    (minted,) = await caller.new_tokens(1, world_id)
    await caller.connect(minted.token)
    assert (await caller.scene(world_id)).rev == lost[-1]

    await deployed.stop()
    if how == "restored":
        deployed.log.write_bytes(saved)
    else:
        with deployed.log.open("r+b") as file:
            file.truncate(size + 40)  # within the next write: that one is lost as well
    await deployed.start()

    # What the server still has at hand is of the lost branch: nobody is shown it.
    scene = await deployed.until_served(world_id)
    assert (scene.rev, scene.entrance.image.src) == (kept[-1], "https://x.test/kept 2")
    for rev in lost:
        stale = caller.set_entrance(world_id, "hall", src="https://x.test/on it", expected_rev=rev)
        await refused(stale, Reason.REVISION_CONFLICT)
    assert (await caller.world(world_id, if_none_match=f'"{lost[-1]}"')).HasField("document")

    again = [await write(caller, world_id, f"again {n}") for n in range(6)]
    assert [number(rev) for rev in again] == list(range(5, 11)), "as many writes as there are"
    assert not set(again) & set(kept + lost)
    assert number(again[3]) == number(lost[-1])
    assert (await caller.scene(world_id)).entrance.image.src == "https://x.test/again 5"

    # A watcher is told to begin anew, whether it was there or comes back with what it had.
    async with asyncio.timeout(LIMIT_S):
        while not (change := await watching.read()).reset:
            raise AssertionError(f"a change of another branch: {change}")
        while change.rev != again[-1]:
            change = await watching.read()
    for rev in lost:
        resumed = await caller.watch(world_id, from_rev=rev).read()
        assert (resumed.rev, resumed.reset) == (again[-1], True), rev
    resumed = caller.watch(world_id, from_rev=kept[-1])
    assert [(await resumed.read()).rev for _ in again] == again


async def test_a_restart_that_loses_nothing_goes_on(deployed):
    caller = deployed.caller
    world_id = await caller.new_world()
    before = [await write(caller, world_id, f"before {n}") for n in range(2)]
    watching = caller.watch(world_id, from_rev="1")
    await watching.initial_metadata()  # it has begun
    await deployed.stop()
    await deployed.start()
    await deployed.until_served(world_id)
    after = [await write(caller, world_id, f"after {n}") for n in range(2)]
    assert [number(rev) for rev in before + after] == [2, 3, 4, 5]
    assert len({rev.partition("-")[2] for rev in before + after}) == 2, "another incarnation"
    shown = [await watching.read() for _ in range(4)]
    assert [(change.rev, change.reset) for change in shown] == [(r, False) for r in before + after]


async def test_worlds_of_a_release_without_incarnations_go_on(stack, app, server_channel):
    """Its revisions were plain numbers, and so were the entries for watchers."""
    caller = Client(server_channel, app.secret)
    world_id = await caller.new_world()
    store, tenant = stack.admin.store, app.tenant()
    await store.write("HSET", keyspace.world(tenant, world_id), "rev", "12")
    for n in (11, 12):
        await store.read(
            "XADD", keyspace.changes(tenant, world_id), f"{n}-0", "ops", '["old"]', "time", "1"
        )
    assert (await caller.scene(world_id)).rev == "12"
    rev = (await caller.set_entrance(world_id, "cellar", if_match='"12"')).result.rev
    assert number(rev) == 13
    stream = caller.watch(world_id, from_rev="10")
    shown = [await stream.read() for _ in range(3)]
    assert [(change.rev, list(change.ops), change.reset) for change in shown] == [
        ("11", ["old"], False),
        ("12", ["old"], False),
        (rev, ["set_entrance cellar"], False),
    ]
    stream.cancel()


async def test_a_store_that_forbids_info(tmp_path):
    """Then the clock tells incarnations apart: each write is one of its own."""
    async with (
        running_store(tmp_path / "store") as (_, url),
        running_server(tmp_path, url) as (_, port),
        administration(StoreSettings(url=url), AuthSettings()) as admin,
    ):
        app = await new_app(admin)
        await admin.store.write("ACL", "SETUSER", "default", "-info")
        async with client(port, app.secret) as caller:
            world_id = str((await caller.create(small_world())).world_id)
            revs = [await write(caller, world_id, f"{n}") for n in range(4)]
            assert [number(rev) for rev in revs] == [2, 3, 4, 5]
            assert len({rev.partition("-")[2] for rev in revs}) == 4
            read = await caller.world(world_id)
            assert read.rev == revs[-1]
            entrance = json.loads(read.document.json)["entrance"]
            assert entrance["image"] == {"src": "https://x.test/3"}
