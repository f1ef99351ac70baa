"""The security epoch: how every process hears within a second that a key was revoked.

Each process asks the store for one value several times a second. A change tells it to forget what it
has cached about keys; silence, for whatever reason (store down, network half open, this process stalled),
makes it stop trusting its cache. A published message could be lost and nobody would know; a missing
answer cannot be missed. Cost: five one-word reads a second and process.
"""

from __future__ import annotations

import asyncio
import secrets
from typing import TYPE_CHECKING

import structlog

from conjure.core.background import Background
from conjure.core.errors import AppError
from conjure.store import keyspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from conjure.store.client import Store

log = structlog.get_logger(__name__)


class SecurityEpoch(Background):
    """Watches the epoch while it is entered."""

    def __init__(self, store: Store, *, poll_s: float, limit_s: float) -> None:
        self._store = store
        self._poll_s = poll_s
        self._limit_s = limit_s
        self._value: bytes | None = None
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
                if value != self._value:
                    self._value = value
                    for forget in self._listeners:
                        forget()
                # Counted from the moment of asking: the answer is at least that old.
                self._trusted_until = asked + self._limit_s
            await asyncio.sleep(self._poll_s)


async def advance(store: Store) -> None:
    """Moves the epoch: every process forgets its cached keys. Repeating it does no harm.

    To a value that was never there: a counter that a failover set back would come to the same number
    again, and a process that had seen that one would not know that a key was revoked.
    """
    await store.write("SET", keyspace.security_epoch(), secrets.randbits(62))
