"""The format of a real store: who serves which, and what `conjure store` makes of it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
from dataclasses import dataclass
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from conjure import __version__
from conjure.core.caller import MODES, Tenant
from conjure.core.paging import index_member
from conjure.migrations import STEPS
from conjure.settings import StoreSettings
from conjure.store import keyspace
from conjure.store.client import Store
from conjure.store.format import (
    FORMAT,
    begin_format,
    read_format,
    read_stamp,
    require_format,
    said,
)
from conjure.store.format_watch import check_format
from conjure.store.upgrade import Step, upgrade
from support.cli import Conjure
from support.ports import claimed_port, claimed_ports
from support.stack import running_server, running_store
from support.stores import cluster_is_up, command, configured_store
from support.until import LIMIT_S, until

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

KEY = keyspace.store_format()
NEWER = FORMAT + 1


@dataclass
class Place:
    """A store that is empty when a test begins."""

    url: str
    store: Store
    conjure: Conjure

    async def has(self, **fields: object) -> None:
        await self.store.write(
            "HSET", KEY, *(str(part) for pair in fields.items() for part in pair)
        )

    async def is_of_before(self, apps: int = 1) -> list[Tenant]:
        """Makes it a store of a release that knows of no formats."""
        ids = [f"app-{n:03}" for n in range(apps)]
        for n, app in enumerate(ids):
            await self.store.write("ZADD", keyspace.apps(), 0, index_member(n + 1, app))
        return [Tenant(app, mode) for app in ids for mode in MODES]


@pytest.fixture(scope="module")
async def url(tmp_path_factory) -> AsyncIterator[str]:
    async with running_store(tmp_path_factory.mktemp("store")) as (_, url):
        yield url


@pytest.fixture
async def place(url, tmp_path) -> AsyncIterator[Place]:
    async with Store(StoreSettings(url=url)) as store:
        await store.write("FLUSHALL")
        yield Place(url, store, Conjure(SimpleNamespace(store_url=url), tmp_path))


async def test_an_empty_store_gets_the_newest_format_however_many_begin_at_once(place):
    async with contextlib.AsyncExitStack() as stack:
        stores = [
            await stack.enter_async_context(Store(StoreSettings(url=place.url))) for _ in range(8)
        ]
        assert await read_format(place.store) == 0
        stamps = await asyncio.gather(*map(begin_format, stores))
    assert {(stamp.format, stamp.release) for stamp in stamps} == {(FORMAT, __version__)}
    since = (await said(place.store))["since"]
    await require_format(place.store)
    assert (await said(place.store))["since"] == since


async def test_the_first_who_begins_decides(place):
    """A release of another format may begin at the same time."""
    await place.has(format=NEWER, release="9.1.0")
    assert (await begin_format(place.store)).format == NEWER


async def test_a_store_of_before_is_served_and_stays_as_it_is(place, tmp_path):
    await place.is_of_before()
    async with running_server(tmp_path, place.url):
        events = [json.loads(line) for line in (tmp_path / "server.log").read_text().splitlines()]
    (told,) = [line for line in events if line["event"] == "store format"]
    assert told["format"] == 1
    assert told["pending"].endswith("once no server of 0.2 or before runs, `conjure store upgrade`")
    assert await said(place.store) == {}, "the release before reads all of it"


async def test_who_makes_an_app_first_begins_the_store(place):
    """An app would else make it one of the release before."""
    code, _, errors = await place.conjure("apps", "create", "first")
    assert (code, errors) == (0, "")
    assert await read_format(place.store) == FORMAT


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"format": NEWER, "release": "9.1.0"}, f"the store has format {NEWER}, made by release 9.1.0"),
        ({"format": FORMAT, "upgrading": NEWER}, f"is being upgraded to format {NEWER}"),
        ({"restoring": "backup of May"}, "is being restored (backup of May)"),
        ({"format": "many"}, "the store's format is 'many'"),
        ({"format": "0"}, "the store's format is '0'"),
        ({"format": FORMAT, "upgrading": "\x00"}, "which no release writes"),
    ],
    ids=["newer", "on its way", "half restored", "words", "zero", "bytes"],
)  # fmt: skip
async def test_serve_work_and_commands_refuse_what_they_do_not_know(place, fields, words):
    await place.has(**fields)
    before = await said(place.store)
    await is_refused(place, words, "serve")
    assert await said(place.store) == before
    code, output, _ = await place.conjure("store", "status", "--json")
    assert code == 0
    assert words in json.loads(output)["refused"]


@pytest.mark.parametrize(
    "command",
    [
        "work",
        "apps create x",
        "queue list",
        "assets check",
        "store upgrade",
        "store upgrade --check",
    ],
)
async def test_whatever_uses_a_store_refuses_a_newer_one(place, command):
    await place.has(format=NEWER, release="9.1.0")
    await is_refused(place, f"the store has format {NEWER}", *command.split())


async def test_what_is_no_hash_is_of_somebody_else(place, tmp_path):
    await place.store.write("SET", KEY, "of somebody else")
    words = "'store:format' is no hash"
    for tried in ("serve", "work", "store status", "apps list", f"backup {tmp_path / 'backup'}"):
        await is_refused(place, words, *tried.split())
    assert await place.store.read("GET", KEY) == b"of somebody else"


async def test_a_supervisor_refuses_before_it_has_workers(place):
    """Also where the store is not examined: what a format means is no matter of configuration."""
    await place.has(format=NEWER, release="9.1.0")
    more = {"CONJURE_SERVER_WORKERS": "2", "CONJURE_STORE_CHECK": "off"}
    await is_refused(place, f"the store has format {NEWER}", "serve", **more)


async def is_refused(place: Place, words: str, *arguments: str, **environment: str) -> None:
    port = str(claimed_ports(2)[0])
    code, _, errors = await place.conjure(
        *arguments, CONJURE_SERVER_PORT=port, CONJURE_LOG_FORMAT="text", **environment
    )
    assert code == 2, errors
    assert errors.splitlines()[-1].startswith("conjure: the store")
    assert words in errors.splitlines()[-1]


@pytest.mark.parametrize(("what", "field"), [("serve", "format"), ("work", "upgrading")])
async def test_a_process_that_runs_drains_and_ends_when_the_format_is_raised(place, what, field):
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "conjure", what,
        env={
            **os.environ, "CONJURE_STORE_URL": place.url, "CONJURE_SERVER_PORT": str(claimed_port()),
            "CONJURE_SERVER_DRAIN_PAUSE_S": "0", "CONJURE_STORE_FORMAT_POLL_S": "0.05",
        },
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        output = await asyncio.wait_for(
            process.stdout.readuntil(what[:4].encode() + b"ing"), LIMIT_S
        )
        await until(lambda: _is_begun(place))
        await place.has(**{field: NEWER})
        output += (await asyncio.wait_for(process.communicate(), LIMIT_S))[0]
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 2
    assert b'"draining"' in output
    assert output.splitlines()[-1].startswith(b"conjure: the store ")


async def _is_begun(place: Place) -> bool:
    return await read_format(place.store) == FORMAT


async def test_a_store_that_is_away_at_the_start_is_looked_at_later():
    await check_format(StoreSettings(url=f"redis://127.0.0.1:{claimed_port()}/0"))


async def test_an_upgrade_mends_what_was_stored_before(place):
    tenants = await place.is_of_before(apps=250)
    first, second, last = tenants[0], tenants[301], tenants[-1]
    for tenant in (first, second, last):
        caps = keyspace.caps(tenant)
        await place.store.write(
            "HSET", caps, "generation", "1e30", "chat", "many", "image", "7", "say", "-3.5", "tts", "nan"
        )  # fmt: skip
    code, output, _ = await place.conjure("store", "upgrade", "--check")
    assert (code, output.splitlines()[1:]) == (1, [f"- {step.says}" for step in STEPS])
    _, output, _ = await place.conjure("store", "status")
    assert "once no server of 0.2 or before runs" in output

    code, output, _ = await place.conjure("store", "upgrade")
    assert (code, output.splitlines()[-1]) == (0, f"the store has format {FORMAT}; it had 1")
    for tenant in (first, second, last):
        flat = await place.store.read("HGETALL", keyspace.caps(tenant))
        assert dict(zip(flat[::2], flat[1::2], strict=True)) == {
            b"generation": b"1000000000", b"image": b"7", b"say": b"0",
        }  # fmt: skip
    found = await said(place.store)
    assert (found.pop("format"), found.pop("release")) == (str(FORMAT), __version__)
    assert list(found) == ["since"]

    code, output, _ = await place.conjure("store", "upgrade")
    assert (code, output) == (0, f"the store has format {FORMAT}: nothing was left to do\n")
    code, output, _ = await place.conjure("store", "upgrade", "--check")
    assert (code, output) == (0, "nothing is left to do\n")
    assert (await said(place.store))["since"] == found["since"]


async def test_each_step_bears_being_done_twice(place):
    await place.is_of_before(apps=3)
    await place.store.write("HSET", keyspace.caps(Tenant("app-001", "live")), "chat", "many")
    for step in STEPS:
        for _ in range(2):
            at = ""
            while at is not None:
                at = await step.run(place.store, at)
    assert await place.store.read("KEYS", "*caps*") == []


class Broken(Exception):
    """What kills an upgrade."""


def counting(done, *, dies_at=None, format=FORMAT):  # noqa: A002 - a step's own word
    """Two steps of three pieces each; at a piece it dies, once."""
    dying = [dies_at]

    def step(name):
        async def run(_store, at):
            piece = int(at or 0)
            if dying[0] == (name, piece):
                dying[0] = None
                raise Broken
            done.append((name, piece))
            await asyncio.sleep(0)
            return str(piece + 1) if piece < 2 else None

        return Step(format, name, f"does {name}", run)

    return [step("first"), step("second")]


ALL = [(name, piece) for name in ("first", "second") for piece in range(3)]


@pytest.mark.parametrize("piece", ALL, ids=lambda piece: f"{piece[0]}-{piece[1]}")
async def test_an_upgrade_that_was_killed_goes_on_where_it_was(place, piece):
    await place.is_of_before()
    done = []
    steps = counting(done, dies_at=piece)
    with pytest.raises(Broken):
        await upgrade(place.store, steps)
    stamp = await read_stamp(place.store)
    assert (stamp.format, stamp.upgrading) == (1, FORMAT)
    assert await upgrade(place.store, steps) == 1
    assert done == ALL
    assert (await read_stamp(place.store)).upgrading == 0
    assert await read_format(place.store) == FORMAT


async def test_several_upgrades_at_once_do_no_harm(place):
    await place.is_of_before()
    done = [[] for _ in range(4)]
    before = await asyncio.gather(*(upgrade(place.store, counting(one)) for one in done))
    assert set(before) <= {1, FORMAT}
    assert {piece for one in done for piece in one} == set(ALL)
    found = await said(place.store)
    assert set(found) == {"format", "release", "since"}


async def test_a_cluster_has_one_format(tmp_path):
    """One server that serves all slots is a cluster too, and the smallest: no command may span two slots."""
    async with configured_store(tmp_path, "--cluster-enabled", "yes") as port:
        await command(port, "CLUSTER", "ADDSLOTSRANGE", "0", "16383")
        await cluster_is_up(port)
        settings = StoreSettings(url=f"redis://127.0.0.1:{port}/0", cluster=True, wait_replicas=0)
        async with Store(settings) as store:
            assert (await begin_format(store)).format == FORMAT
            await store.write("DEL", KEY)
            await store.write("ZADD", keyspace.apps(), 0, index_member(1, "app"))
            await store.write("HSET", keyspace.caps(Tenant("app", "live")), "chat", "1e12")
            assert await read_format(store) == 1
            assert await upgrade(store, STEPS) == 1
            assert await read_format(store) == FORMAT
            assert (
                await store.read("HGET", keyspace.caps(Tenant("app", "live")), "chat")
                == b"1000000000"
            )
