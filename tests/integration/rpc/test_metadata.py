"""What a caller without the edge may put into metadata: whatever it is, it is answered, and nothing breaks."""

from __future__ import annotations

import contextlib
import struct
from typing import TYPE_CHECKING, Any

import grpc
import grpc.aio
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conjure.core.errors import Reason
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.v1 import session_service_pb2 as session_pb
from conjure.v1 import world_service_pb2 as world_pb
from support import h2
from support.collector import running_collector
from support.h2 import END_HEADERS, END_STREAM, Http2, block, frame, grpc_fields
from support.http1 import Http1, framed, http1_channel, request
from support.http1_server import socket_place
from support.rpc import Client, metadata, read_refusal, refused
from support.stack import channel, new_app, running_server
from support.until import LIMIT_S

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

METHODS = {
    method.full_name: method
    for service in service_descriptors()
    for method in methods_of(service, max_request_bytes=1 << 20)
}
SHOWN = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
UUID = "00000000-0000-4000-8000-000000000000"

# What each header is read as, and what that reading may stumble over.
PATHS = (
    "//[/", "//[::1", "http://[x]/?limit=1", "//[v1.x]/", "", "?", "#", "/?#?", "//", "/v1/worlds?limit=%zz",
    "/v1/worlds?limit=9&limit=", "/v1/worlds?limit=" + "9" * 5_000, "/x?cursor=%ff%fe", "/x?cursor=%00",
    "/x?cursor=%ED%A0%80", "/x?" + "&" * 9_000, "/x?" + "limit=1&" * 3_000, "/x?limit=1;limit=2", "/x?=&=", "/x?limit",
    "/x?cursor=" + "A" * 9_000, "/x?expectedRev=1&expectedRev=2", "mailto:[", "\\\\[", "/v1/worlds?limit=-0",
)  # fmt: skip
VERBS = (
    "GET",
    "HEAD",
    "POST",
    "PATCH",
    "PUT",
    "DELETE",
    "get",
    "",
    "X" * 5_000,
    "CONNECT",
    "GET POST",
)
LISTS = (
    '"1"',
    "*",
    "W/",
    'W/"1"',
    '"',
    '"' * 5_000,
    "," * 9_000,
    'W/"' * 3_000,
    '"1", *',
    "1" * 9_000,
    " ",
)
TRACES = (
    "00-" + "1" * 32 + "-" + "2" * 16 + "-01", "00-" + "0" * 32 + "-" + "0" * 16 + "-00", "ff", "-" * 99,
    "00-" + "1" * 32 + "-" + "2" * 16 + "-01-x", "99-" + "1" * 32 + "-" + "2" * 16 + "-zz", "1" * 9_000,
)  # fmt: skip
TOKENS = (
    "a.b.c", "..", "W1tbW1s.e30.a", "eyJhbGciOiJub25lIn0.e30.", "=" * 400, "." * 9_000, "A" * 9_000,
    "eyJraWQiOm51bGx9.e30.a", "eyJraWQiOlsxXX0.bnVsbA.c2ln", "sk_test_" + "0" * 43, "sk_test_", "pk_live_" + "z" * 99,
    # {"kid": and 5,000 brackets; {"kid":1 and 5,000 zeros; {"kid":"\\ud800"}
    "eyJraWQiOltb" + "W1tb" * 1_666 + ".e30.a", "eyJraWQiOjEw" + "MDAw" * 1_666 + "fQ.e30.a",
    "eyJraWQiOiJcdWQ4MDAifQ.e30.c2ln",
)  # fmt: skip
CREDENTIALS = (
    "",
    "Bearer",
    "Bearer ",
    "Basic eDp5",
    "bearer\x20\x20x",
    "Bearer a b c",
    ":",
    "," * 5_000,
)
CLIENTS = (
    "",
    "x" * 9_000,
    "::",
    "1.2.3.4",
    "fe80::1%eth0",
    "not an address",
    "[::1]:5",
    "1.2.3.4, 5.6.7.8",
    "%" * 99,
)
READINGS: dict[str, tuple[str, ...]] = {
    "x-envoy-original-path": PATHS,
    "x-envoy-original-method": VERBS,
    "x-conjure-edge": ("1", "", "x"),
    "x-conjure-client": CLIENTS,
    "x-conjure-nothing": ("1",),
    "traceparent": TRACES,
    "tracestate": ("x=" * 500, "=,=,", "a=b," * 40),
    "baggage": ("a=b;;;,=", "=" * 5_000, ",", "a=%zz"),
    "if-match": LISTS,
    "if-none-match": LISTS,
    "idempotency-key": ("", " ", "k" * 255, "k" * 256, "k k", "k" * 9_000),
    "x-request-id": ("", " ", "r" * 128, "r" * 129, "{}", "%s%n"),
    "origin": ("null", "http://[", "https://x.example", "http://" + "x" * 9_000, "*"),
    "last-event-id": ("", "x", "-1", "9" * 5_000, "1e400", "nan"),
    "accept-encoding": ("gzip", "*;q=x"),
    "grpc-accept-encoding": ("x", "gzip,deflate,identity"),
    "x-http-status": ("999", "x"),
    "x-forwarded-for": ("1.2.3.4", "x" * 2_000),
    "cookie": ("a=b",),
}


