"""Idempotency-Keys of what players do (CONTRACT 0 and 5)."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import grpc.aio
import pytest

from conjure.conversations.requests import NewTurn
from conjure.conversations.store import owner_of
from conjure.core.errors import (
    BrainUnavailable,
    IdempotencyInProgress,
    IdempotencyMismatch,
    NotFound,
    OutcomeUnknown,
    Reason,
)
from conjure.core.ids import new_id
from conjure.providers.brain import Action, Affect, BrainError, Turn
from conjure.store import keyspace
from conjure.store.client import Store
from conjure.usage.idempotency import Idempotency
from support.brains import ScriptedBrain, house, nod
from support.heavy import HEAVY, running_heavy_server
from support.rpc import Client, read_refusal, refused
from support.rpc import client as running_client
from support.talks import character_world, new_talk
from support.worlds import prose_world

if TYPE_CHECKING:
    from conjure.providers.brain import Tell, TurnRequest
    from support.stack import Stack, TestApp


async def is_replayed(call: Any) -> bool:
    await call
    return dict(await call.initial_metadata()).get("idempotent-replayed") == "true"


@pytest.fixture
def client(server_channel: grpc.aio.Channel, app: TestApp) -> Client:
    return Client(server_channel, app.secret)


@pytest.mark.parametrize("player", ["ada", None])
async def test_a_say_that_is_sent_again(client: Client, player: str | None) -> None:
    """It has the same answer, is charged once, and one turn of it is kept; none of `anon`."""
    talk = await new_talk(client, player)
    sent: dict[str, Any] = {
        "history": [("user", "Hi."), ("character", "Hello.")],
        "affect": {"v": 0.5},
        "memory": {"summary": "They met once."},
        "current_stance": "glad",
    }
    first = talk.say(key="k", **sent)
    assert not await is_replayed(first)
    again = [talk.say(key="k", **sent) for _ in range(3)]
    assert [await is_replayed(call) for call in again] == [True] * 3
    assert [await call for call in again] == [await first] * 3
    assert await client.used("say") == 1
    assert (await talk.memory()).message_count == (2 if player else 0)
    assert not await is_replayed(talk.say())
    assert not await is_replayed(talk.say(key="other"))
    assert await client.used("say") == 3


async def test_an_answer_is_there_over_the_quota_and_after_folding(
    client: Client, app: TestApp
) -> None:
    talk = await new_talk(client)
    first = await talk.say(key="k")
    await app.set_caps(say=1)
    await talk.consolidate()
    assert await talk.say(key="k") == first
    await refused(talk.say(key="new"), Reason.QUOTA_EXCEEDED)
    await app.set_caps(say=10)
    assert not await is_replayed(talk.say(key="new"))


@pytest.mark.parametrize(
    "other",
    [
        {"text": "Another."},
        {"current_stance": "glad"},
        {"history": [("user", "Hi.")]},
        {"affect": {"v": 0.5}},
        {"memory": "They met."},
    ],
)
async def test_another_body_is_refused(client: Client, other: dict[str, Any]) -> None:
    talk = await new_talk(client)
    await talk.say(key="k")
    await refused(talk.say(key="k", **other), Reason.IDEMPOTENCY_MISMATCH)
    await refused(talk.say(key="two words"), Reason.INVALID_FIELD)
    assert await client.used("say") == 1


@pytest.mark.parametrize("players", [("ada", "bob"), (None, None), ("ada", None)])
async def test_players_with_the_same_key_share_nothing(
    client: Client, players: tuple[str | None, str | None]
) -> None:
    """Neither an answer nor a refusal."""
    one = await new_talk(client, players[0])
    other = await new_talk(client, players[1], one.id)
    await one.say("I am one of them.", key="k")
    assert not await is_replayed(other.say("I am the other.", key="k"))
    assert not await is_replayed(other.draw("A lamp.", key="k"))
    assert not await is_replayed(one.draw("A rock.", key="k"))
    assert await client.used("say") == await client.used("image") == 2


async def test_a_named_player_keeps_its_keys_with_another_token(client: Client) -> None:
    """But for one character; a key of `anon` is its session's."""
    talk = await new_talk(client)
    first = await talk.say(key="k")
    assert await (await new_talk(client, "ada", talk.id)).say(key="k") == first
    assert not await is_replayed((await new_talk(client)).say("Another.", key="k"))
    assert await client.used("say") == 2


