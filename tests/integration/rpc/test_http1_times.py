"""Who is slow, idle or gone at the listener for edges: ended in time, and nothing is left of it."""

from __future__ import annotations

import asyncio
import contextlib

import grpc
import pytest

from conjure.administration import administration
from conjure.rpc.health import Health
from conjure.rpc.http1.listener import EdgeListener
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.settings import AuthSettings, EdgeSettings, ServerSettings
from conjure.v1 import world_service_pb2 as world_pb
from support.heavy import stopped
from support.http1 import Http1, Place, framed, head, http1_channel, request
from support.http1_server import HEALTH, running_edge_server
from support.rpc import Client, outcomes
from support.scrape import scrape
from support.stack import TestApp, new_app, resident_bytes, running_store, store_settings
from support.until import until
from support.worlds import small_world

MIB = 1_048_576
GOOD = request(HEALTH)
CREATE = "/conjure.v1.WorldService/CreateWorld"
GET = "/conjure.v1.WorldService/GetWorld"
CHUNKED = "transfer-encoding: chunked"


@pytest.fixture(scope="module")
async def server(stack, tmp_path_factory):
    """A server that gives an edge half a second for a request and for an answer."""
    folder = tmp_path_factory.mktemp("times")
    environment = {"CONJURE_EDGE_TRANSFER_S": "0.5", "CONJURE_HEAVY_WORKERS": "0"}
    async with running_edge_server(folder, stack.store_url, environment) as running:
        yield running


@pytest.fixture
async def caller(server, app):
    async with http1_channel(server.place) as opened:
        yield Client(opened, app.secret)


class TestSlowSenders:
    @pytest.mark.parametrize(
        "begin",
        [
            b"P", b"POST /", head(HEALTH)[:-2], head(HEALTH, "content-length: 5"),
            head(HEALTH, "content-length: 5") + b"\0\0\0\0", head(HEALTH, CHUNKED) + b"5",
            head(HEALTH, CHUNKED) + b"5\r\n\0\0", head(HEALTH, CHUNKED) + b"5\r\n" + framed(b"") + b"\r\n",
            head(HEALTH, CHUNKED) + b"5\r\n" + framed(b"") + b"\r\n0\r\nx: y\r\n",
            head(HEALTH, "expect: 100-continue", "content-length: 5"),
        ],
        ids=repr,
    )  # fmt: skip
    async def test_who_begins_and_does_not_go_on_is_left(self, server, begin):
        async with Http1(server.place) as connection:
            assert (await connection.ask(GOOD)).message
            connection.write(begin)
            assert await connection.ended() == b""
        await server.must_be_well()

    async def test_a_byte_now_and_then_is_not_enough(self, server):
        """The time is that of the whole request."""
        async with Http1(server.place) as connection:
            connection.write(
                head(HEALTH, f"content-length: {5 + 10_000}") + framed(b"", size=10_000)
            )
            ending = asyncio.ensure_future(connection.ended())
            while not ending.done():
                with contextlib.suppress(OSError):
                    connection.write(b"x")
                await asyncio.sleep(0.02)
            assert await ending == b""
        await server.must_be_well()


