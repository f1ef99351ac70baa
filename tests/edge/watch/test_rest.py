"""Watching a world over REST: Server-Sent Events through the real Envoy."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from dataclasses import dataclass, field

import httpx
import pytest

from conjure.core.errors import Reason
from support.rest import assert_error, bearer, import_world
from support.revs import number
from support.rpc import client, refused
from support.stack import running_edge, running_server
from support.until import LIMIT_S


@dataclass
class Event:
    fields: dict[str, str] = field(default_factory=dict)

    @property
    def data(self):
        return json.loads(self.fields["data"])


async def parsed(answer):
    """The events of a stream; comments and retry lines are events without data."""
    event = Event()
    async for line in answer.aiter_lines():
        if line:
            name, _, value = line.partition(": ")
            event.fields[name] = value
        elif event.fields:
            yield event
            event = Event()


@contextlib.asynccontextmanager
async def watching(rest, path, key, **headers):
    async with (
        asyncio.timeout(LIMIT_S),
        rest.stream("GET", path, headers=bearer(key) | headers) as answer,
    ):
        assert answer.status_code == 200, await answer.aread()
        events = parsed(answer)
        assert (await anext(events)).fields == {"retry": "1000"}
        yield answer, events


async def enter(rest, key, world_id, state):
    answer = await rest.patch(
        f"/v1/worlds/{world_id}/entrance", json={"state": state}, headers=bearer(key)
    )
    assert answer.status_code == 200


async def test_changes_come_as_events(rest, app, world_id):
    path = f"/v1/worlds/{world_id}/events-stream"
    async with watching(rest, path, app.publishable) as (answer, events):
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.headers["cache-control"] == "no-store"
        assert "content-length" not in answer.headers
        first = await anext(events)
        assert first.fields["id"] == "1"
        assert (first.data["rev"], first.data["ops"], first.data["reset"]) == ("1", [], True)
        await enter(rest, app.secret, world_id, "cellar")
        change = await anext(events)
        assert (number(change.fields["id"]), change.fields["event"]) == (2, "change")
        assert set(change.data) == {"rev", "ops", "time", "reset"}
        assert (change.data["rev"], change.data["reset"]) == (change.fields["id"], False)
        assert change.data["ops"] == ["set_entrance cellar"]
        assert change.data["time"].endswith("Z")


async def test_a_browser_resumes_by_the_last_id_it_has(rest, app, world_id):
    """EventSource repeats its URL, so the header wins over the query."""
    for state in ("cellar", "hall", "cellar"):
        await enter(rest, app.secret, world_id, state)
    stream = f"/v1/worlds/{world_id}/events-stream"
    for first in ("1", "1-gzip"):  # the second is the tag of what was read in gzip
        async with watching(rest, f"{stream}?fromRev={first}", app.secret) as (_, events):
            ids = [(await anext(events)).fields["id"] for _ in range(3)]
            assert list(map(number, ids)) == [2, 3, 4]
    path = f"{stream}?fromRev=1"
    async with watching(rest, path, app.secret, **{"last-event-id": ids[1]}) as (_, events):
        assert (await anext(events)).fields["id"] == ids[2]


async def test_what_is_no_revision_and_other_verbs(rest, app, world_id):
    path = f"/v1/worlds/{world_id}/events-stream"
    body = assert_error(await rest.get(f"{path}?fromRev=x", headers=bearer(app.secret)), 400)
    assert "fromRev" in body["detail"]
    assert_error(await rest.post(path, headers=bearer(app.secret)), 405)


async def test_a_browser_on_another_origin_may_watch(rest, world_id):
    answer = await rest.options(
        f"/v1/worlds/{world_id}/events-stream",
        headers={
            "origin": "https://editor.example",
            "access-control-request-method": "GET",
            "access-control-request-headers": "authorization,last-event-id",
        },
    )
    assert answer.status_code == 200
    assert "last-event-id" in answer.headers["access-control-allow-headers"]


async def test_a_stream_outlives_the_timeouts_and_ends_with_the_server(stack, app, tmp_path):
    """Route timeouts of 1 s do not end it, on neither listener; a drain does, with a last event."""
    async with (
        running_server(
            tmp_path, stack.store_url, {"CONJURE_SERVER_STREAM_KEEP_ALIVE_S": "0.6"}
        ) as (server, port),
        running_edge(tmp_path, port, request_timeout_s=1.0) as (_, rest_port, grpc_port),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest_port}", trust_env=False, timeout=LIMIT_S
        ) as rest,
        client(grpc_port, app.secret) as caller,
        client(port, app.secret) as direct,  # a write may take its time
    ):
        world_id = await direct.new_world()
        typed = caller.watch(world_id, from_rev="1")
        path = f"/v1/worlds/{world_id}/events-stream?fromRev=1"
        async with watching(rest, path, app.secret) as (_, events):
            assert (await anext(events)).fields == {"": "keep-alive"}
            await asyncio.sleep(1.2)
            await direct.set_entrance(world_id, "cellar")
            while "id" not in (change := await anext(events)).fields:
                pass
            assert number(change.fields["id"]) == 2
            assert number((await typed.read()).rev) == 2
            os.kill(server.pid, signal.SIGTERM)
            while "event" not in (last := await anext(events)).fields:
                pass
            assert last.fields["event"] == "end"
            assert "reconnect" in last.data["detail"]
            with pytest.raises(StopAsyncIteration):
                await anext(events)
        refusal = await refused(typed.read(), Reason.STREAM_INTERRUPTED)
        assert "reconnect" in refusal.message


async def test_a_stream_may_grow_beyond_what_one_answer_may(stack, app, tmp_path):
    """Envoy passes pieces on; it neither gathers them nor adds them up."""
    async with (
        running_edge(tmp_path, int(stack.server_target.split(":")[1]), max_answer_bytes=40_000) as (
            _,
            rest_port,
            grpc_port,
        ),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest_port}", trust_env=False, timeout=LIMIT_S
        ) as rest,
        client(grpc_port, app.secret) as caller,
    ):
        world_id = await import_world(rest, app.secret)
        names = [f"{'x' * 110}{n}" for n in range(32)]
        way = {"kind": "transition", "from": ["hall"], "to": "cellar"}
        made = await caller.apply_ops(
            world_id, *({"op": "add_event", "name": n} | way for n in names)
        )
        for _ in range(30):
            await caller.apply_ops(
                world_id,
                *({"op": "update_event", "name": n, "patch": {"hidden": True}} for n in names),
            )
        path = f"/v1/worlds/{world_id}/events-stream?fromRev={made.result.rev}"
        async with watching(rest, path, app.secret) as (_, events):
            size = 0
            for rev in range(3, 33):
                event = await anext(events)
                assert number(event.fields["id"]) == rev
                size += len(event.fields["data"])
        assert size > 100_000
