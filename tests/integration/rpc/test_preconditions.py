"""Every write that can carry a precondition honours it; the others refuse it (CONTRACT 0).

Made from the methods as the protos tell them: a new write is not forgotten.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import pytest

from conjure.core.errors import Reason
from conjure.core.ids import new_id
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.store import keyspace
from conjure.v1 import auth_pb2, document_pb2
from conjure.v1.auth_pb2 import SCHEME_SESSION_TOKEN
from support.rpc import TIMEOUT_S, Client, metadata, refused
from support.users import user_token
from support.versions import Versions
from support.worlds import small_world

METHODS = {
    f"{method.service.rpartition('.')[2]}/{method.name}": method
    for service in service_descriptors()
    for method in methods_of(service, max_request_bytes=1_048_576)
}
ASSERTING = sorted(name for name, method in METHODS.items() if method.asserts_revision)
REFUSING = sorted(
    name
    for name, method in METHODS.items()
    if not (method.asserts_revision or method.is_read or method.scheme == SCHEME_SESSION_TOKEN)
)


def document(value: Any) -> document_pb2.JsonDocument:
    return document_pb2.JsonDocument(json=json.dumps(value).encode())


@dataclass
class World:
    """A world with an edit, two versions, and what a call on it needs."""

    id: str
    rev: str
    old_version: str
    token: str
    user: str
    app_id: str
    key_id: str
    webhook_id: str


DESCRIBED = 'Describe the hall as "A hall with one lamp."'
FIELDS: dict[str, Any] = {
    "GraphService/CreateState": lambda _: {"state": document({"base": "An attic."})},
    "GraphService/UpdateState": lambda _: {
        "state_id": "hall",
        "patch": document({"base": "Else."}),
    },
    "GraphService/DeleteState": lambda _: {"state_id": "spare"},
    "GraphService/CreateEvent": lambda _: {
        "event": document({"kind": "override", "from": ["hall"], "base": "A wave."})
    },
    "GraphService/UpdateEvent": lambda _: {
        "event_name": "Go up",
        "patch": document({"hidden": True}),
    },
    "GraphService/DeleteEvent": lambda _: {"event_name": "Go up"},
    "GraphService/SetEntrance": lambda _: {"state": "spare"},
    "GraphService/ApplyOps": lambda _: {"ops": document([{"op": "add_state", "base": "B."}])},
    "EditService/EditWorld": lambda _: {"instruction": DESCRIBED},
    "EditService/WatchEdit": lambda _: {"instruction": DESCRIBED},
    "VersionService/CreateVersion": lambda _: {"title": "Another"},
    "VersionService/CheckoutVersion": lambda world: {"version_id": world.old_version},
    "VersionService/UpdateVersion": lambda world: {
        "version_id": world.old_version,
        "title": "Renamed",
    },
    "VersionService/DeleteVersion": lambda world: {"version_id": world.old_version},
    "WorldService/UpdateWorld": lambda _: {"name": "Else", "visibility": "public"},
    "WorldService/DeleteWorld": lambda _: {},
    "CharacterService/UpdateCharacter": lambda _: {"name": "Else", "visibility": "public"},
    "CharacterService/DeleteCharacter": lambda _: {},
    # These have no revision to compare with.
    "CharacterService/CreateCharacter": lambda _: {
        "name": "Ada",
        "persona": "A clerk.",
        "stances": [{"id": "calm"}],
    },
    "CharacterService/ForkCharacter": lambda world: {"id": world.id},
    "WorldService/CreateWorld": lambda _: {"premise": "A lighthouse."},
    "WorldService/ForkWorld": lambda world: {"id": world.id},
    "SessionService/MintSessionToken": lambda world: {"world_id": world.id},
    "SessionService/EndSession": lambda _: {"jti": new_id()},
    "JobService/CancelJob": lambda _: {"job_id": new_id()},
    "PlayerService/PlayDemo": lambda _: {"play": "world"},
    "VisionService/Perceive": lambda _: {"frame_b64": "AAAA"},
    "VisionService/GroundObjects": lambda _: {"frame_b64": "AAAA", "labels": [{"label": "door"}]},
    "VisionService/DrawSeedFrame": lambda _: {"prompt": "A lighthouse."},
    "ConversationService/ForgetPlayer": lambda world: {
        "id": world.id,
        "player_identity": "ada",
    },
    "AppService/CreateApp": lambda _: {"name": "Another game"},
    "AppService/CreateKey": lambda world: {"id": world.app_id, "kind": "secret"},
    "AppService/RevokeKey": lambda world: {"id": world.app_id, "key_id": world.key_id},
    "WebhookService/CreateWebhook": lambda world: {
        "id": world.app_id,
        "url": "https://127.0.0.1:1/",
    },
    "WebhookService/DeleteWebhook": lambda world: {
        "id": world.app_id,
        "webhook_id": world.webhook_id,
    },
}


def test_each_write_is_here():
    assert sorted(FIELDS) == sorted(ASSERTING + REFUSING)


@pytest.fixture
def caller(server_channel, app) -> Client:
    return Client(server_channel, app.secret)


@pytest.fixture
async def world(caller, app) -> World:
    made = small_world(kind="character", character={"stances": []})
    made["scene"]["states"]["spare"] = {"base": "A spare room."}
    world_id = (await caller.create(made)).world_id
    versions = Versions(caller, world_id)
    old = (await versions.create()).version_id
    await versions.create()
    (minted,) = await caller.new_tokens(1, world_id)
    rev = (await caller.set_entrance(world_id, "cellar")).result.rev
    return World(world_id, rev, old, minted.token, user_token(app.user_id), *await app.console())


async def call(caller: Client, name: str, world: World, **how: Any) -> Any:
    """Calls an RPC on a world; `if_match` is metadata."""
    headers = {"if_match": how.pop("if_match")} if "if_match" in how else {}
    fields = ({"id": world.id} if name in ASSERTING else {}) | FIELDS[name](world) | how
    method = METHODS[name]
    keys = {auth_pb2.SCHEME_API_KEY: caller.key, auth_pb2.SCHEME_USER: world.user}
    key = keys.get(method.scheme, world.token)
    if method.is_stream:
        said = caller.channel.unary_stream(
            method.full_name,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=method.response.FromString,
        )(method.request(**fields), metadata=metadata(key, **headers), timeout=TIMEOUT_S)
        return [message async for message in said][-1]
    return await caller.channel.unary_unary(
        method.full_name,
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=method.response.FromString,
    )(method.request(**fields), metadata=metadata(key, **headers), timeout=TIMEOUT_S)


async def stored(stack, app, world: World) -> list[Any]:
    """All that the store has of a world, and of what its app has used and made."""
    tenant, store = app.tenant(), stack.admin.store
    others = {keyspace.changes(tenant, world.id), keyspace.version_index(tenant, world.id)}
    keys = [*keyspace.of_world(tenant, world.id), keyspace.usage(tenant)]
    hashes = [key for key in keys if key not in others]
    found: list[Any] = [sorted(await store.read("HGETALL", key)) for key in hashes]
    found.append(await store.read("XLEN", keyspace.changes(tenant, world.id)))
    found.append(await store.read("ZCARD", keyspace.worlds(tenant)))
    found.append(await store.read("ZCARD", keyspace.worlds(tenant, "character")))
    found.append(await store.read("ZCARD", keyspace.leases(tenant)))
    return found


@pytest.mark.parametrize("name", ASSERTING)
class TestWritesThatCan:
    async def test_a_stale_assertion_is_a_conflict_and_nothing_changes(
        self, stack, app, caller, world, name
    ):
        before = await stored(stack, app, world)
        for how in (
            {"if_match": '"1"'},
            {"if_match": f'W/"{world.rev}"'},
            {"if_match": '"1", "x", "a b"'},
            {"if_match": ""},
            {"expected_rev": "1"},
            {"expected_rev": "*"},
            {"expected_rev": ""},
            {"if_match": '"1"', "expected_rev": "1"},
        ):
            await refused(call(caller, name, world, **how), Reason.REVISION_CONFLICT)
            assert await stored(stack, app, world) == before, how

    async def test_two_that_differ_conflict_and_nothing_changes(
        self, stack, app, caller, world, name
    ):
        before = await stored(stack, app, world)
        for tag, field in ((world.rev, "1"), ("1", world.rev)):
            how = {"if_match": f'"{tag}"', "expected_rev": field}
            await refused(call(caller, name, world, **how), Reason.CONFLICTING_PRECONDITIONS)
        assert await stored(stack, app, world) == before

    @pytest.mark.parametrize("how", ["header", "bare", "list", "star", "field", "both"])
    async def test_the_present_revision_lets_it_through(self, stack, app, caller, world, name, how):
        before = await stored(stack, app, world)
        await call(
            caller, name, world,
            **{
                "header": {"if_match": f'"{world.rev}"'},
                "bare": {"if_match": world.rev},
                "list": {"if_match": f'"1", "{world.rev}"'},
                "star": {"if_match": "*"},
                "field": {"expected_rev": world.rev},
                "both": {"if_match": f'"{world.rev}"', "expected_rev": world.rev},
            }[how],
        )  # fmt: skip
        assert await stored(stack, app, world) != before

    async def test_a_star_makes_no_world(self, caller, world, name):
        nowhere = replace(world, id=new_id())
        await refused(call(caller, name, nowhere, if_match="*"), Reason.NOT_FOUND)


@pytest.mark.parametrize("name", REFUSING)
async def test_a_write_without_a_revision_refuses_an_assertion_before_any_effect(
    stack, app, caller, world, name
):
    before = await stored(stack, app, world)
    for tag in ('"1"', f'"{world.rev}"', '*, "1"'):
        refusal = await refused(call(caller, name, world, if_match=tag), Reason.INVALID_FIELD)
        assert refusal.error.errors[0].startswith("if-match")
    assert await stored(stack, app, world) == before


async def test_a_players_calls_ignore_an_assertion(caller, world):
    """A browser's calls write no world, and CONTRACT 6.2 lists their statuses."""
    connected = await caller.connect(world.token, if_match='"1"')
    assert connected.world_id == world.id


async def test_reads_ignore_an_assertion(caller, world):
    assert (await caller.scene(world.id, if_match='"1"')).rev == world.rev
    assert (await caller.world(world.id, if_match='"1"')).rev == world.rev


async def test_visibility_alone_is_asserted_too(stack, app, caller, world):
    """It moves no revision, and still is a write of one."""
    before = await stored(stack, app, world)
    stale = caller.describe(world.id, visibility="public", expected_rev="1")
    await refused(stale, Reason.REVISION_CONFLICT)
    assert await stored(stack, app, world) == before
    await caller.describe(world.id, visibility="public", expected_rev=world.rev)
    assert (await caller.world(world.id)).rev == world.rev