class TestSlowReaders:
    async def test_an_answer_that_is_not_taken_is_given_up(self, server, app, caller):
        """And as often as that happens, nothing of it stays in memory."""
        world_id = await caller.new_world(ballast="x" * (10 * MIB))
        await caller.channel.close()
        message = framed(world_pb.GetWorldRequest(id=world_id).SerializeToString())
        data = request(GET, message, f"authorization: Bearer {app.secret}")
        assert len((await server.ask(data)).message) > 10 * MIB

        async def count_answered() -> float:
            seen = await scrape(server.metrics_url)
            return seen.total("conjure_rpc_requests_total", method="GetWorld")

        async def round_of_five() -> int:
            async with contextlib.AsyncExitStack() as several:
                opened = [
                    await several.enter_async_context(Http1(server.place, reads=False))
                    for _ in range(5)
                ]
                answered = await count_answered() + len(opened)
                for connection in opened:
                    connection.write(data)

                async def are_answered() -> bool:
                    return await count_answered() == answered

                await until(are_answered)
                await until(lambda: server.open_connections() == 0)
                for connection in opened:
                    connection.take()
                    assert len(await connection.ended()) < 10 * MIB
            return resident_bytes(server.child.pid)

        await round_of_five()
        first = await round_of_five()
        for _ in range(3):
            last = await round_of_five()
        assert last - first < 20 * MIB
        await server.must_be_well()

    async def test_nor_are_small_ones_that_pile_up(self, server):
        """Answers to requests whose sender reads none of them: the connection waits for the first."""
        async with Http1(server.place, reads=False) as connection:
            with contextlib.suppress(OSError):
                while server.open_connections():
                    connection.write(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n" * 1_000)
                    await asyncio.sleep(0.01)
        await server.must_be_well()

    async def test_who_takes_its_answers_is_not_meant(self, server):
        """The time begins anew with each request."""
        loop = asyncio.get_running_loop()
        async with Http1(server.place) as connection:
            end = loop.time() + 2.5  # five times as long as a request may take
            while loop.time() < end:
                assert (await connection.ask(GOOD)).message
                assert (await connection.ask(b"GET /health HTTP/1.1\r\n\r\n")).status == 200
                await asyncio.sleep(0.7)


@contextlib.asynccontextmanager
async def listener(tmp_path, step, **settings):
    """A listener in this process, with one RPC that does as `step` does: settings allow no idle time so short."""
    (method,) = (
        method
        for service in service_descriptors()
        for method in methods_of(service, max_request_bytes=1_000)
        if method.full_name == HEALTH
    )
    health = Health([])
    health.serve()
    edges = EdgeListener(
        ServerSettings(),
        EdgeSettings(sockets=str(tmp_path), **settings),
        {HEALTH.encode(): (method, step)},
        health,
        most_bytes=1_000,
    )
    await edges.start("127.0.0.1", 1, anywhere=False)
    try:
        yield edges, Place(path=str(tmp_path / "1"))
    finally:
        edges.abort()


class TestIdle:
    async def test_a_connection_that_is_not_used_is_closed(self, tmp_path):
        async def answered(call):
            return b""

        async with listener(tmp_path, answered, idle_s=0.3) as (_, place):
            for before in (b"", GOOD, b"GET /health HTTP/1.1\r\n\r\n"):
                async with Http1(place) as connection:
                    if before:
                        assert (await connection.ask(before)).status == 200
                    assert await connection.ended() == b""

    async def test_a_call_has_its_own_time(self, tmp_path):
        may_end = asyncio.Event()

        async def answered(call):
            await may_end.wait()
            return b"done"

        async with (
            listener(tmp_path, answered, idle_s=0.3, transfer_s=0.3) as (_, place),
            contextlib.AsyncExitStack() as stack,
        ):
            busy, idle = await stack.enter_async_context(Http1(place)), Http1(place)
            busy.write(GOOD)
            async with idle:
                assert await idle.ended() == b""  # which began to be idle no sooner
            may_end.set()
            assert (await busy.answer()).message == b"done"


class TestWhatALayerMayDo:
    @pytest.mark.parametrize("value", ["a\r\nb", "a\nb", "a\0b", "\xe9", "\x7f"], ids=repr)
    async def test_a_header_that_cannot_be_one_is_never_sent(self, tmp_path, value):
        """The caller is not left to wait: its connection ends."""

        async def answered(call):
            await call.send_headers({"x-answer": value})
            return b""

        async def trailing(call):
            call.context.set_trailers((("x-answer", value),))
            return b""

        for step in (answered, trailing):
            async with listener(tmp_path, step) as (_, place), Http1(place) as connection:
                connection.write(GOOD)
                assert await connection.ended() == b""

    async def test_what_breaks_ends_its_connection_and_no_other(self, tmp_path):
        async def broken(call):
            raise RuntimeError("a fault of ours")

        async with listener(tmp_path, broken) as (_, place), Http1(place) as other:
            async with Http1(place) as connection:
                connection.write(GOOD)
                assert await connection.ended() == b""
            assert (await other.ask(b"GET /health HTTP/1.1\r\n\r\n")).status == 200

    async def test_bytes_are_base64_and_texts_are_percent_encoded(self, tmp_path):
        async def refused(call):
            text = "a%\r\n\N{PILE OF POO}\x00\x7f~ z"
            await call.context.abort(13, text, (("x-bin", bytes(range(256))), ("y", "z")))

        async with listener(tmp_path, refused) as (_, place), Http1(place) as connection:
            error = (await connection.ask(GOOD)).error()
            assert error.code() is grpc.StatusCode.INTERNAL
            assert error.details() == "a%\r\n\N{PILE OF POO}\x00\x7f~ z"
            assert dict(error.trailing_metadata()) == {"x-bin": bytes(range(256)), "y": "z"}


class TestLeaving:
    @pytest.mark.parametrize("delay_ms", [0, 1, 2, 3, 5, 8])
    async def test_nothing_is_lost_or_kept_of_connects_whose_caller_has_gone(
        self, server, app, caller, delay_ms
    ):
        await app.set_caps(session=8)
        tokens = await caller.new_tokens(8)
        calls = [caller.connect(minted.token) for minted in tokens]
        await asyncio.sleep(delay_ms / 1000)
        for call in calls:
            call.cancel()
        await asyncio.gather(*calls, return_exceptions=True)

        async def none_runs() -> bool:
            return await server.running() == 0

        await until(none_runs)

        async def what_is_charged_is_listed() -> bool:
            """The server may still be giving back what a caller left behind."""
            live = await caller.live()
            charged = sum(session.charged_seconds for session in live.values())
            return await caller.used("session_seconds") == charged

        await until(what_is_charged_is_listed)
        await asyncio.gather(*(caller.end(jti) for jti in await caller.live()))
        answers, reasons = await outcomes(caller.connect(minted.token) for minted in tokens)
        assert len(answers) == 8
        assert not reasons

    async def test_a_call_that_waits_ends_with_its_connection(self, tmp_path):
        """It waits for a store that has stopped, and nobody waits for it any more."""
        async with (
            running_store(tmp_path / "store") as (store, url),
            running_edge_server(tmp_path, url, {"CONJURE_STORE_TIMEOUT_S": "14"}) as alone,
        ):
            app = await alone_app(url)
            async with http1_channel(alone.place) as opened:
                caller = Client(opened, app.secret)
                assert not (await caller.list_worlds()).worlds
                with stopped(store.pid):
                    calls = [caller.create(small_world()) for _ in range(5)]

                    async def all_run() -> bool:
                        return await alone.running() == 5

                    await until(all_run)
                    for call in calls:
                        call.cancel()

                    async def none_runs() -> bool:
                        return await alone.running() == 0

                    await until(none_runs)
                    cancelled = (await scrape(alone.metrics_url)).total(
                        "conjure_rpc_requests_total", method="CreateWorld", code="CANCELLED"
                    )
                    assert cancelled == 5

                async def each_world_is_charged() -> bool:
                    """Whether it was made: nobody knows who has gone, but the two go together."""
                    made = len((await caller.list_worlds()).worlds)
                    return await caller.used("generation") == made

                await until(each_world_is_charged)
            await until(alone.is_quiet)


async def alone_app(url: str) -> TestApp:
    """An app on a store that is not the stack's."""
    async with administration(store_settings(url), AuthSettings()) as admin:
        return await new_app(admin)
