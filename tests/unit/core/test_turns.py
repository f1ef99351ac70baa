"""Slots that holders share: one after the other, and no holder has more than it may."""

from __future__ import annotations

import asyncio

from conjure.core.turns import RoundRobin


async def settle() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


class Works:
    """Pieces of work that end when they are told to."""

    def __init__(self, turns: RoundRobin) -> None:
        self.turns = turns
        self.begun: list[str] = []
        self.ends: list[asyncio.Event] = []

    def start(self, holder: str) -> asyncio.Task[None]:
        async def work() -> None:
            async with self.turns.turn(holder):
                self.begun.append(holder)
                self.ends.append(end := asyncio.Event())
                await end.wait()

        return asyncio.create_task(work())

    async def end_first(self) -> None:
        self.ends.pop(0).set()
        await settle()


async def test_who_comes_last_is_not_last():
    works = Works(RoundRobin(2))
    tasks = [works.start("a") for _ in range(9)]
    await settle()
    tasks.append(works.start("b"))
    await settle()
    while works.ends:
        await works.end_first()
    assert works.begun == list("aaabaaaaaa")
    await asyncio.gather(*tasks)


async def test_a_holder_leaves_slots_to_others():
    works = Works(RoundRobin(3, most_each=2))
    tasks = [works.start("a") for _ in range(5)]
    await settle()
    assert works.begun == ["a", "a"]
    tasks.append(works.start("b"))
    await settle()
    assert works.begun == ["a", "a", "b"]
    while works.ends:
        await works.end_first()
    assert sorted(works.begun) == list("aaaaab")
    await asyncio.gather(*tasks)


async def test_what_is_cancelled_takes_no_slot_along():
    works = Works(RoundRobin(1, most_each=1))
    first, second, third = (works.start(name) for name in "aab")
    await settle()
    works.ends.pop(0).set()
    await asyncio.sleep(0)
    second.cancel()  # perhaps just when it is given the slot
    await settle()
    assert works.begun[-1] == "b"
    await works.end_first()
    await asyncio.wait({first, second, third})
    again = works.start("c")
    await settle()
    assert works.begun[-1] == "c"
    await works.end_first()
    await again
