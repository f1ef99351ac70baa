"""A character that is deleted forgets everybody, however many they are (CONTRACT 5)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from conjure.conversations.forgetting import ForgettingHandler
from conjure.conversations.store import hash_of
from conjure.core.errors import Reason
from conjure.queue.handler import Ack, Bury, Entry
from conjure.queue.kinds import FORGETTING
from conjure.store import keyspace
from support.brains import house, memory_keys
from support.rpc import Client, refused
from support.talks import new_character, new_talk
from support.until import until

if TYPE_CHECKING:
    import grpc.aio

    from conjure.core.caller import Tenant
    from support.stack import Stack, TestApp

PLAYERS = [f"player {n}" for n in range(1_500)]


async def remember(stack: Stack, tenant: Tenant, character_id: str, players: list[str]) -> None:
    """Puts a memory of each of them there, as a turn leaves it."""
    store, index = stack.admin.store, keyspace.memories(tenant, character_id)
    writes = []
    for player in players:
        name = hash_of(player)
        key = keyspace.memory(tenant, character_id, name)
        fields = ("id", "x", "player", player, "turns", 1, "first", 2, "affect", "[]")
        writes += [store.write("HSET", key, *fields), store.write("ZADD", index, 1, name)]
    await asyncio.gather(*writes)


async def test_everybody_is_forgotten(
    server_channel: grpc.aio.Channel, app: TestApp, stack: Stack
) -> None:
    """The first thousand with the deletion itself, the others by durable work; by either route."""
    client = Client(server_channel, app.secret)
    character = await new_character(client)
    few = await new_talk(client)
    await few.say()
    await remember(stack, app.tenant(), character, PLAYERS)
    await client.delete_world(character)

    async def is_forgotten() -> bool:
        return not await memory_keys(stack.admin.store, app.tenant(), character, PLAYERS)

    await until(is_forgotten)
    await client.delete_world(few.id)
    assert not await memory_keys(stack.admin.store, app.tenant(), few.id, ["ada"])
    await refused(few.say(), Reason.NOT_FOUND)
    assert not await memory_keys(stack.admin.store, app.tenant(), few.id, ["ada"])


async def test_a_list_passes_over_what_has_lapsed(stack: Stack, app: TestApp) -> None:
    """However many rows of the index have no memory any more: pages are short then, and there are more."""
    async with house(stack.admin.store, app.tenant()) as home:
        await remember(stack, home.tenant, home.character_id, ["ada"])
        index = keyspace.memories(home.tenant, home.character_id)
        lapsed = [part for n in range(2_500) for part in (n + 2, f"{n:064d}")]
        await stack.admin.store.write("ZADD", index, *lapsed)
        found, after, pages = [], None, 0
        while pages == 0 or after is not None:
            page, after = await home.store.list(
                home.tenant, home.character_id, after=after, limit=10
            )
            found += page
            pages += 1
        assert [memory.player for memory in found] == ["ada"]
        assert pages == 2


def entry(tenant: Tenant, payload: bytes) -> Entry:
    return Entry(FORGETTING, tenant, "", "an entry", payload, 1, 0, "a token")


async def test_the_work_may_be_done_twice(stack: Stack, app: TestApp) -> None:
    """A worker that died in the middle leaves the rest to another; of a character that is there nothing goes."""
    async with house(stack.admin.store, app.tenant()) as home:
        work = ForgettingHandler(home.store)
        await home.say()
        payload = home.character_id.encode()
        assert isinstance(await work.handle(entry(home.tenant, payload)), Ack)
        assert await memory_keys(stack.admin.store, home.tenant, home.character_id, ["ada"]) == 2
        await remember(stack, home.tenant, home.character_id, PLAYERS[:1_200])
        await stack.admin.store.write("DEL", keyspace.world(home.tenant, home.character_id))
        assert await home.store.forget_some(home.tenant, home.character_id)
        for _ in range(2):
            assert isinstance(await work.handle(entry(home.tenant, payload)), Ack)
        players = ["ada", *PLAYERS[:1_200]]
        assert not await memory_keys(stack.admin.store, home.tenant, home.character_id, players)


@pytest.mark.parametrize("payload", [b"", b"\xff", b"*", b"{}"])
async def test_an_entry_that_names_nothing(stack: Stack, app: TestApp, payload: bytes) -> None:
    async with house(stack.admin.store, app.tenant()) as home:
        found = await ForgettingHandler(home.store).handle(entry(home.tenant, payload))
        assert isinstance(found, Bury)
