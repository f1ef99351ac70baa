"""What no edge sends, straight at the listener for edges: one clear answer or the connection's end, and no more."""

from __future__ import annotations

import asyncio
import contextlib
import resource

import grpc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from support.http1 import Http1, framed, head, request
from support.http1_server import HEALTH, running_edge_server
from support.scrape import scrape
from support.stack import resident_bytes
from support.until import until

MIB = 1_048_576
GOOD = request(HEALTH)
CHUNKED = "transfer-encoding: chunked"
EMPTY = framed(b"")
AS_CHUNK = b"5\r\n" + EMPTY + b"\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
async def server(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("hostile")
    async with running_edge_server(folder, stack.store_url) as running:
        yield running
        assert (await scrape(running.metrics_url)).samples  # all of it is well formed still


@pytest.fixture(autouse=True)
async def serves_on(server):
    """Whatever a test did to it."""
    yield
    await server.must_be_well()


async def refused(server, data: bytes, *statuses: int) -> None:
    """Sends bytes: they must be answered once, with one of the statuses, and that ends the connection."""
    async with Http1(server.place) as connection:
        connection.write(data)
        answers = await connection.answers_until_the_end()
    assert [answer.status for answer in answers] in [[status] for status in statuses], answers
    assert answers[0].is_last
    assert answers[0].body == b""


class TestFraming:
    @pytest.mark.parametrize(
        "lines",
        [
            ["content-length: 5", CHUNKED],
            [CHUNKED, "content-length: 5"],
            ["content-length: 5", "content-length: 5"],
            ["content-length: 5", "content-length: 6"],
            ["content-length: 5, 5"],
            ["content-length: +5"],
            ["content-length: -5"],
            ["content-length: 0x5"],
            ["content-length: 5 5"],
            ["content-length:"],
            ["content-length: 99999999999999999999999"],
            ["content-length : 5"],
            [CHUNKED, CHUNKED],
            [CHUNKED, "transfer-encoding: identity"],
            ["transfer-encoding: chunked, chunked"],
            ["transfer-encoding: \x0bchunked"],
            ["transfer-encoding:", " chunked"],
            ["transfer-encoding\x00: chunked"],
        ],
        ids=repr,
    )
    async def test_what_can_be_read_in_two_ways_is_not_read(self, server, lines):
        await refused(server, head(HEALTH, *lines) + EMPTY + GOOD, 400)

    @pytest.mark.parametrize(
        "coding", ["gzip, chunked", "identity", "xchunked", "chunked;q=1", "gzip"]
    )
    async def test_a_coding_that_nobody_takes_off_is_refused(self, server, coding):
        data = head(HEALTH, f"transfer-encoding: {coding}") + AS_CHUNK + GOOD
        await refused(server, data, 501)

    async def test_a_coding_before_chunks_is_refused_on_a_line_of_its_own_too(self, server):
        data = head(HEALTH, "transfer-encoding: gzip", CHUNKED) + AS_CHUNK
        await refused(server, data, 501)

    @pytest.mark.parametrize(
        "line",
        [b"0x5", b"-5", b"+5", b" 5", b"5 ", b"5\t", b"5g", b"", b"5;", b"5;\x00", b'5;a="b', b"f" * 17, b"5;a=\x7f"],
    )  # fmt: skip
    async def test_a_size_that_is_none(self, server, line):
        await refused(
            server, head(HEALTH, CHUNKED) + line + b"\r\n" + EMPTY + b"\r\n0\r\n\r\n", 400
        )

    @pytest.mark.parametrize(
        "data",
        [
            b"5\n" + EMPTY + b"\n0\n\n",
            b"5\r\n" + EMPTY + b"x\r\n0\r\n\r\n",
            b"4\r\n" + EMPTY + b"\r\n0\r\n\r\n",
            b"5\r\n" + EMPTY + b"0\r\n\r\n",
            b"5\r\n" + EMPTY + b"\r\n0\r\nx\r\n\r\n",
            b"5\r\n" + EMPTY + b"\r\n0\r\nx : y\r\n\r\n",
            b"5\r\n" + EMPTY + b"\r\n0\r\n folded: y\r\n\r\n",
        ],
        ids=repr,
    )
    async def test_chunks_that_do_not_end_as_they_say(self, server, data):
        await refused(server, head(HEALTH, CHUNKED) + data, 400)

    async def test_extensions_and_trailers_mean_nothing(self, server):
        data = (
            b'5;a;b="c d";e=f\r\n'
            + EMPTY
            + b"\r\n0;x=y\r\ngrpc-timeout: 0m\r\nx-conjure-edge: 1\r\n\r\n"
        )
        answer = await server.ask(head(HEALTH, CHUNKED) + data)
        assert answer.message  # typed, so it was not marked

    async def test_a_trailer_is_no_header_of_an_empty_body(self, server):
        data = head(HEALTH, CHUNKED, kind=None) + b"0\r\ncontent-type: application/grpc\r\n\r\n"
        await refused(server, data, 415)


class TestLines:
    @pytest.mark.parametrize(
        "data",
        [
            GOOD.replace(b"\r\n", b"\n"),
            GOOD.replace(b"host: server\r\n", b"host: server\n"),
            GOOD.replace(b"host: server\r\n", b"host: server\r"),
            head(HEALTH, "x: a", " b"),
            head(HEALTH, "x: a", "\tb"),
            head(HEALTH).replace(b"\r\nhost", b"\r\n host"),
            head(HEALTH, "x : a"),
            head(HEALTH, "x"),
            head(HEALTH, ": a"),
            head(HEALTH, "x: a\x00b"),
            head(HEALTH, "x: a\x01b"),
            head(HEALTH, "x: a\x7fb"),
            head(HEALTH, "x\x00: a"),
            head(HEALTH, "x y: a"),
            head(HEALTH, "x(y): a"),
            head(HEALTH, "x\xfc: a"),
            head(HEALTH, '"x": a'),
            b"POST " + HEALTH.encode() + b"\tHTTP/1.1\r\n\r\n",
            b"POST /a b HTTP/1.1\r\n\r\n",
            b"POST /a\x00 HTTP/1.1\r\n\r\n",
            b"POST /a\xff HTTP/1.1\r\n\r\n",
            b"POST server:80 HTTP/1.1\r\n\r\n",
            b"POST  HTTP/1.1\r\n\r\n",
            b"post / HTTP/1.1\r\n\r\n",
            b"NONSENSE / HTTP/1.1\r\n\r\n",
            b"POST / HTTP/1.2\r\n\r\n",
            b"POST / http/1.1\r\n\r\n",
            b"POST / HTTP/11\r\n\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64,  # TLS, where there is none
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\x00" * 9,
            b"\x00" * 100,
        ],
        ids=lambda data: repr(data[:60]),
    )  # fmt: skip
    async def test_what_is_not_http(self, server, data):
        await refused(server, data, 400)

    @pytest.mark.parametrize("version", ["1.0", "0.9", "2.0"])
    async def test_another_version(self, server, version):
        await refused(server, GOOD.replace(b"HTTP/1.1", b"HTTP/" + version.encode()), 505)

    async def test_a_request_of_the_first_http(self, server):
        await refused(server, b"GET /health\r\n\r\n", 505)

    async def test_names_may_be_odd_and_values_anything_but_control_characters(self, server):
        lines = [
            "!#$%&'*+-.^_`|~09az: 1",
            "X-CoNjUrE-x:  \t spaces \t ",
            "x-empty:",
            "x-high: \xe4\xff",
            "x-empty: ",
        ]
        assert (await server.ask(request(HEALTH, EMPTY, *lines))).message

    async def test_spaces_between_the_words_of_the_first_line_are_one(self, server):
        data = GOOD.replace(b"POST ", b"POST   ", 1).replace(b" HTTP", b"   HTTP", 1)
        assert (await server.ask(data)).message

    async def test_empty_lines_before_a_request(self, server):
        assert (await server.ask(b"\r\n\r\n" + GOOD)).message


class TestTargetsAndMethods:
    @pytest.mark.parametrize(
        "target",
        ["*", "http://server" + HEALTH, HEALTH + "?a=b", HEALTH + "#a", HEALTH + "/", "/" + HEALTH, "/",
         HEALTH.replace("/GetHealth", "%2FGetHealth"), HEALTH.replace("Get", "%47et"), "/x/.." + HEALTH,
         "/conjure.v1.SystemService/gethealth", "/conjure.v1.WatchService/WatchWorld", "/" + "x" * 1_000,
         "/grpc.health.v1.Health/Check", "/health"],
    )  # fmt: skip
    async def test_only_the_name_of_a_unary_rpc_is_one(self, server, target):
        """A stream is asked for on the gRPC port, and is not here."""
        answer = await server.ask(request(target))
        assert answer.code is grpc.StatusCode.UNIMPLEMENTED
        assert answer.text == "this server has no such RPC"

    async def test_a_target_without_an_end(self, server):
        await refused(server, b"POST /" + b"x" * 100_000, 414)

    @pytest.mark.parametrize("verb", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PATCH"])
    async def test_another_method(self, server, verb):
        await refused(server, GOOD.replace(b"POST", verb.encode(), 1) + GOOD, 405)

    @pytest.mark.parametrize(
        "data",
        [
            b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com:443\r\n\r\n" + GOOD,
            request(HEALTH, EMPTY, "connection: upgrade, http2-settings", "upgrade: h2c",
                    "http2-settings: AAMAAABkAARAAAAAAAIAAAAA") + GOOD,
            head("/health", "connection: upgrade", "upgrade: websocket", verb="GET") + b"\x81\x85",
        ],
        ids=["CONNECT", "h2c", "websocket"],
    )  # fmt: skip
    async def test_another_protocol(self, server, data):
        await refused(server, data, 400)

    async def test_an_upgrade_that_is_only_offered_is_not_taken(self, server):
        assert (await server.ask(request(HEALTH, EMPTY, "upgrade: h2c"))).message

    async def test_whoever_waits_for_a_word_before_the_body_gets_none(self, server):
        """An edge answers `Expect` itself. What comes nevertheless is answered once it has come."""
        async with Http1(server.place) as connection:
            connection.write(head(HEALTH, "expect: 100-continue", "content-length: 5"))
            assert (await connection.ask(EMPTY)).message

    async def test_health_is_asked_often_on_one_connection(self, server):
        async with Http1(server.place) as connection:
            for _ in range(20):
                answer = await connection.ask(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
                assert (answer.status, answer.is_last) == (200, False)
            assert (await connection.ask(GOOD)).message

    async def test_who_says_that_it_closes_is_answered_and_let_go(self, server):
        async with Http1(server.place) as connection:
            answer = await connection.ask(request(HEALTH, EMPTY, "connection: close"))
            assert answer.message
            assert answer.is_last
            assert await connection.ended() == b""


class TestMoreThanOne:
    async def test_a_request_before_the_answer_to_the_last_one_ends_the_connection(self, server):
        """In one piece: which of the two an edge would take an answer for, nobody knows."""
        async with Http1(server.place) as connection:
            connection.write(GOOD + GOOD)
            assert await connection.answers_until_the_end() == []

    async def test_a_request_behind_a_refused_one_is_not_carried_out(self, server, stack, app):
        create = request(
            "/conjure.v1.WorldService/CreateWorld",
            framed(b"\x0a\x10a quiet harbour!"),
            f"authorization: Bearer {app.secret}",
        )
        for first in (
            head(HEALTH, "content-length: 0", verb="PUT"),
            head(HEALTH, "content-length: 0", kind="text/plain"),
            head("/x", "x : y"),
        ):
            async with Http1(server.place) as connection:
                connection.write(first + create)
                assert len(await connection.answers_until_the_end()) == 1
        listed = request(
            "/conjure.v1.WorldService/ListWorlds", EMPTY, f"authorization: Bearer {app.secret}"
        )
        assert (await server.ask(listed)).message == b""
        assert (await server.ask(create)).message  # and by itself it is
        assert (await server.ask(listed)).message

    async def test_requests_one_after_the_other_share_a_connection(self, server):
        async with Http1(server.place) as connection:
            for _ in range(20):
                assert (await connection.ask(GOOD)).message

    async def test_byte_by_byte(self, server):
        async with Http1(server.place) as connection:
            for data in (
                GOOD,
                head(HEALTH, CHUNKED, "x-a: b")
                + b"2\r\n\0\0\r\n3;x=y\r\n\0\0\0\r\n0\r\nx: y\r\n\r\n",
            ):
                for byte in data:
                    connection.write(bytes([byte]))
                    await connection.writer.drain()
                assert (await connection.answer()).message

    async def test_half_a_request_and_no_more(self, server):
        for at in range(0, len(GOOD), 7):
            async with Http1(server.place) as connection:
                connection.write(GOOD[:at])
                connection.writer.write_eof()
                assert await connection.ended() == b""

    async def test_a_connection_of_which_the_way_back_is_closed_is_left(self, server):
        """Who says no more hears no more, as with an edge that goes away: half-closed is closed."""
        async with Http1(server.place) as connection:
            connection.write(GOOD)
            connection.writer.write_eof()
            came = await connection.ended()
            assert came == b"" or came.startswith(b"HTTP/1.1 200 ")


class TestWithoutAnEnd:
    """Each would fill the memory, if it were kept."""

    @pytest.mark.parametrize(
        ("begin", "more"),
        [
            (head(HEALTH)[:-2] + b"x-long: ", b"x" * 65_536),
            (head(HEALTH)[:-2], b"x" * 65_536),
            (head(HEALTH)[:-2], b"x: y\r\n" * 10_000),
            (head(HEALTH, CHUNKED) + b"5;", b"x" * 65_536),
            (head(HEALTH, CHUNKED) + b'5;a="', b"x" * 65_536),
            (head(HEALTH, CHUNKED), b"0" * 65_536),
            (head(HEALTH, CHUNKED) + b"0\r\nx: ", b"x" * 65_536),
            (head(HEALTH, CHUNKED) + b"0\r\n", b"x: y\r\n" * 10_000),
            (b"", b"\r\n" * 32_768),
        ],
        ids=["value", "name", "headers", "extension", "quoted", "size", "trailer", "trailers", "nothing"],
    )  # fmt: skip
    async def test_a_line(self, server, begin, more):
        before = resident_bytes(server.child.pid)
        async with Http1(server.place) as connection:
            connection.write(begin)
            sent = 0
            with contextlib.suppress(OSError):
                while sent < 64 * MIB and not connection.reader.at_eof():
                    connection.write(more)
                    sent += len(more)
                    await connection.writer.drain()
                    await asyncio.sleep(0)
            await connection.ended()
        assert sent < 64 * MIB  # it was ended before that
        assert resident_bytes(server.child.pid) - before < 16 * MIB

    async def test_headers_have_the_limit_of_the_grpc_port(self, server):
        assert (await server.ask(request(HEALTH, EMPTY, "x: " + "y" * 60_000))).message
        await refused(server, head(HEALTH, "x: " + "y" * 70_000), 431)
        await refused(server, head(HEALTH, *(["x: y"] * 2_000)), 431)

    async def test_a_body_in_pieces_of_a_byte_is_kept_as_one(self, server):
        before = resident_bytes(server.child.pid)
        size = 2 * MIB
        data = b"".join(b"1\r\n%c\r\n" % byte for byte in framed(b"\xff" * size))
        answer = await server.ask(head(HEALTH, CHUNKED) + data + b"0\r\n\r\n")
        assert answer.code is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert resident_bytes(server.child.pid) - before < 16 * size

    async def test_a_body_that_is_too_large_is_not_kept(self, server):
        before = resident_bytes(server.child.pid)
        async with Http1(server.place) as connection:
            connection.write(head(HEALTH, f"content-length: {48 * MIB}"))
            for _ in range(48):
                connection.write(b"\0" * MIB)
                await connection.writer.drain()
            answer = await connection.answer()
            assert answer.code is grpc.StatusCode.RESOURCE_EXHAUSTED
            assert (
                await connection.ask(GOOD)
            ).message  # read to its end, so the next one begins where it should
        assert resident_bytes(server.child.pid) - before < 32 * MIB


class TestMany:
    async def test_connections_beyond_the_limit_are_closed_at_once(self, stack, tmp_path):
        environment = {"CONJURE_EDGE_MAX_CONNECTIONS": "20"}
        async with (
            running_edge_server(tmp_path, stack.store_url, environment) as few,
            contextlib.AsyncExitStack() as stacked,
        ):
            opened = [await stacked.enter_async_context(Http1(few.place)) for _ in range(20)]
            for connection in opened:
                assert (await connection.ask(GOOD)).message
            for _ in range(50):
                async with Http1(few.place) as beyond:
                    with contextlib.suppress(OSError):
                        beyond.write(GOOD)
                    assert await beyond.ended() == b""
            for connection in opened:  # those that are in are served on
                assert (await connection.ask(GOOD)).message
            opened[0].writer.close()
            await until(lambda: few.open_connections() < 20)
            async with Http1(few.place) as again:
                assert (await again.ask(GOOD)).message
            await until(
                lambda: "more connections than this server takes" in few.log_file.read_text()
            )
            assert few.log_file.read_text().count("more connections than") < 50

    async def test_many_come_and_go(self, server):
        async def one(number: int) -> None:
            with contextlib.suppress(OSError):
                async with Http1(server.place) as connection:
                    connection.write(GOOD[: number % len(GOOD)])
                    if number % 3:
                        connection.writer.transport.abort()

        for _ in range(10):
            await asyncio.gather(*(one(number) for number in range(100)))

    async def test_descriptors_that_run_out_do_not_end_the_listener(self, stack, tmp_path):
        async with (
            running_edge_server(tmp_path, stack.store_url) as few,
            contextlib.AsyncExitStack() as stacked,
        ):
            soft, hard = resource.prlimit(few.child.pid, resource.RLIMIT_NOFILE)
            used = max(int(name) for name in few.descriptors())
            resource.prlimit(few.child.pid, resource.RLIMIT_NOFILE, (used + 20, hard))
            for _ in range(100):
                with contextlib.suppress(OSError):
                    await stacked.enter_async_context(Http1(few.place))
            await stacked.aclose()
            resource.prlimit(few.child.pid, resource.RLIMIT_NOFILE, (soft, hard))
            await until(few.is_quiet)
            assert (await few.ask()).message


PIECES = st.sampled_from(
    [
        GOOD, EMPTY, AS_CHUNK, b"\r\n", b"\r\n\r\n", b"\n", b"\r", b"\0", b" ", b":", b"POST ", b"GET ", b" HTTP/1.1",
        b"content-length: 5\r\n", b"content-length: 0\r\n", b"transfer-encoding: chunked\r\n", b"x: y\r\n", b"0\r\n",
        b"5\r\n", b"ffffffff\r\n", b"content-type: application/grpc\r\n", HEALTH.encode(), b"connection: close\r\n",
        b"upgrade: h2c\r\nconnection: upgrade\r\n", b"grpc-timeout: 1n\r\n", b"host: x\r\n", b"x-conjure-edge: 1\r\n",
        head(HEALTH), head(HEALTH, CHUNKED), b"GET /health HTTP/1.1\r\n\r\n",
    ]
)  # fmt: skip


class TestAnyBytes:
    @settings(max_examples=300)
    @given(
        data=st.lists(st.one_of(PIECES, PIECES, st.binary(max_size=20)), max_size=12).map(b"".join),
        cut=st.integers(0, 200),
        ends=st.booleans(),
    )
    async def test_each_request_has_one_answer_or_none(self, server, data, cut, ends):
        async with Http1(server.place) as connection:
            with contextlib.suppress(OSError):
                connection.write(data[:cut])
                await asyncio.sleep(0)
                connection.write(data[cut:])
                if ends:
                    connection.writer.write_eof()
                    answers = await connection.answers_until_the_end()
                    assert len(answers) <= data.count(b"HTTP/") + 1
                    assert {answer.status for answer in answers} <= {
                        200,
                        400,
                        405,
                        414,
                        415,
                        431,
                        501,
                        505,
                    }
