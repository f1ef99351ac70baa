"""The numbers move as requests do: scraped from a real server, after real calls."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from prometheus_client.openmetrics import parser as openmetrics
from redis.asyncio import Redis

from conjure.administration import administration
from conjure.core.errors import Reason
from conjure.run.ports import wait_for_port
from conjure.settings import AuthSettings, EdgeSettings, StoreSettings
from support.ports import claimed_port, claimed_ports
from support.reactor import Reactor
from support.rpc import Client, client, refused
from support.scrape import Moves, scrape, until_scraped
from support.stack import TestApp, new_app, running_server, running_store
from support.until import LIMIT_S, until
from support.worlds import small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REQUESTS = "conjure_rpc_requests_total"
TRIPS = "conjure_rpc_store_round_trips_total"


@pytest.fixture(scope="module")
async def own_store(tmp_path_factory) -> AsyncIterator[str]:
    """A store whose system-wide places nobody else takes."""
    async with running_store(tmp_path_factory.mktemp("own")) as (_, url):
        yield url


@pytest.fixture
async def app(own_store) -> AsyncIterator[TestApp]:
    async with administration(StoreSettings(url=own_store), AuthSettings()) as admin:
        yield await new_app(admin)


@pytest.fixture(scope="module")
async def observed(own_store, tmp_path_factory) -> AsyncIterator[tuple[int, str]]:
    """A server of its own, whose numbers nobody else moves: its port, and where it is scraped."""
    metrics = claimed_port()
    environment = {
        "CONJURE_METRICS_PORT": str(metrics),
        "CONJURE_SESSIONS_GLOBAL_LIVE_SESSIONS": "1",
    }
    directory = tmp_path_factory.mktemp("observed")
    async with running_server(directory, own_store, environment) as (_, port):
        yield port, f"http://127.0.0.1:{metrics}/metrics"


@pytest.fixture
async def caller(observed, app) -> AsyncIterator[Client]:
    async with client(observed[0], app.secret) as opened:
        yield opened


@pytest.fixture
async def moves(observed, caller) -> Moves:
    return await Moves.since_now(observed[1])


async def test_three_calls_are_three(caller, moves):
    world_id = await caller.new_world()
    begun = time.monotonic()
    for _ in range(3):
        await caller.world(world_id)
    await refused(caller.world("00000000-0000-4000-8000-000000000000"), Reason.NOT_FOUND)
    await moves.now()
    took = time.monotonic() - begun
    labels = {"service": "WorldService", "method": "GetWorld", "face": "grpc"}
    assert moves.of(REQUESTS, **labels, code="OK") == 3
    assert moves.of(REQUESTS, **labels, code="NOT_FOUND") == 1
    assert moves.of("conjure_rpc_refusals_total", reason="not_found") == 1
    assert moves.of("conjure_rpc_duration_seconds_count", **labels) == 4
    assert 0 < moves.of("conjure_rpc_duration_seconds_sum", **labels) < took
    assert moves.of("conjure_rpc_duration_seconds_bucket", **labels, le="+Inf") == 4


async def test_a_warm_call_is_one_round_trip(caller, observed):
    """ARCHITECTURE 5: connect, warm entrance and get world, 1 / 1 / 1. Asked of the server itself.

    Keys are trusted for less than a second without word from the store, so a server that the machine left
    standing meanwhile reads them again, rightly. One round of several without that is enough.
    """
    world_id = await caller.new_world()
    (minted,) = await caller.new_tokens(1, world_id)
    # From here on key, token and world are known to the process, and scripts to the store.
    await caller.connect(minted.token)
    await caller.set_entrance(world_id, "cellar")
    await caller.world(world_id)
    for _ in range(20):
        warm = await Moves.since_now(observed[1])
        for number in range(5):
            await caller.connect(minted.token)
            await caller.set_entrance(world_id, ("hall", "cellar")[number % 2])
            await caller.world(world_id)
        await warm.now()
        if not warm.of("conjure_cache_lookups_total", cache="api_key", outcome="miss"):
            break
    for method in ("Connect", "SetEntrance", "GetWorld"):
        assert warm.of(REQUESTS, method=method, code="OK") == 5
        assert warm.of(TRIPS, method=method) == 5, method
    for script in ("sessions.admit", "worlds.replace", "worlds.read"):
        assert warm.of("conjure_store_round_trips_total", operation=script, outcome="answered") == 5
        assert warm.of("conjure_store_duration_seconds_count", operation=script) == 5
    assert warm.of("conjure_cache_lookups_total", cache="api_key", outcome="hit") == 10
    assert warm.of("conjure_cache_lookups_total", cache="session_token", outcome="hit") == 5
    assert warm.of("conjure_cache_lookups_total", cache="world", outcome="miss") == 0
    await caller.end(minted.jti)


async def test_admissions_by_outcome(caller, moves, app):
    world_id = await caller.new_world()
    one, two, three = await caller.new_tokens(3, world_id)
    await caller.connect(one.token)
    await refused(caller.connect(two.token), Reason.SESSION_CAPACITY)  # the whole system has one
    await app.set_caps(live_sessions=1)
    await refused(caller.connect(two.token), Reason.SESSION_CAPACITY)
    await caller.connect(one.token)
    await caller.end(one.jti, revoke=True)
    await refused(caller.connect(one.token), Reason.INVALID_CREDENTIAL)
    await app.set_caps(session_seconds=1)
    await refused(caller.connect(three.token), Reason.SESSION_MINUTES_EXHAUSTED)
    await moves.now()
    outcomes = {
        outcome: moves.of("conjure_admission_decisions_total", outcome=outcome)
        for outcome in (
            "admitted", "reconnected", "system_full", "tenant_full", "minutes_exhausted", "world_gone",
            "revoked",
        )
    }  # fmt: skip
    assert outcomes == {
        "admitted": 1, "reconnected": 1, "system_full": 1, "tenant_full": 1, "minutes_exhausted": 1,
        "world_gone": 0, "revoked": 1,
    }  # fmt: skip
    credentials = {
        outcome: moves.of("conjure_runtime_credentials_total", outcome=outcome)
        for outcome in ("given", "reused", "dropped")
    }
    assert credentials == {"given": 1, "reused": 1, "dropped": 0}
    assert moves.of("conjure_rpc_refusals_total", reason="session_capacity") == 2
    assert moves.of("conjure_quota_decisions_total", unit="session", outcome="granted") == 3


async def test_a_reconnect_with_a_runtime_that_is_asked_is_one_round_trip(own_store, app, tmp_path):
    """A credential that is stored comes with the admission."""
    metrics = claimed_port()
    async with Reactor() as reactor:
        environment = {
            "CONJURE_METRICS_PORT": str(metrics),
            "CONJURE_RUNTIME_PROVIDER": "reactor",
            "CONJURE_RUNTIME_REACTOR_URL": f"http://127.0.0.1:{reactor.port}",
            "CONJURE_RUNTIME_REACTOR_API_KEY": "k",
            "CONJURE_RUNTIME_REACTOR_MODEL": "m",
        }
        async with (
            running_server(tmp_path, own_store, environment) as (_, port),
            client(port, app.secret) as caller,
        ):
            (minted,) = await caller.new_tokens(1)
            await caller.connect(minted.token)
            warm = await Moves.since_now(f"http://127.0.0.1:{metrics}/metrics")
            for _ in range(5):
                await caller.connect(minted.token)
            await warm.now()
            assert warm.of(REQUESTS, method="Connect", code="OK") == 5
            assert warm.of(TRIPS, method="Connect") == 5
            assert warm.of("conjure_runtime_credentials_total", outcome="reused") == 5
            assert len(reactor.requests) == 1


async def test_quotas_and_the_kernel(caller, moves, app):
    await app.set_caps(generation=1)
    broken = small_world(entrance={"state": "nowhere"})
    await refused(caller.create(broken), Reason.KERNEL_REFUSED)
    await caller.create(idempotency_key="k")
    await caller.create(idempotency_key="k")
    await refused(caller.create(), Reason.QUOTA_EXCEEDED)
    await moves.now()
    decided = {
        outcome: moves.of("conjure_quota_decisions_total", unit="generation", outcome=outcome)
        for outcome in ("granted", "returned", "replayed", "refused")
    }
    assert decided == {"granted": 2, "returned": 1, "replayed": 1, "refused": 1}
    assert moves.of("conjure_kernel_blocking_findings_total", lint="dangling-ref") == 1


async def test_what_runs_now_and_the_process(caller, observed):
    url = observed[1]
    world_id = await caller.new_world()
    stream = caller.watch(world_id)
    await stream.read()

    await until_scraped(url, "conjure_rpc_in_flight", 1, kind="stream")
    found = await scrape(url)
    assert found.total("conjure_watched_worlds") == 1
    # The feed polls for all who watch: it is not the work of the call that began it.
    moves = await Moves.since_now(url)

    async def has_polled() -> bool:
        await moves.now()
        return moves.of("conjure_store_round_trips_total", operation="worlds.history") >= 2

    await until(has_polled)
    assert moves.of(TRIPS, method="WatchWorld") == 0
    stream.cancel()
    await until_scraped(url, "conjure_key_cache_trusted", 1)
    # One connection for many calls; again only where the store was slow to answer.
    connects = found.total("conjure_store_connects_total", outcome="connected")
    assert 1 <= connects < found.total("conjure_store_round_trips_total")
    assert found.total("conjure_event_loop_lag_seconds_count") > 0
    assert found.total("process_resident_memory_bytes") > 10_000_000
    assert found.total("process_cpu_seconds_total") > 0
    assert found.total("conjure_build_info") == 1
    assert not list(found.matching("conjure_rpc_duration_seconds_count", method="WatchWorld"))


async def test_connections_of_edges(observed):
    port, url = observed
    path = EdgeSettings(sockets=os.environ["CONJURE_EDGE_SOCKETS"]).socket_of(port)
    assert (await scrape(url)).total("conjure_edge_connections") == 0
    _, writer = await asyncio.open_unix_connection(path)
    await until_scraped(url, "conjure_edge_connections", 1)
    writer.close()
    await until_scraped(url, "conjure_edge_connections", 0)


async def test_no_label_is_a_callers_choice(caller, observed, app):
    """What strangers send makes no series: apps, worlds, keys, methods that are not there."""
    world_id = await caller.new_world(name="a-name-to-look-for")
    async with client(observed[0], "sk_test_" + "Z" * 43) as stranger:
        await refused(stranger.world(world_id), Reason.INVALID_CREDENTIAL)
    before = len((await scrape(observed[1])).samples)
    for _ in range(20):
        await caller.world(await caller.new_world())
        await refused(caller.world("x" * 30), Reason.NOT_FOUND)
    after = await scrape(observed[1])
    assert len(after.samples) - before < 60  # one more method, at most: its own fixed series
    values = {value for sample in after.samples for value in sample.labels.values()}
    for secret in (app.id, world_id, app.secret, "a-name-to-look-for"):
        assert not [value for value in values if secret in value]


async def test_the_listener_speaks_http(observed):
    url = observed[1]
    async with httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as asking:
        plain = await asking.get(url)
        assert plain.headers["content-type"].startswith("text/plain; version=")
        modern = await asking.get(
            url, headers={"accept": "application/openmetrics-text;version=1.0.0"}
        )
        assert modern.headers["content-type"].startswith("application/openmetrics-text")
        names = {family.name for family in openmetrics.text_string_to_metric_families(modern.text)}
        assert {"conjure_rpc_requests", "conjure_rpc_duration_seconds", "conjure_build"} <= names
        assert (await asking.get(url.replace("/metrics", "/"))).status_code == 404
        assert (await asking.post(url)).status_code == 405
    port = int(url.split(":")[2].split("/")[0])
    for noise in (b"\x16\x03\x01\x02\x00" + b"\x00" * 20_000, b"GET /metrics", b"\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(noise)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), LIMIT_S)
        writer.close()
    assert (await scrape(url)).names


async def test_a_store_that_goes_silent_is_seen(tmp_path):
    """A charge that nobody confirmed is counted as what it is, and so is the way back."""
    metrics = claimed_port()
    environment = {
        "CONJURE_METRICS_PORT": str(metrics),
        "CONJURE_STORE_TIMEOUT_S": "3",
        "CONJURE_STORE_RECOVERY_S": "1",
        "CONJURE_QUEUE_INLINE": "false",  # workers ask the store too
    }
    url = f"http://127.0.0.1:{metrics}/metrics"
    async with contextlib.AsyncExitStack() as opened:
        store, store_url = await opened.enter_async_context(running_store(tmp_path / "store"))
        admin = await opened.enter_async_context(
            administration(StoreSettings(url=store_url), AuthSettings())
        )
        _, port = await opened.enter_async_context(running_server(tmp_path, store_url, environment))
        own = await new_app(admin)
        caller = await opened.enter_async_context(client(port, own.secret))
        world_id = await caller.new_world()
        await caller.set_entrance(world_id, "cellar")
        moves = await Moves.since_now(url)
        os.kill(store.pid, signal.SIGSTOP)
        try:
            await refused(caller.set_entrance(world_id, "hall"), Reason.OUTCOME_UNKNOWN)
            await until_scraped(url, "conjure_key_cache_trusted", 0)
        finally:
            os.kill(store.pid, signal.SIGCONT)
        await until_scraped(url, "conjure_key_cache_trusted", 1)
        await caller.world(world_id)
        await moves.now()
    lost = {"operation": "worlds.replace", "outcome": "no_reply"}
    assert moves.of("conjure_store_round_trips_total", **lost) >= 1
    # The call's, and what else the process wrote meanwhile.
    assert moves.of("conjure_store_outcomes_unknown_total") >= 1
    assert moves.of("conjure_rpc_refusals_total", reason="outcome_unknown") == 1
    assert moves.of("conjure_store_connects_total", outcome="connected") >= 1
    assert moves.of(REQUESTS, method="SetEntrance", code="DEADLINE_EXCEEDED") == 1


async def test_each_worker_is_scraped_by_itself(own_store, tmp_path, app):
    """Worker n at port + n: a call moves the numbers of the one that served it, and no other's."""
    first, _ = claimed_ports(2)
    environment = {
        "CONJURE_SERVER_WORKERS": "2",
        "CONJURE_METRICS_PORT": str(first),
        "CONJURE_EDGE_HEALTH_INTERVAL_S": "0.05",  # no edge is there to wait for
        "CONJURE_EDGE_HEALTH_TIMEOUT_S": "0.1",
    }
    urls = [f"http://127.0.0.1:{first + index}/metrics" for index in range(2)]
    async with running_server(tmp_path, own_store, environment, port=claimed_ports(2)[0]) as (
        _,
        port,
    ):
        async with asyncio.timeout(LIMIT_S):
            for index in range(2):
                await wait_for_port(port + index)
        before = [await Moves.since_now(url) for url in urls]
        async with client(port + 1, app.secret) as caller:
            await caller.list_worlds()
        for moves in before:
            await moves.now()
    assert [moves.of(REQUESTS, method="ListWorlds", code="OK") for moves in before] == [0, 1]


