"""What the REST listener does with requests and answers, tried on a real Envoy and a real gRPC server."""

from __future__ import annotations

import asyncio
import json
import uuid
from typing import TYPE_CHECKING

import pytest
from google.api.httpbody_pb2 import HttpBody

from conjure.edge.descriptor import rest_methods
from conjure.v1.graph_service_pb2 import GetSceneRequest
from support.cases import each_of
from support.edge.upstream import Upstream, json_answer

if TYPE_CHECKING:
    import httpx


KIB, MIB = 1 << 10, 1 << 20
CONNECT = "/v1/sessions/connect"
FOR_PAGES = {"access-control-allow-origin", "access-control-expose-headers"}


async def send_raw(edge, request: bytes) -> tuple[int, dict[str, str], bytes]:
    """Sends bytes that no client library would; returns status, headers and body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.config.rest_port)
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    writer.close()
    await writer.wait_closed()
    return int(head[0].split()[1]), headers, body


def assert_error(response: httpx.Response, status: int, upstream: Upstream | None = None) -> None:
    """Asserts the contract's error shape, and that no server was asked."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/json"
    assert set(response.json()) == {"detail", "schemaVersion"}
    assert response.json()["schemaVersion"] == "1.0"
    assert response.headers["x-request-id"]
    if upstream is not None:
        assert upstream.calls == []


@pytest.mark.both_ways
class TestRequests:
    async def test_every_method_reaches_its_rpc(self, client, upstream):
        for method in rest_methods():
            path = method.path.replace("{", "<").replace("}", ">")
            response = await client.request(method.verb, path)
            assert response.status_code == 200, method
            assert upstream.last.method == method.name
            assert upstream.last.header("x-conjure-edge") == "1"

    async def test_mark_cannot_be_forged_nor_doubled(self, client, upstream):
        for forged in ("0", "2", ""):
            await client.post(
                CONNECT, headers=[("x-conjure-edge", forged), ("X-Conjure-Edge", "9")]
            )
            assert upstream.last.header("x-conjure-edge") == "1"

    async def test_internal_headers_of_clients_are_dropped(self, client, upstream):
        forged = {
            "x-http-status": "500",
            "x-conjure-anything": "1",
            "x-envoy-retry-on": "5xx",
            "x-envoy-upstream-rq-timeout-ms": "1",
            "x-envoy-original-method": "DELETE",
            "grpc-timeout": "1n",
            "grpc-encoding": "gzip",
            "grpc-accept-encoding": "gzip",
            "grpc-status": "13",
            "te": "gzip",
            "bad-bin": "!!!",
        }
        response = await client.get("/v1/usage", headers={**forged, "x-envoy-original-path": "/x"})
        assert response.status_code == 200
        assert upstream.last.header("x-envoy-original-path") == "/v1/usage"
        assert upstream.last.header("x-envoy-original-method") == "GET"
        kept = {key for key, _ in upstream.last.metadata} & (
            set(forged) - {"x-envoy-original-method"}
        )
        assert kept == set()

    async def test_underscored_headers_are_refused(self, client, upstream):
        assert_error(await client.get("/v1/usage", headers={"x_conjure_edge": "1"}), 400, upstream)

    async def test_own_headers_reach_the_server(self, client, upstream):
        sent = {
            "authorization": "Bearer sk_test_x",
            "if-match": '"r1", "r2"',
            "if-none-match": '"r1"',
            "idempotency-key": "k",
            "origin": "https://play.example",
        }
        await client.post(CONNECT, headers=sent)
        assert {key: upstream.last.header(key) for key in sent} == sent

    @pytest.mark.parametrize(
        ("segment", "name"),
        [
            ("Step%20outside%2Fin", "Step outside/in"),
            ("a%252Fb", "a%2Fb"),
            ("%C3%A9t%C3%A9", "été"),
            ("%F0%9F%8C%8D", "🌍"),
            ("a;b=c+d:e", "a;b=c+d:e"),
            ("%7Bid%7D", "{id}"),
        ],
    )
    async def test_parameters_are_decoded_fully(self, edge, upstream, client, segment, name):
        request = f"GET /v1/worlds/{segment}/scene HTTP/1.1\r\nhost: x\r\n\r\n"
        assert (await send_raw(edge, request.encode()))[0] == 200
        assert GetSceneRequest.FromString(upstream.last.request).id == name
        assert upstream.last.header("x-envoy-original-path") == f"/v1/worlds/{segment}/scene"

    async def test_query_is_for_the_server_alone(self, client, upstream):
        query = "id=other&limit=7&http_body.data=eA&http_body.content_type=x&http_body=1&q=%zz"
        path = f"/v1/worlds/w1/entrance?{query}"
        await client.patch(path, content=b"{}")
        # The transcoder writes an empty body first and the real one behind it; parsing merges them.
        assert upstream.last.request == b"\xc2\x3e\x00\x0a\x02w1\xc2\x3e\x04\x12\x02{}"
        assert upstream.last.http_body == HttpBody(data=b"{}")
        assert upstream.last.header("x-envoy-original-path") == path


