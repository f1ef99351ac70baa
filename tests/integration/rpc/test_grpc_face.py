"""Every RPC, typed, over gRPC: straight to the server, and through the edge's gRPC listener."""

from __future__ import annotations

import json
import re

import grpc
import pytest
from google.api import httpbody_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from conjure.core.errors import Reason
from conjure.v1 import rest_pb2
from conjure.v1 import system_service_pb2 as system_pb
from conjure.v1 import watch_service_pb2 as watch_pb
from conjure.v1 import world_service_pb2 as world_pb
from support.http1 import http1_channel
from support.http1_server import socket_place
from support.revs import number
from support.rpc import Client, client, metadata, refused
from support.stack import channel, running_server
from support.until import LIMIT_S
from support.worlds import small_world

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
SERVICES = {
    "conjure.v1.WorldService",
    "conjure.v1.GraphService",
    "conjure.v1.VersionService",
    "conjure.v1.SessionService",
    "conjure.v1.WatchService",
    "conjure.v1.UsageService",
    "conjure.v1.AssetService",
    "conjure.v1.SystemService",
}


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


async def test_a_world_is_imported_read_and_listed(caller):
    made = await caller.create()
    assert UUID.fullmatch(made.world_id)
    assert made.ok
    assert made.rev == "1"
    assert made.slug == "two-rooms"
    assert made.cover == "https://example.com/cover.png"

    read = await caller.world(made.world_id)
    document = json.loads(read.document.json)
    assert document == small_world() | {"id": made.world_id}
    assert read.rev == "1"
    assert (read.world.name, read.world.description) == ("Two rooms", "A hall and a cellar.")
    assert read.world.visibility == "private"
    assert read.world.created_at.seconds > 1_700_000_000

    listed = await caller.list_worlds()
    assert [world.id for world in listed.worlds] == [made.world_id]
    assert not listed.HasField("next_cursor")
    assert listed.worlds[0] == read.world


async def test_a_world_is_made_from_a_premise(caller):
    made = await caller.generate("a clockmaker in a frozen city")
    scene = await caller.scene(made.world_id)
    assert scene.entrance.state in json.loads(scene.states.json)


async def test_pages_are_newest_first_and_meet_without_gap_or_overlap(caller):
    made = [await caller.new_world(name=f"world {number}") for number in range(5)]
    seen, cursor = [], None
    while True:
        page = await caller.list_worlds(limit=2, cursor=cursor)
        assert 1 <= len(page.worlds) <= 2
        seen += [world.id for world in page.worlds]
        if not page.HasField("next_cursor"):
            break
        cursor = page.next_cursor
    assert seen == made[::-1]


async def test_the_scene_and_the_entrance(caller):
    world_id = await caller.new_world()
    scene = await caller.scene(world_id)
    assert json.loads(scene.states.json) == small_world()["scene"]["states"]
    assert json.loads(scene.events.json) == small_world()["scene"]["events"]
    assert (scene.entrance.state, scene.entrance.image.src, scene.rev) == (
        "hall",
        "https://example.com/hall.png",
        "1",
    )
    written = (await caller.set_entrance(world_id, "cellar")).result
    assert number(written.rev) == 2
    document = json.loads(written.world.json)
    assert document["entrance"] == {
        "state": "cellar",
        "image": {"src": "https://example.com/hall.png"},
    }
    assert {(item.lint, item.severity) for item in written.diagnostics} == {
        ("no-ending", "warning")
    }
    again = (await caller.set_entrance(world_id, "hall", src="https://example.com/2.png")).result
    assert json.loads(again.world.json)["entrance"]["image"] == {"src": "https://example.com/2.png"}
    assert (await caller.scene(world_id)).rev == again.rev
    assert number(again.rev) == 3


async def test_unknown_members_of_a_world_keep_their_meaning(caller):
    """Integers over 2**53 and 2**64, floats that look like integers, nested nulls (CONTRACT 0)."""
    odd = {"big": 2**70, "exact": 2**53 + 1, "float": 1.0, "none": {"deep": [None, {"x": None}]}}
    world_id = await caller.new_world(oddities=odd)
    for text in (
        (await caller.world(world_id)).document.json,
        (await caller.set_entrance(world_id, "cellar")).result.world.json,
    ):
        found = json.loads(text)["oddities"]
        assert found == odd
        assert isinstance(found["float"], float)
        assert isinstance(found["exact"], int)