def _values(name: str) -> st.SearchStrategy[tuple[str, str | bytes]]:
    values = st.one_of(st.sampled_from(READINGS[name]), st.text(SHOWN, max_size=60))
    return st.tuples(st.just(name), values)


KNOWN = st.sampled_from(sorted(READINGS)).flatmap(_values)
BINARY = st.tuples(
    st.sampled_from(("x-bin", "authorization-bin", "grpc-trace-bin", "traceparent-bin", "if-match-bin")),
    st.binary(max_size=200),
)  # fmt: skip
ODD_NAMES = st.tuples(
    st.from_regex(r"[a-z][a-z0-9_.-]{0,40}", fullmatch=True).filter(
        lambda name: not name.endswith("-bin") and not name.startswith("grpc-")
    ),
    st.text(SHOWN, max_size=40),
)
SOME = st.lists(st.one_of(KNOWN, KNOWN, KNOWN, BINARY, ODD_NAMES), max_size=8)
MANY = st.tuples(KNOWN.filter(lambda pair: len(pair[1]) < 100), st.integers(50, 400)).map(
    lambda drawn: [drawn[0]] * drawn[1]
)
PAIRS = st.one_of(SOME, SOME, SOME, MANY)
CREDENTIAL = st.one_of(
    st.just("the app's"), st.just("the app's"), st.just("the token"), st.none(),
    st.sampled_from(CREDENTIALS), st.sampled_from(TOKENS).map("Bearer {}".format),
    st.text(SHOWN, max_size=40),
)  # fmt: skip
BODIES = st.sampled_from(
    (
        b"", world_pb.GetWorldRequest(id=UUID).SerializeToString(), b"\xc2\x3e\x04\x12\x02{}",
        world_pb.CreateWorldRequest(premise="a quiet harbour").SerializeToString(),
        session_pb.ConnectRequest(token=TOKENS[0]).SerializeToString(), b"\xff" * 11,
    )
)  # fmt: skip
NOBODY_THERE = {
    "/conjure.v1.VisionService/Perceive",
    "/conjure.v1.VisionService/GroundObjects",
    "/conjure.v1.ConversationService/Speak",
}
"""Without a vision provider, as here, a call of these that is in order is a 503: now and then one is."""
FAULTS = {
    grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.UNAVAILABLE,
    grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.DATA_LOSS, grpc.StatusCode.CANCELLED,
}  # fmt: skip
_LOGGED = ("Traceback", '"level": "error"', '"level":"error"')


class Server:
    """A server that traces, with the credentials of an app; what it logs is looked at after each call."""

    def __init__(self, port: int, log: Any, secret: str, token: str) -> None:
        self.port = port
        self.secret = secret
        self.token = token
        self._log = log
        self._read = 0

    def credential(self, drawn: str | None) -> list[tuple[str, str | bytes]]:
        if drawn is None:
            return []
        real = {"the app's": f"Bearer {self.secret}", "the token": f"Bearer {self.token}"}
        return [("authorization", real.get(drawn, drawn))]

    def must_have_logged_no_fault(self) -> None:
        with self._log.open("rb") as file:
            file.seek(self._read)
            news = file.read()
        self._read += len(news)
        text = news.decode(errors="replace")
        assert not any(sign in text for sign in _LOGGED), text[-3_000:]