class TestBodies:
    @pytest.mark.parametrize(
        "body",
        [b"", b'{"a": 1.0,\t"a":9007199254740993}', b"\x00\xff not json", b"x" * (11 * MIB)],
    )
    async def test_bytes_arrive_as_they_were_sent(self, client, upstream, body):
        await client.post("/v1/worlds", content=body)
        assert upstream.last.http_body.data == body
        assert upstream.last.http_body.content_type == ""

    async def test_content_type_arrives(self, client, upstream):
        await client.post(CONNECT, content=b"{}", headers={"content-type": "text/plain; charset=x"})
        assert upstream.last.http_body.content_type == "text/plain; charset=x"

    async def test_chunked_bodies_arrive(self, client, upstream):
        async def chunks():
            for _ in range(10):
                yield b"y" * 65536

        await client.post("/v1/worlds", content=chunks())
        assert upstream.last.http_body.data == b"y" * 655360

    @each_of("method", rest_methods(), ids=lambda method: method.name)
    async def test_limit_of_the_method(self, client, upstream, method):
        """Also where a body means nothing: it must be read all the same."""
        limit = method.max_request_bytes or 16 * KIB
        path = method.path.replace("{", "<").replace("}", ">")
        answer = await client.request(method.verb, path, content=b"x" * limit)
        assert answer.status_code == 200
        assert len(upstream.last.http_body.data) == limit
        upstream.reset()
        answer = await client.request(method.verb, path, content=b"x" * (limit + 1))
        assert_error(answer, 413, upstream)


class TestRefusals:
    @pytest.mark.parametrize(
        "path",
        [
            "/index.html",
            "/nope",
            "/v1/worlds/",
            "/v1/worlds/a/",
            "/v1/worlds/%ZZ",
            "/v1/worlds/%ff",
            "/v1/worlds/%C3",
            "/v1/worlds/%ED%A0%80",
            "/v1/worlds/a/scene/",
            "/V1/worlds",
            "/conjure.v1.WorldService/GetWorld",
            "/grpc.health.v1.Health/Check",
        ],
    )
    async def test_unknown_paths(self, edge, client, upstream, path):
        for verb in ("GET", "POST"):
            request = f"{verb} {path} HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n".encode()
            status, headers, body = await send_raw(edge, request)
            assert status == 404
            assert headers["content-type"] == "application/json"
            assert json.loads(body) == {"detail": "not found", "schemaVersion": "1.0"}
        assert upstream.calls == []

    @pytest.mark.parametrize(
        ("verb", "path", "allow"),
        [
            ("GET", CONNECT, "POST"),
            ("HEAD", CONNECT, "POST"),
            ("OPTIONS", CONNECT, "POST"),
            ("OPTIONS", "/v1/usage", "GET, HEAD"),
            ("DELETE", "/v1/worlds", "POST, GET, HEAD"),
            ("POST", "/v1/worlds/x", "GET, HEAD, PATCH, DELETE"),
            ("TRACE", "/healthz", "GET, HEAD"),
        ],
    )
    async def test_wrong_verbs(self, client, upstream, verb, path, allow):
        response = await client.request(verb, path)
        assert response.status_code == 405
        assert response.headers["allow"] == allow
        assert response.headers["content-type"] == "application/json"
        if verb != "HEAD":
            assert_error(response, 405, upstream)

    @pytest.mark.parametrize("path", [CONNECT, "/v1/worlds", "/nope"])
    async def test_grpc_belongs_on_the_other_listener(self, client, upstream, path):
        for kind in ("application/grpc", "application/grpc+proto"):
            response = await client.post(path, headers={"content-type": kind, "te": "trailers"})
            assert_error(response, 415, upstream)
            assert not [name for name in response.headers if name.startswith("grpc-")]

    async def test_upgrades(self, client, upstream):
        headers = {"connection": "upgrade", "upgrade": "websocket"}
        assert_error(await client.get("/v1/usage", headers=headers), 400, upstream)

    @pytest.mark.parametrize(
        ("request_bytes", "status"),
        [
            (b"GARBAGE\r\n\r\n", 400),
            (b"\x00\x01\r\n\r\n", 400),
            (b"BREW /v1/usage HTTP/1.1\r\nhost: x\r\n\r\n", 405),
            (b"B\x01EW /v1/usage HTTP/1.1\r\nhost: x\r\n\r\n", 400),
            (b"QUERY /v1/usage HTTP/1.1\r\nhost: x\r\n\r\n", 400),  # of no content type
            (b"GET /v1/usage HTTP/1.1\r\n\r\n", 400),
            (b"GET /v1/usage HTTP/1.1\r\nhost: x\r\nno colon\r\n\r\n", 400),
            (b"GET /v1/worlds/%00 HTTP/1.1\r\nhost: x\r\n\r\n", 400),
            (b"POST /v1/worlds HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", 400),
            (
                b"POST /v1/worlds HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
                400,
            ),
            (
                b"POST /v1/worlds HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n\r\n",
                400,
            ),
            (b"GET /v1/usage HTTP/1.0\r\n\r\n", 426),
            (b"GET /v1/usage HTTP/1.1\r\nhost: x\r\nbig: " + b"x" * 40000 + b"\r\n\r\n", 431),
            (b"GET /v1/usage HTTP/1.1\r\nhost: x\r\n" + b"h: 1\r\n" * 120 + b"\r\n", 431),
        ],
    )
    async def test_broken_http_is_answered_in_json(
        self, edge, client, upstream, request_bytes, status
    ):
        got, headers, body = await send_raw(edge, request_bytes)
        assert got == status
        assert headers["content-type"] == "application/json"
        assert headers["x-request-id"]
        assert set(json.loads(body)) == {"detail", "schemaVersion"}
        assert upstream.calls == []