async def test_a_session_from_token_to_end(caller):
    world_id = await caller.new_world()
    minted = await caller.mint(world_id, player_identity="ada", ttl_seconds=120)
    assert (minted.world_id, minted.expires_in) == (world_id, 120)
    assert UUID.fullmatch(minted.jti)
    connected = await caller.connect(minted.token)
    assert connected.world_id == world_id
    assert json.loads(connected.world.json)["entrance"]["state"] == "hall"
    assert 298 <= connected.expires_in <= 300
    assert connected.expires_at > 1_700_000_000
    assert connected.reactor_jwt.count(".") == 2

    (session,) = (await caller.list_sessions()).sessions
    assert (session.jti, session.world_id, session.player_identity, session.charged_seconds) == (
        minted.jti,
        world_id,
        "ada",
        300,
    )
    assert session.end_time.seconds - session.start_time.seconds == 300
    ended = await caller.end(minted.jti)
    assert ended.session.jti == minted.jti
    assert 298 <= ended.refunded_seconds <= 300
    assert ended.session.charged_seconds == 300 - ended.refunded_seconds
    assert not (await caller.list_sessions()).sessions


async def test_a_session_token_may_stand_in_the_request(caller):
    (minted,) = await caller.new_tokens(1)
    from conjure.v1 import session_service_pb2

    connected = await caller.sessions.Connect(
        session_service_pb2.ConnectRequest(token=minted.token), timeout=LIMIT_S
    )
    assert connected.world_id == minted.world_id


async def test_sessions_are_listed_in_pages_the_first_to_end_first(direct):
    tokens = await direct.new_tokens(5)
    for minted in tokens:
        await direct.connect(minted.token)
    seen, cursor = [], None
    while True:
        page = await direct.list_sessions(limit=2, cursor=cursor)
        seen += [session.jti for session in page.sessions]
        if not page.HasField("next_cursor"):
            break
        cursor = page.next_cursor
    assert seen == [minted.jti for minted in tokens]


async def test_usage_counts_what_was_done(caller):
    before = await caller.get_usage()
    assert dict(before.caps) == {
        "generation": 50, "session": 200, "session_seconds": 7200, "edit": 100,
        "say": 500, "tts": 500, "image": 50,
    }  # fmt: skip
    assert dict(before.usage) == dict.fromkeys(before.caps, 0)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", before.day)
    (minted,) = await caller.new_tokens(1)
    await caller.connect(minted.token)
    after = await caller.get_usage()
    assert dict(after.usage) == dict(before.usage) | {
        "generation": 1,
        "session": 1,
        "session_seconds": 300,
    }


async def test_what_the_deployment_says_of_itself(caller):
    """Health, public keys and the schema need no credential."""
    assert (await caller.system.GetHealth(system_pb.GetHealthRequest())).status == "ok"
    jwks = json.loads((await caller.system.GetJwks(system_pb.GetJwksRequest())).jwks.json)
    assert jwks["keys"]
    for key in jwks["keys"]:
        assert set(key) == {"kty", "crv", "x", "kid", "use", "alg"}, "no private part"
        assert (key["kty"], key["crv"], key["alg"]) == ("OKP", "Ed25519", "EdDSA")
    request = system_pb.GetWorldSchemaRequest()
    schema = json.loads((await caller.system.GetWorldSchema(request)).schema.json)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


async def test_the_request_id_comes_back_in_the_trailers(caller):
    call = caller.list_worlds()
    await call
    assert UUID.fullmatch(dict(await call.trailing_metadata())["x-request-id"])
    call = caller.worlds.ListWorlds(
        world_pb.ListWorldsRequest(), metadata=metadata(caller.key, x_request_id="mine-1")
    )
    await call
    assert dict(await call.trailing_metadata())["x-request-id"] == "mine-1"


async def test_a_request_id_beyond_the_bound_is_replaced(direct):
    for bad in ("x" * 129, "x" * 4000):
        call = direct.worlds.ListWorlds(
            world_pb.ListWorldsRequest(), metadata=metadata(direct.key, x_request_id=bad)
        )
        await call
        assert UUID.fullmatch(dict(await call.trailing_metadata())["x-request-id"])


async def test_a_read_with_the_current_revision_brings_no_document(direct):
    world_id = await direct.new_world()
    for tag in ('"1"', "1", '"7", "1"', "*"):
        known = await direct.world(world_id, if_none_match=tag)
        assert not known.HasField("document"), tag
        assert known.rev == "1"
        assert not (await direct.scene(world_id, if_none_match=tag)).HasField("states"), tag
    for tag in ('"2"', 'W/"2"', ""):
        assert (await direct.world(world_id, if_none_match=tag)).HasField("document"), tag
        assert (await direct.scene(world_id, if_none_match=tag)).HasField("states"), tag


async def test_a_replayed_creation_says_so_in_the_initial_metadata(direct):
    first = direct.create(idempotency_key="a key".replace(" ", "-"))
    made = await first
    assert "idempotent-replayed" not in dict(await first.initial_metadata())
    second = direct.create(idempotency_key="a-key")
    assert await second == made
    assert dict(await second.initial_metadata())["idempotent-replayed"] == "true"
    assert await direct.used("generation") == 1


