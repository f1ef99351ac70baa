"""A desk does one thing at a time, and one of each app after the other."""

from __future__ import annotations

import asyncio
import threading

import pytest

from conjure.core.context import WORKING_FOR
from conjure.providers.pictures.desk import Desk


async def test_who_brings_many_holds_up_nobody_else():
    desk, may_go_on, done = Desk("test"), threading.Event(), []

    async def bring(app: str, number: int) -> None:
        WORKING_FOR.set(app)
        await desk.do(lambda: may_go_on.wait(10) and done.append(f"{app}{number}"))

    brought = [
        asyncio.create_task(bring(*each)) for each in (*(("a", n) for n in range(5)), ("b", 0))
    ]
    await asyncio.sleep(0)
    brought[3].cancel()
    await asyncio.sleep(0)
    may_go_on.set()
    await asyncio.wait(brought)
    assert done.index("b0") <= 2
    assert sorted(done) == ["a0", "a1", "a2", "a4", "b0"]


async def test_what_fails_fails_for_who_brought_it():
    desk = Desk("test")
    with pytest.raises(ZeroDivisionError):
        await desk.do(lambda: 1 // 0)
    assert await desk.do(lambda: 1) == 1
