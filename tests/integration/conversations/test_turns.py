"""Turns and memories on a real store, with brains that do what brains should not (CONTRACT 5)."""

from __future__ import annotations

import asyncio
import contextlib
import math
from typing import TYPE_CHECKING, Any

import pytest

from conjure.conversations.requests import NewTurn
from conjure.conversations.store import hash_of
from conjure.core.errors import (
    BrainUnavailable,
    InvalidCredential,
    NotFound,
    QuotaExceeded,
    StoreUnavailable,
)
from conjure.core.ids import new_id
from conjure.providers.brain import Action, Affect, BrainError, Remembered, Turn
from conjure.settings.characters import MemorySettings
from conjure.store import keyspace
from support.brains import ScriptedBrain, house, memory_keys, nod
from support.talks import PERSONA, STANCES
from support.until import until

if TYPE_CHECKING:
    from conjure.providers.brain import MemoryRequest, Tell, TurnRequest
    from support.stack import Stack, TestApp


def answering(**members: Any) -> ScriptedBrain:
    """A brain that answers this, whatever it is asked."""

    async def turn(request: TurnRequest, tell: Tell | None) -> Turn:
        usual = {"reply": "Yes.", "stance": request.stance, "emotion": "calm", "delta": Affect()}
        return Turn(**(usual | members))

    return ScriptedBrain(turn)


@pytest.mark.parametrize(
    ("members", "found"),
    [
        ({"stance": "furious"}, {"stance": "calm"}),
        ({"stance": "Speaking"}, {"stance": "calm"}),
        ({"stance": "glad"}, {"stance": "glad"}),
        ({"emotion": ""}, {"emotion": "neutral"}),
        ({"emotion": "a\x00\n  joy"}, {"emotion": "a joy"}),
        ({"delta": Affect(math.nan, math.inf, 99, -99)}, {"affect": Affect(0, 0, 0.3, -0.3)}),
        ({"action": Action("explode", "all")}, {"action": None}),  # type: ignore[arg-type]
        ({"action": Action("show_image", " a\nmap ")}, {"action": Action("show_image", "a map")}),
        ({"action": Action("fetch_object", "")}, {"action": Action("fetch_object")}),
        ({"reply": "  x" * 5_000}, {"reply": ("  x" * 5_000).strip()[:4_000]}),
    ],
)
async def test_what_leaves_is_in_bounds_whatever_the_brain(
    stack: Stack, app: TestApp, members: dict[str, Any], found: dict[str, Any]
) -> None:
    async with house(stack.admin.store, app.tenant(), brain=answering(**members)) as home:
        said = await home.say()
        assert {name: getattr(said, name) for name in found} == found
        assert said.stance in STANCES


@pytest.mark.parametrize("what", ["fails", "says nothing", "is left"])
async def test_a_turn_that_is_not_answered_costs_nothing(
    stack: Stack, app: TestApp, what: str
) -> None:
    """Nor is anything of it remembered."""
    begun = asyncio.Event()

    async def fail(request: TurnRequest, tell: Tell | None) -> Turn:
        begun.set()
        if what == "is left":
            await asyncio.Event().wait()
        if what == "fails":
            raise BrainError("it was tired")
        return Turn(" \n", request.stance, "", Affect())

    async with house(stack.admin.store, app.tenant(), brain=ScriptedBrain(fail)) as home:
        saying = asyncio.create_task(home.say())
        await begun.wait()
        if what == "is left":
            assert await home.used() == 1
            saying.cancel()
        with pytest.raises(asyncio.CancelledError if what == "is left" else BrainUnavailable):
            await saying
        assert await home.used() == 0
        assert not await memory_keys(stack.admin.store, home.tenant, home.character_id, ["ada"])


async def test_a_turn_that_is_left_at_any_moment_is_charged_if_it_is_kept(
    stack: Stack, app: TestApp
) -> None:
    """Whatever is under way in the store then; nothing stays held."""
    async with house(stack.admin.store, app.tenant()) as home:
        for step in range(100):
            saying = asyncio.create_task(home.say(f"Hello {step}."))
            await asyncio.sleep(step * 0.000_05)
            saying.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await saying

        async def is_settled() -> bool:
            found = await home.store.look(home.session(), known_rev="", most_turns=1)
            return found.memory.last == await home.used()

        await until(is_settled)


async def test_a_long_thought_keeps_its_unit(stack: Stack, app: TestApp) -> None:
    """A hold that would lapse is renewed for as long as the brain thinks."""

    async def ponder(request: TurnRequest, tell: Tell | None) -> Turn:
        await asyncio.sleep(2.4)
        return await nod(request, tell)

    async with house(
        stack.admin.store, app.tenant(), hold_s=2, brain=ScriptedBrain(ponder)
    ) as home:
        assert (await home.say()).reply == "Yes."
        assert await home.used() == 1