async def test_a_call_that_still_runs(stack: Stack, app: TestApp) -> None:
    """The same is in progress, another body is another matter; one that has failed frees the key."""
    may_go, begun = asyncio.Event(), asyncio.Event()

    async def ponder(request: TurnRequest, tell: Tell | None) -> Turn:
        begun.set()
        await may_go.wait()
        return await nod(request, tell)

    async with house(stack.admin.store, app.tenant(), brain=ScriptedBrain(ponder)) as home:
        session, new = home.session(), NewTurn(home.character_id, "Hello.")

        def say(turn: NewTurn = new) -> Any:
            return home.talk.say(session, turn, idempotency_key="k")

        left = asyncio.create_task(say())
        await begun.wait()
        left.cancel()
        await asyncio.gather(left, return_exceptions=True)
        begun.clear()
        saying = asyncio.create_task(say())
        await begun.wait()
        with pytest.raises(IdempotencyInProgress):
            await say()
        with pytest.raises(IdempotencyMismatch):
            await say(NewTurn(home.character_id, "Another."))
        may_go.set()
        said = await saying
        again = await say()
        assert (again.reply, again.replayed, said.replayed) == (said.reply, True, False)
        assert (await home.used(), len(home.brain.asked)) == (1, 2)


async def test_a_say_that_failed_frees_its_key(stack: Stack, app: TestApp) -> None:
    """And what it did is remembered as it was, with what the character does."""
    fails = [True]

    async def fail_once(request: TurnRequest, tell: Tell | None) -> Turn:
        if fails.pop():
            raise BrainError("it was tired")
        fails.append(True)
        delta, action = Affect(0.1, -0.2, 0.3, 0.05), Action("show_image", "a map")
        return Turn("Ja \N{SNOWMAN}\n.", "glad", "joy", delta, action)

    async with house(stack.admin.store, app.tenant(), brain=ScriptedBrain(fail_once)) as home:
        session, new = home.session(), NewTurn(home.character_id, "Hello.")
        with pytest.raises(BrainUnavailable):
            await home.talk.say(session, new, idempotency_key="k")
        fails.append(False)
        said = await home.talk.say(session, new, idempotency_key="k")
        again = await home.talk.say(session, new, idempotency_key="k")
        assert again.replayed
        for name in ("reply", "stance", "emotion", "affect", "action"):
            assert getattr(again, name) == getattr(said, name), name
        assert said.action == Action("show_image", "a map")
        assert await home.used() == 1
        found = await home.store.look(session, known_rev="", most_turns=10)
        assert found.memory.message_count == 2


