"""The REST face as a whole: paths, verbs, headers, and requests no client library makes (CONTRACT 0)."""

from __future__ import annotations

import uuid

import pytest

from support.cases import each_of
from support.edge.raw_http import send, send_bytes
from support.rest import assert_error, bearer, import_world

CONNECT = "/v1/sessions/connect"
ID = "11111111-2222-4333-8444-555555555555"


CALLS = (
    ("GET", "/healthz", 200),
    ("GET", "/v1/usage", 401),
    ("POST", CONNECT, 401),
    ("GET", "/nope", 404),
    ("PUT", CONNECT, 405),
)


class TestPathsAndVerbs:
    @each_of(
        "target",
        [
            "/index.html",
            "/v1",
            "/v1/",
            "/v1/nope",
            "/v2/worlds",
            "/V1/worlds",
            "/v1/worlds/",
            f"/v1/worlds/{ID}/",
            f"/v1/worlds/{ID}/scene/",
            f"/v1/worlds/{ID}/nope",
            f"/v1/worlds/{ID}/scene/extra",
            "/v1/sessions",
            "/v1/sessions/connect/",
            "/v1/worlds%2F" + ID,
            "/v1/worlds;x=1",
            "/v1/worlds/%ff/scene",
            "/v1/worlds/%ZZ/scene",
            "/v1/worlds/%",
            "/.env",
            "/admin",
            "/stats",
            "/conjure.v1.WorldService/GetWorld",
            "/grpc.health.v1.Health/Check",
        ],
    )
    @each_of("verb", ["GET", "POST", "DELETE"])
    async def test_a_path_that_is_nowhere_is_404_in_json(self, stack, verb, target):
        body = assert_error(await send(stack.rest_url, verb, target), 404)
        assert set(body) == {"detail", "schemaVersion"}

    @each_of(
        ("verb", "path", "allow"),
        [
            ("GET", f"/v1/worlds/{ID}/entrance", {"PATCH"}),
            ("PUT", f"/v1/worlds/{ID}/entrance", {"PATCH"}),
            ("POST", f"/v1/worlds/{ID}/entrance", {"PATCH"}),
            ("GET", CONNECT, {"POST"}),
            ("DELETE", CONNECT, {"POST"}),
            ("GET", "/v1/sessions/token", {"POST"}),
            ("PUT", "/v1/worlds", {"GET", "HEAD", "POST"}),
            ("POST", "/v1/usage", {"GET", "HEAD"}),
            ("POST", f"/v1/worlds/{ID}/scene", {"GET", "HEAD"}),
            ("POST", "/healthz", {"GET", "HEAD"}),
            ("OPTIONS", "/v1/usage", {"GET", "HEAD"}),
            ("TRACE", "/v1/usage", {"GET", "HEAD"}),
            ("FOO", CONNECT, {"POST"}),  # of no standard
        ],
    )
    async def test_a_known_path_with_a_wrong_verb_is_405_with_allow(self, rest, verb, path, allow):
        answer = await rest.request(verb, path)
        assert_error(answer, 405)
        assert {name.strip() for name in answer.headers["allow"].split(",")} == allow

    @pytest.mark.parametrize("path", [f"/v1/worlds/{ID}/entrance", "/v1/sessions/token", CONNECT])
    async def test_head_is_a_wrong_verb_without_get_and_its_answer_has_no_body(self, stack, path):
        """On a used connection a stray body would be read as the next answer."""
        request = f"HEAD {path} HTTP/1.1\r\nhost: x\r\n\r\n".encode()
        answer = await send_bytes(stack.rest_url, request)
        assert answer.status_code == 405
        assert "HEAD" not in answer.headers["allow"]
        following = b"GET /nope HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        piped = await send_bytes(stack.rest_url, request + following)
        assert piped.status_code == 405

    async def test_slashes_and_dots_are_resolved_before_routing(self, stack, app, world_id):
        key = bearer(app.secret)
        for target in (
            f"//v1//worlds/{world_id}",
            f"/v1/./worlds/{world_id}",
            f"/v1/usage/../worlds/{world_id}",
            f"/v1/%2e%2e/v1/worlds/{world_id}",
        ):
            answer = await send(stack.rest_url, "GET", target, key)
            assert answer.status_code == 200, target
            assert answer.json()["id"] == world_id
        for target in ("/v1/../v1", "/../../etc/passwd", "/../v1", "/v1/worlds/../../x"):
            answer = await send(stack.rest_url, "GET", target, key)
            assert answer.status_code in {400, 404}
            assert_error(answer, answer.status_code)

    async def test_the_query_is_read_on_odd_paths_too(self, stack, app):
        for target in (
            "//v1/worlds?limit=0",
            "/v1/%2e/worlds?limit=0",
            "//[x/../../v1/worlds?limit=0",
        ):
            answer = await send(stack.rest_url, "GET", target, bearer(app.secret))
            assert answer.status_code in {400, 404}, target
            assert_error(answer, answer.status_code)

    async def test_an_absolute_target_is_a_path(self, stack, app, world_id):
        target = f"http://anything.example/v1/worlds/{world_id}"
        answer = await send(stack.rest_url, "GET", target, bearer(app.secret))
        assert answer.status_code == 200


