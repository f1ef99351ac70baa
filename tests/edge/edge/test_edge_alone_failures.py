"""What clients see when servers are down, slow, or lost, and what passes the gRPC listener."""

from __future__ import annotations

import asyncio
import json
import time

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conjure.edge.config import EdgeConfig
from conjure.edge.render import EdgeError, envoy_binary, render, validate
from support.edge.envoy import Edge
from support.edge.upstream import Cable, Upstream, json_answer
from support.h2 import END_HEADERS, END_STREAM, HEADERS, Http2, block, frame, rest_fields
from support.until import LIMIT_S, until

CONNECT = "/v1/sessions/connect"
GET_WORLD = "/conjure.v1.WorldService/GetWorld"
TIMEOUT_S = 1.0  # of the edge whose patience is tested; the others have the default


@pytest.fixture
async def upstream(way):
    async with Upstream() as upstream:
        yield upstream


@pytest.fixture
async def cable(upstream):
    async with Cable(upstream.port) as cable:
        yield cable


@pytest.fixture
async def edge(cable, tmp_path):
    async with Edge(tmp_path, cable.port) as edge:
        yield edge


@pytest.fixture(scope="module")
async def unhurt(way, tmp_path_factory):
    """A server and an edge for all tests that leave them as they were."""
    async with (
        Upstream() as upstream,
        Edge(tmp_path_factory.mktemp("unhurt"), upstream.port) as edge,
    ):
        yield upstream, edge


@pytest.fixture
async def hasty_edge(cable, tmp_path):
    """One that waits for the server's answer for a second only."""
    async with Edge(tmp_path, cable.port, request_timeout_s=TIMEOUT_S) as edge:
        yield edge


@pytest.fixture
async def client(edge):
    async with httpx.AsyncClient(base_url=edge.rest, timeout=LIMIT_S) as client:
        yield client


@pytest.fixture
async def channel(edge):
    async with grpc.aio.insecure_channel(edge.grpc) as channel:
        yield channel


async def hang(call, context) -> bytes:
    await asyncio.sleep(3600)
    return b""


async def until_called(upstream: Upstream) -> None:
    await asyncio.wait_for(upstream.called.wait(), LIMIT_S)


def assert_error(response: httpx.Response, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"detail", "schemaVersion"}
    assert not [
        name for name in response.headers if name.startswith(("grpc-", "x-envoy", "server"))
    ]
    # 503 is a promise: nothing has happened, repeat it.
    assert response.headers.get("retry-after") == ("1" if status == 503 else None)


