"""Every write that can carry a precondition honours it; the others refuse it (CONTRACT 0).

Made from the methods as the protos tell them: a new write is not forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from conjure.core.errors import Reason
from conjure.core.ids import new_id
from conjure.rpc.methods import methods_of, service_descriptors
from conjure.store import keyspace
from conjure.v1 import auth_pb2
from conjure.v1.auth_pb2 import SCHEME_SESSION_TOKEN
from support.edge.every_rpc import RPCS, Place, case_of, character_world, request_message
from support.rpc import TIMEOUT_S, Client, metadata, refused
from support.users import user_token
from support.versions import Versions

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


@dataclass
class World:
    """A world with an edit, two versions, and what a call on it needs."""

    rev: str
    user: str
    place: Place

    @property
    def id(self) -> str:
        return self.place.world_id

    @property
    def token(self) -> str:
        return self.place.token


@pytest.fixture
def caller(server_channel, app) -> Client:
    return Client(server_channel, app.secret)


@pytest.fixture
async def world(caller, app) -> World:
    made = await caller.create(character_world())
    versions = Versions(caller, made.world_id)
    saved = [(await versions.create()).version_id for _ in range(2)]
    (minted,) = await caller.new_tokens(1, made.world_id)
    rev = (await caller.set_entrance(made.world_id, "cellar")).result.rev
    place = Place(
        app, made.world_id, "private", made.rev, (saved[0], saved[1]), minted.token, new_id(),
        *await app.console(), new_id(), "",
    )  # fmt: skip
    return World(rev, user_token(app.user_id), place)


async def call(caller: Client, name: str, world: World, **how: Any) -> Any:
    """Calls an RPC on a world; `if_match` is metadata."""
    headers = {"if_match": how.pop("if_match")} if "if_match" in how else {}
    fields = case_of(name).fields(world.place) | how
    method = METHODS[name]
    request = request_message(RPCS[name].descriptor, fields)
    keys = {auth_pb2.SCHEME_API_KEY: caller.key, auth_pb2.SCHEME_USER: world.user}
    key = keys.get(method.scheme, world.token)
    if method.is_stream:
        said = caller.channel.unary_stream(
            method.full_name,
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=method.response.FromString,
        )(request, metadata=metadata(key, **headers), timeout=TIMEOUT_S)
        return [message async for message in said][-1]
    return await caller.channel.unary_unary(
        method.full_name,
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=method.response.FromString,
    )(request, metadata=metadata(key, **headers), timeout=TIMEOUT_S)


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
        nowhere = replace(world, place=replace(world.place, world_id=new_id()))
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
