"""One trace over client, Envoy, server and store, as a collector receives it; and no more than that."""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from conjure.v1 import world_service_pb2
from conjure.v1.world_service_pb2_grpc import WorldServiceStub
from support.rest import bearer, connect, import_world, mint
from support.rpc import metadata
from support.stack import channel, running_server
from support.worlds import prose_world

if TYPE_CHECKING:
    from support.collector import Span


def traceparent(*, sampled: bool = True) -> tuple[str, str, str]:
    """A client's trace: its id, the client's span, and the header (W3C Trace Context)."""
    trace, span = secrets.token_hex(16), secrets.token_hex(8)
    return trace, span, f"00-{trace}-{span}-{'01' if sampled else '00'}"


def of(spans: list[Span], service: str, kind: str) -> list[Span]:
    return [span for span in spans if (span.service, span.kind) == (service, kind)]


def complete(spans: list[Span]) -> bool:
    """Envoy's span is sent last, and after the server's own."""
    return bool(of(spans, "conjure-edge", "SERVER") and of(spans, "conjure", "SERVER"))


@pytest.fixture
async def world(watched_rest, app) -> str:
    return await import_world(watched_rest, app.secret)


async def test_one_trace_from_the_client_to_the_store(watched, watched_rest, app, world):
    token = (await mint(watched_rest, app.secret, world))["token"]
    trace, client_span, header = traceparent()
    answer = await connect(watched_rest, token, traceparent=header, tracestate="vendor=1")
    assert answer.status_code == 200
    spans = await watched.collector.having(complete, trace)
    (edge,) = of(spans, "conjure-edge", "SERVER")
    (server,) = of(spans, "conjure", "SERVER")
    trips = of(spans, "conjure", "CLIENT")
    assert edge.parent_id == client_span
    assert server.parent_id == edge.span_id
    assert {trip.parent_id for trip in trips} == {server.span_id}
    assert edge.name == "POST /v1/sessions/connect"
    assert server.name == "conjure.v1.SessionService/Connect"
    # On a store that does not know the script yet, two: refused by its hash, then with its text.
    *_, admit = [trip for trip in trips if trip.name.endswith("sessions.admit")]
    assert not admit.failed
    for outer, inner in ((edge, server), (server, admit)):
        slack = 2_000_000  # ns: Envoy's and Python's clocks are read by different means
        assert outer.begun_ns - slack <= inner.begun_ns <= inner.ended_ns
        assert inner.ended_ns <= outer.ended_ns + slack
    assert (
        server.attributes.items()
        >= {
            "rpc.system.name": "grpc",
            "rpc.method": "conjure.v1.SessionService/Connect",
            "rpc.response.status_code": "OK",
            "conjure.app": app.id,
            "conjure.mode": "test",
            "conjure.face": "rest",
            "conjure.request_id": answer.headers["x-request-id"],
        }.items()
    )
    assert (
        admit.attributes.items()
        >= {
            "db.system.name": "redis",
            "db.operation.name": admit.name.partition(" ")[0],
            "db.stored_procedure.name": "sessions.admit",
            "server.address": "127.0.0.1",
        }.items()
    )
    assert edge.attributes["http.route"] == "/v1/sessions/connect"


async def test_the_same_over_grpc(watched, app, watched_rest, world):
    trace, client_span, header = traceparent()
    async with channel(watched.edge_grpc_target) as opened:
        await WorldServiceStub(opened).GetWorld(
            world_service_pb2.GetWorldRequest(id=world),
            metadata=metadata(app.secret, traceparent=header),
        )
    spans = await watched.collector.having(complete, trace)
    (edge,) = of(spans, "conjure-edge", "SERVER")
    (server,) = of(spans, "conjure", "SERVER")
    *_, read = of(spans, "conjure", "CLIENT")
    assert (edge.parent_id, server.parent_id) == (client_span, edge.span_id)
    assert read.parent_id == server.span_id
    assert read.name in {"EVALSHA worlds.read", "EVAL worlds.read"}
    assert edge.name == "/conjure.v1.WorldService/GetWorld"
    assert server.attributes["conjure.face"] == "grpc"


async def test_a_refusal_is_an_answer_and_a_fault_is_a_failure(watched, watched_rest, app):
    trace, _, header = traceparent()
    path = f"/v1/worlds/{uuid.uuid4()}"
    answer = await watched_rest.get(path, headers=bearer(app.secret) | {"traceparent": header})
    assert answer.status_code == 404
    spans = await watched.collector.having(complete, trace)
    (server,) = of(spans, "conjure", "SERVER")
    assert server.attributes["rpc.response.status_code"] == "NOT_FOUND"
    assert server.attributes["conjure.reason"] == "NOT_FOUND"
    assert not server.failed