@pytest.fixture(scope="module")
async def server(stack, tmp_path_factory) -> AsyncIterator[Server]:
    folder = tmp_path_factory.mktemp("metadata")
    unlimited = {f"CONJURE_RATES_{name}_PER_S": "0" for name in ("KEY", "SESSION", "FAILURES")}
    async with running_collector() as collector:
        environment = {
            "CONJURE_TRACING_ENDPOINT": collector.url, "CONJURE_LOG_CALLS": "true",
            # The collector is in this process, which a busy machine leaves standing: for longer than the usual 10 s.
            "OTEL_EXPORTER_OTLP_TIMEOUT": str(LIMIT_S),
            "CONJURE_EDGE_CALLS": "grpc",  # so that the mark is believed on both of its listeners
            **unlimited,
        }  # fmt: skip
        async with running_server(folder, stack.store_url, environment) as (_, port):
            app = await new_app(stack.admin)
            await app.set_caps(generation=10**9, edit=10**9, session=10**9, session_seconds=10**9)
            async with channel(f"127.0.0.1:{port}") as opened:
                made = await Client(opened, app.secret).new_tokens(1)
            yield Server(port, folder / "server.log", app.secret, made[0].token)


@pytest.fixture(scope="module")
async def opened(server) -> AsyncIterator[grpc.aio.Channel]:
    async with channel(f"127.0.0.1:{server.port}") as to_server:
        yield to_server


@pytest.fixture(scope="module")
async def opened_as_edge(server) -> AsyncIterator[Any]:
    async with http1_channel(socket_place(server.port)) as to_server:
        yield to_server


async def judge(call: Any, *, is_stream: bool) -> None:
    """Awaits an answer: of the call's own shape, never a fault of the server's, in REST's form neither."""
    refusal = None
    try:
        await (call.read() if is_stream else call)
    except grpc.aio.AioRpcError as error:
        refusal = error
    if refusal is None:
        status = dict(await call.initial_metadata()).get("x-http-status", "200")
        assert int(str(status)) < 500, status
    else:
        if refusal.details() == "HTTP 431":  # more headers than are read, over HTTP/1.1
            return
        assert refusal.code() not in FAULTS, f"{refusal.code()}: {refusal.details()}"
        if "metadata size" not in (
            refusal.details() or ""
        ):  # the library's own words (SECURITY.md)
            read_refusal(refusal)
    call.cancel()


@pytest.mark.filterwarnings("ignore:Generating overly large repr")  # long values are the point
@pytest.mark.parametrize("name", sorted(METHODS.keys() - NOBODY_THERE))
@settings(max_examples=25)
@example(
    pairs=[("x-envoy-original-path", "//[/")], credential="the app's", is_marked=True, body=b""
)
@given(pairs=PAIRS, credential=CREDENTIAL, is_marked=st.booleans(), body=BODIES)
async def test_any_metadata_is_answered(
    server, opened, opened_as_edge, name, pairs, credential, is_marked, body
):
    """Each RPC, in both of its forms, over each transport: no INTERNAL, no UNKNOWN, no 5xx, nothing in the log."""
    method = METHODS[name]
    sent = [*server.credential(credential), *pairs]
    if is_marked:
        binding = method.bindings[0] if method.bindings else None
        verb = "GET" if binding is None else binding.verb
        sent += [("x-conjure-edge", "1"), ("x-envoy-original-method", verb)]
    if method.is_stream:
        call: Any = opened.unary_stream(name)(body, metadata=sent, timeout=LIMIT_S)
        await judge(call, is_stream=True)
    else:
        for channel_ in (opened, opened_as_edge):
            call = channel_.unary_unary(name)(body, metadata=sent, timeout=LIMIT_S)
            await judge(call, is_stream=False)
    server.must_have_logged_no_fault()


ANY_BYTES = st.binary(max_size=60).map(
    lambda data: bytes(byte for byte in data if byte >= 0x20 and byte != 0x7F)
)


@settings(max_examples=100)
@given(
    name=st.sampled_from(sorted(name for name, found in METHODS.items() if not found.is_stream)),
    header=st.sampled_from((*sorted(READINGS), "authorization")),
    value=st.one_of(
        ANY_BYTES, st.text(max_size=20).map(lambda text: text.encode("utf-8", "replace"))
    ),
    is_marked=st.booleans(),
)
async def test_bytes_that_no_client_library_sends_are_answered(
    server, name, header, value, is_marked
):
    """Headers that are not ASCII, or not even UTF-8."""
    fields: list[tuple[str, Any]] = [*grpc_fields(name), (header, value)]
    if header != "authorization":
        fields += server.credential("the app's")
    if is_marked:
        fields += [("x-conjure-edge", "1"), ("x-envoy-original-method", "GET")]
    async with Http2(server.port) as connection:
        await connection.send(frame(h2.HEADERS, END_HEADERS, 1, block(fields)))
        await connection.send(frame(h2.DATA, END_STREAM, 1, struct.pack(">BI", 0, 0)))
        await connection.answered(1)
    lines = [
        f"{key}: {_text(text)}" for key, text in fields if not key.startswith((":", "content-"))
    ]
    async with Http1(socket_place(server.port)) as connection:
        answer = await connection.ask(request(name, framed(b""), *lines))
    # HTTP/1.1 has no control characters in a value (RFC 9110, 5.5), or they end it.
    is_plain = all(byte == 0x09 or 0x20 <= byte != 0x7F for byte in value)
    assert answer.status == 200 or not is_plain
    server.must_have_logged_no_fault()


