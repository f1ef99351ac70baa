"""Failures over gRPC: one status, one `ApiError`, and never more than trailers can carry (CONTRACT 0)."""

from __future__ import annotations

import asyncio
import json

import grpc
import pytest

from conjure.core.errors import Reason
from conjure.v1 import document_pb2
from conjure.v1 import graph_service_pb2 as graph_pb
from conjure.v1 import session_service_pb2 as session_pb
from conjure.v1 import world_service_pb2 as world_pb
from support.http1 import http1_channel
from support.http1_server import socket_place
from support.revs import number
from support.rpc import Client, client, metadata, refused
from support.worlds import small_world

MIB = 1_048_576


@pytest.fixture(params=["server", "edge", "http1"])
async def caller(request, stack, app):
    """The same app, by each way in that has typed answers."""
    if request.param == "http1":
        async with http1_channel(socket_place(stack.server_port)) as opened:
            yield Client(opened, app.secret)
        return
    target = stack.server_target if request.param == "server" else stack.edge_grpc_target
    async with client(target, app.secret) as opened:
        yield opened


@pytest.fixture
async def direct(server_channel, app):
    return Client(server_channel, app.secret)


def broken_world(findings: int, name: str = "nowhere") -> dict:
    """A world with that many dangling references."""
    world = small_world()
    world["scene"]["events"] += [
        {"name": f"Leave {n}", "kind": "transition", "from": ["hall"], "to": f"{name} {n}"}
        for n in range(findings)
    ]
    return world


async def test_a_refused_entrance_names_lint_and_path(caller):
    world_id = await caller.new_world()
    refusal = await refused(caller.set_entrance(world_id, "attic"), Reason.KERNEL_REFUSED)
    assert refusal.code is grpc.StatusCode.FAILED_PRECONDITION
    assert refusal.error.http_status == 422
    first = refusal.error.diagnostics[0]
    assert (first.lint, first.severity, first.path) == ("dangling-ref", "error", "entrance.state")
    assert refusal.error.omitted_diagnostics == 0
    assert (await caller.scene(world_id)).rev == "1"


@pytest.mark.parametrize(
    "name",
    ["nowhere", "\N{CJK UNIFIED IDEOGRAPH-4E16}" * 300, "\x01\t" * 50],
    ids=["short", "cjk", "control"],
)
async def test_thousands_of_findings_still_fit_the_trailers(caller, name):
    """What is left out is counted; `refused` checks the 8 KiB."""
    refusal = await refused(caller.create(broken_world(3_000, name)), Reason.KERNEL_REFUSED)
    shown = len(refusal.error.diagnostics)
    assert shown >= 1
    assert shown + refusal.error.omitted_diagnostics >= 3_000
    assert all(item.severity == "error" for item in refusal.error.diagnostics)
    assert await caller.used("generation") == 0


async def test_findings_that_the_kernel_does_not_list_are_counted_as_left_out(caller):
    """The kernel's own list ends at a thousand errors."""
    refusal = await refused(caller.create(broken_world(12_000)), Reason.KERNEL_REFUSED)
    assert len(refusal.error.diagnostics) + refusal.error.omitted_diagnostics >= 12_000


async def test_a_thousand_findings_reach_a_caller_of_the_rest_face_whole(rest, app):
    from support.rest import bearer

    answer = await rest.post(
        "/v1/worlds", json={"world": broken_world(1_000)}, headers=bearer(app.secret)
    )
    assert answer.status_code == 422
    errors = [item for item in answer.json()["diagnostics"] if item["severity"] == "error"]
    assert len(errors) == 1_000


async def test_fields_that_are_required_are_named(caller, app):
    world_id = await caller.new_world()
    graph, sessions = caller.graph, caller.sessions
    key = metadata(app.secret)
    cases = [
        (caller.set_entrance(world_id, None), ["state is required"]),
        (caller.set_entrance("", "hall"), ["id is required"]),
        (
            graph.SetEntrance(graph_pb.SetEntranceRequest(image={}), metadata=key),
            ["id is required", "state is required", "image.src is required"],
        ),
        (graph.GetScene(graph_pb.GetSceneRequest(), metadata=key), ["id is required"]),
        (caller.world(""), ["id is required"]),
        (
            sessions.MintSessionToken(session_pb.MintSessionTokenRequest(), metadata=key),
            ["worldId is required"],
        ),
        (sessions.EndSession(session_pb.EndSessionRequest(), metadata=key), ["jti is required"]),
    ]
    for call, expected in cases:
        refusal = await refused(call, Reason.INVALID_FIELD)
        assert list(refusal.error.errors) == expected