async def test_a_server_that_dies_in_between_leaves_nothing(stack: Stack, app: TestApp) -> None:
    """Its hold lapses by itself; what comes too late is neither charged nor kept."""
    async with house(stack.admin.store, app.tenant(), hold_s=1) as home:
        session, hold = home.session(), new_id()
        await home.store.begin(session, "say", hold, known_rev="", most_turns=10)
        assert await home.used() == 1

        async def has_lapsed() -> bool:
            return await home.used() == 0

        await until(has_lapsed)
        said = await home.say(player="anon")
        with pytest.raises(StoreUnavailable):
            await home.store.end_turn(session, "say", hold, "Hello.", said)
        assert not await memory_keys(stack.admin.store, home.tenant, home.character_id, ["ada"])
        assert await home.used() == 1


@pytest.mark.parametrize("what", ["gone", "revoked"])
async def test_a_unit_is_not_held_for_what_is_refused_when_asked_again(
    stack: Stack, app: TestApp, what: str
) -> None:
    """The first answer was lost, and meanwhile the character was deleted, or the token revoked."""
    async with house(stack.admin.store, app.tenant()) as home:
        session, hold = home.session(), new_id()
        await home.store.begin(session, "say", hold, known_rev="", most_turns=10)
        assert await home.used() == 1
        if what == "gone":
            await stack.admin.store.write("DEL", keyspace.world(home.tenant, home.character_id))
        else:
            lease = keyspace.lease(home.tenant, session.jti)
            await stack.admin.store.write("HSET", lease, "revoked", "1")
        with pytest.raises(NotFound if what == "gone" else InvalidCredential):
            await home.store.begin(session, "say", hold, known_rev="", most_turns=10)
        assert await home.used() == 0


async def test_a_turn_that_is_ended_twice_is_one(stack: Stack, app: TestApp) -> None:
    """The store is asked again when its answer was lost."""
    async with house(stack.admin.store, app.tenant()) as home:
        session, hold = home.session(), new_id()
        for _ in range(2):
            await home.store.begin(session, "say", hold, known_rev="", most_turns=10)
        assert await home.used() == 1
        said = await home.say(player="anon")
        for _ in range(3):
            await home.store.end_turn(session, "say", hold, "Hello.", said)
        found = await home.store.look(session, known_rev="", most_turns=10)
        assert (found.memory.last, len(found.memory.turns)) == (1, 1)
        assert await home.used() == 2


async def test_a_character_that_is_deleted_meanwhile(stack: Stack, app: TestApp) -> None:
    """The turn that was thought about is not charged, and leaves nothing."""
    store = stack.admin.store

    async def be_deleted(request: TurnRequest, tell: Tell | None) -> Turn:
        await store.write("DEL", keyspace.world(app.tenant(), home.character_id))
        return await nod(request, tell)

    async with house(store, app.tenant(), brain=ScriptedBrain(be_deleted)) as home:
        with pytest.raises(NotFound):
            await home.say()
        assert await home.used() == 0
        assert not await memory_keys(store, home.tenant, home.character_id, ["ada"])


async def test_a_revoked_token_is_refused_by_all(stack: Stack, app: TestApp) -> None:
    """In the very script that would take a unit: nothing is taken."""
    async with house(stack.admin.store, app.tenant()) as home:
        session = home.session()
        lease = keyspace.lease(home.tenant, session.jti)
        await stack.admin.store.write("HSET", lease, "revoked", 1)
        for call in (
            home.talk.say(session, NewTurn(home.character_id, "Hello.")),
            home.memories.resume(session, home.character_id),
            home.memories.read(session, home.character_id),
            home.memories.consolidate(session, home.character_id),
        ):
            with pytest.raises(InvalidCredential):
                await call
        assert await home.used() == 0


async def test_the_oldest_turns_go(stack: Stack, app: TestApp) -> None:
    """What is kept of a player is bounded in turns and in bytes; how many there were is still known."""
    few = MemorySettings(turns=5)
    async with house(stack.admin.store, app.tenant(), memory=few) as home:
        for n in range(12):
            await home.say(f"Number {n}.")
        found = await home.store.look(home.session(), known_rev="", most_turns=100)
        assert [turn.text for turn in found.memory.turns] == [f"Number {n}." for n in range(7, 12)]
        assert found.memory.message_count == 24
        summary, count = await home.fold()
        assert (summary, count) == (" ".join(f"Number {n}. Yes." for n in range(7, 12)), 24)
    small = MemorySettings(turn_bytes=32_768)
    async with house(stack.admin.store, app.tenant(), memory=small) as home:
        for n in range(8):
            await home.say(f"{n} " + "🐝🌻" * 900)
        found = await home.store.look(home.session(), known_rev="", most_turns=100)
        assert len(found.memory.turns) == 4
        key = keyspace.memory(home.tenant, home.character_id, "")
        hashes = await stack.admin.store.read(
            "ZRANGE", keyspace.memories(home.tenant, home.character_id), 0, -1
        )
        counted = int(await stack.admin.store.read("HGET", key + hashes[0].decode(), "bytes"))
        assert counted <= 32_768


