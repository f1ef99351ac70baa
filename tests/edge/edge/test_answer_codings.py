"""What the edge does with the coding that a client accepts and a server has answered in: nothing."""

from __future__ import annotations

import gzip

import httpx
import pytest

from support.edge.upstream import json_answer
from support.until import LIMIT_S

BODY = b'{"world":"' + b"x" * 3_000 + b'"}'
CONNECT = "/v1/sessions/connect"
SCENE = "/v1/worlds/w1/scene"
CODED = gzip.compress(BODY)
CODING = (("content-encoding", "gzip"), ("etag", '"r1-gzip"'))


@pytest.fixture
async def client(edge, upstream):
    upstream.reset()
    async with httpx.AsyncClient(base_url=edge.rest, timeout=LIMIT_S, trust_env=False) as client:
        yield client


@pytest.mark.parametrize("accepted", ["gzip", "br;q=0.5, gzip", "identity", "x-gzip", "*;q=0"])
async def test_what_a_client_accepts_reaches_the_server_as_it_is(client, upstream, accepted):
    await client.get(SCENE, headers={"accept-encoding": accepted})
    assert upstream.last.header("accept-encoding") == accepted


async def test_lines_of_the_header_are_one_list(client, upstream):
    await client.get(SCENE, headers=[("accept-encoding", "br"), ("accept-encoding", "gzip;q=0")])
    values = [value for key, value in upstream.last.metadata if key == "accept-encoding"]
    assert ",".join(values).replace(" ", "") == "br,gzip;q=0"


@pytest.mark.parametrize("verb", ["GET", "HEAD", "POST"])
async def test_a_coded_answer_goes_to_the_client_as_it_is(client, upstream, verb):
    upstream.answer = json_answer(CODED, headers=CODING)
    path = CONNECT if verb == "POST" else SCENE
    async with client.stream(verb, path, headers={"accept-encoding": "gzip"}) as answer:
        raw = b"".join([piece async for piece in answer.aiter_raw()])
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["etag"] == '"r1-gzip"'
    assert answer.headers["content-type"] == "application/json"
    assert raw == (b"" if verb == "HEAD" else CODED)
    if verb != "HEAD":
        assert answer.headers["content-length"] == str(len(CODED))
