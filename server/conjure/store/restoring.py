"""A store that is being restored says so, from before its first key until after its last.

A restore that dies in between leaves a store that looks like one and is not. So servers do not start on it
(store/format.py), and nobody makes a backup of it; the next restore removes what there is and begins anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Final

from conjure.core.errors import AppError
from conjure.store import keyspace
from conjure.store.format import said

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from conjure.store.client import Store

_TURN_MS: Final = 15_000
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
        self._is_lost = False

    def require(self) -> None:
        """Raises TurnLost."""
        if self._is_lost:
            raise TurnLost("another restore of this store has begun")

    async def take(self) -> bool:
        """Takes the turn if nobody has it, or keeps it. Raises StoreUnavailable, OutcomeUnknown."""
        key = keyspace.restoring_turn()
        if await self._store.write("SET", key, self._name, "NX", "PX", _TURN_MS) is not None:
            return True
        if await self._store.read("GET", key) != self._name:
            return False
        await self._store.write("SET", key, self._name, "PX", _TURN_MS)
        return True

    async def keep(self) -> None:
        """Keeps it until it is cancelled, or lost."""
        while not self._is_lost:
            await asyncio.sleep(_RENEW_S)
            with contextlib.suppress(AppError):  # a moment away: the turn lasts longer
                self._is_lost = not await self.take()

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
