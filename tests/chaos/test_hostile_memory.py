"""Clients that are owed much and read nothing, or send much and never end: the memory is for others (real Envoy)."""

from __future__ import annotations

import asyncio
import contextlib
import re

import httpx
import pytest

from support.edge.envoy import Edge
from support.edge.upstream import Upstream, json_answer
from support.h2 import END_HEADERS, END_STREAM, HEADERS, Http2, block, frame, rest_fields
from support.until import LIMIT_S, until

pytestmark = pytest.mark.chaos


@contextlib.asynccontextmanager
async def greedy_http1(port: int):
    """Connections that ask for a large answer each, and do not read it."""
    opened = [await asyncio.open_connection("127.0.0.1", port, limit=1) for _ in range(40)]
    for _, writer in opened:
        writer.write(b"GET /v1/usage HTTP/1.1\r\nhost: x\r\n\r\n")
    yield
    for _, writer in opened:
        writer.transport.abort()


@contextlib.asynccontextmanager
async def greedy_http2(port: int):
    """One connection with forty streams, whose windows stay as small as they are."""
    async with Http2(port) as connection:
        for number in range(40):
            head = block(rest_fields())
            await connection.send(frame(HEADERS, END_STREAM | END_HEADERS, 2 * number + 1, head))
        yield


@pytest.mark.parametrize("greedy", [greedy_http1, greedy_http2])
async def test_whoever_asks_for_much_and_reads_nothing_gives_way_to_others(tmp_path, greedy):
    """They are owed 960 MiB of a heap of 150 MB. While they hold on, others are served again."""
    async with Upstream() as upstream, Edge(
        tmp_path, upstream.port, max_heap_bytes=150_000_000
    ) as edge:  # fmt: skip
        upstream.answer = json_answer(b"x" * (24 << 20))
        async with greedy(edge.config.rest_port):
            await until(lambda: len(upstream.calls) > 5)
            await asyncio.sleep(2)  # as much as fits has come
            upstream.answer = json_answer()
            answers: list[int] = []
            async with asyncio.timeout(LIMIT_S):
                while answers[-5:] != [200] * 5:
                    answers.append(await asyncio.to_thread(status_of, f"{edge.rest}/v1/usage"))
                    await asyncio.sleep(0.1)
        assert set(answers) <= {0, 200, 503}
        assert edge.process.poll() is None


async def test_bodies_that_arrive_at_once_and_slowly_end_before_the_heap(tmp_path):
    """Twenty of 12 MiB, of which all but the end has come, on a heap of 150 MB: the largest give way.

    Who was reset may ask again. The edge lives on, holds no more than it may, and serves others.
    """
    async with Upstream() as upstream, Edge(
        tmp_path, upstream.port, max_heap_bytes=150_000_000
    ) as edge:  # fmt: skip
        uploads = [asyncio.create_task(upload(edge.config.rest_port)) for _ in range(20)]
        try:
            await until(lambda: any(task.done() for task in uploads))
            answers: list[int] = []
            async with asyncio.timeout(LIMIT_S):
                while answers[-5:] != [200] * 5:
                    answers.append(await asyncio.to_thread(status_of, f"{edge.rest}/v1/usage"))
                    await asyncio.sleep(0.1)
            assert set(answers) <= {0, 200, 503}
            assert edge.process.poll() is None
            # What is in use, without what the allocator keeps for later: that is the machine's.
            await until(lambda: asyncio.to_thread(holds_less, edge, 150_000_000))
            assert {call.method.rpartition("/")[2] for call in upstream.calls} == {"GetUsage"}
            refusals = {task.result() for task in uploads if task.done()}
            assert refusals - {b""} == {b"HTTP/1.1 503 Service Unavailable"}  # may be sent again
        finally:
            for task in uploads:
                task.cancel()


async def upload(port: int) -> bytes:
    """Sends all of a large body but its end, then waits for that of the connection.

    Returns the first line of the answer, if any has come.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    answered = asyncio.create_task(reader.readline())
    size = 12 << 20
    writer.write(b"POST /v1/worlds HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n" % size)
    with contextlib.suppress(ConnectionError):
        for _ in range(size // (64 << 10) - 1):
            writer.write(b"x" * (64 << 10))
            await writer.drain()
            await asyncio.sleep(0)
    answer = b""
    with contextlib.suppress(ConnectionError):
        answer = await answered
    writer.transport.abort()
    return answer.strip()


def holds_less(edge: Edge, size: int) -> bool:
    """Whether Envoy has allocated fewer bytes than that, as it says itself every few seconds."""
    page = httpx.get(f"{edge.admin}/stats/prometheus", timeout=LIMIT_S, trust_env=False).text
    found = re.search(r"^envoy_server_memory_allocated\{\} (\d+)$", page, re.MULTILINE)
    assert found is not None
    return int(found[1]) < size


def status_of(url: str) -> int:
    """The status of an answer; 0 while no connection is taken."""
    try:
        return httpx.get(url, timeout=2, trust_env=False).status_code
    except httpx.TransportError:
        return 0
