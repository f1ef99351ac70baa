"""A page of another origin reads every answer: each verb on each path of the protos, refused in each way (CONTRACT 0)."""

from __future__ import annotations

import asyncio
import re
from itertools import groupby
from typing import TYPE_CHECKING

import pytest

from conjure.edge.descriptor import rest_methods
from support.cases import each_of
from support.edge.envoy import Edge
from support.edge.pages import FROM_A_PAGE, ORIGIN, PREFLIGHT, assert_readable, listed, page_of
from support.edge.raw_http import send_bytes
from support.edge.upstream import json_answer
from support.rest import assert_error
from support.until import LIMIT_S

if TYPE_CHECKING:
    import httpx

ALLOWED = {
    "authorization", "content-type", "if-match", "if-none-match", "idempotency-key", "last-event-id",
    "x-request-id", "traceparent", "tracestate", "baggage",
}  # fmt: skip

# Those of user sessions are for the console's pages: test_cors_lists.py.
METHODS = tuple(method for method in rest_methods() if not method.is_for_users)
BY_PATH = {
    path: tuple(group)
    for path, group in groupby(sorted(METHODS, key=lambda m: m.path), key=lambda m: m.path)
}
UNKNOWN = (
    "/index.html",
    "/nope",
    "/v1",
    "/v1/",
    "/v1/nope",
    "/v1/worlds/",
    "/v1/worlds/x/nope",
    "/v1/worlds/%ff",
)
SERVER_SAYS = (400, 401, 402, 403, 404, 409, 413, 422, 429, 500, 503, 504)
VERBS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND")


def address(path: str) -> str:
    return re.sub(r"\{(\w+)\}", r"\1-1", path)


def verbs_of(path: str) -> list[str]:
    verbs = [method.verb for method in BY_PATH[path]]
    return [*verbs, *(["HEAD"] if "GET" in verbs else [])]


def assert_readable_error(answer: httpx.Response, status: int, what: object = None) -> None:
    assert answer.status_code == status, (what, answer.status_code, answer.text)
    assert_readable(answer, what)
    if answer.request.method != "HEAD":
        assert_error(answer, status)
    told = answer.headers["cache-control"]
    assert "no-store" in told or "private" in told, what


