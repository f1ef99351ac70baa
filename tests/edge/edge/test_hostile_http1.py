"""What strangers try on HTTP/1.1: dripping, squatting, smuggling, odd paths. Real Envoy, real gRPC server."""

from __future__ import annotations

import asyncio
import contextlib
import json

import httpx
import pytest

from support.edge.envoy import Edge
from support.edge.raw_http import send_bytes
from support.until import LIMIT_S

HEAD = b"POST /v1/sessions/connect HTTP/1.1\r\nhost: x\r\n"
SMUGGLED = b"GET /v1/usage HTTP/1.1\r\nhost: x\r\nsmuggled: 1\r\n\r\n"

UNCLEAR = (
    b"content-length: 4\r\ntransfer-encoding: chunked\r\n",
    b"transfer-encoding: chunked\r\ncontent-length: 4\r\n",
    b"content-length: 4\r\ncontent-length: 5\r\n",
    b"content-length: 4, 5\r\n",
    b"content-length: +4\r\n",
    b"content-length: 0x4\r\n",
    b"content-length: 99999999999999999999\r\n",
    b"content-length: 4\x00\r\n",
    b"transfer-encoding: chunked, identity\r\n",
    b"transfer-encoding: identity, chunked\r\n",
    b"transfer-encoding: xchunked\r\n",
    b"transfer-encoding : chunked\r\n",
    b"transfer-encoding:\x0bchunked\r\n",
    b"transfer-encoding: chunked\r\ntransfer-encoding: identity\r\n",
    b"content-length : 4\r\n",
    b"x: a\x00b\r\ncontent-length: 0\r\n",
    b"na me: y\r\ncontent-length: 0\r\n",
    b": y\r\ncontent-length: 0\r\n",
)


@pytest.fixture(scope="module")
async def edge(upstream, tmp_path_factory):
    """One whose patience is short."""
    async with Edge(
        tmp_path_factory.mktemp("edge"),
        upstream.port,
        headers_timeout_s=0.5,
        upload_timeout_s=0.5,
        connection_idle_s=0.7,
    ) as edge:
        yield edge


