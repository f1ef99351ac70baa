"""Whose heavy call is next: a number of slots, rounds, bounds, whatever leaves at whatever moment."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.errors import Overloaded, RateLimited
from conjure.rpc.heavy.turns import Turns

MOST_CALLS = 8
MOST_BYTES = 100

# What happens, one after the other: a call comes, one that is there leaves (running or not), the loop turns.
CALLS = st.tuples(st.just("call"), st.sampled_from("abc"), st.integers(0, 60))
LEAVES = st.tuples(st.sampled_from(["end", "cancel"]), st.integers(0, 20))
EVENTS = st.lists(CALLS | LEAVES | st.tuples(st.just("turn")), max_size=60)


async def settle() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


class Model:
    """Turns, and all that took one."""

    def __init__(self, slots: int) -> None:
        self.turns = Turns(slots, most_calls=MOST_CALLS, most_bytes=MOST_BYTES)
        self.slots = slots
        self.tasks: dict[asyncio.Task[None], tuple[str, int]] = {}
        self.running: list[str] = []
        self.refused: list[type[Exception]] = []
        self.begun: list[str] = []
        self.ends: dict[asyncio.Task[None], asyncio.Event] = {}

    def call(self, holder: str, size: int) -> asyncio.Task[None]:
        done = asyncio.Event()

        async def work() -> None:
            try:
                turn = await self.turns.take(holder, size)
            except (Overloaded, RateLimited) as error:
                self.refused.append(type(error))
                return
            self.running.append(holder)
            self.begun.append(holder)
            assert len(self.running) <= self.slots
            try:
                await done.wait()
            finally:
                self.running.remove(holder)
                turn.end()

        task = asyncio.get_running_loop().create_task(work())
        self.tasks[task] = (holder, size)
        self.ends[task] = done
        return task

    def there(self) -> list[asyncio.Task[None]]:
        return [task for task in self.tasks if not task.done()]

    def check(self) -> None:
        held = [self.tasks[task] for task in self.there()]
        assert self.turns.calls == len(held) <= MOST_CALLS
        assert self.turns.bytes == sum(size for _, size in held)
        if len(held) > 1:
            assert self.turns.bytes <= MOST_BYTES
        for holder, calls in Counter(holder for holder, _ in held).items():
            mine = sum(size for other, size in held if other == holder)
            assert calls == 1 or (2 * calls <= MOST_CALLS and 2 * mine <= MOST_BYTES)
        # No slot is idle while somebody waits.
        assert len(self.running) == min(self.slots, len(held))


@given(st.integers(1, 3), EVENTS)
def test_bounds_hold_and_no_slot_is_lost(slots, events):
    async def run() -> None:
        model = Model(slots)
        for event in events:
            match event:
                case ("call", holder, size):
                    model.call(holder, size)
                case ("turn",):
                    await settle()
                    model.check()
                case (how, number):
                    there = model.there()
                    if there:
                        task = there[number % len(there)]
                        model.ends[task].set() if how == "end" else task.cancel()
        while there := model.there():  # nobody starves: who is let end, ends
            await settle()
            model.check()
            for task in there:
                model.ends[task].set()
        assert (model.turns.calls, model.turns.bytes) == (0, 0)
        # All slots are there again.
        again = [model.call(str(number), 0) for number in range(slots)]
        await settle()
        assert len(model.running) == slots
        for task in again:
            task.cancel()
        await asyncio.wait(again)

    asyncio.run(run())


@given(st.lists(st.sampled_from("abc"), min_size=1, max_size=8))
def test_holders_take_turns(holders):
    async def run() -> None:
        model = Model(1)
        first = model.call("first", 0)
        await settle()
        for holder in holders[: MOST_CALLS - 1]:
            model.call(holder, 0)
        await settle()
        waiting = [model.tasks[task][0] for task in model.there()][1:]
        model.ends[first].set()
        while model.there():
            await settle()
            for task in model.there():
                model.ends[task].set()
        # In each round every holder that still waits has one call, in the order in which they came.
        rounds = []
        left = list(waiting)
        while left:
            order = list(dict.fromkeys(left if not rounds else sorted(left, key=waiting.index)))
            rounds += order
            for holder in order:
                left.remove(holder)
        assert model.begun[1:] == rounds

    asyncio.run(run())


async def test_one_holder_has_at_most_half():
    model = Model(1)
    for _ in range(MOST_CALLS):
        model.call("greedy", 1)
    await settle()
    assert model.turns.calls == MOST_CALLS // 2
    assert model.refused == [RateLimited] * (MOST_CALLS // 2)
    modest = model.call("modest", MOST_BYTES - model.turns.bytes)
    await settle()
    assert not modest.done()
    tasks = model.there()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


async def test_a_first_call_fits_whatever_its_size():
    turns = Turns(1, most_calls=1, most_bytes=1)
    turn = await turns.take("a", 1_000_000)
    with pytest.raises(Overloaded):
        await turns.take("b", 0)
    turn.end()
    (await turns.take("b", 1_000_000)).end()


async def test_a_call_that_leaves_just_when_another_ends_does_not_take_the_slot_along():
    turns = Turns(1, most_calls=8, most_bytes=100)
    running = await turns.take("a", 0)
    leaving = asyncio.create_task(turns.take("b", 0))
    staying = asyncio.create_task(turns.take("c", 0))
    await settle()
    leaving.cancel()  # its future is cancelled, and its task has not run yet
    running.end()
    async with asyncio.timeout(5):
        (await staying).end()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert turns.calls == 0
