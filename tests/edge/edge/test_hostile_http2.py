"""Floods of HTTP/2 frames, at the edge and at the server's own port: who floods is cut off, others go on."""

from __future__ import annotations

import asyncio
import struct

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conjure.v1.world_service_pb2 import GetWorldRequest
from support import h2
from support.h2 import END_HEADERS, END_STREAM, Http2, block, frame, grpc_fields, rest_fields
from support.rpc import Client, metadata
from support.stack import channel, resident_bytes
from support.until import LIMIT_S

WORLD = "/conjure.v1.WorldService/GetWorld"


def port_of(target: str) -> int:
    return int(target.rpartition(":")[2])


@pytest.fixture(params=["rest", "edge grpc", "server"])
async def door(stack, request):
    """A port, and the header fields of a request that is answered there."""
    return {
        "rest": (port_of(stack.rest_url), rest_fields("/healthz")),
        "edge grpc": (port_of(stack.edge_grpc_target), grpc_fields(WORLD)),
        "server": (port_of(stack.server_target), grpc_fields(WORLD)),
    }[request.param]


@pytest.fixture(autouse=True)
async def others_go_on(stack, rest):
    """After each of these, everybody else is served, at all three ports."""
    yield
    assert (await rest.get("/healthz")).status_code == 200
    for target in (stack.edge_grpc_target, stack.server_target):
        async with channel(target) as opened:
            stub = health_pb2_grpc.HealthStub(opened)
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=LIMIT_S)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING


async def cut_off(port: int, first: bytes, piece: bytes) -> None:
    """Sends pieces without end until the other side hangs up. Raises TimeoutError when it never does.

    How many go out until then says nothing: the kernel's buffers take thousands, each machine's its own.
    """
    async with Http2(port) as connection, asyncio.timeout(LIMIT_S):
        await connection.send(first)
        while await connection.send(piece):
            if connection.kinds(h2.GOAWAY):
                return
            await asyncio.sleep(0)


async def sent_in_vain(port: int, first: bytes, piece: bytes, *, pieces: int) -> None:
    """Sends so many pieces, which the other side reads, unless it hangs up."""
    async with Http2(port) as connection, asyncio.timeout(LIMIT_S):
        await connection.send(first)
        for _ in range(pieces):
            if not await connection.send(piece):
                return
            await asyncio.sleep(0)


class TestFloods:
    async def test_headers_without_end(self, door, stack):
        """CVE-2024-27316: CONTINUATION frames that nobody counts. The edge hangs up; gRPC forgets them."""
        port, fields = door
        first = frame(h2.HEADERS, END_STREAM, 1, block(fields))
        more = frame(h2.CONTINUATION, 0, 1, block([("a", "b" * 8000)]))
        if port != port_of(stack.server_target):
            await cut_off(port, first, more)
            return
        before = resident_bytes(stack.server.pid)
        await sent_in_vain(port, first, more, pieces=24_000)  # 192 MB
        # Kept, they would take all of that. What the allocator holds back for a while is the machine's.
        assert resident_bytes(stack.server.pid) - before < 128_000_000

    async def test_pings(self, door):
        """CVE-2019-9512: each asks for an answer, which is not read."""
        async with Http2(door[0], reads=False) as connection:
            for _ in range(2000):
                if not await connection.send(frame(h2.PING, 0, 0, b"12345678") * 100):
                    break
            connection.read()
            assert await connection.ended()

    async def test_empty_data(self, stack):
        """CVE-2019-9518: work without bytes. At the edge; gRPC reads it as what it is."""
        first = frame(h2.HEADERS, END_HEADERS, 1, block(grpc_fields(WORLD)))
        more = frame(h2.DATA, 0, 1) * 10
        await cut_off(port_of(stack.edge_grpc_target), first, more)

    async def test_broken_frames(self, door, stack):
        """The edge hangs up. gRPC looks past some of it."""
        for nonsense in (
            frame(h2.SETTINGS, 0, 0, b"x"),
            frame(h2.HEADERS, END_HEADERS, 1, b"\xff\xff\xff\xff\xff\xff\xff"),  # no HPACK
            b"\xff\xff\xff" + bytes([h2.DATA, 0]) + struct.pack(">I", 1),  # 16 MiB announced
        ):
            async with Http2(door[0]) as connection:
                await connection.send(nonsense)
                if door[0] != port_of(stack.server_target):
                    assert await connection.ended(), nonsense