@pytest.mark.both_ways
class TestAnswers:
    @pytest.mark.parametrize(
        "status", [200, 202, 400, 401, 402, 403, 404, 405, 409, 413, 422, 429, 500, 503, 504]
    )
    async def test_status_and_headers_of_the_server(self, client, upstream, status):
        own = {
            "etag": '"r1"',
            "retry-after": "7",
            "idempotent-replayed": "true",
            "cache-control": "no-store",
        }
        hidden = (("x-http-status", str(status)), ("x-conjure-node", "n1"))
        upstream.answer = json_answer(b'{"n":1.0}', headers=(*own.items(), *hidden))
        response = await client.get("/v1/usage")
        assert response.status_code == status
        assert response.content == b'{"n":1.0}'
        assert response.headers["content-type"] == "application/json"
        assert {key: response.headers[key] for key in own} == own
        expected = {*own, "content-type", "content-length", "date", "vary", "x-request-id"}
        assert set(response.headers) == expected | FOR_PAGES

    @pytest.mark.parametrize("status", [204, 304])
    @pytest.mark.parametrize("body", [b"", b"must not break the framing"])
    async def test_bodiless_statuses(self, client, upstream, status, body):
        upstream.answer = json_answer(
            body, headers=(("x-http-status", str(status)), ("etag", '"r1"'))
        )
        for _ in range(3):  # the same connection is used again
            response = await client.get("/v1/usage")
            assert response.status_code == status
            assert response.content == b""
            told = {"cache-control", "vary"} | FOR_PAGES
            assert set(response.headers) == {"etag", "date", "x-request-id"} | told

    async def test_large_error_body(self, client, upstream):
        body = json.dumps({"detail": "x" * 300_000}).encode()
        upstream.answer = json_answer(body, headers=(("x-http-status", "422"),))
        response = await client.get("/v1/usage")
        assert (response.status_code, response.content) == (422, body)

    async def test_large_answers(self, client, upstream):
        upstream.answer = json_answer(b"x" * (24 * MIB))
        assert len((await client.get("/v1/usage")).content) == 24 * MIB
        upstream.answer = json_answer(b"x" * (65 * MIB))
        assert_error(await client.get("/v1/usage"), 500)

    async def test_content_type_of_the_server(self, client, upstream):
        upstream.answer = json_answer(b"\x00", content_type="audio/mpeg")
        assert (await client.get("/v1/usage")).headers["content-type"] == "audio/mpeg"


class TestRequestId:
    async def test_made_when_absent(self, client, upstream):
        for headers in ({}, {"x-request-id": ""}):
            response = await client.get("/v1/usage", headers=headers)
            uuid.UUID(response.headers["x-request-id"])
            assert upstream.last.header("x-request-id") == response.headers["x-request-id"]

    @pytest.mark.parametrize("sent", ["mine", "5e3c1c0e-2f5b-4b7a-8f43-9d1f0a6b7e22", 'a "b" c'])
    async def test_kept(self, client, upstream, sent):
        response = await client.get("/v1/usage", headers={"x-request-id": sent})
        assert response.headers["x-request-id"] == upstream.last.header("x-request-id") == sent
        response = await client.get("/nope", headers={"x-request-id": sent})
        assert response.headers["x-request-id"] == sent

    async def test_bounded(self, client, upstream):
        response = await client.get("/v1/usage", headers={"x-request-id": "r" * 5000})
        assert response.headers["x-request-id"] == upstream.last.header("x-request-id") == "r" * 128


class TestAccessLog:
    async def test_one_json_line_without_secrets(self, edge, client):
        request_id = str(uuid.uuid4())
        secret = {"authorization": "Bearer secret-a", "cookie": "secret-b"}
        await client.get(
            "/v1/worlds/w1?token=secret-c",
            headers={**secret, "x-request-id": request_id, "user-agent": "tester"},
        )
        line = await edge.access_log(request_id)
        assert "secret" not in line
        entry = json.loads(line)
        assert entry["path"] == "/v1/worlds/w1"
        assert (entry["method"], entry["status"], entry["user_agent"]) == ("GET", 200, "tester")

    async def test_refusals_are_logged_under_their_path(self, edge, client):
        request_id = str(uuid.uuid4())
        await client.get("/nope?token=secret", headers={"x-request-id": request_id})
        entry = json.loads(await edge.access_log(request_id))
        assert (entry["path"], entry["status"]) == ("/nope", 404)