class TestPreflights:
    @each_of("path", BY_PATH)
    async def test_each_path_names_its_verbs_and_what_may_be_sent(self, client, upstream, path):
        for verb in (*verbs_of(path), "BREW"):
            asks = PREFLIGHT | {"access-control-request-method": verb}
            answer = await client.options(address(path), headers=asks)
            assert (answer.status_code, answer.content) == (200, b"")
            assert_readable(answer)
            assert listed(answer, "allow-methods") == set(verbs_of(path))
            assert listed(answer, "allow-headers") == ALLOWED
            assert answer.headers["access-control-max-age"] == "86400"
            assert answer.headers["x-request-id"]
        assert upstream.calls == []

    @pytest.mark.parametrize("path", UNKNOWN)
    async def test_a_path_that_is_not_there_has_them_so_that_the_404_can_be_read(
        self, client, path
    ):
        answer = await client.options(path, headers=PREFLIGHT)
        assert answer.status_code == 200
        assert_readable(answer)
        assert listed(answer, "allow-methods") == {"GET", "HEAD", "POST", "PATCH", "DELETE"}

    @each_of(
        "asks",
        [
            {"access-control-request-headers": ",".join(f"x-h{n}" for n in range(3_000))},
            {"access-control-request-headers": "*"},
            {"access-control-request-headers": ""},
            {"access-control-request-headers": "é,\u2028".encode()},
            {"access-control-request-method": "BREW" * 1_000},
            {"access-control-request-method": "*"},
            {"access-control-request-method": ""},
            {"access-control-request-method": "PÖST".encode()},
            {"access-control-request-private-network": "true"},
            {"origin": "null"},
            {"origin": "https://a, https://b"},
            {"origin": "*"},
            {"origin": "https://bücher.example".encode()},
            {"origin": "x" * 20_000},
            {"content-type": "application/json", "cookie": "a=b", "authorization": "Bearer x"},
        ],
        ids=lambda asks: repr(asks)[:60],
    )
    async def test_absurd_ones_are_answered_like_any(self, client, upstream, asks):
        """The browser is who decides: it compares what it has asked with what the path allows."""
        for path in ("/v1/worlds/x/entrance", "/v1/nope"):
            answer = await client.options(path, headers=PREFLIGHT | asks)
            assert answer.status_code == 200
            assert_readable(answer)
            assert listed(answer, "allow-headers") == ALLOWED
        assert upstream.calls == []

    @pytest.mark.parametrize("count", [2, 90])
    async def test_several_origins_in_lines_of_their_own(self, edge, count):
        lines = b"origin: https://a\r\n" * count + b"access-control-request-method: POST\r\n"
        answer = await send_bytes(
            edge.rest, b"OPTIONS /v1/worlds HTTP/1.1\r\nhost: x\r\n" + lines + b"\r\n"
        )
        assert answer.status_code == 200
        assert_readable(answer)

    async def test_what_is_no_preflight_is_another_verb(self, client):
        for lacks in PREFLIGHT:
            asks = {name: value for name, value in PREFLIGHT.items() if name != lacks}
            answer = await client.options("/v1/worlds", headers=asks)
            if lacks == "access-control-request-headers":
                assert answer.status_code == 200
            else:
                assert_readable_error(answer, 405)
                assert answer.headers["allow"] == "POST, GET, HEAD"
                assert "access-control-allow-methods" not in answer.headers

    async def test_one_that_is_too_large_is_refused_readably(self, edge):
        """Headers of 60 KB, and 120 of them."""
        start = b"OPTIONS /v1/worlds HTTP/1.1\r\nhost: x\r\norigin: https://a\r\naccess-control-request-"
        for rest in (
            b"method: POST\r\naccess-control-request-headers: " + b"x," * 30_000,
            b"method: POST\r\n" + b"a: b\r\n" * 120 + b"c: d",
        ):
            answer = await send_bytes(edge.rest, start + rest + b"\r\n\r\n")
            assert answer.status_code == 431
            assert_readable(answer)


class TestAnswers:
    @pytest.mark.both_ways
    async def test_of_the_server(self, client, upstream):
        """A success and a refusal on each verb of each path; each status that a server renders, on many of them."""
        routes = [(path, verb) for path in BY_PATH for verb in verbs_of(path)]
        refusals = [SERVER_SAYS[number % len(SERVER_SAYS)] for number in range(len(routes))]
        assert min(map(refusals.count, SERVER_SAYS)) > 5
        for (path, verb), refusal in zip(routes, refusals, strict=True):
            for status in (200, refusal):
                told = (("x-http-status", str(status)), ("etag", '"r"'))
                upstream.answer = json_answer(
                    b'{"detail":"x","schemaVersion":"1.0"}', headers=told if status != 200 else ()
                )
                answer = await client.request(verb, address(path), headers=FROM_A_PAGE)
                assert answer.status_code == status, (verb, path)
                assert_readable(answer, (verb, path, status))

    async def test_another_verb(self, client, upstream):
        for path in BY_PATH:
            for verb in set(VERBS) - set(verbs_of(path)):
                answer = await client.request(verb, address(path), headers=FROM_A_PAGE)
                assert_readable_error(answer, 405, (verb, path))
                assert set(answer.headers["allow"].split(", ")) == set(verbs_of(path))
        assert upstream.calls == []

    @pytest.mark.parametrize("path", UNKNOWN)
    async def test_a_path_that_is_not_there(self, client, path):
        for verb in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"):
            assert_readable_error(await client.request(verb, path, headers=FROM_A_PAGE), 404)

    async def test_a_body_over_the_limit(self, client, upstream):
        """Over the method's own where that is small; else by what its sender says, as on any other path."""
        for method in METHODS:
            limit = method.max_request_bytes or 16_384
            if limit <= 16_384:
                answer = await client.request(
                    method.verb, address(method.path), headers=FROM_A_PAGE, content=b"x" * (limit + 1)
                )  # fmt: skip
                assert_readable_error(answer, 413, method)
        assert upstream.calls == []

    async def test_bodies_and_requests_that_no_route_takes(self, edge, upstream):
        """400, 413, 415 and 417: as bytes, for what no client library sends."""
        kinds = {
            "a_b: c": 400,
            "bad header: c": 400,
            "content-length: 99999999999": 413,
            "transfer-encoding: gzip": 400,
            "content-type: application/grpc": 415,
            "expect: a-miracle": 417,
            "upgrade: websocket\r\nconnection: upgrade": 400,
            "host: y": 400,
        }
        for path, methods in {**BY_PATH, "/nope": METHODS[:1]}.items():
            for verb in {method.verb for method in methods}:
                for line, status in kinds.items():
                    head = f"{verb} {address(path)} HTTP/1.1\r\nhost: x\r\norigin: {ORIGIN}\r\n{line}\r\n\r\n"
                    answer = await send_bytes(edge.rest, head.encode())
                    assert answer.status_code == status, (head, answer.text)
                    assert_error(answer, status)
                    assert_readable(answer, head)
        assert upstream.calls == []

    async def test_a_body_in_a_coding(self, client, upstream):
        for method in METHODS:
            if method.verb != "GET":
                answer = await client.request(
                    method.verb, address(method.path), headers=FROM_A_PAGE | {"content-encoding": "gzip"}
                )  # fmt: skip
                assert_readable_error(answer, 415, method)
        assert upstream.calls == []