@pytest.mark.both_ways
class TestSpoofedHeaders:
    @each_of(
        "headers",
        [
            {"x-http-status": "500"},
            {"x-conjure-edge": "0"},
            {"x-conjure-anything": "1"},
            {"x-envoy-original-path": "/v1/usage?limit=0"},
            {"x-envoy-original-method": "DELETE"},
            {"x-envoy-upstream-rq-timeout-ms": "1"},
            {"x-envoy-retry-on": "5xx", "x-envoy-max-retries": "9"},
            {"grpc-timeout": "1n"},
            {"grpc-encoding": "gzip"},
            {"grpc-accept-encoding": "gzip", "grpc-status": "13", "grpc-message": "no"},
            {"te": "trailers"},
            {"te": "gzip"},
            {"x-odd-bin": "!!!"},
            {"x-http-method-override": "DELETE", "x-original-url": "/v1/usage"},
            {"x-forwarded-for": "10.0.0.1", "x-forwarded-proto": "https", "forwarded": "for=x"},
            {"accept": "text/html", "accept-encoding": "br, gzip", "accept-language": "de"},
            {"prefer": "return=minimal", "range": "bytes=0-1", "if-modified-since": "x"},
            {"cookie": "a=b; c=" + "d" * 2000, "user-agent": ""},
            {f"x-{index}": "v" for index in range(60)},
        ],
        ids=lambda headers: ",".join(headers)[:40],
    )
    async def test_they_change_nothing(self, stack, app, world_id, headers):
        target = f"/v1/worlds/{world_id}"
        plain = await send(stack.rest_url, "GET", target, bearer(app.secret))
        spoofed = await send(stack.rest_url, "GET", target, bearer(app.secret) | headers)
        assert spoofed.status_code == plain.status_code == 200
        assert spoofed.content == plain.content
        assert set(spoofed.headers) == set(plain.headers)

    @pytest.mark.parametrize("header", ["x-http-status", "x-conjure-edge", "grpc-timeout"])
    async def test_nor_do_they_change_a_refusal(self, rest, header):
        answer = await rest.post(CONNECT, headers={header: "200"})
        assert_error(answer, 401)

    async def test_an_ill_mark_never_turns_the_answer_into_grpc(self, rest, app):
        answer = await rest.get("/v1/usage", headers=bearer(app.secret) | {"x-conjure-edge": ""})
        assert answer.headers["content-type"] == "application/json"
        assert not {name for name in answer.headers if name.startswith(("grpc-", "x-envoy-"))}
        assert "x-http-status" not in answer.headers
        assert "server" not in answer.headers

    async def test_bytes_beyond_ascii_in_a_header_do_no_harm(self, stack, app):
        for value in ("é".encode(), "é".encode("latin-1"), "🌍".encode(), b"\xff\xfe"):
            for name in (b"user-agent", b"x-request-id", b"if-none-match", b"origin"):
                request = b"GET /v1/usage HTTP/1.1\r\nhost: x\r\nauthorization: Bearer %s\r\n" % (
                    app.secret.encode()
                )
                answer = await send_bytes(
                    stack.rest_url, request + name + b": " + value + b"\r\n\r\n"
                )
                assert answer.status_code in {200, 400}, (name, value)
                assert answer.headers["x-request-id"]

    @pytest.mark.parametrize("size", [6_000, 9_000, 16_000, 30_000])
    async def test_large_headers_are_taken_or_refused_as_too_large(self, rest, app, size):
        """Whatever the limit is, beyond it is the caller's fault and never ours."""
        headers = bearer(app.secret) | {"x-padding": "p" * size}
        answer = await rest.get("/v1/usage", headers=headers)
        if answer.status_code != 200:
            assert_error(answer, 431)

    async def test_headers_far_too_large_or_too_many_are_431(self, rest):
        assert_error(await rest.get("/v1/usage", headers={"x-padding": "p" * 60_000}), 431)
        many = {f"x-{index}": "v" for index in range(150)}
        assert_error(await rest.get("/v1/usage", headers=many), 431)