async def test_fields_out_of_range_are_named(caller):
    world_id = await caller.new_world()
    for call, field in (
        (caller.mint(world_id, ttl_seconds=59), "ttlSeconds"),
        (caller.mint(world_id, ttl_seconds=3601), "ttlSeconds"),
        (caller.mint(world_id, origin="https://play.example/path"), "origin"),
        (caller.mint(world_id, player_identity="x" * 257), "playerIdentity"),
        (caller.mint(world_id, player_identity=".."), "playerIdentity"),
        (caller.mint(world_id, player_identity="."), "playerIdentity"),
        (caller.mint(world_id, player_identity="a\0b"), "playerIdentity"),
        (caller.list_worlds(limit=0), "limit"),
        (caller.list_worlds(limit=101), "limit"),
        (caller.list_sessions(limit=-1), "limit"),
        (caller.end("no uuid"), "jti"),
        (caller.create(idempotency_key="two words"), "Idempotency-Key"),
        (caller.create(idempotency_key="x" * 256), "Idempotency-Key"),
    ):
        refusal = await refused(call, Reason.INVALID_FIELD)
        assert [text.split()[0] for text in refusal.error.errors] == [field]
    assert await caller.used("session") == 0


async def test_a_creation_that_cannot_be_is_unprocessable(direct):
    def creation(**fields):
        return direct.worlds.CreateWorld(
            world_pb.CreateWorldRequest(**fields), metadata=metadata(direct.key)
        )

    for fields, count in (
        ({}, 1),
        ({"premise": "  "}, 1),
        ({"premise": "x" * 8_001}, 1),
        ({"premise": "x", "name": "", "pov": "", "run_async": True}, 2),
        ({"frame_b64": "AAAA"}, 1),
        ({"world": document_pb2.JsonDocument(json=b"[]")}, 1),
        ({"world": document_pb2.JsonDocument(json=b"null")}, 1),
    ):
        refusal = await refused(creation(**fields), Reason.UNPROCESSABLE_CREATION)
        assert len(refusal.error.errors) == count, fields
    for text in (b"", b"{", b'{"a": NaN}', b"\xff", b'{"a": "\\ud800"}', b"[" * 100_000):
        await refused(
            creation(world=document_pb2.JsonDocument(json=text)), Reason.MALFORMED_REQUEST
        )
    assert await direct.used("generation") == 0


@pytest.mark.parametrize("depth", [250, 255, 300, 900, 990, 1_000, 1_023])
async def test_a_deeply_nested_world_is_stored_or_refused_and_never_our_fault(direct, depth):
    """254 levels are the limit (document.proto); the world itself and `deep` are two of them."""
    text = b'{"deep":' + b"[" * (depth - 1) + b"]" * (depth - 1) + b","
    text += json.dumps(small_world()).encode()[1:]
    call = direct.worlds.CreateWorld(
        world_pb.CreateWorldRequest(world=document_pb2.JsonDocument(json=text)),
        metadata=metadata(direct.key),
    )
    if depth <= 254:
        made = await call
        stored = (await direct.world(made.world_id)).document.json
        assert stored.count(b"[" * (depth - 1)) == 1
    else:
        refusal = await refused(call, Reason.MALFORMED_REQUEST)
        assert "254" in refusal.error.detail
        assert await direct.used("generation") == 0


async def test_bytes_that_are_no_message_are_refused_with_a_fixed_text(caller, app):
    for path in (
        "/conjure.v1.WorldService/CreateWorld",
        "/conjure.v1.GraphService/SetEntrance",
        "/conjure.v1.SessionService/MintSessionToken",
    ):
        raw = caller.channel.unary_unary(path)
        call = raw(b"\xff\xfe\x00garbage", metadata=metadata(app.secret))
        refusal = await refused(call, Reason.MALFORMED_REQUEST)
        assert refusal.message == "the request is not a message of this method"


async def test_garbage_from_a_stranger_is_not_even_read(caller):
    create = caller.channel.unary_unary("/conjure.v1.WorldService/CreateWorld")
    await refused(create(b"\xff\xfe\x00garbage"), Reason.MISSING_CREDENTIAL)


