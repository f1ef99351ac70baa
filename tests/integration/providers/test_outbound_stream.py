"""Answers that are read while the other side makes them, and servers that stop in every way (ARCHITECTURE 1.5)."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import pytest

from conjure.core import metrics
from conjure.providers.circuit import Circuit
from conjure.providers.http import AddressRefused, CircuitOpen, OutboundClient, OutboundError
from support.reactor import Reactor, after, answers, once
from support.until import until

HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: Audio/MPEG; x=y\r\ntransfer-encoding: chunked\r\n\r\n"
LONG_S = 3_600.0


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data)


def pieces(*each: bytes, end: bytes = b"0\r\n\r\n"):
    async def answer(request):
        yield HEAD
        for piece in each:
            yield chunk(piece)
        if end:
            yield end

    return answer


@pytest.fixture
async def server():
    async with Reactor(answer=pieces(b"one", b"two")) as reactor:
        yield reactor


def client(**other) -> OutboundClient:
    return OutboundClient("streamed", **{"timeout_s": LONG_S, "max_concurrent": 1} | other)


def at(server: Reactor) -> str:
    return f"http://127.0.0.1:{server.port}/path?a=b"


async def whole(calls: OutboundClient, server: Reactor, **other) -> bytes:
    async with calls.stream(at(server), {}, **{"first_s": LONG_S} | other) as answer:
        return b"".join([piece async for piece in answer])


async def must_work(calls: OutboundClient, server: Reactor) -> None:
    server.answer = pieces(b"one", b"two")
    assert await whole(calls, server) == b"onetwo"


async def test_a_piece_is_there_while_the_next_one_is_made(server):
    go_on = asyncio.Event()

    async def answer(request):
        yield HEAD + chunk(b"one")
        await go_on.wait()
        yield chunk(b"two") + b"0\r\n\r\n"

    server.answer = answer
    async with (
        client() as calls,
        calls.stream(
            at(server), {"a": "ü"}, first_s=LONG_S, headers={"Accept": "audio/mpeg"}
        ) as found,
    ):
        assert (found.status, found.content_type, found.refusal) == (200, "audio/mpeg", None)
        assert await anext(found) == b"one"
        go_on.set()
        assert [piece async for piece in found] == [b"two"]
        assert [piece async for piece in found] == []
    (request,) = server.requests
    assert (request.method, request.path, request.json) == ("POST", "/path?a=b", {"a": "ü"})
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept"] == "audio/mpeg"


@pytest.mark.parametrize("status", [302, 401, 429, 500])
async def test_a_refusal_was_read_when_it_is_entered_and_has_no_pieces(server, status):
    server.answer = answers(status, b"x" * 200_000, retry_after="7", location=at(server))
    async with client() as calls:
        async with calls.stream(at(server), {}, first_s=LONG_S) as found:
            assert [piece async for piece in found] == []
            assert (found.refusal.status, found.refusal.retry_after) == (status, "7")
            assert 0 < len(found.refusal.body) <= 65_536 + 8_192
        await must_work(calls, server)
    assert len(server.requests) == 2, "redirects are not followed"


async def silent_after_one(request):
    yield HEAD + chunk(b"one")
    await asyncio.sleep(LONG_S)


async def test_what_takes_too_long_as_a_whole_breaks_off_and_is_not_taken_for_an_end(server):
    server.answer = silent_after_one
    async with client(timeout_s=0.3) as calls:
        async with calls.stream(at(server), {}, first_s=LONG_S) as found:
            assert await anext(found) == b"one"
            for _ in range(2):
                with pytest.raises(OutboundError):
                    await anext(found)
        await must_work(calls, server)


async def head_only(request):
    yield HEAD
    await asyncio.sleep(LONG_S)


@pytest.mark.parametrize("answer", [after(LONG_S), head_only], ids=["no head", "no piece"])
async def test_the_first_piece_has_a_time_of_its_own_waiting_for_a_turn_included(server, answer):
    server.answer = answer
    async with client() as calls:
        found = await asyncio.gather(
            *(whole(calls, server, first_s=0.3) for _ in range(3)), return_exceptions=True
        )
        assert [type(error) for error in found] == [OutboundError] * 3
        await must_work(calls, server)


async def endless(request):
    yield HEAD
    while True:
        yield chunk(b"x" * 30_000)


async def tiny(request):
    yield HEAD
    while True:
        yield chunk(b"x") * 10_000


BREAKS = {
    "endless": endless,
    "endless in chunks of one": tiny,
    "cut": pieces(b"one", end=b""),
    "cut in a chunk": pieces(b"one", end=b"ff\r\nonly this"),
    "a bad chunk": pieces(b"one", end=b"zz\r\n"),
}


@pytest.mark.parametrize("answer", BREAKS)
async def test_what_breaks_off_after_the_first_piece_is_an_error_and_the_next_call_works(
    server, answer
):
    server.answer = BREAKS[answer]
    circuit = Circuit("streamed", failures=1, open_s=LONG_S)
    async with client(max_response_bytes=100_000, circuit=circuit) as calls:
        with pytest.raises(OutboundError):
            await whole(calls, server)
        assert circuit.is_open
    async with client(max_response_bytes=100_000) as calls:
        with pytest.raises(OutboundError):
            await whole(calls, server)
        await must_work(calls, server)


async def test_who_leaves_ends_the_call_and_frees_the_turn_at_once():
    gone = asyncio.Event()

    async def serve(reader, writer):
        await reader.readuntil(b"{}")
        writer.write(HEAD + chunk(b"one"))
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
        gone.set()
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening, client() as calls:
        for _ in range(2):
            gone.clear()
            async with calls.stream(url, {}, first_s=LONG_S) as found:
                assert await anext(found) == b"one"
            await until(gone.is_set)


async def test_a_connection_whose_answer_was_read_to_its_end_is_kept_and_no_other():
    came = []

    async def serve(reader, writer):
        came.append(writer)
        while await reader.read(65_536):
            writer.write(HEAD + chunk(b"one") + chunk(b"two") + b"0\r\n\r\n")
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening, client() as calls:
        for _ in range(3):
            async with calls.stream(url, {}, first_s=LONG_S) as found:
                assert len([piece async for piece in found]) == 2
        assert len(came) == 1
        async with calls.stream(url, {}, first_s=LONG_S) as found:
            await anext(found)
        async with calls.stream(url, {}, first_s=LONG_S) as found:
            await anext(found)
        assert len(came) == 2


async def test_what_the_caller_raises_is_the_callers_and_no_fault_of_the_server(server):
    circuit = Circuit("streamed", failures=1, open_s=LONG_S)
    async with client(circuit=circuit) as calls:
        for error in (ValueError("mine"), TimeoutError("mine"), OutboundError("mine")):
            with pytest.raises(type(error), match="mine"):
                async with calls.stream(at(server), {}, first_s=LONG_S):
                    raise error
        assert not circuit.is_open
        server.answer = answers(500, b"")
        async with calls.stream(at(server), {}, first_s=LONG_S) as found:
            assert found.refusal.status == 500
        with pytest.raises(CircuitOpen):
            await whole(calls, server)


async def test_outcomes_are_counted_by_how_it_ended(server):
    def counts():
        return {
            name: metrics.PROVIDER_CALLS.at("streamed", name).value
            for name in ("answered", "failed", "timed_out", "abandoned")
        }

    before = counts()
    async with client(timeout_s=0.5) as calls:
        await whole(calls, server)
        for answer in (pieces(b"one", end=b""), silent_after_one, after(LONG_S)):
            server.answer = answer
            with pytest.raises(OutboundError):
                await whole(calls, server, first_s=0.3)
        let_go = asyncio.Event()
        server.answer = once(let_go)
        task = asyncio.ensure_future(whole(calls, server))
        await until(lambda: len(server.requests) == 5)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    after_it = {name: value - before[name] for name, value in counts().items()}
    assert after_it == {"answered": 1, "failed": 1, "timed_out": 2, "abandoned": 1}


async def test_a_call_that_is_cancelled_at_any_moment_takes_no_place_and_leaves_no_socket(server):
    def open_descriptors() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    before = open_descriptors()
    async with client(max_concurrent=2) as calls:
        for moment in range(60):
            tasks = [asyncio.ensure_future(whole(calls, server)) for _ in range(4)]
            for _ in range(moment):
                await asyncio.sleep(0)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        found = await asyncio.gather(*(whole(calls, server) for _ in range(6)))
        assert found == [b"onetwo"] * 6
    await until(lambda: open_descriptors() <= before)


async def test_private_addresses_and_what_is_no_url_are_not_called(server):
    async with client(allows_private=False) as calls:
        with pytest.raises(AddressRefused):
            await whole(calls, server)
        with pytest.raises(OutboundError):
            async with calls.stream("ftp://a/", {}, first_s=LONG_S):
                pass
    assert not server.requests
