"""What takes long is done beside the event loop: once, one thing at a time, and charged."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import pytest

from conjure.core.beside import Beside, Readings
from conjure.core.context import CURRENT_CALL
from conjure.core.lru import LruCache


class Reader:
    """Reads slowly; knows how many of it read at the same time, and in which threads."""

    def __init__(self) -> None:
        self.read: list[str] = []
        self.threads: set[int] = set()
        self.now = self.most = 0

    def __call__(self, key: str) -> str:
        self.now += 1
        self.most = max(self.most, self.now)
        self.threads.add(threading.get_ident())
        time.sleep(0.02)
        self.now -= 1
        self.read.append(key)
        if key == "bad":
            raise ValueError(key)
        return key.upper()


def readings(reader: Reader) -> Readings[str, str]:
    cache: LruCache[str, str] = LruCache(100)
    return Readings(reader, known=cache.get, keep=cache.put, is_quick=lambda key: len(key) == 1)


async def test_each_is_read_once() -> None:
    """Also when many ask before it is there."""
    reader = Reader()
    of = readings(reader).of
    assert await asyncio.gather(*(of("long") for _ in range(20))) == ["LONG"] * 20
    assert await of("long") == "LONG"
    assert reader.read == ["long"]


async def test_one_is_read_at_a_time_whoever_leaves() -> None:
    """A thread goes on when its caller leaves: so does its turn."""
    reader = Reader()
    of = readings(reader).of
    for number in range(6):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.005):
                await of(f"key {number}")
    assert await of("last") == "LAST"
    assert reader.most == 1
    assert threading.get_ident() not in reader.threads


async def test_what_is_quick_is_read_at_once() -> None:
    reader = Reader()
    assert await readings(reader).of("a") == "A"
    assert reader.threads == {threading.get_ident()}


async def test_a_failure_is_told_and_nobody_waits_for_ever() -> None:
    of = readings(Reader()).of
    for _ in range(2):
        with pytest.raises(ValueError, match="bad"):
            await of("bad")
    assert await of("good") == "GOOD"


async def test_it_is_charged_to_the_call() -> None:
    """By the time of a processor that it took."""

    class Call:
        app = "app"
        seconds = 0.0

        def worked(self, seconds: float) -> None:
            self.seconds += seconds

    call: Any = Call()
    token = CURRENT_CALL.set(call)
    try:
        assert await Beside().run(lambda: sum(range(300_000)))
    finally:
        CURRENT_CALL.reset(token)
    assert 0 < call.seconds < 5