class TestRequestId:
    @pytest.mark.parametrize(("verb", "path", "status"), CALLS)
    async def test_it_is_returned_on_every_answer(self, rest, verb, path, status):
        for sent in ("mine-1", str(uuid.uuid4()), "x" * 128):
            answer = await rest.request(verb, path, headers={"x-request-id": sent})
            assert answer.status_code == status
            assert answer.headers["x-request-id"] == sent

    @pytest.mark.parametrize(("verb", "path", "status"), CALLS)
    async def test_it_is_made_when_there_is_none(self, rest, verb, path, status):
        seen = set()
        for headers in ({}, {}, {"x-request-id": ""}):
            answer = await rest.request(verb, path, headers=headers)
            assert answer.status_code == status
            seen.add(answer.headers["x-request-id"])
        assert len(seen) == 3
        assert all(seen)

    @pytest.mark.parametrize(("verb", "path", "status"), CALLS)
    async def test_it_is_bounded(self, rest, verb, path, status):
        answer = await rest.request(verb, path, headers={"x-request-id": "r" * 5000})
        assert answer.status_code == status
        assert 1 <= len(answer.headers["x-request-id"]) <= 128


class TestBrokenHttp:
    @pytest.mark.parametrize(
        "request_bytes",
        [
            b"\r\n\r\nGARBAGE\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
            b"GET\r\n\r\n",
            b"GET /v1/usage\r\n\r\n",
            b"GET /v1/usage HTTP/9.9\r\nhost: x\r\n\r\n",
            b"GET /v1/us age HTTP/1.1\r\nhost: x\r\n\r\n",
            b"GET /v1/usage HTTP/1.1\r\nhost: x\r\nbad header: 1\r\n\r\n",
            b"GET /v1/usage HTTP/1.1\r\nhost: x\r\nauthorization: a\x00b\r\n\r\n",
            b"POST /v1/sessions/connect HTTP/1.1\r\nhost: x\r\ncontent-length: abc\r\n\r\n",
            b"POST /v1/sessions/connect HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}",
            b"POST /v1/sessions/connect HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n{}",
        ],
    )
    async def test_it_is_answered_with_a_4xx_in_json(self, stack, request_bytes):
        answer = await send_bytes(stack.rest_url, request_bytes)
        assert 400 <= answer.status_code < 500 or answer.status_code == 501
        assert_error(answer, answer.status_code)

    async def test_chunks_and_trailers_are_read(self, stack, app, world_id):
        body = b'{"state":"cellar"}'
        chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in body)
        request = (
            f"PATCH /v1/worlds/{world_id}/entrance HTTP/1.1\r\nhost: x\r\n"
            f"authorization: Bearer {app.secret}\r\ntransfer-encoding: chunked\r\n\r\n"
        ).encode()
        answer = await send_bytes(
            stack.rest_url, request + chunks + b"0\r\nauthorization: x\r\n\r\n"
        )
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        "content", [b"{}", b"[]", b"not json", b'{"id":5}', b'{"id":"%s"}', b"x" * 70_000]
    )
    async def test_a_body_on_a_get_has_no_meaning(self, rest, app, world_id, content):
        """RFC 9110, 9.3.1: it may be ignored or refused; it never names another world."""
        other = await import_world(
            rest, app.secret, name="Another", entrance={"state": "cellar", "image": {"src": "x"}}
        )
        content = content.replace(b"%s", other.encode())
        for path in (f"/v1/worlds/{world_id}", f"/v1/worlds/{world_id}/scene"):
            plain = await rest.get(path, headers=bearer(app.secret))
            answer = await rest.request("GET", path, content=content, headers=bearer(app.secret))
            if answer.status_code == 200:
                assert answer.content == plain.content
            else:
                assert_error(answer, 413 if len(content) > 16_384 else 400)

    @pytest.mark.parametrize(
        "framing", ["content-length: 0\r\n\r\n", "transfer-encoding: chunked\r\n\r\n0\r\n\r\n"]
    )
    async def test_an_empty_body_on_a_get_is_none(self, stack, app, framing):
        request = f"GET /v1/usage HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {app.secret}\r\n"
        answer = await send_bytes(stack.rest_url, (request + framing).encode())
        assert answer.status_code == 200

    @pytest.mark.parametrize(
        "content_type", [b"\xff\xfe", b"application/json; x=\xe9", b"", b"a" * 3000, b"multipart/x"]
    )
    async def test_an_odd_content_type_is_never_a_fault_of_ours(self, stack, content_type):
        request = b"POST /v1/sessions/connect HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n"
        answer = await send_bytes(
            stack.rest_url, request + b"content-type: " + content_type + b"\r\n\r\n{}"
        )
        assert_error(answer, 400 if b"\xff" in content_type or b"\xe9" in content_type else 401)
