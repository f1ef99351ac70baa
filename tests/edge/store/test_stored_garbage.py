"""What the store holds is never the caller's fault: 500, logged with the key, counted (CONTRACT 0)."""

from __future__ import annotations

import hashlib
import json

import pytest

from conjure.core.errors import Reason
from conjure.store import keyspace
from conjure.v1 import document_pb2
from conjure.v1 import graph_service_pb2 as graph_pb
from conjure.v1 import version_service_pb2 as version_pb
from conjure.v1 import world_service_pb2 as world_pb
from conjure.v1.version_service_pb2_grpc import VersionServiceStub
from support.characters import new_character
from support.rest import assert_error, bearer, connect, mint
from support.rpc import Client, client, metadata, refused
from support.scrape import Moves
from support.stack import new_app
from support.until import LIMIT_S
from support.worlds import small_world

UNREADABLE = "conjure_stored_data_unreadable_total"
GARBAGE = {
    "garbage": b"\x00\xffgarbage",
    "nothing": b"",
    "cut": json.dumps(small_world()).encode()[:-40],
    "nan": b'{"entrance": NaN}',
    "another value": b"[1]",
    "no world": b'{"entrance": 5, "scene": {}}',
    "deep": b"[" * 5_000,
}


@pytest.fixture
async def overwrite(stack, app, world_id):
    """Puts something else where the store holds the world's document, at a revision nobody has seen."""
    key = keyspace.world(app.tenant(), world_id)

    async def put(text: bytes) -> str:
        await stack.admin.store.write("HSET", key, "doc", text, "rev", 77)
        return key

    return put


@pytest.fixture
async def versions(rest, app, world_id):
    """Two versions of the world, of which the second is a little different."""
    made = []
    for base in ("A hall.", "A wide hall."):
        await rest.patch(
            f"/v1/worlds/{world_id}/states/hall", json={"base": base}, headers=bearer(app.secret)
        )
        answer = await rest.post(f"/v1/worlds/{world_id}/versions", headers=bearer(app.secret))
        made.append(answer.json()["versionId"])
    return made


READS = {
    "read": ("GET", "", None),
    "scene": ("GET", "/scene", None),
    "states": ("GET", "/states", None),
    "event": ("GET", "/events/Go%20down", None),
    "validate": ("POST", "/validate", {}),
    "lint": ("POST", "/lint", {}),
    "describe": ("PATCH", "", {"name": "New"}),
    "patch": ("PATCH", "/states/hall", {"base": "New."}),
    "entrance": ("PATCH", "/entrance", {"state": "cellar"}),
    "ops": ("POST", "/ops", {"ops": [{"op": "set_entrance", "state": "cellar"}]}),
    "fork": ("POST", "/forks", None),
    "save": ("POST", "/versions", {}),
}


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("route", READS)
async def test_over_rest(rest, app, world_id, overwrite, route, text):
    await overwrite(text)
    verb, path, body = READS[route]
    request = {} if body is None else {"json": body}
    answer = await rest.request(
        verb, f"/v1/worlds/{world_id}{path}", headers=bearer(app.secret), **request
    )
    assert assert_error(answer, 500)["detail"] == "internal error"


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE)
async def test_over_grpc(server_channel, app, world_id, overwrite, text):
    caller = Client(server_channel, app.secret)
    credential = metadata(app.secret)
    minted = await caller.mint(world_id)
    await overwrite(text)
    state = graph_pb.UpdateStateRequest(
        id=world_id, state_id="hall", patch=document_pb2.JsonDocument(json=b'{"base":"x"}')
    )
    for call in (
        caller.world(world_id),
        caller.scene(world_id),
        caller.graph.UpdateState(state, metadata=credential),
        caller.set_entrance(world_id, "cellar"),
        caller.worlds.ForkWorld(world_pb.ForkWorldRequest(id=world_id), metadata=credential),
        caller.connect(minted.token),
    ):
        refusal = await refused(call, Reason.INTERNAL)
        assert refusal.error.detail == "internal error"


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE)
async def test_connect_is_refused_and_takes_no_slot(rest, app, world_id, overwrite, text):
    token = (await mint(rest, app.secret, world_id))["token"]
    await overwrite(text)
    assert_error(await connect(rest, token), 500)
    usage = (await rest.get("/v1/usage", headers=bearer(app.secret))).json()
    assert usage["usage"]["session_seconds"] == 0