@pytest.mark.both_ways
class TestRest:
    async def test_server_down(self, client, cable):
        cable.close()
        cable.cut()
        for _ in range(3):
            assert_error(await client.post(CONNECT, headers={"origin": "https://a"}), 503)

    async def test_server_not_serving(self, client, upstream):
        await upstream.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)

        async def is_refused() -> bool:
            response = await client.get("/v1/usage")
            if response.status_code == 200:
                return False
            assert_error(response, 503)
            return True

        await until(is_refused)
        calls = len(upstream.calls)
        await client.get("/v1/usage")
        assert len(upstream.calls) == calls

    async def test_server_slow(self, hasty_edge, upstream):
        """Ended by the edge, whose client would wait much longer, and whose server does not answer at all."""
        upstream.answer = hang
        async with httpx.AsyncClient(base_url=hasty_edge.rest, timeout=LIMIT_S) as client:
            began = time.monotonic()
            response = await client.post(CONNECT, headers={"origin": "https://a"})
        assert_error(response, 504)
        assert time.monotonic() - began >= TIMEOUT_S
        assert response.headers["access-control-allow-origin"] == "*"
        assert len(upstream.calls) == 1

    async def test_request_slow(self, upstream, tmp_path):
        async with Edge(tmp_path, upstream.port, upload_timeout_s=0.3) as edge:
            reader, writer = await asyncio.open_connection("127.0.0.1", edge.config.rest_port)
            writer.write(b"POST /v1/worlds HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
            answer = await asyncio.wait_for(reader.read(), LIMIT_S)
            writer.close()
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert answer.endswith(
            b'{"detail":"the request did not arrive in time","schemaVersion":"1.0"}\n'
        )
        assert upstream.calls == []

    async def test_connection_lost_after_sending(self, client, upstream, cable):
        upstream.answer = hang
        answer = asyncio.create_task(client.post(CONNECT))
        await until_called(upstream)
        cable.cut()
        assert_error(await answer, 504)
        assert len(upstream.calls) == 1

    async def test_a_read_whose_connection_was_lost_is_sent_again(self, client, upstream, cable):
        """It has no effect to run twice; whoever asked does not notice."""
        upstream.answer = hang
        answer = asyncio.create_task(client.get("/v1/usage"))
        await until_called(upstream)
        upstream.answer = json_answer(b'{"day":"today"}')
        cable.cut()
        assert (await answer).json() == {"day": "today"}
        assert len(upstream.calls) == 2

    async def test_server_stopped_in_the_middle(self, client, upstream):
        upstream.answer = hang
        answer = asyncio.create_task(client.post(CONNECT))
        await until_called(upstream)
        await upstream.stop()
        assert_error(await answer, 504)

    async def test_too_many_requests_in_flight(self, upstream, tmp_path):
        let_go = asyncio.Event()

        async def wait(call, context) -> bytes:
            await let_go.wait()
            return await json_answer()(call, context)

        upstream.answer = wait
        async with (
            Edge(tmp_path, upstream.port, max_requests=1) as edge,
            httpx.AsyncClient(base_url=edge.rest, timeout=LIMIT_S) as client,
        ):
            first = asyncio.create_task(client.get("/v1/usage"))
            await until_called(upstream)
            for _ in range(2):
                assert_error(await client.get("/v1/usage"), 503)
            let_go.set()
            assert (await first).status_code == 200

    async def test_too_many_connections(self, upstream, tmp_path):
        async with (
            Edge(tmp_path, upstream.port, max_connections=1) as edge,
            httpx.AsyncClient(base_url=edge.rest, timeout=LIMIT_S) as first,
            httpx.AsyncClient(base_url=edge.rest, timeout=LIMIT_S) as second,
        ):
            assert (await first.get("/v1/usage")).status_code == 200
            with pytest.raises(httpx.TransportError):
                await second.get("/v1/usage")


@pytest.mark.both_ways
class TestRestOfAServerThatStays:
    @pytest.fixture
    def upstream(self, unhurt):
        unhurt[0].reset()
        return unhurt[0]

    @pytest.fixture
    def edge(self, unhurt):
        return unhurt[1]

    @pytest.mark.parametrize("code", [grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE])
    @pytest.mark.parametrize("verb", ["GET", "POST", "PATCH", "DELETE"])
    async def test_what_a_stopping_server_dropped(self, client, upstream, code, verb):
        """gRPC says so of calls that it never handed over, and of calls that it cut off: only reads go again."""

        async def drop_once(call, context):
            upstream.answer = json_answer()
            await context.abort(code, "dropped")

        upstream.answer = drop_once
        path = {"POST": "/v1/sessions/connect", "GET": "/v1/usage"}.get(verb, "/v1/worlds/w")
        response = await client.request(verb, path, json=None if verb == "GET" else {})
        if verb == "GET":
            assert response.status_code == 200
            assert len(upstream.calls) == 2
        else:
            assert_error(response, 504)
            assert len(upstream.calls) == 1

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            (grpc.StatusCode.UNIMPLEMENTED, 404),
            (grpc.StatusCode.UNAVAILABLE, 504),
            (grpc.StatusCode.DEADLINE_EXCEEDED, 504),
            (grpc.StatusCode.CANCELLED, 504),
            (grpc.StatusCode.UNKNOWN, 500),
            (grpc.StatusCode.INTERNAL, 500),
            (grpc.StatusCode.RESOURCE_EXHAUSTED, 500),
            (grpc.StatusCode.INVALID_ARGUMENT, 500),
        ],
    )
    async def test_unrendered_grpc_errors(self, edge, client, upstream, code, status):
        async def fail(call, context):
            await context.abort(code, "text of a library", (("retry-after", "9"),))

        upstream.answer = fail
        response = await client.get("/v1/usage", headers={"x-request-id": code.name})
        assert_error(response, status)
        assert "library" not in response.text
        assert json.loads(await edge.access_log(f'"{code.name}"'))["grpc_status"] == code.value[0]

    async def test_grpc_error_after_headers(self, client, upstream):
        async def fail(call, context):
            await context.send_initial_metadata((("etag", '"r"'),))
            await context.abort(grpc.StatusCode.INTERNAL, "text of a library")

        upstream.answer = fail
        response = await client.get("/v1/usage")
        assert (response.status_code, response.content) == (500, b"")