async def test_credentials(caller, app):
    worlds = caller.worlds
    for header, reason in (
        (None, Reason.MISSING_CREDENTIAL),
        ("Basic dXNlcjpwYXNz", Reason.MISSING_CREDENTIAL),
        ("Bearer", Reason.MISSING_CREDENTIAL),
        (app.secret, Reason.MISSING_CREDENTIAL),
        ("Bearer sk_test_short", Reason.INVALID_CREDENTIAL),
        (f"Bearer {app.secret}x", Reason.INVALID_CREDENTIAL),
        (f"Bearer {app.secret[:-1]}!", Reason.INVALID_CREDENTIAL),
        ("Bearer " + "sk_test_" + "A" * 43, Reason.INVALID_CREDENTIAL),
    ):
        given = () if header is None else (("authorization", header),)
        call = worlds.ListWorlds(world_pb.ListWorldsRequest(), metadata=given)
        refusal = await refused(call, reason)
        assert refusal.code is grpc.StatusCode.UNAUTHENTICATED
    call = worlds.ListWorlds(
        world_pb.ListWorldsRequest(), metadata=(("authorization", f"bearer  {app.secret} "),)
    )
    await call  # the scheme's name has no case (RFC 9110, 11.1)


async def test_asserted_revisions(caller):
    """If-Match in every spelling, `expected_rev`, both, and which of them move the revision."""
    world_id = await caller.new_world()
    stale = rev = "1"
    for headers, ok in (
        ({"if_match": '"REV"'}, True),
        ({"if_match": "REV"}, True),
        ({"if_match": '"7", "REV"'}, True),
        ({"if_match": "*"}, True),
        ({"expected_rev": "REV"}, True),
        ({"if_match": '"REV"', "expected_rev": "REV"}, True),
        ({"if_match": '"STALE"'}, False),
        ({"if_match": 'W/"REV"'}, False),
        ({"if_match": ""}, False),
        ({"expected_rev": "STALE"}, False),
        ({"expected_rev": ""}, False),
    ):
        asserted = {
            name: text.replace("REV", rev).replace("STALE", stale) for name, text in headers.items()
        }
        call = caller.set_entrance(world_id, "cellar", **asserted)
        if ok:
            stale, rev = rev, (await call).result.rev
            assert number(rev) == number(stale) + 1, headers
        else:
            refusal = await refused(call, Reason.REVISION_CONFLICT)
            assert refusal.code is grpc.StatusCode.ABORTED
    conflicting = caller.set_entrance(world_id, "cellar", if_match=f'"{rev}"', expected_rev=stale)
    await refused(conflicting, Reason.CONFLICTING_PRECONDITIONS)
    assert (await caller.scene(world_id)).rev == rev


async def test_a_bad_cursor_is_refused(caller):
    for cursor in ("", "nonsense", "AAAA", "MTIzNDU2Nzg5MDEyMzp4"):
        await refused(caller.list_worlds(cursor=cursor), Reason.INVALID_CURSOR)
        await refused(caller.list_sessions(cursor=cursor), Reason.INVALID_CURSOR)


async def test_too_large_requests(direct, app):
    """Up to gRPC's own limit we say it ourselves; beyond it gRPC does, with the same code."""
    world_id = await direct.new_world()
    over = direct.set_entrance(world_id, "cellar", src="x" * (12 * MIB + 1))
    refusal = await refused(over, Reason.PAYLOAD_TOO_LARGE)
    assert refusal.error.http_status == 413

    big = await direct.create(small_world(ballast="x" * (11 * MIB)))
    assert (await direct.scene(big.world_id)).rev == "1"
    refusal = await refused(
        direct.create(small_world(ballast="x" * (12 * MIB))), Reason.PAYLOAD_TOO_LARGE
    )
    assert refusal.error.http_status == 413
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await direct.create(small_world(ballast="x" * (13 * MIB)))
    assert raised.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    assert await direct.used("generation") == 2


async def test_a_deadline_that_passed_is_exceeded_and_the_server_lives_on(caller):
    calls = [caller.create(timeout=0.001) for _ in range(20)]
    for result in await asyncio.gather(*calls, return_exceptions=True):
        assert isinstance(result, grpc.aio.AioRpcError)
        assert result.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    assert await caller.new_world()