@pytest.mark.parametrize(
    "blob", [b"", b"x", b"K", b"Kgarbage", b"D", b"D" + b"0" * 64 + b"x", b"K\x28\xb5\x2f\xfd\xa4" + b"\xff" * 8]
)  # fmt: skip
async def test_versions_whose_snapshots_are_garbage(
    rest, server_channel, stack, app, world_id, versions, blob
):
    key = keyspace.version_blobs(app.tenant(), world_id)
    addresses = await stack.admin.store.read("HKEYS", key)
    for address in addresses:
        await stack.admin.store.write("HSET", key, address, blob)
    path, headers = f"/v1/worlds/{world_id}", bearer(app.secret)
    first, second = versions
    read = await rest.get(f"{path}/versions/{first}", headers=headers)
    assert_error(read, 500)
    assert_error(await rest.get(f"{path}/versions/{first}/diff/{second}", headers=headers), 500)
    checkout = await rest.post(f"{path}/checkout", json={"versionId": first}, headers=headers)
    assert_error(checkout, 500)
    stub = VersionServiceStub(server_channel)
    credential = metadata(app.secret)
    for call in (
        stub.GetVersion(
            version_pb.GetVersionRequest(id=world_id, version_id=first), metadata=credential
        ),
        stub.DiffVersions(
            version_pb.DiffVersionsRequest(id=world_id, a=first, b=second), metadata=credential
        ),
        stub.CheckoutVersion(
            version_pb.CheckoutVersionRequest(id=world_id, version_id=first), metadata=credential
        ),
    ):
        await refused(call, Reason.INTERNAL)
    assert (await rest.get(path, headers=headers)).status_code == 200, "the world itself is whole"


async def test_versions_whose_nodes_are_garbage(rest, stack, app, world_id, versions):
    key = keyspace.versions(app.tenant(), world_id)
    await stack.admin.store.write("HSET", key, versions[0], b"{garbage")
    path, headers = f"/v1/worlds/{world_id}/versions", bearer(app.secret)
    assert (await rest.get(path, headers=headers)).status_code == 500
    assert (await rest.get(f"{path}/{versions[0]}", headers=headers)).status_code == 500


async def test_watchers_are_told(rest, server_channel, stack, app, world_id):
    key = keyspace.changes(app.tenant(), world_id)
    await rest.patch(
        f"/v1/worlds/{world_id}/entrance", json={"state": "cellar"}, headers=bearer(app.secret)
    )
    await stack.admin.store.write("XADD", key, "3-0", "ops", "{garbage", "time", 1)
    await stack.admin.store.write("HSET", keyspace.world(app.tenant(), world_id), "rev", 3)
    caller = Client(server_channel, app.secret)

    async def follow():
        async for _ in caller.watch(world_id, "1", timeout=LIMIT_S):
            pass

    await refused(follow(), Reason.INTERNAL)
    answer = await rest.get(
        f"/v1/worlds/{world_id}/events-stream",
        headers=bearer(app.secret) | {"last-event-id": "1"},
    )
    assert answer.status_code == 500 or '"detail":"internal error"' in answer.text


async def test_a_retry_whose_first_answer_is_garbage(rest, stack, app):
    headers = bearer(app.secret) | {"idempotency-key": "k"}
    body = {"world": small_world()}
    assert (await rest.post("/v1/worlds", json=body, headers=headers)).status_code == 200
    key = keyspace.idempotency(app.tenant(), "worlds", hashlib.sha256(b"k").hexdigest())
    assert await stack.admin.store.read("EXISTS", key)
    await stack.admin.store.write("HSET", key, "answer", b"{garbage")
    assert_error(await rest.post("/v1/worlds", json=body, headers=headers), 500)


async def test_the_log_names_the_key_and_it_is_counted(watched, watched_rest, stack):
    app = await new_app(stack.admin)
    answer = await watched_rest.post(
        "/v1/worlds", json={"world": small_world()}, headers=bearer(app.secret)
    )
    world_id = answer.json()["worldId"]
    key = keyspace.world(app.tenant(), world_id)
    await stack.admin.store.write("HSET", key, "doc", b"{garbage", "rev", 77)
    moves = await Moves.since_now(watched.metrics_url)
    answer = await watched_rest.get(f"/v1/worlds/{world_id}/scene", headers=bearer(app.secret))
    assert_error(answer, 500)
    await moves.now()
    assert moves.of(UNREADABLE) == 1
    lines = watched.lines(answer.headers["x-request-id"])
    (line,) = [line for line in lines if line["event"] == "stored data cannot be read"]
    assert (line["level"], line["key"]) == ("error", key)
    async with client(watched.server_target, app.secret) as caller:
        await refused(caller.scene(world_id), Reason.INTERNAL)


@pytest.mark.parametrize("text", GARBAGE.values(), ids=GARBAGE)
async def test_characters(rest, stack, app, text):
    """A character that cannot be read fails alone and in the list, and no part of it is answered."""
    character_id = await new_character(rest, app.secret)
    await stack.admin.store.write(
        "HSET", keyspace.world(app.tenant(), character_id), "doc", text, "rev", "7"
    )
    path = f"/v1/characters/{character_id}"
    for verb, where, body in (
        ("GET", path, None),
        ("GET", "/v1/characters", None),
        ("PATCH", path, {"greeting": "Hi."}),
        ("POST", f"{path}/forks", {}),
    ):
        request = {} if body is None else {"json": body}
        answer = await rest.request(verb, where, headers=bearer(app.secret), **request)
        assert assert_error(answer, 500)["detail"] == "internal error"
