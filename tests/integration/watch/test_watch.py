"""Watching worlds over gRPC: every revision once and in order, whichever process made it."""

from __future__ import annotations

import asyncio
import os
import signal
import time

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conjure import app as composition
from conjure.app import serving
from conjure.core.errors import Reason, StreamInterrupted
from conjure.settings import ServerSettings, Settings, WatchSettings, WorldSettings
from conjure.store import keyspace
from conjure.watch.service import WatchService
from conjure.worlds.directory import PublicDirectory
from conjure.worlds.editor import WorldEditor
from conjure.worlds.service import WorldService
from conjure.worlds.store import WorldStore
from support.revs import number
from support.rpc import Client, client, read_refusal, refused
from support.stack import running_server, store_settings
from support.until import LIMIT_S, until

PAUSE_S = 4  # time enough for one more watcher to come, on however busy a machine


async def read(stream, count):
    """The next messages of a stream."""
    async with asyncio.timeout(LIMIT_S):
        return [await stream.read() for _ in range(count)]


def revs(messages):
    return [message.rev for message in messages]


@pytest.fixture
async def here(stack, monkeypatch):
    """A server in this process, with its hub."""
    hubs: list[WatchService] = []

    class Kept(WatchService):
        def __init__(self, *given, **named):
            super().__init__(*given, **named)
            hubs.append(self)

    monkeypatch.setattr(composition, "WatchService", Kept)
    settings = Settings(
        store=store_settings(stack.store_url),
        server=ServerSettings(drain_pause_s=0.0, stream_write_s=5.0),
        watch=WatchSettings(poll_s=0.02, queue=100),
    )
    async with serving(settings, port=0) as (server, port):
        yield server, port, hubs[0]


async def test_a_write_through_one_server_is_seen_at_the_other(both):
    writer, watcher = both
    world_id = await writer.new_world()
    stream = watcher.watch(world_id)
    (first,) = await read(stream, 1)
    assert (first.rev, first.reset, list(first.ops)) == ("1", True, [])
    before = time.time()
    await writer.apply_ops(
        world_id,
        {"op": "add_state", "id": "attic", "base": "A dusty attic under the roof."},
        {"op": "delete_state", "id": "nowhere"},
        {"op": "update_state", "id": "hall", "patch": {"base": "A wide hall."}},
    )
    await writer.set_entrance(world_id, "attic")
    changes = await read(stream, 2)
    assert [(number(c.rev), list(c.ops), c.reset) for c in changes] == [
        (2, ["add_state attic", "update_state hall"], False),
        (3, ["set_entrance attic"], False),
    ]
    assert int(before * 1000) <= changes[0].time.ToMilliseconds() <= time.time() * 1000
    stream.cancel()


async def test_every_revision_once_and_in_order_over_reconnects(both):
    """Fifty writes by two servers; a watcher that is cut off again and again misses and repeats none."""
    left, right = both
    world_id = await left.new_world()

    async def write(caller, count):
        for turn in range(count):
            await caller.set_entrance(world_id, ("hall", "cellar")[turn % 2])
            await asyncio.sleep(0.01)

    writing = asyncio.gather(write(left, 25), write(right, 25))
    seen: list[str] = []
    turn = 0
    while len(seen) < 50:
        stream = both[turn % 2].watch(world_id, from_rev=seen[-1] if seen else "1")
        messages = await read(stream, min(1 + turn * 3, 50 - len(seen)))
        assert not any(message.reset for message in messages)
        seen += revs(messages)
        stream.cancel()
        turn += 1
    await writing
    assert list(map(number, seen)) == list(range(2, 52))
    assert turn > 3


async def test_many_watchers_share_one_feed_and_leave_nothing(here, app):
    _, port, hub = here
    async with client(port, app.secret) as caller:
        world_id = await caller.new_world()
        two = (await caller.set_entrance(world_id, "cellar")).result.rev
        streams = [caller.watch(world_id, from_rev=rev) for rev in ("1", two, None, "1", None)]
        await caller.set_entrance(world_id, "hall")
        got = [
            list(map(number, revs(await read(stream, count))))
            for stream, count in zip(streams, (2, 1, 1, 2, 1), strict=True)
        ]
        assert [item[-1] for item in got] == [3] * 5 or got[2] == [2]
        assert got[0] == got[3] == [2, 3]
        await until(lambda: hub.watched == 1)
        for stream in streams[:-1]:
            stream.cancel()
        await caller.set_entrance(world_id, "cellar")
        while number((await read(streams[-1], 1))[0].rev) != 4:
            pass
        streams[-1].cancel()
        await until(lambda: hub.watched == 0)
        assert not [task for task in asyncio.all_tasks() if task.get_name() == "world-feed"]