async def test_nobody_listens_unless_asked(stack):
    """The default is off; and it is loopback when on."""
    folder = Path("/proc") / str(stack.server.pid)
    listening = {
        (f"socket:[{fields[9]}]", int(fields[1].rpartition(":")[2], 16))
        for table in ("tcp", "tcp6")
        for fields in map(str.split, (folder / "net" / table).read_text().splitlines())
        if fields[3] == "0A"
    }
    own = {str(entry.readlink()) for entry in (folder / "fd").iterdir()}
    ports = {port for socket, port in listening if socket in own}
    assert ports == {int(stack.server_target.rpartition(":")[2])}


async def test_a_script_that_the_store_forgot_costs_a_second_round_trip_once(
    caller, moves, own_store
):
    """A restart or a failover: it is taught again, and every trip is counted."""
    world_id = await caller.new_world()
    await caller.world(world_id)
    store = Redis.from_url(own_store)
    await store.script_flush()
    await store.aclose()
    moves = await Moves.since_now(moves.url)
    for _ in range(3):
        await caller.world(world_id)
    await moves.now()
    reads = {"operation": "worlds.read"}
    assert moves.of("conjure_store_round_trips_total", **reads, outcome="unknown_script") == 1
    assert moves.of("conjure_store_round_trips_total", **reads, outcome="answered") == 3
    assert moves.of("conjure_store_scripts_taught_total") >= 1  # and what works beside the calls
    assert moves.of(TRIPS, method="GetWorld") == 4
