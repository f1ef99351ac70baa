"""A store that is being restored says so, from before its first key until after its last.

A restore that dies in between leaves a store that looks like one and is not. So servers do not start on it
(store/format.py), and nobody makes a backup of it; the next restore removes what there is and begins anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time
from typing import TYPE_CHECKING, Final

from conjure.core.errors import AppError
from conjure.store import keyspace
from conjure.store.client import Script
from conjure.store.format import said

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.store.client import Store, Value

_KEEP: Final = Script("conjure.store", "keep_turn")
_TURN_MS: Final = 30_000
_RENEW_S: Final = 4.0
_LOOK_S: Final = 0.5


class TurnLost(Exception):
    """Another restore of this store has begun, as nothing was heard of this one for a while."""


async def begin(store: Store, backup: str) -> None:
    """Marks the store; what it says of its format besides is forgotten.

    Raises StoreUnavailable, OutcomeUnknown.
    """
    key = keyspace.store_format()
    await store.write("HSET", key, "restoring", backup)
    others = [name for name in await said(store) if name != "restoring"]
    if others:
        await store.write("HDEL", key, *others)


async def end(store: Store) -> None:
    """Takes the mark away: servers may start. Raises StoreUnavailable, OutcomeUnknown."""
    await store.write("HDEL", keyspace.store_format(), "restoring")


class Turn:
    """The only restore of a store. Use `turn`."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._name = secrets.token_hex(8).encode()
        self._ends = 0.0
        """By this process's clock, and not later than by the store's."""

    def require(self) -> None:
        """Raises TurnLost: also when this process or the store stood still so long that there may be."""
        if time.monotonic() >= self._ends:
            raise TurnLost("another restore of this store has begun, or could have meanwhile")

    async def take(self) -> bool:
        """Takes the turn if nobody has it. Raises StoreUnavailable, OutcomeUnknown."""
        asked = time.monotonic()
        key = keyspace.restoring_turn()
        took = await self._store.write("SET", key, self._name, "NX", "PX", _TURN_MS)
        # Asked twice, where the first answer was lost.
        if took is None and await self._store.read("GET", key) != self._name:
            return False
        self._ends = asked + _TURN_MS / 1000
        return True

    async def keep(self) -> None:
        """Keeps it until it is cancelled, or lost: one that has lapsed is never taken again."""
        while True:
            await asyncio.sleep(_RENEW_S)
            asked = time.monotonic()
            with contextlib.suppress(AppError):  # a moment away: the turn lasts longer
                args: list[Value] = [self._name, _TURN_MS]
                is_mine = await self._store.effect(_KEEP, [keyspace.restoring_turn()], args)
                if not is_mine:
                    self._ends = 0.0
                    return
                self._ends = asked + _TURN_MS / 1000

    async def give_back(self) -> None:
        """Lets the next one begin at once."""
        with contextlib.suppress(AppError):
            if await self._store.read("GET", keyspace.restoring_turn()) == self._name:
                await self._store.write("DEL", keyspace.restoring_turn())


@contextlib.asynccontextmanager
async def turn(store: Store) -> AsyncIterator[Turn]:
    """Waits until no other restore of this store lives, and is the only one for as long as the block lasts.

    Raises StoreUnavailable, OutcomeUnknown.
    """
    mine = Turn(store)
    while not await mine.take():  # noqa: ASYNC110 - it is in the store
        await asyncio.sleep(_LOOK_S)
    keeping = asyncio.create_task(mine.keep(), name="restore-turn")
    try:
        yield mine
    finally:
        keeping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await keeping
        await mine.give_back()
