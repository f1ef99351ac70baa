"""Bodies where none is meant or that are too large: the edge ends them, and no server sees the call."""

from __future__ import annotations

import asyncio

import pytest

from conjure.edge.descriptor import rest_methods
from support.cases import each_of
from support.edge.raw_http import send_bytes
from support.until import LIMIT_S

KIB, MIB = 1 << 10, 1 << 20
LARGEST = 12 * MIB
CONNECT = "/v1/sessions/connect"


def head(verb: str, path: str, *lines: str) -> bytes:
    return "\r\n".join([f"{verb} {path} HTTP/1.1", "host: x", *lines, "", ""]).encode()


def chunked(body: bytes, size: int = 8 * KIB) -> bytes:
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    framed = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return framed + b"0\r\n\r\n"


def assert_error(answer, status: int, upstream, *, has_body: bool = True) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    if has_body:
        assert set(answer.json()) == {"detail", "schemaVersion"}
    assert upstream.calls == []


@each_of("method", rest_methods(), ids=lambda method: method.name)
async def test_the_limit_of_a_method_without_a_length(edge, client, upstream, method):
    """Chunked, so that only counting helps; HEAD like its GET."""
    limit = method.max_request_bytes or 16 * KIB
    path = method.path.replace("{", "<").replace("}", ">")
    for verb in ("GET", "HEAD") if method.verb == "GET" else (method.verb,):
        request = head(verb, path, "transfer-encoding: chunked")
        assert (await send_bytes(edge.rest, request + chunked(b"x" * limit))).status_code == 200
        assert len(upstream.last.http_body.data) == limit
        upstream.reset()
        answer = await send_bytes(edge.rest, request + chunked(b"x" * (limit + 1)))
        assert_error(answer, 413, upstream, has_body=verb != "HEAD")


@pytest.mark.parametrize(
    ("verb", "path", "status"),
    [
        ("OPTIONS", CONNECT, 405),
        ("PUT", "/v1/worlds", 405),
        ("DELETE", "/v1/usage", 405),
        ("POST", "/nope", 404),
        ("GET", "/nope", 404),
        ("DELETE", "/", 405),
    ],
)
@pytest.mark.parametrize("size", [1, 16 * KIB + 1, MIB])
async def test_where_no_method_is_no_body_is_waited_for(edge, client, upstream, verb, path, status, size):  # fmt: skip
    """The answer comes while the body has not."""
    for framing in (f"content-length: {size}", "transfer-encoding: chunked"):
        answer = await send_bytes(edge.rest, head(verb, path, framing))
        assert_error(answer, status, upstream)
        answer = await send_bytes(
            edge.rest, head(verb, path, f"content-length: {size}") + b"x" * size
        )
        assert_error(answer, status, upstream)


async def test_a_preflight_with_a_body(edge, client, upstream):
    asks = ("origin: https://play.example", "access-control-request-method: POST")
    request = head("OPTIONS", CONNECT, *asks, "content-length: 40000")
    assert (await send_bytes(edge.rest, request + b"x" * 40_000)).status_code == 200
    assert upstream.calls == []


@pytest.mark.parametrize("verb", ["GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS"])
@pytest.mark.parametrize("length", [LARGEST + MIB + 1, 10**12, 2**63 - 1])
async def test_a_length_far_over_all_limits_is_answered_before_the_body(edge, client, upstream, verb, length):  # fmt: skip
    for path in ("/v1/worlds/x", "/v1/worlds", CONNECT, "/nope"):
        answer = await send_bytes(edge.rest, head(verb, path, f"content-length: {length}"))
        assert_error(answer, 413, upstream, has_body=verb != "HEAD")
        assert answer.headers["connection"] == "close"


@pytest.mark.parametrize(
    "lengths",
    [
        ("-1",), ("+5",), ("5, 5, 6",), ("5", "6"), ("0x10",), ("5 5",), ("",), ("1e3",), ("٣",),
        ("99999999999999999999",), ("18446744073709551616",), ("-9223372036854775808",),
    ],
)  # fmt: skip
async def test_lengths_that_are_none(edge, client, upstream, lengths):
    """400 in the contract's shape. (Two that are equal are one, RFC 9112, 6.3.)"""
    lines = [f"content-length: {length}" for length in lengths]
    for verb, path in (("POST", CONNECT), ("GET", "/v1/usage"), ("POST", "/nope")):
        assert_error(await send_bytes(edge.rest, head(verb, path, *lines) + b"{}"), 400, upstream)


@pytest.mark.parametrize("framing", ["transfer-encoding: chunked", "content-length: 40000"])
async def test_who_expects_100_hears_of_the_limit(edge, client, upstream, framing):
    """Envoy says 100 before it looks for a route; what follows is held to the limit all the same."""
    reader, writer = await asyncio.open_connection("127.0.0.1", edge.config.rest_port)
    writer.write(head("POST", CONNECT, framing, "expect: 100-continue"))
    async with asyncio.timeout(LIMIT_S):
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 100 ")
        body = b"x" * 40_000
        writer.write(chunked(body) if "chunked" in framing else body)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 413 ")
    writer.close()
    assert upstream.calls == []


async def test_an_endless_body_is_cut(edge, client, upstream):
    """Its sender is refused or cut off while it still sends, and no server hears of it."""
    for path in (CONNECT, "/v1/usage", "/v1/worlds"):
        verb = "GET" if path == "/v1/usage" else "POST"
        reader, writer = await asyncio.open_connection("127.0.0.1", edge.config.rest_port)
        writer.write(head(verb, path, "transfer-encoding: chunked"))
        piece = b"10000\r\n" + b"x" * (64 * KIB) + b"\r\n"
        answer = asyncio.create_task(reader.read())
        async with asyncio.timeout(LIMIT_S):
            while not answer.done() and not writer.transport.is_closing():
                writer.write(piece)
                try:
                    await writer.drain()
                except ConnectionError:
                    break
        await asyncio.wait([answer], timeout=LIMIT_S)
        # The end may be a reset, which takes what was said before it along.
        assert answer.exception() is not None or answer.result().startswith(b"HTTP/1.1 413 ")
        writer.transport.abort()
    assert upstream.calls == []
