"""The security epoch: how every process hears within a second that a key was revoked.

Each process asks the store for one value several times a second. A change tells it to forget what it
has cached about keys; silence, for whatever reason (store down, network half open, this process stalled),
makes it stop trusting its cache. A published message could be lost and nobody would know; a missing
answer cannot be missed. Cost: five one-word reads a second and process.

What is revoked and the epoch are in two slots, so a change has two steps on the epoch, one on either side of
it. Between them nobody trusts a cache; should whoever makes the change die there, processes settle it by
themselves once it must be over, and forget.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from typing import TYPE_CHECKING, Final

import structlog

from conjure.core.background import Background
from conjure.core.errors import AppError, StoreUnavailable
from conjure.store import keyspace
from conjure.store.client import Script

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from conjure.store.client import Store

log = structlog.get_logger(__name__)

_SETTLE: Final = Script("conjure.store", "settle_epoch")
_CHANGING: Final = "changing:"
_CHANGE_S: Final = 30.0
"""How long a change may be under way: longer than the store's patience, also over a failover."""


class SecurityEpoch(Background):
    """Watches the epoch while it is entered."""

    def __init__(self, store: Store, *, poll_s: float, limit_s: float) -> None:
        self._store = store
        self._poll_s = poll_s
        self._limit_s = limit_s
        self._value: bytes | None = None
        self._changing_until = 0.0
        self._trusted_until = 0.0
        self._listeners: list[Callable[[], None]] = []

    @property
    def is_fresh(self) -> bool:
        """Whether what was cached under this epoch may be relied on at this moment."""
        return asyncio.get_running_loop().time() < self._trusted_until

    def on_change(self, forget: Callable[[], None]) -> None:
        """Calls `forget` whenever the epoch moves."""
        self._listeners.append(forget)

    async def _work(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            asked = loop.time()
            try:
                value = await self._store.read("GET", keyspace.security_epoch())
            except AppError:
                log.warning("the security epoch cannot be read; cached keys lapse")
            else:
                self._hear(value, asked)
            await asyncio.sleep(self._poll_s)

    def _hear(self, value: bytes | None, asked: float) -> None:
        """Takes in the epoch as it was at `asked`, or a little later."""
        if value != self._value:
            self._value = value
            is_changing = value is not None and value.startswith(_CHANGING.encode())
            self._changing_until = asked + _CHANGE_S if is_changing else 0.0
            self._forget()
        if asked < self._changing_until:
            self._trusted_until = 0.0
            return
        if self._changing_until:  # it was never settled: whatever was done is done by now
            self._changing_until = 0.0
            self._forget()
        # Counted from the moment of asking: the answer is at least that old.
        self._trusted_until = asked + self._limit_s

    def _forget(self) -> None:
        for forget in self._listeners:
            forget()


async def is_settled(store: Store) -> bool:
    """Whether no change is under way, nor was left in its middle. Raises StoreUnavailable."""
    value = await store.read("GET", keyspace.security_epoch())
    return value is None or not value.startswith(_CHANGING.encode())


@contextlib.asynccontextmanager
async def changing(store: Store) -> AsyncIterator[None]:
    """Around a write after which every process must forget its cached keys. Repeating it does no harm.

    The epoch moves to values that were never there: a counter that a failover set back would come to the same
    number again, and a process that had seen that one would not know that a key was revoked.
    Raises StoreUnavailable, OutcomeUnknown; what happens around it then is settled by time.
    """
    key, settled = keyspace.security_epoch(), secrets.token_hex(8)
    under_way = _CHANGING + settled
    await store.write("SET", key, under_way)
    try:
        yield
    except StoreUnavailable:  # nothing was changed, so there is nothing to wait for
        await store.effect(_SETTLE, [key], [under_way, settled, _CHANGING])
        raise
    await store.effect(_SETTLE, [key], [under_way, settled, _CHANGING])