class TestStreams:
    async def test_begun_and_reset(self, door, stack):
        """CVE-2023-44487, rapid reset: requests that cost the client nothing."""
        port, fields = door
        head = block(fields)
        async with Http2(port) as connection:
            for number in range(3000):
                stream = 2 * number + 1
                both = frame(h2.HEADERS, END_HEADERS, stream, head)
                both += frame(h2.RST_STREAM, 0, stream, struct.pack(">I", h2.CANCEL))
                if connection.kinds(h2.GOAWAY) or not await connection.send(both):
                    break
            # The edge ends the connection. gRPC works the resets off as they come.
            if port != port_of(stack.server_target):
                assert await connection.ended()

    async def test_no_more_at_once_than_the_connection_may_have(self, stack):
        """A body that never ends keeps each of them open."""
        for target, most, fields in (
            (stack.rest_url, 100, rest_fields("/v1/sessions/connect", "POST")),
            (stack.server_target, 1024, grpc_fields(WORLD)),
        ):
            async with Http2(port_of(target)) as connection:
                (settings,) = (await connection.until(h2.SETTINGS))[:1]
                announced = dict(struct.iter_unpack(">HI", settings.payload))
                assert announced[3] == most  # SETTINGS_MAX_CONCURRENT_STREAMS
                await connection.send(frame(h2.SETTINGS, h2.ACK, 0))
                head = block(fields)
                await connection.send(
                    b"".join(
                        frame(h2.HEADERS, END_HEADERS, 2 * number + 1, head)
                        for number in range(most + 20)
                    )
                )
                refused = await connection.until(h2.RST_STREAM, 1)
                assert refused or connection.closed.is_set()
                over = {item.stream for item in refused}
                assert min(over, default=2 * most) >= 2 * most


class TestMetadata:
    async def test_absurd_deadlines(self, door):
        """Whatever the header says: an answer or a refusal within the time of any call."""
        port, fields = door

        async def ask(value: str) -> None:
            async with Http2(port) as connection:
                head = block([*fields, ("grpc-timeout", value)])
                await connection.send(frame(h2.HEADERS, END_HEADERS, 1, head))
                await connection.send(frame(h2.DATA, END_STREAM, 1, b"\x00" * 5))
                await connection.answered(1)

        await asyncio.gather(
            *map(
                ask,
                ("99999999H", "0n", "-1S", "1", "S", "1e9S", "999999999999S", "1S, 2S", "\x7f", ""),
            )
        )

    @pytest.mark.parametrize("count", [200, 20_000])
    async def test_many_headers(self, stack, count):
        """At the server's own port: past its limit the call is refused and the connection lives."""
        async with channel(stack.server_target) as opened:
            many = tuple((f"x-{number}", "y" * 20) for number in range(count))
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await Client(opened).worlds.GetWorld(
                    GetWorldRequest(id="x"),
                    metadata=(*metadata("sk_test_x"), *many),
                    timeout=LIMIT_S,
                )
            assert refused.value.code() in {
                grpc.StatusCode.UNAUTHENTICATED,
                grpc.StatusCode.RESOURCE_EXHAUSTED,
                grpc.StatusCode.INTERNAL,
                grpc.StatusCode.UNAVAILABLE,
            }
            stub = health_pb2_grpc.HealthStub(opened)
            assert (await stub.Check(health_pb2.HealthCheckRequest(), timeout=LIMIT_S)).status == 1

    async def test_the_mark_of_the_edge_gives_no_rights(self, stack, way):
        """Whoever reaches the server's own port may send it, and gains nothing.

        Not even another form, but where the server believes edges there (CONJURE_EDGE_CALLS=grpc).
        """
        forged = (("x-conjure-edge", "1"), ("x-conjure-client", "203.0.113.5"))
        async with channel(stack.server_target) as opened:
            call = opened.unary_unary("/conjure.v1.UsageService/GetUsage")(
                b"", metadata=forged, timeout=LIMIT_S
            )
            if way == "grpc":
                assert b"is required" in await call
                assert dict(await call.initial_metadata())["x-http-status"] == "401"
                return
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await call
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED


async def test_headers_over_the_limit_are_431_in_json(stack):
    async with httpx.AsyncClient(trust_env=False, timeout=LIMIT_S) as client:
        answer = await client.get(f"{stack.rest_url}/v1/usage", headers={"x": "y" * 60_000})
    assert answer.status_code == 431
    assert set(answer.json()) == {"detail", "schemaVersion"}