class TestWithoutAServer:
    """What the edge says when the servers do not."""

    @pytest.mark.both_ways
    async def test_no_server_is_there(self, upstream, tmp_path):
        async with Edge(tmp_path, 1) as edge, page_of(edge) as client:
            for method in METHODS:
                answer = await client.request(
                    method.verb, address(method.path), headers=FROM_A_PAGE
                )
                assert_readable_error(answer, 503, method)
                assert answer.headers["retry-after"] == "1"

    @pytest.mark.both_ways
    async def test_no_server_answers_in_time_nor_a_client_sends_in_time(self, upstream, tmp_path):
        async def hang(call: object, context: object) -> bytes:
            await asyncio.sleep(LIMIT_S)
            return b""

        upstream.answer = hang
        unary = [method for method in METHODS if not method.is_stream]
        async with (
            Edge(
                tmp_path,
                upstream.port,
                request_timeout_s=0.5,
                model_timeout_s=0.5,
                upload_timeout_s=0.5,
            ) as edge,
            page_of(edge) as client,
        ):
            answers = await asyncio.gather(
                *(client.request(one.verb, address(one.path), headers=FROM_A_PAGE) for one in unary)
            )
            for method, answer in zip(unary, answers, strict=True):
                assert_readable_error(answer, 504, method)
            head = b"POST /v1/worlds HTTP/1.1\r\nhost: x\r\norigin: https://a\r\ncontent-length: 9\r\n\r\n{"
            answer = await send_bytes(edge.rest, head)
            assert answer.status_code == 408
            assert_readable(answer)
        upstream.reset()

    async def test_an_address_over_its_rate(self, upstream, tmp_path):
        """Every refusal can be read, as preflights are not counted: one that was refused would hide it."""
        rate = {"address_per_s": 1, "address_burst_s": 1}
        async with Edge(tmp_path, upstream.port, **rate) as edge, page_of(edge) as client:
            refused = 0
            for path in (*map(address, BY_PATH), *UNKNOWN):
                for _ in range(2):
                    asked = await client.options(path, headers=PREFLIGHT)
                    assert asked.status_code == 200
                    answer = await client.post(path, headers=FROM_A_PAGE)
                    if answer.status_code == 429:
                        assert_readable_error(answer, 429, path)
                        assert answer.headers["retry-after"] == "1"
                        refused += 1
            assert refused >= len(BY_PATH)
            assert_readable_error(await client.options("/v1/worlds", headers=FROM_A_PAGE), 429)