@pytest.fixture(params=["http1", "grpc"])
async def marked_channel(request, stack, server_channel, tmp_path):
    """To where a server believes that an edge calls: the listener for edges, or what the setting says."""
    if request.param == "http1":
        async with http1_channel(socket_place(stack.server_port)) as opened:
            yield opened
        return
    environment = {"CONJURE_EDGE_CALLS": "grpc"}
    async with (
        running_server(tmp_path, stack.store_url, environment) as (_, port),
        channel(f"127.0.0.1:{port}") as opened,
    ):
        yield opened


async def test_a_direct_caller_with_the_edges_mark_gets_the_rest_body(marked_channel, app):
    """Whoever reaches the server itself may ask for JSON; it breaks nothing and opens nothing."""
    direct = Client(marked_channel, app.secret)
    world_id = await direct.new_world()
    scene = marked_channel.unary_unary(
        "/conjure.v1.GraphService/GetScene",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=httpbody_pb2.HttpBody.FromString,
    )
    from conjure.v1 import graph_service_pb2

    request = graph_service_pb2.GetSceneRequest(id=world_id)
    marked = metadata(app.secret, x_conjure_edge="1")
    call = scene(request, metadata=marked)
    body = await call
    assert body.content_type == "application/json"
    assert set(json.loads(body.data)) == {"states", "events", "entrance", "rev", "schemaVersion"}
    assert dict(await call.initial_metadata())["etag"] == '"1"'

    unmarked_credential = scene(request, metadata=metadata(x_conjure_edge="1"))
    answer = json.loads((await unmarked_credential).data)
    assert set(answer) == {"detail", "schemaVersion"}
    assert dict(await unmarked_credential.initial_metadata())["x-http-status"] == "401"

    create = marked_channel.unary_unary(
        "/conjure.v1.WorldService/CreateWorld",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=httpbody_pb2.HttpBody.FromString,
    )
    for data in (b"", b"[]", b"nonsense", b'{"premise": 5}', b"\xff\xfe"):
        envelope = rest_pb2.RestEnvelope(http_body=httpbody_pb2.HttpBody(data=data))
        call = create(envelope, metadata=marked)
        assert set(json.loads((await call).data)) <= {"detail", "schemaVersion", "errors"}
        assert dict(await call.initial_metadata())["x-http-status"] in {"400", "422"}
    assert (await direct.scene(world_id)).rev == "1", "typed callers still get typed messages"


async def test_a_unary_call_with_the_mark_is_refused_where_edges_do_not_call(
    server_channel, app, direct
):
    """An edge that was told another way hears it, and asks again elsewhere: before any effect."""
    call = server_channel.unary_unary("/conjure.v1.WorldService/CreateWorld")
    request = world_pb.CreateWorldRequest(premise="a quiet harbour").SerializeToString()
    as_edges_do = metadata(app.secret, x_conjure_edge="1", x_envoy_original_method="POST")
    answer = call(request, metadata=as_edges_do)
    refusal = await refused(answer, Reason.OVERLOADED)
    assert refusal.code is grpc.StatusCode.UNAVAILABLE
    assert "CONJURE_EDGE_CALLS" in refusal.message
    assert not (await direct.list_worlds()).worlds


async def test_a_stream_with_the_mark_is_an_event_stream_whatever_way_unary_calls_take(
    server_channel, direct, app
):
    world_id = await direct.new_world()
    call = server_channel.unary_stream(
        "/conjure.v1.WatchService/WatchWorld",
        response_deserializer=httpbody_pb2.HttpBody.FromString,
    )
    stream = call(
        watch_pb.WatchWorldRequest(id=world_id).SerializeToString(),
        metadata=metadata(app.secret, x_conjure_edge="1"),
        timeout=LIMIT_S,
    )
    assert (await stream.read()).content_type == "text/event-stream"
    stream.cancel()


async def test_the_mark_does_not_pass_the_edge(stack, app):
    """Through the edge's gRPC listener a caller cannot ask for the REST face."""
    async with client(stack.edge_grpc_target, app.secret) as caller:
        world_id = await caller.new_world()
        assert (await caller.scene(world_id, x_conjure_edge="1")).rev == "1"


async def test_health_is_serving_for_the_server_and_each_service(server_channel):
    stub = health_pb2_grpc.HealthStub(server_channel)
    for name in ("", *SERVICES):
        answer = await stub.Check(health_pb2.HealthCheckRequest(service=name))
        assert answer.status == health_pb2.HealthCheckResponse.SERVING, name
    with pytest.raises(grpc.aio.AioRpcError) as raised:
        await stub.Check(health_pb2.HealthCheckRequest(service="nobody"))
    assert raised.value.code() is grpc.StatusCode.NOT_FOUND


async def test_reflection_lists_every_service(server_channel):
    stub = reflection_pb2_grpc.ServerReflectionStub(server_channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")

    async def requests():
        yield request

    async for answer in stub.ServerReflectionInfo(requests()):
        listed = {service.name for service in answer.list_services_response.service}
        assert listed >= SERVICES | {"grpc.health.v1.Health"}
