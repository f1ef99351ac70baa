"""Large requests that come at once over HTTP/1.1, and a server that has room for some."""

from __future__ import annotations

import json

import pytest
from google.api import httpbody_pb2

from conjure.v1 import rest_pb2
from support.http1 import Http1, framed, request
from support.http1_server import running_edge_server
from support.until import until

MIB = 1 << 20
CREATE = "/conjure.v1.WorldService/CreateWorld"
MARK = ("x-conjure-edge: 1", "x-envoy-original-method: POST")


@pytest.fixture(scope="module")
async def server(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("room")
    environment = {"CONJURE_SERVER_LARGE_BODIES_BYTES": str(3 * MIB)}
    async with running_edge_server(folder, stack.store_url, environment) as running:
        yield running
        await running.must_be_well()


def creation(size: int) -> bytes:
    """A request without a credential, as an edge passes it on: it is read, and answered 401."""
    envelope = rest_pb2.RestEnvelope(http_body=httpbody_pb2.HttpBody(data=b" " * size))
    return request(CREATE, framed(envelope.SerializeToString()), *MARK)


def status_of(answer) -> int:
    body = httpbody_pb2.HttpBody.FromString(answer.message)
    assert set(json.loads(body.data)) == {"detail", "schemaVersion"}
    status = int(answer.header("x-http-status"))
    assert (answer.header("retry-after") is not None) == (status == 503)
    return status


async def test_what_there_is_no_room_for_is_told_to_come_again_and_its_connection_goes_on(server):
    data = creation(2 * MIB)
    async with Http1(server.place) as first, Http1(server.place) as second:
        for _ in range(3):
            first.write(data[:MIB])
            await first.writer.drain()
            assert status_of(await second.ask(creation(MIB // 2))) == 401  # it is not large
            assert status_of(await second.ask(data)) == 503
            first.write(data[MIB:])
            assert status_of(await first.answer()) == 401
            assert status_of(await second.ask(data)) == 401


async def test_whoever_leaves_gives_the_room_back(server):
    data = creation(2 * MIB)
    async with Http1(server.place) as other:
        for sent in (MIB, len(data) - 1, len(data)):
            async with Http1(server.place) as connection:
                connection.write(data[:sent])
                await connection.writer.drain()

            async def is_read() -> bool:
                return status_of(await other.ask(data)) == 401

            await until(is_read)