async def test_lines_of_both_logs_name_the_trace(watched, watched_rest, app, world):
    trace, _, header = traceparent()
    answer = await watched_rest.get(
        f"/v1/worlds/{world}", headers=bearer(app.secret) | {"traceparent": header}
    )
    request_id = answer.headers["x-request-id"]
    (line,) = watched.lines(request_id)
    assert line.items() >= {
        "event": "call", "method": "/conjure.v1.WorldService/GetWorld", "face": "rest",
        "code": "OK", "app": app.id, "mode": "test", "trace_id": trace,
    }.items()  # fmt: skip
    assert 0 < line["ms"] < 5000
    assert (await watched.access_line(request_id))["trace_id"] == trace


@pytest.mark.parametrize(
    "header",
    [
        "garbage",
        "00-0000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" * 200,
        "",
    ],
    ids=["garbage", "short", "zero-trace", "zero-span", "upper", "long", "empty"],
)
async def test_a_malformed_header_is_ignored(watched, watched_rest, app, world, header):
    """The call is answered, and what it claimed is in no trace and no log line."""
    answer = await watched_rest.get(
        f"/v1/worlds/{world}", headers=bearer(app.secret) | {"traceparent": header}
    )
    assert answer.status_code == 200
    (line,) = watched.lines(answer.headers["x-request-id"])
    assert line["trace_id"] not in header


async def test_an_overlong_tracestate_is_dropped_and_the_trace_goes_on(
    watched, watched_rest, app, world
):
    trace, _, header = traceparent()
    state = ",".join(f"v{number}={'x' * 200}" for number in range(20))
    answer = await watched_rest.get(
        f"/v1/worlds/{world}",
        headers=bearer(app.secret) | {"traceparent": header, "tracestate": state},
    )
    assert answer.status_code == 200
    await watched.collector.having(complete, trace)


async def test_who_asks_for_no_recording_has_none(watched, watched_rest, app, world):
    """The caller's decision is the trace's (parent based); the log still knows its id."""
    quiet, _, header = traceparent(sampled=False)
    headers = bearer(app.secret) | {"traceparent": header}
    answer = await watched_rest.get(f"/v1/worlds/{world}", headers=headers)
    (line,) = watched.lines(answer.headers["x-request-id"])
    assert line["trace_id"] == quiet
    loud, _, header = traceparent()
    headers["traceparent"] = header
    await watched_rest.get(f"/v1/worlds/{world}", headers=headers)
    await watched.collector.having(complete, loud)  # what came before it has been sent by now
    assert not [span for span in watched.collector.spans if span.trace_id == quiet]


async def test_no_span_holds_a_secret(watched, watched_rest, app, world):
    trace, _, header = traceparent()
    token = (await mint(watched_rest, app.secret, world))["token"]
    for path in (f"/v1/worlds/{world}?token={token}", f"/v1/worlds?limit=2&key={app.secret}"):
        await watched_rest.get(path, headers=bearer(app.secret) | {"traceparent": header})
    body = {"token": token}
    await watched_rest.post("/v1/sessions/connect", json=body, headers={"traceparent": header})

    def all_three(spans: list[Span]) -> bool:
        return len(of(spans, "conjure-edge", "SERVER")) == 3

    await watched.collector.having(all_three, trace)
    told = repr(watched.collector.spans)
    for secret in (app.secret, app.secret[8:], token, token.split(".")[1], "collector-secret"):
        assert secret not in told
    keys = {sent.get("x-collector-key") for sent in watched.collector.metadata}
    assert keys == {"collector-secret"}  # from both: the server and the edge


async def test_without_a_collector_the_header_still_reaches_the_log(stack, tmp_path, app):
    """Off is the default: no spans; a call that fails is still found by its caller's trace."""
    trace, _, header = traceparent()
    environment = {"CONJURE_LOG_LEVEL": "debug"}
    async with (
        running_server(tmp_path, stack.store_url, environment) as (_, port),
        channel(f"127.0.0.1:{port}") as opened,
    ):
        call: Any = WorldServiceStub(opened).GetWorld(
            world_service_pb2.GetWorldRequest(id=str(uuid.uuid4())),
            metadata=metadata(app.secret, traceparent=header),
        )
        with pytest.raises(Exception, match="not found"):
            await call
    assert f'"trace_id": "{trace}"' in (tmp_path / "server.log").read_text()


async def test_what_a_heavy_worker_does_is_a_part_of_its_call(watched, watched_rest, app):
    """The worker's span lies in that of the process that was called, and the round trips in the worker's."""
    trace, _, header = traceparent()
    answer = await watched_rest.post(
        "/v1/worlds",
        json={"world": prose_world(100_000)},
        headers=bearer(app.secret) | {"traceparent": header},
    )
    assert answer.status_code == 200

    def all_there(spans: list[Span]) -> bool:
        return complete(spans) and len(of(spans, "conjure", "SERVER")) == 2

    spans = await watched.collector.having(all_there, trace)
    (edge,) = of(spans, "conjure-edge", "SERVER")
    first, second = of(spans, "conjure", "SERVER")
    outer, inner = (first, second) if first.parent_id == edge.span_id else (second, first)
    assert outer.parent_id == edge.span_id
    assert inner.parent_id == outer.span_id
    trips = of(spans, "conjure", "CLIENT")
    assert inner.span_id in {trip.parent_id for trip in trips}
