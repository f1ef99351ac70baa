"""The outbound client, and servers that do everything to whoever calls them (ARCHITECTURE 1.5)."""

from __future__ import annotations

import asyncio
import contextlib
import json
import ssl
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from conjure.core import metrics
from conjure.core.context import CURRENT_CALL
from conjure.providers.circuit import Circuit
from conjure.providers.http import (
    AddressRefused,
    CircuitOpen,
    OutboundClient,
    OutboundError,
    TlsFailed,
    _usual_trust,
)
from conjure.rpc.tracing import ServerSpan, Tracer
from conjure.settings import StoreSettings
from support.certificates import Certificates
from support.reactor import Reactor, after, answers, drip, in_turn, once
from support.until import until

OK = answers(200, b"fine")


@pytest.fixture
async def server():
    async with Reactor(answer=OK) as reactor:
        yield reactor


class Names:
    """A resolver whose answers a test writes: one after the other, the last one again and again."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    async def addresses(self, host, port):
        self.asked.append(host)
        return self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]


def client(**other) -> OutboundClient:
    return OutboundClient("test", **{"timeout_s": 30.0, "max_concurrent": 10} | other)


def at(server: Reactor, host: str = "127.0.0.1", scheme: str = "http") -> str:
    return f"{scheme}://{host}:{server.port}/hook?a=b"


async def test_what_is_sent_is_what_was_given(server):
    async with client(headers={"Api-Key": "k", "accept": "text/plain"}) as calls:
        answer = await calls.post(
            at(server), b'{"raw":  1}', headers={"Webhook-Id": "w", "host": "elsewhere"}
        )
        assert (answer.status, answer.body) == (200, b"fine")
        await calls.post_json(at(server), {"a": "ü"})
        await calls.get(at(server), headers={"accept": "application/json"})
    raw, as_json, read = server.requests
    assert (raw.method, raw.path, raw.body) == ("POST", "/hook?a=b", b'{"raw":  1}')
    assert raw.headers["webhook-id"] == "w"
    assert raw.headers["host"] == f"127.0.0.1:{server.port}"
    assert raw.headers["accept"] == "text/plain"
    assert raw.headers["api-key"] == "k"
    assert (as_json.headers["content-type"], as_json.json) == ("application/json", {"a": "ü"})
    assert (read.method, read.headers["accept"], read.body) == ("GET", "application/json", b"")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_an_answer_and_not_followed(server, status):
    async with Reactor(answer=OK) as elsewhere, client() as calls:
        server.answer = answers(status, b"", location=at(elsewhere), set_cookie="a=b")
        assert (await calls.get(at(server))).status == status
        assert (await calls.post(at(server), b"", headers={})).status == status
        assert not elsewhere.requests
    assert "cookie" not in server.requests[-1].headers


def sends(data: bytes):
    async def answer(request):
        return data

    return answer


async def endless(request):
    yield b"HTTP/1.1 200 OK\r\n\r\n"
    while True:
        yield b"x" * 65_536


async def chunks(request):
    yield b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"
    while True:
        yield b"1\r\nx\r\n" * 10_000


async def interim(request):
    while True:
        yield b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1_000


async def endless_headers(request):
    yield b"HTTP/1.1 200 OK\r\n"
    while True:
        yield b"x: y\r\n" * 10_000


async def cut_short(request):
    yield b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this"


async def two_lengths(request):
    yield b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\ncontent-length: 5\r\n\r\nfine!"


HOSTILE = {
    "10 MB": answers(200, b"x" * 10_000_000),
    "endless": endless,
    "endless in chunks": chunks,
    "endless headers": endless_headers,
    "endless interim answers": interim,
    "20,000 headers": sends(b"HTTP/1.1 200 OK\r\n" + b"a:b\r\n" * 20_000 + b"content-length: 0\r\n\r\n"),
    "cut short": cut_short,
    "two lengths": two_lengths,
    "nothing": sends(b""),
    "garbage": sends(bytes(range(256)) * 100),
    "another protocol": sends(b"SSH-2.0-OpenSSH_9.2\r\n"),
    "a bad chunk": sends(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
    "a status that is none": sends(b"HTTP/1.1 20x OK\r\n\r\n"),
    "a header without a name": sends(b"HTTP/1.1 200 OK\r\n: x\r\n\r\n"),
    "another protocol after all": sends(b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n" + b"x" * 100_000),
}  # fmt: skip


@pytest.mark.parametrize("answer", HOSTILE)
async def test_whatever_a_server_sends_the_call_ends_and_the_next_one_works(server, answer):
    server.answer = HOSTILE[answer]
    async with client(max_concurrent=1) as calls:
        for _ in range(3):
            try:
                found = await calls.get(at(server))
            except OutboundError:
                continue
            assert found.status == 101, "no answer but this one could be read"
        server.answer = OK
        assert (await calls.get(at(server))).body == b"fine"


@pytest.mark.parametrize("begins", [b"", b"HTTP/1.1 200 OK\r\n: "], ids=["status", "header"])
async def test_what_cannot_be_read_is_quoted_to_nobody(server, begins):
    """Such texts go to the log: neither pages of them, nor the credential that they may repeat."""
    server.answer = sends(begins + b"Bearer k-1" + b"\x80" * 8_000 + b"\r\n\r\n")
    async with client() as calls:
        with pytest.raises(OutboundError, match="illegal") as raised:
            await calls.get(at(server))
    assert "k-1" not in str(raised.value)
    assert len(str(raised.value)) < 400


async def test_a_client_that_cuts_takes_the_beginning_and_leaves_the_rest(server):
    server.answer = endless
    async with client(max_concurrent=1, max_response_bytes=1_000, cuts=True) as calls:
        for _ in range(3):
            answer = await calls.get(at(server))
            assert (answer.status, answer.body[:1_000]) == (200, b"x" * 1_000)
        server.answer = OK
        assert (await calls.get(at(server))).body == b"fine"


async def test_what_is_packed_is_not_unpacked(server):
    """A bomb is as large as its bytes."""
    server.answer = answers(200, b"\x1f\x8b no gzip", content_encoding="gzip")
    async with client() as calls:
        assert (await calls.get(at(server))).body == b"\x1f\x8b no gzip"
    assert server.requests[0].headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("answer", [after(3600), drip], ids=["silent", "dripping"])
async def test_the_timeout_is_for_the_whole_call_with_its_turn(server, answer):
    async with client(timeout_s=0.4, max_concurrent=1) as calls:
        server.answer = answer
        begun = time.monotonic()
        found = await asyncio.gather(
            *(calls.post_json(at(server), {"expires_after": 9}) for _ in range(5)),
            return_exceptions=True,
        )
        assert time.monotonic() - begun >= 0.4
        assert [type(error) for error in found] == [OutboundError] * 5
        server.answer = OK
        assert (await calls.get(at(server))).status == 200


async def test_no_more_calls_are_under_way_than_may_be(server):
    let_go = asyncio.Event()
    server.answer = once(let_go, OK)
    async with client(max_concurrent=3) as calls:
        tasks = [asyncio.ensure_future(calls.get(at(server))) for _ in range(10)]
        await until(lambda: len(server.requests) == 3)
        tasks[0].cancel()
        await until(lambda: len(server.requests) == 4)
        let_go.set()
        found = await asyncio.gather(*tasks, return_exceptions=True)
    assert len(server.requests) == 10
    assert sum(isinstance(it, asyncio.CancelledError) for it in found) == 1


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_call_that_is_cancelled_at_any_moment_takes_no_place_and_leaves_no_socket(
    certificates, scheme
):
    tls = certificates.listening() if scheme == "https" else None
    async with Reactor(answer=OK, tls=tls) as server:
        url = at(server, "127.0.0.1", scheme)
        before = open_descriptors()
        async with client(max_concurrent=2, trust=certificates.context()) as calls:
            for moment in range(0, 60, 1 if tls is None else 4):  # a handshake is work
                tasks = [asyncio.ensure_future(calls.post(url, b"x", headers={})) for _ in range(4)]
                for _ in range(moment):
                    await asyncio.sleep(0)
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            found = await asyncio.gather(*(calls.get(url) for _ in range(10)))
            assert [answer.status for answer in found] == [200] * 10
        await until(lambda: open_descriptors() <= before)


async def test_connections_are_kept_for_the_next_call_and_those_that_were_closed_are_not_used(
    server,
):
    came = []

    async def keep(reader, writer):
        came.append(writer)
        while head := await reader.readuntil(b"\r\n\r\n"):
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine")
            if b"leave" in head:
                writer.close()
                return

    async def serve(reader, writer):
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            await keep(reader, writer)

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with client() as calls:
        for _ in range(5):
            assert (await calls.get(f"{url}/stay")).body == b"fine"
        assert len(came) == 1
        for number in range(5):
            assert (await calls.get(f"{url}/leave")).body == b"fine"
            kept = [it for each in calls._connections._idle.values() for it in each]
            await until(lambda kept=kept: all(connection.has_expired() for connection in kept))
            assert len(came) == number + 1
    listening.close()


SECOND = b"HTTP/1.1 299 Another\r\ncontent-length: 4\r\n\r\nevil"


def _filling(size: int) -> bytes:
    """An answer of so many bytes."""
    head = b"HTTP/1.1 200 OK\r\ncontent-length: %06d\r\n\r\n"
    body = size - len(head % 0)
    return head % body + b"x" * body


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("size", [100, 8_192, 65_536], ids=["short", "one read", "many reads"])
@pytest.mark.parametrize("parts", [1, 2])
async def test_what_comes_behind_an_answer_is_not_that_of_the_next_call(
    certificates, scheme, size, parts
):
    """A host may have many users; one of them must not answer for the others."""
    together = [_filling(size) + SECOND] if parts == 1 else [_filling(size), SECOND]

    async def serve(reader, writer):
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            while True:
                await reader.readuntil(b"\r\n\r\n")
                for part in together:  # over TLS each is in records of its own
                    writer.write(part)
                await writer.drain()
        writer.close()

    tls = certificates.listening() if scheme == "https" else None
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=tls)
    async with server, client(trust=certificates.context(), max_response_bytes=70_000) as calls:
        url = f"{scheme}://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        assert [(await calls.get(url)).status for _ in range(3)] == [200] * 3


async def test_no_more_connections_are_kept_than_may_be():
    async with contextlib.AsyncExitStack() as parts:
        servers = [await parts.enter_async_context(Reactor(answer=stays)) for _ in range(5)]
        before = open_descriptors()
        async with client(max_concurrent=3) as calls:
            for _ in range(2):
                for server in servers:
                    found = await asyncio.gather(*(calls.get(at(server)) for _ in range(3)))
                    assert [answer.body for answer in found] == [b"fine"] * 3
            kept = [it for each in calls._connections._idle.values() for it in each]
            assert len(kept) == calls._connections._idle_count == 3
        await until(lambda: open_descriptors() <= before)


async def stays(request):
    """An answer of a server that would keep the connection, for a while."""
    yield b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nfine"
    await asyncio.sleep(0.5)


async def test_the_connection_goes_to_the_address_that_was_checked(server):
    """Asked once: what the name leads to a moment later does not matter. `Host` is still the name."""
    names = Names(["127.0.0.1"], ["127.0.0.2"])
    async with client(resolver=names) as calls:
        assert (await calls.get(at(server, "hooks.example"))).status == 200
    assert names.asked == ["hooks.example"]
    assert server.requests[0].headers["host"] == f"hooks.example:{server.port}"


async def test_of_several_addresses_one_that_answers_is_called(server):
    async with client(resolver=Names(["127.0.0.2", "::1", "127.0.0.1"])) as calls:
        assert (await calls.get(at(server, "hooks.example"))).status == 200


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["93.184.216.34", "127.0.0.1"], ["::ffff:127.0.0.1"], ["::1"], []]
)
async def test_private_addresses_are_never_called_for_others(server, addresses):
    async with client(allows_private=False, resolver=Names(addresses)) as calls:
        for host in ("hooks.example", "127.0.0.1", "localhost", "2130706433", "[::ffff:7f00:1]"):
            with pytest.raises(AddressRefused):
                await calls.post(at(server, host), b"secret", headers={})
    assert not server.requests


async def test_a_name_that_changes_after_its_registration_is_refused(server):
    """DNS rebinding: public when it was checked, private when it is called."""
    names = Names(["93.184.216.34"], ["127.0.0.1"])
    await names.addresses("hooks.example", 443)
    async with client(allows_private=False, resolver=names) as calls:
        with pytest.raises(AddressRefused):
            await calls.get(at(server, "hooks.example"))
    assert not server.requests


async def test_a_name_that_is_never_resolved_ends_the_call(server):
    class Silent:
        async def addresses(self, host, port):
            await asyncio.Event().wait()

    async with client(timeout_s=0.2, resolver=Silent()) as calls:
        with pytest.raises(OutboundError, match="within"):
            await calls.get(at(server, "hooks.example"))


@pytest.mark.parametrize(
    "url", ["", "ftp://a/", "http://a..b/", "http://u:p@127.0.0.1/", "http://127.0.0.1:0/", "/x"]
)
async def test_what_is_no_url_is_an_error_and_nothing_is_sent(url):
    async with client() as calls:
        with pytest.raises(OutboundError):
            await calls.get(url)


@pytest.mark.parametrize("headers", [{"a": "b\r\nc: d"}, {"a b": "c"}, {"a": "\0"}])
async def test_headers_cannot_carry_others(server, headers):
    async with client() as calls:
        with pytest.raises(OutboundError):
            await calls.post(at(server), b"", headers=headers)
    assert not server.requests


@pytest.fixture(scope="module")
def certificates(tmp_path_factory):
    return Certificates(tmp_path_factory.mktemp("certificates") / "set")


async def test_the_certificate_is_that_of_the_name(certificates):
    """Its address was checked, and is called; that must not weaken what TLS verifies."""
    context = certificates.listening()
    asked = []
    context.sni_callback = lambda _, name, __: asked.append(name)
    async with Reactor(answer=OK, tls=context) as server:
        names = Names(["127.0.0.1"])
        async with client(resolver=names, trust=certificates.context()) as calls:
            assert (await calls.get(at(server, "server", "https"))).status == 200
            # It is also the certificate of 127.0.0.1, where the connection went; that is not what counts.
            with pytest.raises(TlsFailed, match="certificate verify failed"):
                await calls.get(at(server, "hooks.example", "https"))
            assert (await calls.get(at(server, "127.0.0.1", "https"))).status == 200
        async with client(resolver=names) as calls:
            with pytest.raises(TlsFailed, match="certificate verify failed"):
                await calls.get(at(server, "server", "https"))
    assert asked == ["server", "hooks.example", None, "server"]
    assert len(server.requests) == 2


def test_a_server_cannot_demand_another_handshake():
    assert _usual_trust().options & ssl.OP_NO_RENEGOTIATION


async def test_a_circuit_spares_who_fails(server):
    now = SimpleNamespace(s=0.0)
    circuit = Circuit("test", failures=3, open_s=10, clock=lambda: now.s)
    opened = metrics.PROVIDER_CIRCUITS_OPENED.at("test")
    before = opened.value
    async with client(circuit=circuit) as calls:
        server.answer = in_turn(
            answers(404, b""), answers(500, b""), cut_short, answers(503, b""), OK, OK
        )
        for _ in range(4):
            await asyncio.gather(calls.get(at(server)), return_exceptions=True)
        for _ in range(5):
            with pytest.raises(CircuitOpen):
                await calls.get(at(server))
        assert len(server.requests) == 4
        now.s = 10.0
        assert (await calls.get(at(server))).status == 200
        assert (await calls.get(at(server))).status == 200
    assert opened.value == before + 1


async def test_a_hanging_provider_opens_its_circuit_and_whoever_waits_is_refused(server):
    server.answer = after(3600)
    circuit = Circuit("test", failures=2, open_s=3600)
    async with client(timeout_s=0.2, max_concurrent=2, circuit=circuit) as calls:
        await asyncio.gather(*(calls.get(at(server)) for _ in range(2)), return_exceptions=True)
        with pytest.raises(CircuitOpen):
            await calls.get(at(server))
    assert len(server.requests) == 2


async def test_a_call_has_a_span_below_the_call_that_it_is_for(server):
    spans = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracer = Tracer(provider.get_tracer("test"), StoreSettings())
    parent = provider.get_tracer("test").start_span("call")
    token = CURRENT_CALL.set(SimpleNamespace(trace=ServerSpan(tracer, parent), app=""))
    try:
        async with client(timeout_s=0.2, headers={"authorization": "a secret"}) as calls:
            await calls.get(at(server))
            server.answer = after(3600)
            with pytest.raises(OutboundError):
                await calls.post(at(server), b"a secret", headers={})
    finally:
        CURRENT_CALL.reset(token)
    read, sent = spans.get_finished_spans()
    for span in (read, sent):
        assert span.parent.span_id == parent.get_span_context().span_id
        assert span.attributes["server.port"] == server.port
        assert not {"secret", "/hook"} & set(json.dumps(dict(span.attributes)).split('"'))
    assert (read.name, read.attributes["http.response.status_code"]) == ("GET test", 200)
    assert (sent.name, sent.attributes["error.type"]) == ("POST test", "timed_out")
    assert read.status.is_unset
    assert not sent.status.is_ok