async def test_an_answer_that_the_store_lost(
    stack: Stack, app: TestApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The turn was ended, but nobody knows: it was kept, and a retry has its answer."""
    async with house(stack.admin.store, app.tenant()) as home:
        end_turn = home.store.end_turn

        async def lose_answer(*args: Any) -> None:
            await end_turn(*args)
            raise OutcomeUnknown

        session, new = home.session(), NewTurn(home.character_id, "Hello.")
        monkeypatch.setattr(home.store, "end_turn", lose_answer)
        with pytest.raises(OutcomeUnknown):
            await home.talk.say(session, new, idempotency_key="k")
        monkeypatch.undo()
        assert (await home.talk.say(session, new, idempotency_key="k")).replayed
        assert (await home.used(), len(home.brain.asked)) == (1, 1)
        found = await home.store.look(session, known_rev="", most_turns=10)
        assert found.memory.message_count == 2


async def test_a_begin_that_is_refused_the_second_time_frees_the_key(
    stack: Stack, app: TestApp
) -> None:
    """The store is asked again when its answer was lost; meanwhile the character is gone, and comes back."""
    store = stack.admin.store
    async with house(store, app.tenant()) as home:
        session, hold = home.session(), new_id()
        key = Idempotency.of("say", "k", "Hello.", owner=owner_of(session))
        assert key is not None
        world = keyspace.world(home.tenant, home.character_id)

        async def begin() -> None:
            await home.store.begin(
                session, "say", hold, known_rev="", most_turns=1, idempotency=key
            )

        await begin()
        assert await store.read("EXISTS", key.key(home.tenant)) == 1
        await store.write("DEL", world)
        with pytest.raises(NotFound):
            await begin()
        assert await store.read("EXISTS", key.key(home.tenant)) == 0
        assert await home.used() == 0


async def test_twenty_at_once_are_one_turn(client: Client) -> None:
    talk = await new_talk(client)
    calls = [talk.say(key="k") for _ in range(20)]
    answers = await asyncio.gather(*calls, return_exceptions=True)
    said = [answer for answer in answers if not isinstance(answer, BaseException)]
    assert said
    assert all(answer == said[0] for answer in said)
    for answer in answers:
        if isinstance(answer, grpc.aio.AioRpcError):
            assert read_refusal(answer).reason is Reason.IDEMPOTENCY_IN_PROGRESS
        else:
            assert not isinstance(answer, BaseException)
    assert await client.used("say") == 1
    assert (await talk.memory()).message_count == 2


async def test_a_character_that_another_process_answers_for(
    stack: Stack, app: TestApp, tmp_path: Path
) -> None:
    """The process that has met it gives its hold and the key back before it relays the call."""
    async with (
        running_heavy_server(tmp_path, stack.store_url) as server,
        running_client(server.port, app.secret) as caller,
    ):
        document = character_world() | {"x": prose_world(HEAVY)}
        character_id = (await caller.create(document)).world_id
        talk = await new_talk(caller, character_id=character_id)
        first = talk.say(key="k")
        assert not await is_replayed(first)
        again = talk.say(key="k")
        assert await is_replayed(again)
        assert await again == await first
        assert await caller.used("say") == 1


@pytest.mark.parametrize("key", ["k", None])
async def test_a_turn_is_two_round_trips(
    stack: Stack, app: TestApp, monkeypatch: pytest.MonkeyPatch, key: str | None
) -> None:
    """With a key and without; and a replay is one."""
    asked: list[Any] = []
    effect = Store.effect

    async def noted(self: Store, *args: Any, **more: Any) -> Any:
        asked.append(args)
        return await effect(self, *args, **more)

    async with house(stack.admin.store, app.tenant()) as home:
        await home.say()
        monkeypatch.setattr(Store, "effect", noted)
        session, new = home.session(), NewTurn(home.character_id, "Hello.")
        await home.talk.say(session, new, idempotency_key=key)
        assert len(asked) == 2
        await home.talk.say(session, new, idempotency_key=key)
        assert len(asked) == (3 if key else 4)


async def test_without_a_key_nothing_is_remembered(stack: Stack, app: TestApp) -> None:
    """And with one the record lapses."""
    store = stack.admin.store
    async with house(store, app.tenant()) as home:
        pattern = keyspace.idempotency(home.tenant, "say", "*")

        async def records() -> list[bytes]:
            return [key async for key in _keys(store, pattern)]

        await home.say(player="anon")
        assert await records() == []
        session, new = home.session("anon"), NewTurn(home.character_id, "Hello.")
        await home.talk.say(session, new, idempotency_key="k")
        (record,) = await records()
        assert 0 < await store.read("PTTL", record.decode()) <= 86_400_000


async def _keys(store: Any, pattern: str) -> Any:
    for key in await store.read("KEYS", pattern):
        yield key


def lose(name: str) -> None:
    """As if the folder of assets had been lost."""
    (path,) = Path(os.environ["CONJURE_ASSETS_URL"]).rglob(name)
    path.unlink()


class TestImages:
    async def test_one_that_is_asked_for_again(self, client: Client) -> None:
        talk = await new_talk(client)
        first = talk.draw("The keeper at dawn.", key="k")
        assert not await is_replayed(first)
        again = talk.draw("The keeper at dawn.", key="k")
        assert await is_replayed(again)
        assert await again == await first
        assert await client.used("image") == 1
        await refused(talk.draw("At night.", key="k"), Reason.IDEMPOTENCY_MISMATCH)
        for prompt in ("At night.", None):
            await refused(talk.draw(prompt, key="two words"), Reason.INVALID_FIELD)

    async def test_one_that_is_lost_is_drawn_anew_and_not_charged(self, client: Client) -> None:
        talk = await new_talk(client)
        first = await talk.draw("What nobody has read.", key="k")
        lose(first.url.rpartition("/")[2])
        again = talk.draw("What nobody has read.", key="k")
        assert not await is_replayed(again)
        assert (await again).mime_type == first.mime_type
        assert await client.used("image") == 1

    async def test_a_base_picture_is_not_remembered(self, client: Client, app: TestApp) -> None:
        talk = await new_talk(client)
        await app.set_caps(image=0)
        base = await talk.draw("The keeper at dawn.", key="k")
        assert base == await talk.draw()
        await app.set_caps(image=5)
        drawn = talk.draw("The keeper at dawn.", key="k")
        assert not await is_replayed(drawn)
        assert await drawn != base
        assert await client.used("image") == 1