async def test_a_deadline_of_the_caller_ends_its_stream(here, app):
    _, port, hub = here
    async with client(port, app.secret) as caller:
        stream = caller.watch(await caller.new_world(), from_rev="1", timeout=0.5)
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await stream.read()
        assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        await until(lambda: hub.watched == 0)


async def test_a_history_that_does_not_reach_back_is_a_reset(stack, here, app):
    """One message with the present revision, and on from there; also for a revision yet to come."""
    _, port, _ = here
    async with client(port, app.secret) as caller:
        world_id = await caller.new_world()
        for state in ("cellar", "hall", "cellar"):
            await caller.set_entrance(world_id, state)
        key = keyspace.changes(app.tenant(), world_id)
        await stack.admin.store.write("XTRIM", key, "MAXLEN", 1)
        for known in ("1", "99"):
            stream = caller.watch(world_id, from_rev=known)
            (first,) = await read(stream, 1)
            assert (number(first.rev), first.reset) == (4, True)
            await asyncio.sleep(0.05)
            stream.cancel()
        stream = caller.watch(world_id, from_rev="1")
        await read(stream, 1)
        await caller.set_entrance(world_id, "hall")
        (following,) = await read(stream, 1)
        assert (number(following.rev), following.reset) == (5, False)
        # A write that told nobody (an older server beside this one) is a reset, not a gap.
        await stack.admin.store.write("HSET", keyspace.world(app.tenant(), world_id), "rev", "6")
        (unknown,) = await read(stream, 1)
        assert (unknown.rev, unknown.reset) == ("6", True)
        stream.cancel()


async def test_the_history_is_bounded_and_so_is_what_a_batch_tells(stack, here, app):
    _, port, _ = here
    async with client(port, app.secret) as caller:
        world_id = await caller.new_world()
        await caller.apply_ops(
            world_id,
            *({"op": "update_state", "id": "hall", "patch": {"n": n}} for n in range(500)),
        )
        (change,) = await read(caller.watch(world_id, from_rev="1"), 1)
        assert len(change.ops) == 32
        assert change.ops[-1] == "… and 469 more"


async def test_what_is_no_world_or_no_revision_is_named(here, app):
    _, port, _ = here
    async with client(port, app.secret) as caller:
        world_id = await caller.new_world()
        await refused(caller.watch("").read(), Reason.INVALID_FIELD)
        for rev in ("x", "-1", "1.5", "9" * 16, "٣", "1-", "1-x", "1-0BADCAFE", "1-0badcafe "):
            await refused(caller.watch(world_id, from_rev=rev).read(), Reason.INVALID_FIELD)


async def test_a_stream_ends_with_its_world_and_with_its_key(stack, here, app):
    _, port, hub = here
    async with client(port, app.secret) as caller, client(port, app.publishable) as reader:
        world_id = await caller.new_world()
        doomed = caller.watch(world_id)
        await read(doomed, 1)
        await stack.admin.store.write("DEL", keyspace.world(app.tenant(), world_id))
        await refused(doomed.read(), Reason.NOT_FOUND)
        revoked = reader.watch(await caller.new_world())
        await read(revoked, 1)
        await stack.admin.keys.revoke(app.id, app.keys["publishable"])
        await refused(revoked.read(), Reason.INVALID_CREDENTIAL)
        await until(lambda: hub.watched == 0)


