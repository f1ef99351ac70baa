"""The listener for edges in a drain: what has come, or is coming, is answered, and answers are taken."""

from __future__ import annotations

import asyncio

from conjure.v1 import world_service_pb2 as world_pb
from support.http1 import Http1, framed, head, http1_channel, request
from support.http1_server import HEALTH, running_edge_server
from support.rpc import Client
from support.scrape import scrape
from support.until import until

MIB = 1_048_576
GET = "/conjure.v1.WorldService/GetWorld"
ENOUGH = {"CONJURE_SERVER_DRAIN_S": "60", "CONJURE_HEAVY_WORKERS": "0"}


async def test_a_request_that_is_coming_is_answered_and_an_idle_connection_ends(stack, tmp_path):
    async with running_edge_server(tmp_path, stack.store_url, ENOUGH) as server:
        async with Http1(server.place) as late, Http1(server.place) as idle:
            assert (await idle.ask(request(HEALTH))).message is not None
            late.write(head(HEALTH, "content-length: 5") + b"\0\0")
            await until(lambda: server.open_connections() == 2)
            stopping = asyncio.create_task(server.child.__aexit__())
            assert await idle.ended() == b""
            late.write(b"\0\0\0")
            answer = await late.answer()
            assert answer.message is not None
            assert answer.is_last
        await stopping


async def test_an_answer_that_is_being_taken_is_taken_to_its_end(stack, app, tmp_path):
    async with running_edge_server(tmp_path, stack.store_url, ENOUGH) as server:
        async with http1_channel(server.place) as opened:
            world_id = await Client(opened, app.secret).new_world(ballast="x" * (10 * MIB))
        message = framed(world_pb.GetWorldRequest(id=world_id).SerializeToString())
        async with Http1(server.place, reads=False) as connection:
            connection.write(request(GET, message, f"authorization: Bearer {app.secret}"))

            async def is_answered() -> bool:
                seen = await scrape(server.metrics_url)
                return seen.total("conjure_rpc_requests_total", method="GetWorld") == 1

            await until(is_answered)
            stopping = asyncio.create_task(server.child.__aexit__())

            async def takes_no_more() -> bool:
                try:
                    async with Http1(server.place):
                        return False
                except OSError:
                    return True

            await until(takes_no_more)
            connection.take()
            assert len((await connection.answer()).message) > 10 * MIB
        await stopping