async def test_who_does_not_come_back_is_forgotten(stack: Stack, app: TestApp) -> None:
    """By the store itself, and off the index with another's turn; whoever is back is remembered from then on."""
    store = stack.admin.store
    async with house(store, app.tenant(), memory=MemorySettings(idle_days=1)) as home:
        for player in ("ada", "bee"):
            await home.say(player=player)
        index = keyspace.memories(home.tenant, home.character_id)
        keys = {
            player: keyspace.memory(home.tenant, home.character_id, hash_of(player))
            for player in ("ada", "bee")
        }
        for key in keys.values():
            await store.write("PEXPIRE", key, 1_000_000)
        await home.memories.read(home.session(), home.character_id)
        assert await store.read("PTTL", keys["ada"]) <= 1_000_000
        await home.memories.resume(home.session(), home.character_id)
        assert 1_000_000 < await store.read("PTTL", keys["ada"]) <= 86_400_000
        for player in keys:  # both were here long ago
            await store.write("ZADD", index, 1, hash_of(player))
        await home.memories.resume(home.session(), home.character_id)
        await home.say(player="cat")
        assert await store.read("EXISTS", keys["bee"]) == 0
        assert await store.read("EXISTS", keys["ada"]) == 1
        assert await store.read("ZCARD", index) == 2


async def test_a_character_remembers_so_many(stack: Stack, app: TestApp) -> None:
    """Who was idle longest goes first."""
    store = stack.admin.store
    async with house(store, app.tenant(), memory=MemorySettings(players=3)) as home:
        names = [f"player {n}" for n in range(5)]
        for name in names:
            await home.say(player=name)
        assert await memory_keys(store, home.tenant, home.character_id, names[:2]) == 1
        assert await memory_keys(store, home.tenant, home.character_id, names[2:]) == 4


async def test_turns_and_summaries_race_without_loss(stack: Stack, app: TestApp) -> None:
    """Turns that arrive while others are folded are neither lost nor told twice."""
    async with house(stack.admin.store, app.tenant()) as home:
        work: list[Any] = [home.say(f"Number {n}.") for n in range(30)]
        for at in (25, 20, 15, 10, 5):
            work.insert(at, home.fold())
        await asyncio.gather(*work)
        summary, count = await home.fold()
        assert count == 60
        assert summary is not None
        assert all(summary.count(f"Number {n}.") == 1 for n in range(30))
        found = await home.store.look(home.session(), known_rev="", most_turns=100)
        assert found.memory.turns == ()


async def test_only_one_folds_at_a_time(stack: Stack, app: TestApp) -> None:
    """However many pages of a player are left at once, the brain is asked once."""
    hold_on, begun = asyncio.Event(), asyncio.Event()

    async def remember(request: MemoryRequest) -> Remembered:
        begun.set()
        await hold_on.wait()
        return Remembered("We talked.", "You again.")

    brain = ScriptedBrain(memories=remember)
    async with house(stack.admin.store, app.tenant(), brain=brain) as home:
        await home.say()
        first = asyncio.create_task(home.fold())
        await begun.wait()
        assert await asyncio.gather(*(home.fold() for _ in range(10))) == [(None, 2)] * 10
        await home.say("And one more.")
        hold_on.set()
        assert await first == ("We talked.", 4)
        assert await home.fold() == ("We talked.", 4)
        assert [len(request.turns) for request in brain.remembered] == [2, 2]
        assert brain.remembered[1].summary == "We talked."


async def test_a_page_that_leaves_is_folded_all_the_same(stack: Stack, app: TestApp) -> None:
    """Also when its connection is gone before the brain has answered."""
    hold_on, begun = asyncio.Event(), asyncio.Event()

    async def remember(request: MemoryRequest) -> Remembered:
        begun.set()
        await hold_on.wait()
        return Remembered("We talked.", "You again.")

    async with house(
        stack.admin.store, app.tenant(), brain=ScriptedBrain(memories=remember)
    ) as home:
        await home.say()
        leaving = asyncio.create_task(home.fold())
        await begun.wait()
        leaving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaving
        hold_on.set()

        async def is_folded() -> bool:
            memory = await home.memories.read(home.session(), home.character_id)
            return memory.summary == "We talked."

        await until(is_folded)


