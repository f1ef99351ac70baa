"""Work beside the loop: done once for all who ask meanwhile, and whoever leaves takes nothing from the others."""

from __future__ import annotations

import asyncio
import threading

import pytest

from conjure.core.aside import Aside


async def test_who_asks_meanwhile_gets_the_same():
    aside, go, made = Aside(), threading.Event(), []

    def make(key):
        go.wait(60)
        made.append(key)
        return object()

    asking = [asyncio.create_task(aside.made("a", make)) for _ in range(50)]
    other = asyncio.create_task(aside.made("b", make))
    await asyncio.sleep(0)
    asking[0].cancel()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await asking[0]
    assert len(set(await asyncio.gather(*asking[1:]))) == 1
    await other
    assert sorted(made) == ["a", "b"]
    await aside.made("a", make)
    assert sorted(made) == ["a", "a", "b"]


async def test_what_fails_fails_for_all_and_is_tried_again():
    aside, fails = Aside(), True

    def make(key):
        if fails:
            raise LookupError
        return key

    found = await asyncio.gather(*(aside.made("a", make) for _ in range(3)), return_exceptions=True)
    assert [type(error) for error in found] == [LookupError] * 3
    fails = False
    assert await aside.made("a", make) == "a"