async def drip(edge, first: bytes, drop: bytes, every_s: float = 0.05) -> bytes:
    """Sends drops until the edge has enough; returns what it said. Raises TimeoutError when it never has."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.config.rest_port)
    answer = asyncio.create_task(reader.read())
    writer.write(first)
    try:
        async with asyncio.timeout(LIMIT_S):
            while not answer.done():
                writer.write(drop)
                await writer.drain()
                await asyncio.sleep(every_s)
            return await answer
    except ConnectionError:
        return b""
    finally:
        answer.cancel()
        writer.transport.abort()


class TestSlowness:
    async def test_a_drop_now_and_then_does_not_keep_a_request_open(self, edge, client, upstream):
        dripped = await asyncio.gather(
            drip(edge, b"GET /v1/usage HTTP/1.1\r\nhost: x\r\n", b"a: b\r\n"),
            drip(edge, b"GET /v1/usage HTTP/1.1\r\nhost: ", b"x"),
            drip(edge, HEAD + b"content-length: 100000\r\n\r\n", b"x"),
            drip(edge, HEAD + b"transfer-encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        )
        for answer in dripped:
            assert answer == b"" or answer.startswith(b"HTTP/1.1 408 ")
        assert upstream.calls == []

    async def test_squatters_do_not_starve_others(self, upstream, tmp_path):
        """By an edge that bears with them for longer than others would wait to be served."""
        patience = {"headers_timeout_s": 4 * LIMIT_S, "connection_idle_s": 4 * LIMIT_S}
        async with (
            Edge(tmp_path, upstream.port, **patience) as edge,
            squatters(edge),
            httpx.AsyncClient(base_url=edge.rest, timeout=LIMIT_S, trust_env=False) as client,
        ):
            assert (await client.get("/v1/usage")).status_code == 200

    async def test_squatters_lose_their_place(self, edge, client):
        async with squatters(edge) as opened, asyncio.timeout(LIMIT_S):
            await asyncio.gather(*(reader.read() for reader, _ in opened))
        assert (await client.get("/v1/usage")).status_code == 200


@contextlib.asynccontextmanager
async def squatters(edge):
    """Four hundred connections: half say nothing, half begin a request."""
    opened = [await asyncio.open_connection("127.0.0.1", edge.config.rest_port) for _ in range(400)]
    for number, (_, writer) in enumerate(opened):
        if number % 2:
            writer.write(b"GET /v1/usage HTTP/1.1\r\nhost: ")
    try:
        yield opened
    finally:
        for _, writer in opened:
            writer.close()


class TestSmuggling:
    async def test_unclear_framing_is_one_request_or_none(self, edge, client, upstream):
        """Whatever one part may take for the end of a body, no second request comes out of it."""

        async def answer_to(headers: bytes) -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", edge.config.rest_port)
            writer.write(HEAD + headers + b"\r\n0\r\n\r\n" + SMUGGLED)
            # Refused, or waiting for what its own framing promises until the edge's time is up.
            async with asyncio.timeout(LIMIT_S):
                answer = await reader.read()
            writer.close()
            return answer

        answers = await asyncio.gather(*map(answer_to, UNCLEAR))
        for headers, answer in zip(UNCLEAR, answers, strict=True):
            statuses = (b"HTTP/1.1 400 ", b"HTTP/1.1 408 ")
            assert answer.startswith(statuses), headers
            head, _, body = answer.partition(b"\r\n\r\n")
            assert b"content-type: application/json" in head.lower(), headers
            assert set(json.loads(body)) == {"detail", "schemaVersion"}, headers
        assert upstream.calls == []

    @pytest.mark.parametrize(
        ("line", "value"),
        [
            (b"x: y\r\n transfer-encoding: chunked\r\n", "y transfer-encoding: chunked"),
            (b"x: y\r\n\tx-conjure-edge: 2\r\n", "y x-conjure-edge: 2"),
            (b"x: y\rtransfer-encoding: chunked\r\n", "ytransfer-encoding: chunked"),
        ],
    )
    async def test_a_folded_line_is_one_value_and_no_second_header(
        self, edge, client, upstream, line, value
    ):
        answer = await send_bytes(edge.rest, HEAD + line + b"content-length: 2\r\n\r\n{}")
        assert answer.status_code == 200
        assert " ".join(upstream.last.header("x").split()) == value
        assert upstream.last.http_body.data == b"{}"

    async def test_a_body_that_looks_like_a_request_is_a_body(self, edge, client, upstream):
        framed = HEAD + b"content-length: %d\r\n\r\n" % len(SMUGGLED) + SMUGGLED
        assert (await send_bytes(edge.rest, framed)).status_code == 200
        chunked = HEAD + b"transfer-encoding: chunked\r\n\r\n%x\r\n" % len(SMUGGLED)
        answer = await send_bytes(edge.rest, chunked + SMUGGLED + b"\r\n0\r\n\r\n")
        assert answer.status_code == 200
        assert [call.http_body.data for call in upstream.calls] == [SMUGGLED, SMUGGLED]

    async def test_trailers_are_no_headers(self, edge, client, upstream):
        trailers = b"authorization: Bearer t\r\nx-conjure-edge: 2\r\nx-http-status: 500\r\n"
        request = HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n" + trailers + b"\r\n"
        assert (await send_bytes(edge.rest, request)).status_code == 200
        assert upstream.last.header("authorization") is None
        assert upstream.last.header("x-conjure-edge") == "1"

    async def test_a_client_cannot_have_the_edges_own_headers_taken_off(self, client, upstream):
        """`connection` names headers to be dropped on the way (RFC 9110, 7.6.1)."""
        names = "x-conjure-edge, authorization, x-conjure-client, content-type, keep-alive"
        await client.get("/v1/usage", headers={"connection": names, "authorization": "Bearer k"})
        assert upstream.last.header("x-conjure-edge") == "1"
        assert upstream.last.header("x-conjure-client") == "127.0.0.1"

    async def test_dangerous_headers_of_the_proxy_are_the_proxys(self, client, upstream):
        forged = {
            "x-envoy-original-path": "/v1/worlds/other",
            "x-envoy-max-retries": "100",
            "x-envoy-retry-grpc-on": "unavailable,internal",
            "x-envoy-expected-rq-timeout-ms": "1",
            "x-envoy-upstream-alt-stat-name": "x",
            "x-envoy-external-address": "203.0.113.1",
            "x-conjure-client": "203.0.113.1",
            "x-envoy-internal": "true",
            "x-envoy-ip-tags": "trusted",
            "x-forwarded-for": "203.0.113.1",
            "x-http-status": "204",
            "grpc-timeout": "99999999H",
        }
        answer = await client.get("/v1/usage", headers=forged)
        assert (answer.status_code, answer.content) == (200, b"{}")
        assert upstream.last.header("x-envoy-original-path") == "/v1/usage"
        assert upstream.last.header("x-conjure-client") == "127.0.0.1"
        ours = {"x-envoy-original-path", "x-forwarded-for", "x-conjure-client"}
        kept = {key: value for key, value in upstream.last.metadata if key in set(forged) - ours}
        assert kept in ({}, {"x-envoy-external-address": "127.0.0.1"})  # the edge's own, if any
        assert len(upstream.calls) == 1


class TestHosts:
    @pytest.mark.parametrize(
        "lines",
        [
            b"", b"host:\r\n", b"host: \r\n", b"host: a\r\nhost: b\r\n", b"host: a\r\nhost: a\r\n",
            b"host: a\r\nx: y\r\nHOST: b\r\n", b"host: a, b\r\n", b"host: user:pass@a\r\n", b"host: @a\r\n",
            b"host: a b\r\n", b"host: a/b\r\n", b"host: a?b\r\n", b"host: a#b\r\n", b"host: a\\b\r\n",
            b"host: a:b\r\n", b"host: a:\r\n", b"host: :80\r\n", b"host: a:1:2\r\n", b"host: a:-1\r\n",
            b"host: a%20b\r\n", b"host: \xc3\xa9\r\n", b"host: [::1\r\n", b"host: [x]\r\n", b"host: a\x0b\r\n",
        ],
    )  # fmt: skip
    async def test_a_host_that_is_none_or_two(self, edge, client, upstream, lines):
        """RFC 9112, 3.2: 400, whatever was asked for."""
        for first in (b"GET /v1/usage", b"POST /v1/sessions/connect", b"PUT /nope"):
            request = first + b" HTTP/1.1\r\n" + lines + b"content-length: 0\r\n\r\n"
            answer = await send_bytes(edge.rest, request)
            assert answer.status_code == 400, first
            assert answer.json() == {"detail": "malformed request", "schemaVersion": "1.0"}
            assert answer.headers["content-type"] == "application/json"
        assert upstream.calls == []

    @pytest.mark.parametrize(
        "host", ["a", "play.example", "play.example:8080", "127.0.0.1:1", "[::1]:8080", "[fe80::1]", "a_b-c"]
    )  # fmt: skip
    async def test_names_and_addresses_are_hosts(self, edge, client, upstream, host):
        request = f"GET /v1/usage HTTP/1.1\r\nhost: {host}\r\n\r\n".encode()
        assert (await send_bytes(edge.rest, request)).status_code == 200


class TestPaths:
    @pytest.mark.parametrize(
        ("target", "rpc"),
        [
            (b"//v1//usage", "GetUsage"),  # slashes are merged
            (b"/v1/worlds/../usage", "GetUsage"),
            (b"/v1/worlds/%2e%2e/usage", "GetUsage"),
            (
                b"http://evil.example/v1/usage",
                "GetUsage",
            ),  # absolute form: the host decides nothing
            (b"/v1/worlds/..%2fusage", "GetWorld"),  # one name with a slash in it
            (b"/../../etc/passwd", None),
            (b"/v1/worlds/%00", None),
            (b"/v1/usage#fragment", None),
            (b"/v1/%75sage%2f", None),
            (b"/v1/usage;x=y", None),
            (b"\\v1\\usage", None),
            (b"*", None),
            (b"/v1/usage" + b"/" * 20_000, None),
        ],
    )
    async def test_a_path_means_one_thing_to_edge_and_server(
        self, edge, client, upstream, target, rpc
    ):
        answer = await send_bytes(edge.rest, b"GET " + target + b" HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (answer.status_code == 200) == (rpc is not None)
        assert [call.method.rpartition("/")[2] for call in upstream.calls] == ([rpc] if rpc else [])
        if rpc is None:
            assert answer.status_code in {400, 404}
            assert set(answer.json()) == {"detail", "schemaVersion"}

    @pytest.mark.parametrize(
        "request_bytes",
        [
            b"GET /v1/worlds/%00 HTTP/1.1\r\nhost: x\r\ncontent-type: application/grpc\r\n\r\n",
            b"GET /v1/usage HTTP/1.1\r\nhost: x\r\nx_y: 1\r\ncontent-type: application/grpc\r\n\r\n",
            b"CONNECT /v1/usage HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        ],
    )
    async def test_faults_of_clients_are_none_of_ours(self, edge, client, upstream, request_bytes):
        """Found by the fuzzer: these were 500 and 501."""
        answer = await send_bytes(edge.rest, request_bytes)
        assert answer.status_code == 400
        assert answer.json() == {"detail": "malformed request", "schemaVersion": "1.0"}
        assert not [name for name in answer.headers if name.startswith(("grpc-", "x-http"))]

    async def test_it_is_no_proxy(self, edge, client, upstream):
        for request in (
            b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n",
            b"GET http://169.254.169.254/latest/meta-data HTTP/1.1\r\nhost: x\r\n\r\n",
        ):
            answer = await send_bytes(edge.rest, request)
            assert answer.status_code in {400, 403, 404, 405}
            assert answer.headers["content-type"] == "application/json"
        assert upstream.calls == []