@pytest.mark.parametrize("answer", [BrainError("tired"), Remembered(" ", "x")])
async def test_leaving_never_fails_for_the_brain(
    stack: Stack, app: TestApp, answer: BrainError | Remembered
) -> None:
    """The summary is then made from the very words."""

    async def remember(request: MemoryRequest) -> Remembered:
        if isinstance(answer, BrainError):
            raise answer
        return answer

    async with house(
        stack.admin.store, app.tenant(), brain=ScriptedBrain(memories=remember)
    ) as home:
        await home.say("I am from Arbroath.")
        summary, count = await home.fold()
        assert count == 2
        assert summary is not None
        assert "Arbroath" in summary


async def test_what_was_forgotten_does_not_come_back(stack: Stack, app: TestApp) -> None:
    """A summary that was being made when its player was forgotten is not stored, also after a new turn."""

    async def remember(request: MemoryRequest) -> Remembered:
        await home.store.forget(home.tenant, home.character_id, "ada")
        await home.say("Somebody new.")
        return Remembered("What was said before.", "You again.")

    async with house(
        stack.admin.store, app.tenant(), brain=ScriptedBrain(memories=remember)
    ) as home:
        await home.say("A secret.")
        assert await home.fold() == (None, 2)
        memory = await home.memories.read(home.session(), home.character_id)
        assert (memory.summary, memory.message_count) == (None, 2)


async def test_what_the_brain_is_asked(stack: Stack, app: TestApp) -> None:
    """What the page gives counts, else what is remembered; what is stored goes before the page's memory."""
    async with house(stack.admin.store, app.tenant()) as home:
        session = home.session()

        async def ask(**fields: Any) -> TurnRequest:
            said = f"And now? {len(home.brain.asked)}"
            await home.talk.say(session, NewTurn(home.character_id, said, **fields))
            return home.brain.asked[-1]

        first = await ask(memory=b'{"summary": "The page says so."}', stance="glad")
        assert (first.summary, first.stance, first.history) == ("The page says so.", "glad", ())
        second = await ask(stance="nowhere")
        assert (second.stance, [line.text for line in second.history]) == (
            "calm",
            ["And now? 0", "Yes."],
        )
        assert second.affect == Affect(v=0.1)
        assert second.seed != first.seed
        await home.fold()
        third = await ask(
            memory=b'"The page says so."', history=(("user", "Hi."),), affect=(1.0, 0.0, 0.0, 0.0)
        )
        assert third.summary == "And now? 0 Yes. And now? 1 Yes."
        assert [line.text for line in third.history] == ["Hi."]
        assert third.affect == Affect(v=1.0)
        for _ in range(25):
            last = await ask()
        assert len(last.history) == 40  # 20 turns


@pytest.mark.parametrize(
    "members",
    [
        {"reply": f"I am told: {PERSONA}"},
        {"reply": PERSONA.upper().replace(" ", " *-* ")},
        {"action": Action("show_image", PERSONA)},
    ],
)
async def test_a_brain_that_gives_itself_away_is_not_heard(
    stack: Stack, app: TestApp, members: dict[str, Any]
) -> None:
    """Its answer does not leave, costs nothing and is not kept."""
    async with house(stack.admin.store, app.tenant(), brain=answering(**members)) as home:
        with pytest.raises(BrainUnavailable):
            await home.say()
        assert await home.used() == 0
        assert not await memory_keys(stack.admin.store, home.tenant, home.character_id, ["ada"])


async def test_nor_is_it_remembered(stack: Stack, app: TestApp) -> None:
    """A summary or a welcome that has the brain's words is not kept."""

    async def remember(request: MemoryRequest) -> Remembered:
        return Remembered("They talked of bees.", PERSONA)

    async with house(
        stack.admin.store, app.tenant(), brain=ScriptedBrain(memories=remember)
    ) as home:
        await home.say("I am from Arbroath.")
        summary, _ = await home.fold()
        assert summary is not None
        assert "Arbroath" in summary  # of what was said, instead
        _, welcome = await home.memories.resume(home.session(), home.character_id)
        assert PERSONA not in welcome


async def test_over_the_quota_nothing_is_asked(stack: Stack, app: TestApp) -> None:
    await app.set_caps(say=1)
    async with house(stack.admin.store, app.tenant()) as home:
        await home.say()
        with pytest.raises(QuotaExceeded):
            await home.say()
        assert len(home.brain.asked) == 1
        assert await home.used() == 1