async def test_a_drain_ends_streams_after_its_pause(stack, app, tmp_path):
    """Not before: an edge that does not know yet would send their callers back here. Nobody waits for
    what has no end: such a drain would use up its grace, an hour here, and the server would not be back."""
    environment = {
        "CONJURE_SERVER_DRAIN_PAUSE_S": str(PAUSE_S),
        "CONJURE_SERVER_DRAIN_S": "3600",
    }
    async with (
        running_server(tmp_path, stack.store_url, environment) as (server, port),
        client(port, app.secret) as caller,
    ):
        world_id = await caller.new_world()
        streams = [caller.watch(world_id) for _ in range(5)]
        for stream in streams:
            await read(stream, 1)
        health = health_pb2_grpc.HealthStub(caller.channel).Watch(health_pb2.HealthCheckRequest())
        assert (await health.read()).status == health_pb2.HealthCheckResponse.SERVING
        started, first = time.monotonic(), server.pid
        os.kill(server.pid, signal.SIGTERM)
        assert (await health.read()).status == health_pb2.HealthCheckResponse.NOT_SERVING
        late = caller.watch(world_id)
        await read(late, 1)
        for stream in (*streams, late):
            refusal = await refused(stream.read(), Reason.STREAM_INTERRUPTED)
            assert refusal.code is grpc.StatusCode.UNAVAILABLE
            assert "reconnect" in refusal.message
        assert time.monotonic() - started >= PAUSE_S
        await until(lambda: server.pid != first)
    assert "Traceback" not in (tmp_path / "server.log").read_text()


async def test_who_does_not_read_is_ended_and_may_resume(here, app):
    """Others are not held up; what the slow one has not read it gets again, once."""
    _, port, hub = here
    names = [f"{'x' * 110}{number}" for number in range(32)]
    way = {"kind": "transition", "from": ["hall"], "to": "cellar"}
    touches = [{"op": "update_event", "name": name, "patch": {"hidden": True}} for name in names]
    narrow = (("grpc.http2.bdp_probe", 0), ("grpc.http2.lookahead_bytes", 65_535))
    async with (
        client(port, app.secret) as caller,
        grpc.aio.insecure_channel(f"127.0.0.1:{port}", options=narrow) as opened,
    ):
        slow = Client(opened, app.secret)
        world_id = await caller.new_world()
        made = await caller.apply_ops(
            world_id, *({"op": "add_event", "name": n} | way for n in names)
        )
        rev = made.result.rev
        stream, quick = (who.watch(world_id, from_rev=rev) for who in (slow, caller))
        await stream.initial_metadata()
        await until(lambda: len(watchers(hub)) == 2)
        last = 2
        seen_by_quick: list[str] = []
        while last < 600 and len(watchers(hub)) == 2:
            await caller.apply_ops(world_id, *touches)
            last += 1
            seen_by_quick += revs(await read(quick, 1))
        assert last < 600, "the slow one was never ended"
        assert list(map(number, seen_by_quick)) == list(range(3, last + 1))
        seen, error = await everything(stream)
        assert read_refusal(error).reason is Reason.STREAM_INTERRUPTED
        assert "slowly" in error.details()
        again = slow.watch(world_id, from_rev=seen[-1])
        seen += revs(await read(again, last - number(seen[-1])))
        assert list(map(number, seen)) == list(range(3, last + 1))
        again.cancel()
        quick.cancel()
        await until(lambda: hub.watched == 0)


async def everything(stream):
    """The revisions of a stream up to its end, and the error that ended it."""
    seen: list[str] = []
    try:
        async with asyncio.timeout(LIMIT_S):
            while True:
                seen.append((await stream.read()).rev)
    except grpc.aio.AioRpcError as error:
        return seen, error


def watchers(hub):
    return [watcher for feed in hub._feeds.values() for watcher in feed._watchers]


async def test_a_full_queue_ends_a_watcher(stack, app, server_channel):
    """The bound holds without a network: a watcher nobody reads from keeps no more than its queue."""
    caller = Client(server_channel, app.secret)
    world_id = await caller.new_world()
    worlds = WorldStore(
        stack.admin.store, WorldSettings(cache_entries=1, cache_bytes=1, idempotency_s=1)
    )
    directory = PublicDirectory(stack.admin.store)
    hub = WatchService(
        WorldService(worlds, directory, WorldEditor(worlds, None), None, None),
        WatchSettings(poll_s=0.01, queue=3),
    )
    changes = hub.watch(app.tenant(), world_id, "1")
    assert await anext(changes) is None
    assert await anext(changes) is None  # it has joined the feed
    for turn in range(5):
        await caller.set_entrance(world_id, ("cellar", "hall")[turn % 2])
    await until(lambda: all(watcher._error is not None for watcher in watchers(hub)))
    with pytest.raises(StreamInterrupted):
        await anext(changes)
    await changes.aclose()
    await until(lambda: hub.watched == 0)
