"""What the edge itself has to share: requests in flight, connections; and rates of addresses."""

from __future__ import annotations

import asyncio
import contextlib

import httpx

from support.rest import assert_error, bearer, import_world
from support.stack import channel, running_edge
from support.until import LIMIT_S


@contextlib.asynccontextmanager
async def edge_of(stack, tmp_path, **settings):
    """REST clients and the ports of an edge of its own before the shared server."""
    server_port = int(stack.server_target.split(":")[1])
    async with (
        running_edge(tmp_path, server_port, **settings) as (_, rest_port, grpc_port),
        httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{rest_port}", trust_env=False, timeout=LIMIT_S
        ) as client,
    ):
        yield client, rest_port, grpc_port


async def test_slow_bodies_take_no_place_of_a_request(stack, app, tmp_path):
    """Before a body is whole nothing is sent to a server, so nothing is in flight."""
    head = (
        "POST /v1/worlds HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
        f"authorization: Bearer {app.secret}\r\ncontent-length: 1000\r\n\r\n{{"
    )
    async with (
        edge_of(stack, tmp_path, max_requests=2) as (client, port, _),
        contextlib.AsyncExitStack() as opened,
    ):
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            opened.callback(writer.close)
            writer.write(head.encode())
            await writer.drain()
        for _ in range(5):
            answer = await client.get("/v1/usage", headers=bearer(app.secret))
            assert answer.status_code == 200


async def test_streams_take_no_place_of_a_call(stack, app, rest, tmp_path):
    """They have a limit of their own, so calls go on when it is reached."""
    path = f"/v1/worlds/{await import_world(rest, app.secret)}/events-stream"
    async with (
        edge_of(stack, tmp_path, max_requests=2, max_streams=4) as (client, _, _),
        contextlib.AsyncExitStack() as opened,
    ):
        statuses = []
        for _ in range(6):
            answer = await opened.enter_async_context(
                client.stream("GET", path, headers=bearer(app.secret))
            )
            statuses.append(answer.status_code)
        assert statuses == [200] * 4 + [503] * 2
        for _ in range(5):
            answer = await client.get("/v1/usage", headers=bearer(app.secret))
            assert answer.status_code == 200


async def test_the_public_cannot_keep_internal_services_out(stack, app, tmp_path):
    """Of all connections REST has a part."""
    async with (
        edge_of(stack, tmp_path, max_connections=8, rest_connections=0.5) as (_, port, grpc_port),
        contextlib.AsyncExitStack() as opened,
    ):
        for _ in range(20):
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            opened.callback(writer.close)
        async with channel(f"127.0.0.1:{grpc_port}") as caller:
            async with asyncio.timeout(LIMIT_S):
                await caller.channel_ready()


async def test_an_address_over_its_rate_is_429_before_a_server_sees_it(stack, tmp_path):
    here, neighbour = {"x-forwarded-for": "203.0.113.7"}, {"x-forwarded-for": "203.0.113.8"}
    async with edge_of(stack, tmp_path, address_per_s=1, address_burst_s=10, trusted_hops=1) as (
        client,
        _,
        _,
    ):
        answers = [await client.get("/v1/usage", headers=here) for _ in range(40)]
        assert {answer.status_code for answer in answers} == {401, 429}
        assert [answer.status_code for answer in answers[:10]] == [401] * 10
        refusal = next(answer for answer in answers if answer.status_code == 429)
        assert_error(refusal, 429)
        assert refusal.headers["retry-after"] == "1"
        assert "x-envoy-ratelimited" not in refusal.headers
        assert (await client.get("/healthz", headers=neighbour)).status_code == 200
        same = [{"x-forwarded-for": f"2001:db8:0:1::{number:x}"} for number in range(1, 40)]
        answers = [await client.get("/healthz", headers=address) for address in same]
        assert 429 in {answer.status_code for answer in answers}
