"""Heavy calls and the processes that answer them: killed, stopped, too slow, left alone (ARCHITECTURE, Heavy calls).

A stopped worker (SIGSTOP) stands for one that computes for long: it answers nobody, and its call is held.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from typing import TYPE_CHECKING

import grpc
import pytest

from conjure.core.errors import Reason
from conjure.v1 import character_service_pb2 as character_pb
from conjure.v1 import graph_service_pb2 as graph_pb
from conjure.v1.character_service_pb2_grpc import CharacterServiceStub
from support.heavy import HEAVY, is_there, lint, running_heavy_server, stopped, workers_of
from support.revs import number
from support.rpc import Client, client, metadata, read_refusal, refused
from support.scrape import Moves, scrape, until_scraped
from support.stack import new_app
from support.talks import STANCES, new_character, new_talk
from support.until import until
from support.worlds import prose_world, small_world

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from support.heavy import HeavyServer

QUEUE = 6
"""Heavy calls that may be there; one app has half."""


@pytest.fixture(scope="module")
async def server(stack, tmp_path_factory) -> AsyncIterator[HeavyServer]:
    environment = {
        "CONJURE_HEAVY_QUEUE_CALLS": str(QUEUE),
        "CONJURE_SHARES_RESERVE": "0",
        "CONJURE_SHARES_ADDRESS": "0",  # all are here
        "CONJURE_LOG_CALLS": "true",
    }
    directory = tmp_path_factory.mktemp("heavy")
    async with running_heavy_server(directory, stack.store_url, environment) as running:
        yield running


@pytest.fixture
async def caller(server, app) -> AsyncIterator[Client]:
    async with client(server.port, app.secret) as opened:
        yield opened


@pytest.fixture
async def world_id(caller) -> str:
    """A light world; a heavy call has been answered."""
    made = await caller.new_world()
    assert (await lint(caller, made)).ok
    return made


async def heavy_calls(server: HeavyServer, count: int) -> None:
    await until_scraped(server.metrics_url, "conjure_heavy_calls", count)


async def test_a_heavy_request_and_a_heavy_world_are_answered_by_the_worker(
    server, caller, world_id
):
    moves = await Moves.since_now(server.metrics_url)
    made = await caller.create(prose_world(HEAVY))
    await caller.scene(made.world_id)
    await lint(caller, world_id)
    await caller.scene(world_id)
    await moves.now()
    assert moves.of("conjure_heavy_work_seconds_count") == 3
    assert moves.of("conjure_heavy_failures_total") == 0


async def test_what_the_worker_counts_is_in_the_scrape(server, caller, world_id):
    moves = await Moves.since_now(server.metrics_url)
    await caller.create(prose_world(HEAVY))

    async def counted() -> bool:
        await moves.now()
        return moves.of("conjure_quota_decisions_total", unit="generation") > 0

    await until(counted)
    labels = {"service": "WorldService", "method": "CreateWorld", "face": "grpc"}
    assert moves.of("conjure_rpc_requests_total", **labels) == 1
    assert moves.of("conjure_rpc_store_round_trips_total", **labels) >= 2


async def test_log_lines_of_the_worker_have_the_request_id_and_a_call_has_one_line(
    server, caller, world_id
):
    await caller.create(prose_world(HEAVY), x_request_id="heavy-and-logged")
    lines = [line for line in server.log("call") if line.get("request_id") == "heavy-and-logged"]
    assert [line["code"] for line in lines] == ["OK"]


async def test_a_refusal_of_the_worker_is_one_as_any_other(server, caller, world_id):
    moves = await Moves.since_now(server.metrics_url)
    broken = prose_world(HEAVY, entrance={"state": "attic", "image": {"src": "x"}})
    refusal = await refused(
        caller.create(broken, x_request_id="heavy-refusal"), Reason.KERNEL_REFUSED
    )
    assert refusal.error.diagnostics[0].lint == "dangling-ref"
    assert refusal.trailers["x-request-id"] == "heavy-refusal"
    assert not [key for key in refusal.trailers if key.startswith("x-conjure")]
    await moves.now()
    assert moves.of("conjure_rpc_refusals_total", reason="kernel_refused") == 1


class TestLeaving:
    async def test_a_call_that_leaves_keeps_its_slot_while_the_worker_computes(
        self, server, caller, world_id
    ):
        """Else calls would pile up in the worker: outside of the queue's bounds and of its rounds."""
        async with server.stopped_worker():
            leaving = lint(caller, world_id)
            await heavy_calls(server, 1)
            leaving.cancel()
            following = asyncio.ensure_future(lint(caller, world_id))
            await heavy_calls(server, 2)
            assert (await caller.scene(world_id)).rev == "1"
            assert (await scrape(server.metrics_url)).total("conjure_heavy_calls") == 2
        assert (await following).ok
        await heavy_calls(server, 0)

    async def test_a_call_that_leaves_while_it_waits_is_forgotten(self, server, caller, world_id):
        async with server.stopped_worker():
            first = asyncio.ensure_future(lint(caller, world_id))
            await heavy_calls(server, 1)
            waiting = lint(caller, world_id)
            await heavy_calls(server, 2)
            waiting.cancel()
            await heavy_calls(server, 1)
        assert (await first).ok

    async def test_a_deadline_ends_a_call_and_not_the_next(self, server, caller, world_id):
        worker = await server.worker()
        async with server.stopped_worker():
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await lint(caller, world_id, timeout=0.3)
            assert raised.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        assert (await lint(caller, world_id)).ok
        assert await server.worker() == worker


