"""What grpc.aio would answer or log in its own words, and what it still does (SECURITY.md)."""

from __future__ import annotations

import asyncio
import gzip

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from conjure.core.errors import Reason
from support.h2 import DATA, END_HEADERS, END_STREAM, HEADERS, Http2, frame, grpc_fields
from support.h2 import block as header_block
from support.rpc import Client, client, metadata, refused
from support.stack import channel, new_app, running_server
from support.until import LIMIT_S
from support.worlds import small_world

MIB = 1_048_576


@pytest.fixture(params=["server", "edge"])
async def caller(request, stack, app):
    target = stack.server_target if request.param == "server" else stack.edge_grpc_target
    async with client(target, app.secret) as opened:
        yield opened


@pytest.mark.parametrize(
    "path",
    [
        "/conjure.v1.WorldService/Nothing",
        "/conjure.v1.WorldService/",
        "/conjure.v1.WorldService/getworld",
        "/conjure.v1.NoService/GetWorld",
        "/conjure.v2.WorldService/GetWorld",
        "/grpc.health.v1.Health/Nothing",
        "/grpc.reflection.v1alpha.ServerReflection/Nothing",
        "/somebody.Elses/Call",
        "/x",
        "/",
    ],
)
class TestAnRpcThatIsNotThere:
    async def test_its_error_has_our_detail(self, caller, app, path):
        call = caller.channel.unary_unary(path)
        refusal = await refused(
            call(b"\xff" * 100, metadata=metadata(app.secret), timeout=LIMIT_S),
            Reason.METHOD_NOT_ALLOWED,
        )
        assert refusal.code is grpc.StatusCode.UNIMPLEMENTED
        assert refusal.message == "this server has no such RPC"

    async def test_a_stream_is_refused_before_its_first_message(self, caller, path):
        async def never():
            await asyncio.Event().wait()
            yield b""

        call = caller.channel.stream_unary(path)(never(), timeout=LIMIT_S)
        await refused(call, Reason.METHOD_NOT_ALLOWED)
        stream = caller.channel.unary_stream(path)(b"", timeout=LIMIT_S)
        await refused(stream.read(), Reason.METHOD_NOT_ALLOWED)

    async def test_its_request_id_is_the_callers(self, caller, path):
        call = caller.channel.unary_unary(path)
        given = metadata(x_request_id="mine")
        refusal = await refused(
            call(b"", metadata=given, timeout=LIMIT_S), Reason.METHOD_NOT_ALLOWED
        )
        assert refusal.trailers["x-request-id"] == "mine"


class TestTheLibrarysOwnServices:
    async def test_health_names_what_it_does_not_know(self, caller):
        health = health_pb2_grpc.HealthStub(caller.channel)
        call = health.Check(health_pb2.HealthCheckRequest(service="nope"), timeout=LIMIT_S)
        await refused(call, Reason.NOT_FOUND)

    async def test_health_lists_all_services(self, caller):
        health = health_pb2_grpc.HealthStub(caller.channel)
        found = (await health.List(health_pb2.HealthListRequest(), timeout=LIMIT_S)).statuses
        assert {"", "conjure.v1.WorldService", "grpc.health.v1.Health"} <= set(found)
        serving = health_pb2.HealthCheckResponse.SERVING
        assert {answer.status for answer in found.values()} == {serving}

    async def test_reflection_lists_all_services(self, caller):
        async def ask():
            yield reflection_pb2.ServerReflectionRequest(list_services="")

        stub = reflection_pb2_grpc.ServerReflectionStub(caller.channel)
        answers = [answer async for answer in stub.ServerReflectionInfo(ask(), timeout=LIMIT_S)]
        (found,) = ({item.name for item in each.list_services_response.service} for each in answers)
        assert {"conjure.v1.WorldService", "grpc.health.v1.Health"} <= found


class TestAnAnswerThatIsNotTaken:
    """Its caller takes no message as large, or has hung up: neither is a fault of the server."""

    @pytest.fixture
    async def server(self, stack, tmp_path):
        """A server whose log nobody else writes to."""
        async with running_server(tmp_path, stack.store_url) as (_, port):
            yield f"127.0.0.1:{port}", tmp_path / "server.log"

    async def test_it_leaves_nothing_in_the_log(self, stack, server):
        target, log = server
        app = await new_app(stack.admin)
        async with channel(target) as opened:
            caller = Client(opened, app.secret)
            world_id = (await caller.create(small_world(ballast="x" * (3 * MIB)))).world_id
        small = (
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_receive_message_length", 100_000),
        )
        async with grpc.aio.insecure_channel(target, options=small) as opened:
            caller = Client(opened, app.secret)
            for _ in range(10):
                with pytest.raises(grpc.aio.AioRpcError) as refusal:
                    await caller.world(world_id)
                assert refusal.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        async with channel(target) as opened:
            caller = Client(opened, app.secret)
            for number in range(20):
                call = caller.world(world_id)
                await asyncio.sleep(0.001 * number)
                call.cancel()
            assert await caller.world(world_id)  # by then all of them have ended
        text = log.read_text()
        assert '"level": "error"' not in text
        assert "Traceback" not in text


class TestWhatTheLibraryStillSays:
    """As SECURITY.md names it: a code of gRPC, and no ApiError."""

    async def test_a_message_beyond_its_own_limit(self, caller):
        """It refuses by the length that the message begins with, so none of it stays in memory."""
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await caller.create(small_world(ballast="x" * (14 * MIB)))
        assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED

    @pytest.mark.parametrize(
        ("coding", "message", "code"),
        [
            ("nonsense", b"x", grpc.StatusCode.INTERNAL),
            ("br", b"x", grpc.StatusCode.INTERNAL),
            ("gzip", b"x", grpc.StatusCode.INTERNAL),
            # It stops where its limit is passed.
            ("gzip", gzip.compress(b"x" * (64 * MIB)), grpc.StatusCode.RESOURCE_EXHAUSTED),
        ],
        ids=["unknown", "brotli", "broken", "64 MiB in 64 KiB"],
    )
    async def test_a_compression(self, stack, app, coding, message, code):
        fields = grpc_fields(
            "/conjure.v1.WorldService/ListWorlds",
            ("grpc-encoding", coding),
            ("authorization", f"Bearer {app.secret}"),
        )
        data = b"\x01" + len(message).to_bytes(4, "big") + message
        pieces = [data[at : at + 16_384] for at in range(0, len(data), 16_384)]
        frames = [frame(DATA, 0, 1, piece) for piece in pieces[:-1]]
        frames.append(frame(DATA, END_STREAM, 1, pieces[-1]))
        async with Http2(int(stack.server_target.rpartition(":")[2])) as connection:
            await connection.send(
                frame(HEADERS, END_HEADERS, 1, header_block(fields)) + b"".join(frames)
            )
            await connection.answered(1)
            (trailers,) = connection.kinds(HEADERS)
            number = str(code.value[0]).encode()
            # A literal header field: its name, the length of its value, its value (RFC 7541, 6.2).
            assert b"grpc-status" + bytes([len(number)]) + number in trailers.payload
