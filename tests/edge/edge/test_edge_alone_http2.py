"""What only HTTP/2 clients can see of the REST listener, frame by frame."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass

import grpc
import pytest

from support.edge.envoy import Edge
from support.edge.upstream import Upstream, json_answer
from support.until import LIMIT_S

DATA, HEADERS, RST_STREAM, GOAWAY = 0x0, 0x1, 0x3, 0x7
END_STREAM, END_HEADERS = 0x1, 0x4


@dataclass
class Frame:
    kind: int
    flags: int
    stream: int
    payload: bytes


class Connection:
    """Just enough HTTP/2 to send a request and to count what comes back."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.writer.write(
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00\x00\x00\x04\x00" + b"\x00" * 4
        )

    async def get(self, path: str, stream: int, **headers: str) -> list[Frame]:
        fields = {":method": "GET", ":scheme": "http", ":authority": "x", ":path": path, **headers}
        block = b"".join(
            b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()
            for name, value in fields.items()
        )
        head = struct.pack(">I", len(block))[1:] + bytes([HEADERS, END_STREAM | END_HEADERS])
        self.writer.write(head + struct.pack(">I", stream) + block)
        frames = []
        while True:
            frame = await asyncio.wait_for(self._frame(), LIMIT_S)
            if frame.stream != stream and frame.kind != GOAWAY:
                continue
            frames.append(frame)
            ends = frame.kind in {DATA, HEADERS} and frame.flags & END_STREAM
            if ends or frame.kind in {RST_STREAM, GOAWAY}:
                return frames

    async def _frame(self) -> Frame:
        head = await self.reader.readexactly(9)
        length = int.from_bytes(head[:3], "big")
        payload = await self.reader.readexactly(length)
        return Frame(head[3], head[4], int.from_bytes(head[5:9], "big"), payload)


@pytest.fixture
async def upstream(way):
    async with Upstream() as upstream:
        yield upstream


@pytest.fixture
async def connection(upstream, tmp_path):
    async with Edge(tmp_path, upstream.port) as edge:
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.config.rest_port)
        yield Connection(reader, writer)
        writer.close()
        await writer.wait_closed()


def body(frames: list[Frame]) -> bytes:
    return b"".join(frame.payload for frame in frames if frame.kind == DATA)


def assert_no_text_in_trailers(frames: list[Frame]) -> None:
    """Nothing but `x-request-id`, without which Envoy would keep unread answers for ever (envoy.yaml)."""
    headers = [frame for frame in frames if frame.kind == HEADERS]
    assert len(headers) <= 2
    for trailers in headers[1:]:
        assert trailers.flags & END_STREAM
        assert len(trailers.payload) < 48  # a name and a UUID; a status or a text is more


@pytest.mark.parametrize("status", ["200", "422", "304", "204"])
async def test_trailers_say_nothing(connection, upstream, status):
    upstream.answer = json_answer(b"{}", headers=(("x-http-status", status),))
    frames = await connection.get("/v1/usage", 1)
    assert_no_text_in_trailers(frames)
    assert body(frames) == (b"{}" if status in {"200", "422"} else b"")


@pytest.mark.parametrize("early_headers", [(), (("etag", '"r"'),)])
async def test_text_of_a_grpc_error_stays_inside(connection, upstream, early_headers):
    async def fail(call, context):
        if early_headers:
            await context.send_initial_metadata(early_headers)
        await context.abort(grpc.StatusCode.INTERNAL, "library text")

    upstream.answer = fail
    frames = await connection.get("/v1/usage", 1)
    assert_no_text_in_trailers(frames)
    assert b"library" not in b"".join(frame.payload for frame in frames)


async def test_an_answer_to_head_has_no_body(connection, upstream):
    upstream.answer = json_answer(b"x" * 100_000, headers=(("etag", '"r"'),))
    for stream in (1, 3):
        frames = await connection.get("/v1/usage", stream, **{":method": "HEAD"})
        assert body(frames) == b""
        assert frames[-1].flags & END_STREAM
        assert_no_text_in_trailers(frames)
    upstream.reset()
    assert body(await connection.get("/v1/usage", 5)) == b"{}"


async def test_a_bad_request_ends_its_stream_and_not_the_connection(connection, upstream):
    frames = await connection.get("/v1/usage", 1, x_conjure_edge="1")
    assert [frame.kind for frame in frames] == [RST_STREAM]
    assert body(await connection.get("/v1/usage", 3)) == b"{}"
    assert len(upstream.calls) == 1