class TestShares:
    async def test_one_app_has_half_of_the_queue_and_light_calls_go_on(
        self, server, caller, world_id, other_app
    ):
        async with client(server.port, other_app.secret) as other:
            theirs = await other.new_world()
            async with server.stopped_worker():
                mine = [asyncio.ensure_future(lint(caller, world_id)) for _ in range(QUEUE // 2)]
                await heavy_calls(server, QUEUE // 2)
                await refused(lint(caller, world_id), Reason.RATE_LIMITED)
                waiting = asyncio.ensure_future(lint(other, theirs))
                await heavy_calls(server, QUEUE // 2 + 1)
                assert (await other.scene(theirs)).rev == "1"
                assert (await caller.scene(world_id)).rev == "1"
            assert (await waiting).ok
            assert all(answer.ok for answer in await asyncio.gather(*mine))

    async def test_a_full_queue_is_503(self, server, caller, world_id, other_app, stack):
        third_app = await new_app(stack.admin)
        async with contextlib.AsyncExitStack() as clients:
            other, third = [
                await clients.enter_async_context(client(server.port, one.secret))
                for one in (other_app, third_app)
            ]
            theirs, thirds = await other.new_world(), await third.new_world()
            async with server.stopped_worker():
                held = [
                    asyncio.ensure_future(lint(who, of))
                    for who, of in ((caller, world_id), (other, theirs))
                    for _ in range(QUEUE // 2)
                ]
                await heavy_calls(server, QUEUE)
                await refused(lint(third, thirds), Reason.OVERLOADED)
            assert all(answer.ok for answer in await asyncio.gather(*held))


class TestDeath:
    @pytest.fixture
    def worker_dies(self, server):
        """Kills the worker once it has a call."""

        async def killed_with(call) -> None:
            worker = await server.worker()
            with stopped(worker):
                task = asyncio.ensure_future(call)
                await heavy_calls(server, 1)
                os.kill(worker, signal.SIGKILL)
                return await task

        return killed_with

    async def test_before_a_call(self, server, caller, world_id):
        worker = await server.worker()
        os.kill(worker, signal.SIGKILL)
        await until(lambda: not is_there(worker))
        assert (await lint(caller, world_id)).ok
        assert await server.worker() != worker

    async def test_while_it_reads_nothing_was_changed(self, server, caller, world_id, worker_dies):
        moves = await Moves.since_now(server.metrics_url)
        refusal = await refused(worker_dies(lint(caller, world_id)), Reason.OVERLOADED)
        assert "nothing was changed" in refusal.error.detail
        await moves.now()
        assert moves.of("conjure_heavy_failures_total", outcome="ended") == 1
        assert (await lint(caller, world_id)).ok

    async def test_while_it_writes_the_outcome_is_unknown(
        self, server, caller, world_id, worker_dies
    ):
        await refused(worker_dies(caller.create(prose_world(HEAVY))), Reason.OUTCOME_UNKNOWN)
        assert (await caller.create(prose_world(HEAVY))).ok

    async def test_after_its_caller_has_left(self, server, caller, world_id):
        worker = await server.worker()
        with stopped(worker):
            leaving = lint(caller, world_id)
            await heavy_calls(server, 1)
            leaving.cancel()
            following = asyncio.ensure_future(lint(caller, world_id))
            await heavy_calls(server, 2)
            os.kill(worker, signal.SIGKILL)
            assert (await following).ok
        assert await server.worker() != worker

    async def test_of_the_parent_ends_it_while_it_computes(self, stack, app, tmp_path):
        async with (
            running_heavy_server(tmp_path, stack.store_url) as server,
            client(server.port, app.secret) as caller,
        ):
            await lint(caller, await caller.new_world())
            parent, worker = server.child.pid, await server.worker()
            async with server.stopped_worker():
                os.kill(parent, signal.SIGKILL)
                await until(lambda: not is_there(worker))

    async def test_leaves_no_socket_behind(self, server, caller, world_id):
        assert await server.worker()
        assert not server.sockets()


class TestLimits:
    async def test_a_call_that_takes_too_much_time_ends_and_no_other(self, stack, app, tmp_path):
        limits = {"CONJURE_HEAVY_CPU_S": "0.02"}
        async with (
            running_heavy_server(tmp_path, stack.store_url, limits) as server,
            client(server.port, app.secret) as caller,
        ):
            world_id = await caller.new_world()
            assert (await lint(caller, world_id)).ok
            first = await server.worker()
            await refused(caller.create(prose_world(8_000_000)), Reason.OUTCOME_UNKNOWN)
            dense = small_world(x=[{}] * 300_000)
            await refused(lint(caller, world_id, dense), Reason.OVERLOADED)
            assert (await lint(caller, world_id)).ok
            assert await server.worker() != first

    async def test_a_key_of_a_write_that_died_is_free_again(self, app, stack, tmp_path):
        """When its hold lapses; then the world is made once, and charged once."""
        times = {"CONJURE_SERVER_DEADLINE_S": "4", "CONJURE_WORLDS_HOLD_S": "5"}
        async with (
            running_heavy_server(tmp_path, stack.store_url, times) as server,
            client(server.port, app.secret) as caller,
        ):
            await caller.create(prose_world(HEAVY))
            worker, large = await server.worker(), prose_world(11_000_000)

            async def is_held() -> bool:
                return await caller.used("generation") == 2

            creation = asyncio.ensure_future(caller.create(large, idempotency_key="k"))
            await until(is_held)
            os.kill(worker, signal.SIGKILL)  # before the world is checked, which takes some 100 ms
            await refused(creation, Reason.OUTCOME_UNKNOWN)

            async def is_made() -> bool:
                try:
                    return bool((await caller.create(large, idempotency_key="k")).ok)
                except grpc.aio.AioRpcError as error:
                    if read_refusal(error).reason is Reason.IDEMPOTENCY_IN_PROGRESS:
                        return False
                    raise

            await until(is_made)  # at once, where this machine takes longer than the hold
            assert await caller.used("generation") == 2
            assert len((await caller.list_worlds()).worlds) == 2

    async def test_a_worker_that_does_not_start_is_tried_in_peace(self, stack, app, tmp_path):
        async with running_heavy_server(
            tmp_path, stack.store_url, {"CONJURE_HEAVY_MEMORY_BYTES": "1000000"}
        ) as server:
            async with client(server.port, app.secret) as caller:
                world_id = await caller.new_world()
                for _ in range(20):
                    await refused(lint(caller, world_id), Reason.OVERLOADED)
                assert (await caller.scene(world_id)).rev == "1"
            tried = server.log("a heavy worker does not start")
            assert 1 <= len(tried) <= 3
            assert not workers_of(server.child.pid)


class TestStopping:
    async def test_a_drain_waits_for_relayed_calls_also_when_all_are_told_to_end(
        self, stack, app, tmp_path
    ):
        async with (
            running_heavy_server(tmp_path, stack.store_url) as server,
            client(server.port, app.secret) as caller,
        ):
            world_id = await caller.new_world()
            assert (await lint(caller, world_id)).ok
            parent, worker = server.child.pid, await server.worker()
            with stopped(worker):
                call = asyncio.ensure_future(lint(caller, world_id))
                await heavy_calls(server, 1)
                os.kill(worker, signal.SIGTERM)  # as a service manager asks all of a service
                os.kill(worker, signal.SIGINT)
                os.kill(parent, signal.SIGTERM)
                await until(lambda: bool(server.log("draining")))
            assert (await call).ok
            await until(lambda: not is_there(worker))


class TestHeaders:
    async def test_what_a_caller_says_to_workers_is_not_believed(
        self, server, caller, world_id, other_app
    ):
        """Not by a serving process, and not by the worker behind it."""
        claims = (
            *metadata(caller.key, x_conjure_reason="OVERLOADED", grpc_tags="x"),
            (
                "x-conjure-relayed-bin",
                b'{"authorization":"Bearer %s"}' % other_app.secret.encode(),
            ),
            ("some-bin", b"\x00\xff"),
            ("x-large", "x" * 30_000),
        )
        for size in (100, HEAVY):
            raw = caller.channel.unary_unary("/conjure.v1.GraphService/LintGraph")
            text = json.dumps(prose_world(size)).encode()
            request = graph_pb.LintGraphRequest(id=world_id)
            request.data.json = text
            call = raw(request.SerializeToString(), metadata=claims)
            assert graph_pb.LintGraphResponse.FromString(await call).ok
            sent = [*(await call.initial_metadata()), *(await call.trailing_metadata())]
            assert {key for key, _ in sent} <= {"x-request-id", "user-agent"}

    async def test_a_revoked_key_is_refused_before_the_worker_is_asked(
        self, server, stack, app, caller, world_id
    ):
        async with server.stopped_worker():
            await stack.admin.keys.revoke(app.id, app.keys["secret"])

            async def is_refused() -> bool:
                try:
                    await lint(caller, world_id, timeout=0.2)
                except grpc.aio.AioRpcError as error:
                    return error.code() is grpc.StatusCode.UNAUTHENTICATED
                return False

            await until(is_refused)


async def test_an_edit_by_which_a_world_grows_heavy_is_made_once(server, caller):
    """It is light before, so the serving process writes it; too late then to find that it cannot read it."""
    made = await caller.create(small_world(description="x" * 4_000))
    moves = await Moves.since_now(server.metrics_url)
    changed = await caller.describe(
        made.world_id, description="y" * 8_000, cover="z" * 8_000, headers={"if-match": made.rev}
    )
    assert number(changed.rev) == 2
    await moves.now()
    assert moves.of("conjure_heavy_work_seconds_count") == 0
    assert number((await caller.scene(made.world_id)).rev) == 2
    await moves.now()
    assert moves.of("conjure_heavy_work_seconds_count") == 1


async def test_a_light_batch_that_touches_much_of_a_light_world_is_made_by_the_worker(
    server, caller
):
    world = small_world()
    world["scene"]["events"][0]["notes"] = [0] * 5_000
    made = await caller.create(world)
    event = world["scene"]["events"][0]["name"]
    moves = await Moves.since_now(server.metrics_url)

    async def batch(ops: int) -> graph_pb.ApplyOpsResponse:
        op = {"op": "set_event_field", "event": event, "field": "notes[0]"}
        sent = json.dumps([{**op, "value": number} for number in range(1, ops + 1)])
        request = graph_pb.ApplyOpsRequest(id=made.world_id)
        request.ops.json = sent.encode()
        return await caller.graph.ApplyOps(request, metadata=metadata(caller.key))

    assert not (await batch(3)).apply_errors
    await moves.now()
    assert moves.of("conjure_heavy_work_seconds_count") == 0
    answer = await batch(20)
    await moves.now()
    assert moves.of("conjure_heavy_work_seconds_count") == 1
    assert not answer.apply_errors
    assert number(answer.result.rev) == 3
    assert json.loads(answer.result.world.json)["scene"]["events"][0]["notes"][0] == 20


async def test_a_heavy_character_talks_remembers_and_is_drawn(server, caller):
    """A brain of kilobytes is the worker's to read: a turn is charged once, and kept."""
    light, talk = (
        await new_talk(caller),
        await new_talk(
            caller, character_id=await new_character(caller, lore="The lamp burns oil. " * 3_000)
        ),
    )
    moves = await Moves.since_now(server.metrics_url)
    for one in (light, talk):
        said = await one.say("What does the lamp burn?")
        assert said.stance in STANCES
        assert (await one.resume()).returning
        assert (await one.draw()).url
        assert (await one.consolidate()).message_count == 2
    assert (await light.say_stream().read()).delta
    refusal = await refused(talk.say_stream().read(), Reason.INVALID_FIELD)
    assert "use say" in refusal.message  # there is no way to relay a stream
    assert await caller.used("say") == 3
    await moves.now()
    assert moves.of("conjure_heavy_work_seconds_count") == 4


async def test_pages_of_characters_end_before_a_heavy_one(server, caller):
    """Light ones are listed by the serving process, a page that begins with a heavy one by the worker."""
    calls, key = CharacterServiceStub(caller.channel), metadata(caller.key)
    made = []
    for lore in ("light", "heavy " * 6_000, "light"):
        said = character_pb.CreateCharacterRequest(
            name="Ada", persona="A clerk.", lore=lore, stances=[{"id": "calm"}]
        )
        made.append((await calls.CreateCharacter(said, metadata=key)).id)
    moves = await Moves.since_now(server.metrics_url)
    pages, cursor = [], None
    while cursor is None or cursor:
        request = character_pb.ListCharactersRequest(cursor=cursor)
        page = await calls.ListCharacters(request, metadata=key)
        pages.append([character.id for character in page.characters])
        cursor = page.next_cursor
    assert pages == [[made[2]], [made[1], made[0]]]
    patch = character_pb.UpdateCharacterRequest(id=made[1], greeting="Hm?")
    changed = await calls.UpdateCharacter(patch, metadata=key)
    assert changed.character.greeting == "Hm?"
    await moves.now()
    assert moves.of("conjure_heavy_work_seconds_count") == 2