def _text(value: str | bytes) -> str:
    """Bytes as the one text that is the same bytes in Latin-1."""
    return value.decode("latin-1") if isinstance(value, bytes) else value


@pytest.mark.parametrize("size", [60_000, 70_000])
async def test_huge_headers_end_the_call_and_no_more(server, opened, size):
    call = opened.unary_unary("/conjure.v1.UsageService/GetUsage")(
        b"", metadata=[*server.credential("the app's"), ("x-big", "y" * size)], timeout=LIMIT_S
    )
    with contextlib.suppress(grpc.aio.AioRpcError):
        await call
    assert await call.code() is (
        grpc.StatusCode.OK if size < 65_536 else grpc.StatusCode.RESOURCE_EXHAUSTED
    )
    assert (await Client(opened, server.secret).get_usage()).day
    server.must_have_logged_no_fault()


async def test_what_is_no_address_is_no_name_to_count_failures_by(stack, tmp_path):
    """Else a caller could have as many names as it likes, each as long as a header may be."""
    environment = {"CONJURE_RATES_FAILURES_PER_S": "0.001", "CONJURE_RATES_FAILURES_BURST": "2"}
    async with (
        running_server(tmp_path, stack.store_url, environment) as (_, port),
        channel(f"127.0.0.1:{port}") as opened,
    ):

        async def attempt(client: str) -> Reason:
            call = opened.unary_unary("/conjure.v1.UsageService/GetUsage")
            given_as = metadata("sk_test_" + "0" * 43, **{"x-conjure-client": client})
            with pytest.raises(grpc.aio.AioRpcError) as raised:
                await call(b"", metadata=given_as, timeout=LIMIT_S)
            return read_refusal(raised.value).reason

        names = ("x" * 5_000, "somebody", "1.2.3.4; x", "")
        reasons = [await attempt(name) for name in names]
        assert reasons[0] is Reason.INVALID_CREDENTIAL
        assert reasons[-1] is Reason.RATE_LIMITED
        # An address is believed, whoever says it: this port is for those who may (SECURITY.md).
        assert await attempt("203.0.113.7") is Reason.INVALID_CREDENTIAL


async def test_the_mark_is_not_believed_where_edges_call_over_http1(stack):
    """Of a unary call; streams of edges come here, and theirs is."""
    async with channel(stack.server_target) as to_server:
        get = to_server.unary_unary("/conjure.v1.UsageService/GetUsage")
        marked = get(b"", metadata=metadata(None, **{"x-conjure-edge": "1"}), timeout=LIMIT_S)
        await refused(marked, Reason.MISSING_CREDENTIAL)
        watch = to_server.unary_stream("/conjure.v1.WatchService/WatchWorld")
        marked = watch(b"", metadata=metadata(None, **{"x-conjure-edge": "1"}), timeout=LIMIT_S)
        assert b"detail" in await marked.read()


async def test_an_edge_that_calls_the_other_way_is_told(stack):
    """What it would make of a typed answer is noise: 503, until edge and server say the same."""
    as_edges_do = metadata(None, **{"x-conjure-edge": "1", "x-envoy-original-method": "GET"})
    async with channel(stack.server_target) as to_server:
        get = to_server.unary_unary("/conjure.v1.UsageService/GetUsage")
        refusal = await refused(get(b"", metadata=as_edges_do, timeout=LIMIT_S), Reason.OVERLOADED)
        assert "CONJURE_EDGE_CALLS" in refusal.message


async def test_the_mark_of_the_edge_gains_nothing_but_another_form(server, opened):
    """It is no credential: without one of its own the call is refused as any other is."""
    call = opened.unary_unary("/conjure.v1.UsageService/GetUsage")
    await refused(call(b"", metadata=metadata(None), timeout=LIMIT_S), Reason.MISSING_CREDENTIAL)
    marked = call(b"", metadata=metadata(None, **{"x-conjure-edge": "1"}), timeout=LIMIT_S)
    assert b"detail" in await marked
    assert dict(await marked.initial_metadata())["x-http-status"] == "401"
