"""gRPC's own rules on the listener for edges: messages, limits, deadlines, statuses, marks."""

from __future__ import annotations

import asyncio
import json

import grpc
import pytest
from google.api import httpbody_pb2

from conjure.core.errors import Reason
from conjure.v1 import rest_pb2
from conjure.v1 import system_service_pb2 as system_pb
from conjure.v1 import world_service_pb2 as world_pb
from support.heavy import HEAVY, lint, running_heavy_server, workers_of
from support.http1 import Http1, framed, head, http1_channel, request
from support.http1_server import HEALTH, running_edge_server, socket_place
from support.rpc import Client, read_refusal, refused
from support.scrape import Moves, until_scraped
from support.until import LIMIT_S
from support.worlds import prose_world, small_world

MIB = 1_048_576
CREATE = "/conjure.v1.WorldService/CreateWorld"
LIST = "/conjure.v1.WorldService/ListWorlds"
MARK = ("x-conjure-edge: 1", "x-envoy-original-method: POST")


@pytest.fixture(scope="module")
async def server(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("calls")
    async with running_edge_server(folder, stack.store_url) as running:
        yield running


@pytest.fixture(scope="module")
async def heavy(stack, tmp_path_factory):
    folder = tmp_path_factory.mktemp("heavy")
    async with running_heavy_server(folder, stack.store_url) as running:
        yield running


@pytest.fixture(autouse=True)
async def serves_on(server):
    yield
    await server.must_be_well()


@pytest.fixture
async def caller(server, app):
    async with http1_channel(server.place) as opened:
        yield Client(opened, app.secret)


def as_edge(rpc: str, body: bytes, *lines: str) -> bytes:
    """A REST request as an edge passes it on."""
    envelope = rest_pb2.RestEnvelope(http_body=httpbody_pb2.HttpBody(data=body))
    return request(rpc, framed(envelope.SerializeToString()), *MARK, *lines)


def json_of(answer):
    """The body that the edge would answer with, and the status."""
    body = httpbody_pb2.HttpBody.FromString(answer.message)
    assert body.content_type == "application/json"
    return int(answer.header("x-http-status") or 200), json.loads(body.data)


class TestMessages:
    @pytest.mark.parametrize(
        "body",
        [
            b"", b"\0", framed(b"")[:4], framed(b"", size=1), framed(b"x", size=0), framed(b"x", size=2**32 - 1),
            framed(b"") + framed(b""), framed(b"") + b"\0", framed(b"", flag=1), framed(b"x", flag=1), framed(b"", flag=255),
        ],
        ids=repr,
    )  # fmt: skip
    @pytest.mark.parametrize("mark", [(), MARK], ids=["typed", "marked"])
    async def test_a_body_is_one_message_as_it_is(self, server, body, mark):
        async with Http1(server.place) as connection:
            answer = await connection.ask(request(HEALTH, body, *mark))
            assert answer.code is grpc.StatusCode.INTERNAL
            assert answer.text
            assert (
                await connection.ask(request(HEALTH))
            ).message  # framed well by HTTP, it harms no other

    @pytest.mark.parametrize(
        "kind", [None, "", "text/plain", "application/json", "application/grpc-web", "application/grpcx", "APPLICATION/GRPC"]
    )  # fmt: skip
    async def test_what_does_not_say_that_it_is_grpc_is_not_answered_as_such(self, server, kind):
        answer = await server.ask(head(HEALTH, "content-length: 5", kind=kind) + framed(b""))
        assert answer.status == 415

    @pytest.mark.parametrize(
        "kind", ["application/grpc", "application/grpc+proto", "application/grpc;a=b"]
    )
    async def test_what_says_so(self, server, kind):
        answer = await server.ask(head(HEALTH, "content-length: 5", kind=kind) + framed(b""))
        assert answer.message

    async def test_an_answer_is_as_libraries_read_it(self, server):
        answer = await server.ask(request(HEALTH, framed(b""), "x-request-id: mine"))
        assert answer.header("content-type") == "application/grpc"
        assert ("grpc-status", "0") in answer.trailers
        assert ("x-request-id", "mine") in answer.trailers
        assert system_pb.GetHealthResponse.FromString(answer.message).status

    async def test_a_stream_is_not_asked_for_here(self, caller):
        call = caller.watch("00000000-0000-4000-8000-000000000000", timeout=LIMIT_S)
        refusal = await refused(call, Reason.METHOD_NOT_ALLOWED)
        assert refusal.code is grpc.StatusCode.UNIMPLEMENTED

    async def test_a_message_beyond_the_limit_of_its_rpc_is_the_contracts_413(self, server, caller):
        refusal = await refused(caller.list_worlds(cursor="x" * 20_000), Reason.PAYLOAD_TOO_LARGE)
        assert (refusal.code, refusal.error.http_status) == (
            grpc.StatusCode.RESOURCE_EXHAUSTED,
            413,
        )
        await refused(
            caller.create(small_world(ballast="x" * (12 * MIB))), Reason.PAYLOAD_TOO_LARGE
        )
        marked = as_edge(CREATE, b"x" * (12 * MIB + 70_000), f"authorization: Bearer {caller.key}")
        status, body = json_of(await server.ask(marked))
        assert status == 413
        assert set(body) == {"detail", "schemaVersion"}

    async def test_a_message_beyond_the_listeners_limit_is_not_kept(self, server, caller):
        with pytest.raises(grpc.aio.AioRpcError) as raised:
            await caller.create(small_world(ballast="x" * (14 * MIB)))
        assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert "too large" in raised.value.details()

    async def test_as_much_as_may_be_comes_back(self, caller):
        world_id = await caller.new_world(ballast="x" * (10 * MIB))
        assert len((await caller.world(world_id)).document.json) > 10 * MIB


class TestStatuses:
    async def test_a_text_in_any_language(self, server, caller):
        """Percent-encoded in `grpc-message`, whole in the details (grpc/doc/PROTOCOL-HTTP2.md)."""
        name = "Zw\xf6lf % \N{CJK UNIFIED IDEOGRAPH-4E16}\N{PILE OF POO}%41\t"
        world_id = await caller.new_world()
        refusal = await refused(caller.set_entrance(world_id, name), Reason.KERNEL_REFUSED)
        assert name.strip() in refusal.error.diagnostics[0].message
        for op in (name, name * 100):
            refusal = await refused(caller.apply_ops(world_id, {"op": op}), Reason.INVALID_FIELD)
            assert name.strip() in refusal.message
            assert refusal.error.detail.startswith(refusal.message.removesuffix("…"))

    async def test_a_long_refusal_has_its_details_in_a_line_that_is_base64(self, server, caller):
        world = small_world()
        world["scene"]["events"] += [
            {"name": f"x {n}", "kind": "transition", "from": ["hall"], "to": "\x01\t\N{CJK UNIFIED IDEOGRAPH-4E16}" * 20}
            for n in range(200)
        ]  # fmt: skip
        refusal = await refused(caller.create(world), Reason.KERNEL_REFUSED)
        assert refusal.error.omitted_diagnostics > 0

    async def test_the_same_refusal_for_an_edge_is_a_body(self, server, app):
        answer = await server.ask(as_edge(CREATE, b"{}", f"authorization: Bearer {app.secret}"))
        status, body = json_of(answer)
        assert status == 422
        assert body["errors"]
        assert answer.trailers == [("grpc-status", "0")]
        status, body = json_of(await server.ask(as_edge(CREATE, b"{}")))
        assert status == 401

    @pytest.mark.parametrize(
        "given",
        [
            "a\rb",
            "a\tb",
            "a\x85b",
            "\xfc",
            "x" * 129,
            "",
            "a%0d%0ax-http-status: 200",
            "\\r\\nx: y",
        ],
        ids=repr,
    )
    @pytest.mark.parametrize("mark", [(), MARK], ids=["typed", "marked"])
    async def test_what_comes_back_of_a_callers_headers_is_one_line(self, server, app, given, mark):
        """`_fields` of the client refuses what is not."""
        data = request(
            LIST, framed(b""), f"x-request-id: {given}", f"authorization: Bearer {app.secret}",
            f"idempotency-key: {given}", f"traceparent: {given}", *mark,
        )  # fmt: skip
        answer = await server.ask(data)
        assert answer.status in {200, 400}
        if answer.status == 200:
            assert answer.code is grpc.StatusCode.OK
            assert answer.header("x-request-id") in {None, given} or "-" in answer.header(
                "x-request-id"
            )
            own = {"content-type", "transfer-encoding", "grpc-status", "x-request-id"}
            assert {name for name, _ in (*answer.headers, *answer.trailers)} <= own


class TestDeadlines:
    @pytest.mark.parametrize("unit", list("HMSmun"))
    async def test_each_unit_and_eight_digits(self, server, unit):
        for digits in ("99999999", "99999999"[: 8 if unit in "un" else 3]):
            answer = await server.ask(request(HEALTH, framed(b""), f"grpc-timeout: {digits}{unit}"))
            assert answer.code in {grpc.StatusCode.OK, grpc.StatusCode.DEADLINE_EXCEEDED}
            assert answer.code is grpc.StatusCode.OK or unit == "n"

    @pytest.mark.parametrize("garbage", ["", "x", "1", "S", "-1S", "+1S", "1.5S", "1 S", "1s", "1SS", "999999999S", "\xb2S", "0x1S"])  # fmt: skip
    async def test_what_is_no_time_is_none(self, server, garbage):
        assert (await server.ask(request(HEALTH, framed(b""), f"grpc-timeout: {garbage}"))).message

    @pytest.mark.parametrize("given", ["0S", "0n", "00000000H"])
    async def test_a_call_whose_time_is_over_has_no_effect(self, server, caller, given):
        message = world_pb.CreateWorldRequest(premise="a quiet harbour").SerializeToString()
        lines = (f"authorization: Bearer {caller.key}", f"grpc-timeout: {given}")
        refusal = read_refusal((await server.ask(request(CREATE, framed(message), *lines))).error())
        assert refusal.code is grpc.StatusCode.DEADLINE_EXCEEDED
        assert refusal.reason is Reason.DEADLINE_EXCEEDED
        answer = await server.ask(as_edge(CREATE, b'{"premise":"a quiet harbour"}', *lines))
        status, body = json_of(answer)
        assert status == 504
        assert set(body) == {"detail", "schemaVersion"}
        assert not (await caller.list_worlds()).worlds
        assert await caller.used("generation") == 0


class TestHeavy:
    @pytest.fixture
    async def at_heavy(self, heavy, app):
        async with http1_channel(socket_place(heavy.port)) as opened:
            yield Client(opened, app.secret)

    async def test_heavy_calls_are_relayed_for_typed_callers(self, heavy, at_heavy):
        moves = await Moves.since_now(heavy.metrics_url)
        made = await at_heavy.create(prose_world(HEAVY))
        assert (await at_heavy.scene(made.world_id)).rev == "1"
        broken = prose_world(HEAVY, entrance={"state": "attic", "image": {"src": "x"}})
        refusal = await refused(at_heavy.create(broken, x_request_id="mine"), Reason.KERNEL_REFUSED)
        assert refusal.error.diagnostics[0].lint == "dangling-ref"
        assert refusal.trailers["x-request-id"] == "mine"
        assert not [key for key in refusal.trailers if key.startswith("x-conjure")]
        await moves.now()
        assert moves.of("conjure_heavy_work_seconds_count") == 3

    async def test_and_for_edges(self, heavy, app):
        moves = await Moves.since_now(heavy.metrics_url)
        body = json.dumps({"world": prose_world(HEAVY)}).encode()
        broken = json.dumps({"world": prose_world(HEAVY, entrance={"state": "attic"})}).encode()
        async with Http1(socket_place(heavy.port)) as connection:
            key = f"authorization: Bearer {app.secret}"
            status, made = json_of(await connection.ask(as_edge(CREATE, body, key)))
            assert (status, made["ok"]) == (200, True)
            answer = await connection.ask(as_edge(CREATE, broken, key))
            status, refused_ = json_of(answer)
            assert (status, bool(refused_["diagnostics"])) == (422, True)
            assert {name for name, _ in answer.headers if name.startswith("x-")} == {
                "x-http-status"
            }
        await moves.now()
        assert moves.of("conjure_heavy_work_seconds_count") == 2

    async def test_a_call_that_leaves_keeps_its_slot_while_the_worker_computes(
        self, heavy, at_heavy
    ):
        """Else calls would pile up in the worker: as on the gRPC port (test_heavy)."""
        world_id = await at_heavy.new_world()
        await lint(at_heavy, world_id)
        assert len(workers_of(heavy.child.pid)) == 1
        async with heavy.stopped_worker():
            leaving = lint(at_heavy, world_id)
            await heavy_calls(heavy, 1)
            leaving.cancel()
            following = asyncio.ensure_future(lint(at_heavy, world_id))
            await heavy_calls(heavy, 2)
            assert (await at_heavy.scene(world_id)).rev == "1"
        assert (await following).ok
        await heavy_calls(heavy, 0)


async def heavy_calls(heavy, count: int) -> None:
    await until_scraped(heavy.metrics_url, "conjure_heavy_calls", count)
