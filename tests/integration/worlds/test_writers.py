"""Many writers of one world: every acknowledged write is its own revision, and none is lost (CONTRACT 0, 3)."""

from __future__ import annotations

import asyncio
import json

import pytest

from conjure.core.errors import Reason
from conjure.core.ids import new_id
from conjure.settings import WorldSettings
from conjure.worlds.model import Summary
from conjure.worlds.store import WorldStore
from support.revs import number
from support.rpc import Client, outcomes, refused
from support.worlds import small_world

WRITERS = 64


def wide_world() -> dict:
    """A world with a state for each writer."""
    world = small_world()
    world["scene"]["states"] |= {f"room {n}": {"base": f"Room {n}."} for n in range(WRITERS)}
    return world


async def current(caller: Client, world_id: str) -> tuple[str, int]:
    """The entrance and the number of the revision as the store has them."""
    scene = await caller.scene(world_id)
    return scene.entrance.state, number(scene.rev)


async def test_each_acknowledged_write_is_a_revision_of_its_own(both):
    world_id = (await both[0].create(wide_world())).world_id
    answers = await asyncio.gather(
        *(both[n % 2].set_entrance(world_id, f"room {n}") for n in range(WRITERS))
    )
    by_rev = {
        number(answer.result.rev): json.loads(answer.result.world.json)["entrance"]["state"]
        for answer in answers
    }
    assert sorted(by_rev) == list(range(2, WRITERS + 2))
    assert sorted(by_rev.values()) == sorted(f"room {n}" for n in range(WRITERS))
    for caller in both:
        assert await current(caller, world_id) == (by_rev[WRITERS + 1], WRITERS + 1)


async def test_each_answer_shows_the_writers_own_write(both):
    world_id = (await both[0].create(wide_world())).world_id

    async def write(n: int) -> None:
        answer = await both[n % 2].set_entrance(world_id, f"room {n}", src=f"https://x.test/{n}")
        assert json.loads(answer.result.world.json)["entrance"] == {
            "state": f"room {n}",
            "image": {"src": f"https://x.test/{n}"},
        }

    await asyncio.gather(*map(write, range(WRITERS)))


@pytest.mark.parametrize("how", ["if_match", "expected_rev"])
async def test_of_those_who_assert_one_revision_exactly_one_wins(both, how):
    world_id = (await both[0].create(wide_world())).world_id
    await asyncio.gather(*(caller.scene(world_id) for caller in both))
    answers, reasons = await outcomes(
        both[n % 2].set_entrance(world_id, f"room {n}", **{how: "1"}) for n in range(WRITERS)
    )
    assert reasons == {Reason.REVISION_CONFLICT: WRITERS - 1}
    (winner,) = answers
    assert number(winner.result.rev) == 2
    state = json.loads(winner.result.world.json)["entrance"]["state"]
    for caller in both:
        assert await current(caller, world_id) == (state, 2)


async def test_refused_writes_move_no_revision(both):
    world_id = (await both[0].create(wide_world())).world_id
    calls = [both[n % 2].set_entrance(world_id, f"nowhere {n}") for n in range(32)]
    calls += [both[n % 2].set_entrance(world_id, f"room {n}") for n in range(32)]
    answers, reasons = await outcomes(calls)
    assert reasons == {Reason.KERNEL_REFUSED: 32}
    assert sorted(number(answer.result.rev) for answer in answers) == list(range(2, 34))
    assert (await current(both[0], world_id))[1] == 33


