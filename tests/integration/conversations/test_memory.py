"""What a character remembers of a player, over gRPC (CONTRACT 5)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from conjure.core.errors import Reason
from support.rpc import Client, refused
from support.talks import forget, list_memories, new_character, new_talk

if TYPE_CHECKING:
    import grpc.aio

    from support.stack import Stack, TestApp


async def test_a_player_is_known_again(server_channel: grpc.aio.Channel, app: TestApp) -> None:
    """A named player is a stranger first; what was said is folded, and the next session knows it."""
    client = Client(server_channel, app.secret)
    talk = await new_talk(client)
    first = await talk.resume()
    assert (first.returning, first.message_count) == (False, 0)
    assert first.welcome
    assert not (await talk.memory()).HasField("summary")
    nothing = await talk.consolidate()
    assert (nothing.ok, nothing.HasField("summary"), nothing.message_count) == (True, False, 0)

    await talk.say("My name is Ada.")
    said = await talk.say("I like bees.")
    before = await talk.memory()
    assert (before.HasField("summary"), before.message_count) == (False, 4)
    assert before.affect == said.affect
    folded = await talk.consolidate()
    assert folded.message_count == 4
    assert "bees" in folded.summary
    again = await talk.consolidate()
    assert (again.summary, again.message_count) == (folded.summary, 4)

    later = await new_talk(client, character_id=talk.id)
    back = await later.resume()
    assert (back.returning, back.message_count, back.affect) == (True, 4, said.affect)
    assert back.welcome
    assert (await later.memory()).summary == folded.summary


async def test_nobody_else_is_remembered_for_it(
    server_channel: grpc.aio.Channel, app: TestApp, other_app: TestApp
) -> None:
    """Memories are per app, mode, character and player, whatever text names the player."""
    client = Client(server_channel, app.secret)
    names = ["ada", "Ada", "ada ", "ада", "a:d:a", "*", "ada\u0001", "🐝" * 64, "x" * 256]
    character = await new_character(client)
    talks = [await new_talk(client, name, character) for name in names]
    for count, talk in enumerate(talks):
        for _ in range(count % 3):
            await talk.say(f"I am number {count}.")
    found = [(await talk.memory()).message_count for talk in talks]
    assert found == [2 * (count % 3) for count in range(len(names))]
    listed = (await list_memories(client, character)).memories
    assert {row.player_identity for row in listed} == {
        name for count, name in enumerate(names) if count % 3
    }
    for other in (
        await new_talk(client, "Ada", await new_character(client)),
        await new_talk(Client(server_channel, app.live_secret), "Ada"),
        await new_talk(Client(server_channel, other_app.secret), "Ada"),
    ):
        assert not (await other.resume()).returning


@pytest.mark.one_store("it looks at all keys of the one server")
async def test_anonymous_leaves_nothing(
    server_channel: grpc.aio.Channel, app: TestApp, stack: Stack
) -> None:
    """Of the player `anon`, named or not, no key of the store has a trace after the turn."""
    client = Client(server_channel, app.secret)
    character = await new_character(client)
    for talk in (
        await new_talk(client, None, character),
        await new_talk(client, "anon", character),
        await new_talk(client, "", character),
    ):
        before = await _keys(stack, app)
        await talk.say("Remember me.")
        assert not (await talk.resume()).returning
        assert (await talk.memory()).message_count == 0
        assert (await talk.consolidate()).message_count == 0
        new = await _keys(stack, app) - before
        assert {key.split("}:")[1].split(":")[0] for key in new} <= {"effect", "usage", "holds"}


async def test_a_player_is_forgotten(
    server_channel: grpc.aio.Channel, app: TestApp, other_app: TestApp
) -> None:
    """The owner forgets a player, twice if need be; nobody else can, nor learns that there is one."""
    client = Client(server_channel, app.secret)
    talk = await new_talk(client, "Ада / Lovelace%")
    await talk.say()
    for stranger in (other_app.secret, app.live_secret):
        await refused(
            forget(Client(server_channel, stranger), talk.id, "Ада / Lovelace%"), Reason.NOT_FOUND
        )
    publishable = Client(server_channel, app.publishable)
    await refused(forget(publishable, talk.id, "Ада / Lovelace%"), Reason.MISSING_SCOPE)
    assert (await talk.memory()).message_count == 2
    for _ in range(2):
        gone = await forget(client, talk.id, "Ада / Lovelace%")
        assert (gone.ok, gone.deleted) == (True, "Ада / Lovelace%")
    assert not (await talk.resume()).returning
    assert not (await list_memories(client, talk.id)).memories
    await refused(forget(client, talk.id, "x" * 257), Reason.INVALID_FIELD)
    await refused(forget(client, await client.new_world(), "ada"), Reason.NOT_FOUND)


async def test_pages_of_memories(server_channel: grpc.aio.Channel, app: TestApp) -> None:
    """The player it talked to last comes first; pages neither repeat nor leave out anybody."""
    client = Client(server_channel, app.secret)
    character = await new_character(client)
    names = [f"player {n}" for n in range(5)]
    for name in names:
        await (await new_talk(client, name, character)).say(f"I am {name}.")
    found, cursor = [], None
    while True:
        page = await list_memories(client, character, limit=2, cursor=cursor)
        assert len(page.memories) <= 2
        found += page.memories
        if not page.HasField("next_cursor"):
            break
        cursor = page.next_cursor
    assert [row.player_identity for row in found] == names[::-1]
    assert [row.turns[0].text for row in found] == [f"I am {name}." for name in names[::-1]]
    assert all(row.turns[0].time.seconds == row.last_time.seconds for row in found)
    one = await list_memories(client, character, player_identity=names[2])
    assert [row.player_identity for row in one.memories] == [names[2]]
    assert not (await list_memories(client, character, player_identity="nobody")).memories
    await refused(list_memories(client, character, player_identity=""), Reason.INVALID_FIELD)
    await refused(list_memories(client, character, cursor="1.2"), Reason.INVALID_CURSOR)
    await refused(list_memories(client, character, limit=101), Reason.INVALID_FIELD)


async def _keys(stack: Stack, app: TestApp) -> set[str]:
    """The keys of an app in the store."""
    store, found, cursor = stack.admin.store, set(), b"0"
    while True:
        cursor, some = await store.read("SCAN", cursor, "MATCH", f"t:{{{app.id}:*", "COUNT", 1000)
        found |= {key.decode() for key in some}
        if cursor == b"0":
            return found
