"""What clients see when servers are down, slow, or lost, and what passes the gRPC listener."""

from __future__ import annotations

import asyncio
import json
import time

import grpc
import httpx
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from conjure.edge.render import EdgeConfig, EdgeError, envoy_binary, render, validate
from support.edge.envoy import Edge
from support.edge.upstream import Cable, Upstream, json_answer
from support.h2 import END_HEADERS, END_STREAM, HEADERS, Http2, block, frame, rest_fields

CONNECT = "/v1/sessions/connect"
GET_WORLD = "/conjure.v1.WorldService/GetWorld"
TIMEOUT_S = 1.0


@pytest.fixture
async def upstream():
    async with Upstream() as upstream:
        yield upstream


@pytest.fixture
async def cable(upstream):
    async with Cable(upstream.port) as cable:
        yield cable


@pytest.fixture
async def edge(cable, tmp_path):
    async with Edge(tmp_path, cable.port, request_timeout_s=TIMEOUT_S) as edge:
        yield edge


@pytest.fixture
async def client(edge):
    async with httpx.AsyncClient(base_url=edge.rest, timeout=30) as client:
        yield client


@pytest.fixture
async def channel(edge):
    async with grpc.aio.insecure_channel(edge.grpc) as channel:
        yield channel


async def hang(call, context) -> bytes:
    await asyncio.sleep(30)
    return b""


async def until_called(upstream: Upstream) -> None:
    await asyncio.wait_for(upstream.called.wait(), 10)


def assert_error(response: httpx.Response, status: int) -> None:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"detail", "schemaVersion"}
    assert not [
        name for name in response.headers if name.startswith(("grpc-", "x-envoy", "server"))
    ]
    # 503 is a promise: nothing has happened, repeat it.
    assert response.headers.get("retry-after") == ("1" if status == 503 else None)


class TestRest:
    async def test_server_down(self, client, cable):
        cable.server.close()
        cable.cut()
        for _ in range(3):
            assert_error(await client.post(CONNECT, headers={"origin": "https://a"}), 503)

    async def test_server_not_serving(self, client, upstream):
        await upstream.health.set("", health_pb2.HealthCheckResponse.NOT_SERVING)
        end = time.monotonic() + 10
        while (response := await client.get("/v1/usage")).status_code == 200:
            assert time.monotonic() < end
            await asyncio.sleep(0.1)
        assert_error(response, 503)
        calls = len(upstream.calls)
        await client.get("/v1/usage")
        assert len(upstream.calls) == calls

    async def test_server_slow(self, client, upstream):
        upstream.answer = hang
        began = time.monotonic()
        response = await client.post(CONNECT, headers={"origin": "https://a"})
        assert_error(response, 504)
        assert TIMEOUT_S <= time.monotonic() - began < TIMEOUT_S + 1
        assert response.headers["access-control-allow-origin"] == "https://a"
        assert len(upstream.calls) == 1

    async def test_request_slow(self, upstream, tmp_path):
        async with Edge(tmp_path, upstream.port, upload_timeout_s=0.3) as edge:
            reader, writer = await asyncio.open_connection("127.0.0.1", edge.config.rest_port)
            writer.write(b"POST /v1/worlds HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
            answer = await asyncio.wait_for(reader.read(), 5)
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

    async def test_server_stopped_in_the_middle(self, client, upstream):
        upstream.answer = hang
        answer = asyncio.create_task(client.post(CONNECT))
        await until_called(upstream)
        await upstream.stop()
        assert_error(await answer, 504)

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
        response = await client.get("/v1/usage", headers={"x-request-id": "unrendered"})
        assert_error(response, status)
        assert "library" not in response.text
        assert json.loads(await edge.access_log("unrendered"))["grpc_status"] == code.value[0]

    async def test_grpc_error_after_headers(self, client, upstream):
        async def fail(call, context):
            await context.send_initial_metadata((("etag", '"r"'),))
            await context.abort(grpc.StatusCode.INTERNAL, "text of a library")

        upstream.answer = fail
        response = await client.get("/v1/usage")
        assert (response.status_code, response.content) == (500, b"")

    async def test_too_many_requests_in_flight(self, upstream, tmp_path):
        upstream.answer = hang
        async with (
            Edge(tmp_path, upstream.port, request_timeout_s=TIMEOUT_S, max_requests=1) as edge,
            httpx.AsyncClient(base_url=edge.rest, timeout=30) as client,
        ):
            answers = await asyncio.gather(*(client.get("/v1/usage") for _ in range(3)))
        by_status = sorted(answers, key=lambda answer: answer.status_code)
        assert [answer.status_code for answer in by_status] == [503, 503, 504]
        assert_error(by_status[0], 503)

    async def test_too_many_connections(self, upstream, tmp_path):
        async with (
            Edge(tmp_path, upstream.port, max_connections=1) as edge,
            httpx.AsyncClient(base_url=edge.rest) as first,
            httpx.AsyncClient(base_url=edge.rest) as second,
        ):
            assert (await first.get("/v1/usage")).status_code == 200
            with pytest.raises(httpx.TransportError):
                await second.get("/v1/usage")


class TestGrpc:
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
        call = channel.unary_unary(GET_WORLD)(b"\x00raw", metadata=sent, timeout=0.9)
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

    async def test_deadline_of_the_caller_reaches_the_server_bounded(self, channel, upstream):
        remaining = []

        async def note(call, context):
            remaining.append(context.time_remaining())
            return b""

        upstream.answer = note
        for timeout in (0.5, 60):
            await channel.unary_unary(GET_WORLD)(b"", timeout=timeout)
        assert remaining[0] <= 0.5
        assert 0.5 < remaining[1] <= TIMEOUT_S
        upstream.answer = hang
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.unary_unary(GET_WORLD)(b"")
        assert caught.value.code() == grpc.StatusCode.DEADLINE_EXCEEDED

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

    async def test_server_down_and_lost(self, channel, upstream, cable):
        upstream.answer = hang
        call = channel.unary_unary(GET_WORLD)(b"")
        await until_called(upstream)
        cable.server.close()
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
        async with httpx.AsyncClient() as admin:
            stats = (await admin.get(f"{edge.admin}/stats/prometheus")).text
        assert (
            'envoy_http_downstream_rq_completed{envoy_http_conn_manager_prefix="rest"} 1' in stats
        )