async def test_a_stale_working_copy_answers_rightly(both):
    """One process wrote; the other, which has an old copy, answers as the store would."""
    here, there = both
    world_id = (await here.create(wide_world())).world_id
    assert await current(here, world_id) == ("hall", 1)

    await there.set_entrance(world_id, "room 1")
    await refused(here.set_entrance(world_id, "cellar", if_match="1"), Reason.REVISION_CONFLICT)

    theirs = (await there.set_entrance(world_id, "room 2")).result.rev
    answer = await here.set_entrance(world_id, "room 3", if_match=f'"{theirs}"')
    assert number(answer.result.rev) == 4

    await there.set_entrance(world_id, "room 4", src="https://x.test/theirs")
    answer = await here.set_entrance(world_id, "room 5")
    assert number(answer.result.rev) == 6
    assert json.loads(answer.result.world.json)["entrance"] == {
        "state": "room 5",
        "image": {"src": "https://x.test/theirs"},  # their picture is not lost
    }

    await there.set_entrance(world_id, "room 6")
    await refused(here.set_entrance(world_id, "nowhere"), Reason.KERNEL_REFUSED)
    stale = here.set_entrance(world_id, "nowhere", if_match=f'"{answer.result.rev}"')
    await refused(stale, Reason.REVISION_CONFLICT)
    known = (await here.world(world_id)).rev
    await there.set_entrance(world_id, "room 7")
    (minted,) = await here.new_tokens(1, world_id)
    world = json.loads((await here.connect(minted.token)).world.json)
    assert world["entrance"]["state"] == "room 7", "a player gets the newest world"
    await there.set_entrance(world_id, "room 8")
    assert await current(here, world_id) == ("room 8", 9)
    assert (await here.world(world_id, if_none_match=known)).HasField("document")


async def test_a_refusal_on_an_old_copy_is_thought_over(both, stack, app):
    """Somebody else added the room meanwhile: the old copy would refuse what the newest allows."""
    here, _ = both
    world_id = await here.new_world()
    await refused(here.set_entrance(world_id, "attic"), Reason.KERNEL_REFUSED)
    elsewhere = WorldStore(
        stack.admin.store, WorldSettings(cache_entries=1, cache_bytes=1, idempotency_s=60)
    )
    _, base = await elsewhere.get(app.tenant(), world_id)
    world = small_world(id=world_id)
    world["scene"]["states"]["attic"] = {"base": "An attic."}
    text = json.dumps(world).encode()
    await elsewhere.replace(
        app.tenant(), world_id, base, text, Summary.of(world), new_id(), ops=(), asset_names=None
    )
    answer = await here.set_entrance(world_id, "attic")
    assert number(answer.result.rev) == 3


async def test_readers_beside_writers_see_whole_revisions_that_only_grow(both):
    """A read never mixes two writes, and a reader's next read is never older."""
    world_id = (await both[0].create(wide_world())).world_id
    written = {"1": ("hall", "https://example.com/hall.png")}
    done = asyncio.Event()

    async def write(n: int) -> None:
        src = f"https://x.test/{n}"
        answer = await both[n % 2].set_entrance(world_id, f"room {n}", src=src)
        written[answer.result.rev] = (f"room {n}", src)

    seen: list[tuple[str, tuple[str, str]]] = []

    async def read(caller: Client) -> None:
        last = 0
        while not done.is_set():
            scene = await caller.scene(world_id)
            assert number(scene.rev) >= last
            last = number(scene.rev)
            seen.append((scene.rev, (scene.entrance.state, scene.entrance.image.src)))

    readers = [asyncio.ensure_future(read(caller)) for caller in both]
    await asyncio.gather(*map(write, range(WRITERS)))
    done.set()
    await asyncio.gather(*readers)
    assert len({rev for rev, _ in seen}) > 1, "the readers ran beside the writers"
    for rev, entrance in seen:
        assert written[rev] == entrance


async def test_writers_of_different_worlds_do_not_meet(both):
    ids = [(await both[0].create()).world_id for _ in range(8)]
    answers = await asyncio.gather(
        *(both[n % 2].set_entrance(ids[n % 8], ("hall", "cellar")[n % 2]) for n in range(64))
    )
    assert sorted(number(answer.result.rev) for answer in answers) == sorted(list(range(2, 10)) * 8)


async def test_a_write_that_was_cancelled_happened_once_or_not_at_all(both):
    world_id = (await both[0].create(wide_world())).world_id
    calls = []
    for n in range(WRITERS):
        call = both[n % 2].set_entrance(world_id, f"room {n}")
        calls.append(call)
        if n % 2 == 0:
            asyncio.get_running_loop().call_later(0.001 * (n % 16), call.cancel)
    done = await asyncio.gather(*calls, return_exceptions=True)
    acknowledged = [number(item.result.rev) for item in done if not isinstance(item, BaseException)]
    assert len(set(acknowledged)) == len(acknowledged) >= WRITERS // 2
    _, rev = await current(both[1], world_id)
    assert max(acknowledged) <= rev <= WRITERS + 1
    assert number((await both[0].set_entrance(world_id, "hall")).result.rev) == rev + 1
