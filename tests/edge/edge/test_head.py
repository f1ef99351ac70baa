"""HEAD goes wherever GET goes, with the same headers and without the body (RFC 9110, 9.1 and 9.3.2)."""

from __future__ import annotations

import asyncio

import grpc
import httpx
import pytest

from conjure.edge.descriptor import rest_methods
from support.cases import each_of
from support.edge.envoy import Edge
from support.edge.every_rpc import CASES, RPCS, Place, http_request
from support.edge.upstream import json_answer
from support.ports import claimed_port
from support.rest import assert_error, bearer
from support.until import LIMIT_S

GETS = [method for method in rest_methods() if method.verb == "GET"]
READS = [
    case
    for case in CASES
    if RPCS[case.rpc].is_read
    and RPCS[case.rpc].is_rest
    and case.verb == "GET"
    and case.status == 200
]
OF_EACH_ANSWER = {"date", "x-request-id"}
NOWHERE = "00000000-0000-4000-8000-000000000000"

every_get = each_of("method", GETS, ids=lambda method: method.path)


def same(answer: httpx.Response) -> dict[str, str]:
    """The headers that two answers to one request have in common."""
    return {name: text for name, text in answer.headers.items() if name not in OF_EACH_ANSWER}


@pytest.fixture
async def client(edge, upstream):
    """A client of one connection: a stray body would be read as the next answer."""
    upstream.reset()
    limits = httpx.Limits(max_connections=1)
    async with httpx.AsyncClient(
        base_url=edge.rest, timeout=LIMIT_S, trust_env=False, limits=limits
    ) as client:
        yield client


class TestTheEdgeAlone:
    """Any server behind it, whatever it answers."""

    @every_get
    @each_of("status", ["200", "304", "401", "404", "503"])
    async def test_the_headers_of_a_get_without_its_body(self, client, upstream, method, status):
        path = method.path.replace("{", "<").replace("}", ">")
        headers = (("x-http-status", status), ("etag", '"r1"'), ("retry-after", "7"))
        upstream.answer = json_answer(b'{"a":1}', headers=headers)
        for _ in range(2):
            get, head = await client.get(path), await client.head(path)
            assert head.status_code == get.status_code == int(status)
            assert same(head) == same(get)
            assert head.content == b""
            assert upstream.last.method == method.name
            assert upstream.last.header("x-envoy-original-method") == "HEAD"
            assert upstream.last.header("x-conjure-edge") == "1"

    async def test_an_answer_larger_than_any_buffer(self, client, upstream):
        upstream.answer = json_answer(b"x" * (24 << 20))
        head = await client.head("/v1/usage")
        assert head.headers["content-length"] == str(24 << 20)
        assert (await client.head("/v1/usage")).content == b""

    async def test_what_no_server_rendered(self, client, upstream):
        async def fail(call, context):
            await context.abort(grpc.StatusCode.UNAVAILABLE, "text of the library")

        upstream.answer = fail
        for _ in range(2):
            get, head = await client.get("/v1/usage"), await client.head("/v1/usage")
            assert (get.status_code, head.status_code) == (504, 504)
            assert head.headers["content-type"] == "application/json"
            assert head.content == b""

    async def test_a_server_that_is_lost_after_its_headers(self, client, upstream):
        async def fail(call, context):
            await context.send_initial_metadata((("etag", '"r"'),))
            await context.abort(grpc.StatusCode.INTERNAL, "text of the library")

        upstream.answer = fail
        assert (await client.head("/v1/usage")).status_code == 500
        upstream.reset()
        assert (await client.get("/v1/usage")).content == b"{}"

    async def test_no_server_is_there(self, tmp_path):
        async with (
            Edge(tmp_path, claimed_port()) as edge,
            httpx.AsyncClient(base_url=edge.rest, timeout=LIMIT_S, trust_env=False) as client,
        ):
            for _ in range(2):
                head = await client.head("/healthz")
                assert head.status_code == 503
                assert head.headers["retry-after"] == "1"
                assert head.content == b""

    async def test_a_browser_on_another_origin_may_ask(self, client):
        for path, vary in (("/healthz", None), ("/v1/worlds", "Authorization")):
            answer = await client.head(path, headers={"origin": "https://play.example"})
            assert answer.headers["access-control-allow-origin"] == "*"
            assert answer.headers.get("vary") == vary


class TestTheWholeStack:
    """What the server answers, with its ETags and its refusals."""

    @pytest.mark.parametrize("case", READS, ids=str)
    async def test_every_route(self, rest, app, case):
        place = await Place.made(rest, app, "private")
        path, _ = http_request(case, place)
        key = bearer(place.credential(case.rpc))
        async with asyncio.timeout(LIMIT_S):
            head = await rest.head(path, headers=key)
        assert head.status_code == 200
        assert head.content == b""
        async with rest.stream("GET", path, headers=key) as get:
            assert get.status_code == 200
            assert {**same(head), "transfer-encoding": ""} == {**same(get), "transfer-encoding": ""}
        if "etag" in head.headers:
            again = await rest.head(path, headers=key | {"if-none-match": head.headers["etag"]})
            assert again.status_code == 304
            assert "content-length" not in again.headers
        if path.startswith("/v1/"):
            assert (await rest.head(path)).status_code == 401
        if place.world_id in path:
            nowhere = path.replace(place.world_id, NOWHERE)
            assert (await rest.head(nowhere, headers=key)).status_code == 404

    async def test_a_stream_is_not_left_open(self, rest, app, world_id):
        """Each ends by itself."""
        path = f"/v1/worlds/{world_id}/events-stream"
        async with asyncio.timeout(LIMIT_S):
            for _ in range(20):
                answer = await rest.head(path, headers=bearer(app.secret))
                assert answer.headers["content-type"] == "text/event-stream"
        assert_error(await rest.post(path, headers=bearer(app.secret)), 405)