class TestGrpcOfAServerThatStays:
    @pytest.fixture
    def upstream(self, unhurt):
        unhurt[0].reset()
        return unhurt[0]

    @pytest.fixture
    def edge(self, unhurt):
        return unhurt[1]

    async def test_passes_through(self, channel, upstream):
        async def echo(call, context):
            await context.send_initial_metadata((("etag", '"r1"'), ("x-http-status", "402")))
            context.set_trailing_metadata((("tail", "1"), ("tail-bin", b"\x00\x01")))
            return call.request

        upstream.answer = echo
        sent = (
            ("x-conjure-edge", "1"),
            ("x-http-status", "500"),
            ("x-envoy-retry-on", "5xx"),
            ("x-request-id", "r" * 500),
            ("own-bin", b"\x00\xff"),
        )
        call = channel.unary_unary(GET_WORLD)(b"\x00raw", metadata=sent, timeout=LIMIT_S)
        assert await call == b"\x00raw"
        headers = dict(await call.initial_metadata())
        assert (headers["etag"], headers["x-http-status"]) == ('"r1"', "402")
        trailers = dict(await call.trailing_metadata())
        assert (trailers["tail"], trailers["tail-bin"]) == ("1", b"\x00\x01")
        for name in (
            "x-conjure-edge",
            "x-http-status",
            "x-envoy-retry-on",
            "x-envoy-original-path",
        ):
            assert upstream.last.header(name) is None
        assert upstream.last.header("own-bin") == b"\x00\xff"
        assert upstream.last.header("x-request-id") == headers["x-request-id"] == "r" * 128

    async def test_error_details(self, channel, upstream):
        details = b"\x08\x0a" * 3000

        async def fail(call, context):
            metadata = (("grpc-status-details-bin", details),)
            await context.abort(grpc.StatusCode.ABORTED, "détail", metadata)

        upstream.answer = fail
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(GET_WORLD)(b"")
        assert (caught.value.code(), caught.value.details()) == (grpc.StatusCode.ABORTED, "détail")
        assert dict(caught.value.trailing_metadata())["grpc-status-details-bin"] == details

    async def test_deadline_of_the_caller_reaches_the_server_bounded(self, edge, channel, upstream):
        limit_s = edge.config.request_timeout_s
        remaining = []

        async def note(call, context):
            remaining.append(context.time_remaining())
            return b""

        upstream.answer = note
        for timeout in (limit_s / 2, limit_s * 100):
            await channel.unary_unary(GET_WORLD)(b"", timeout=timeout)
        assert remaining[0] <= limit_s / 2 * 1.02  # gRPC rounds up what it sends
        # More than a call could have taken that was sent with the first deadline.
        assert limit_s / 2 < remaining[1] <= limit_s

    async def test_health_and_what_the_server_has_not(self, edge, channel, upstream):
        """The server refuses unknown RPCs itself, in its own words: here grpc.aio's. What is no gRPC ends here."""
        health = health_pb2_grpc.HealthStub(channel)
        assert (await health.Check(health_pb2.HealthCheckRequest())).status == 1
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary("/other.v1.Service/Method")(b"")
        assert caught.value.code() == grpc.StatusCode.UNIMPLEMENTED
        assert caught.value.details() == "Method not found!"
        async with Http2(edge.config.grpc_port) as connection:
            await connection.send(
                frame(HEADERS, END_HEADERS | END_STREAM, 1, block(rest_fields(GET_WORLD, "POST")))
            )
            await connection.answered(1)
            assert connection.kinds(HEADERS)
        assert upstream.calls == []


class TestGrpc:
    async def test_a_caller_without_a_deadline_has_the_edges(self, hasty_edge, upstream):
        upstream.answer = hang
        async with grpc.aio.insecure_channel(hasty_edge.grpc) as channel:
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await channel.unary_unary(GET_WORLD)(b"")
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED

    async def test_server_down_and_lost(self, channel, upstream, cable):
        upstream.answer = hang
        call = channel.unary_unary(GET_WORLD)(b"")
        await until_called(upstream)
        cable.close()
        cable.cut()
        with pytest.raises(grpc.aio.AioRpcError) as lost:
            await call
        assert lost.value.code() == grpc.StatusCode.UNKNOWN
        assert "outcome" in lost.value.details()
        with pytest.raises(grpc.aio.AioRpcError) as down:
            await channel.unary_unary(GET_WORLD)(b"")
        assert down.value.code() == grpc.StatusCode.UNAVAILABLE


class TestConfig:
    def test_default_configuration_is_valid(self):
        validate(render(EdgeConfig(upstreams=(("127.0.0.1", 50051), ("server", 50052)))))

    def test_every_access_log_is_valid(self):
        for target in ("stdout", "", "/tmp/conjure-edge-test.log"):
            validate(render(EdgeConfig(upstreams=(("::1", 50051),), access_log=target)))

    def test_envoy_says_what_is_wrong(self):
        with pytest.raises(EdgeError, match="no_such_field"):
            validate("no_such_field: 1")

    def test_envoy_is_there(self):
        assert envoy_binary().is_file()

    @pytest.mark.parametrize(
        "broken", [{"upstreams": ()}, {"admin_host": "0.0.0.0"}, {"request_timeout_s": 0}]
    )
    def test_regrettable_settings(self, broken):
        with pytest.raises(ValueError):
            render(EdgeConfig(**{"upstreams": (("127.0.0.1", 1),), **broken}))

    async def test_admin_shows_metrics(self, edge, client):
        await client.get("/v1/usage")
        async with httpx.AsyncClient(timeout=LIMIT_S) as admin:
            stats = (await admin.get(f"{edge.admin}/stats/prometheus")).text
        assert (
            'envoy_http_downstream_rq_completed{envoy_http_conn_manager_prefix="rest"} 1' in stats
        )
