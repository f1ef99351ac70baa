"""How much of a process each receiver may take: one that is dead delays nobody.

A receiver is tried by few at first. Once it answers, as many deliveries as the setting says go to it at the
same time. After some failures in a row its circuit opens: one try at a time, until one succeeds. All open
ones together have a few places of the process, however many they are and however long each try hangs.

Each process learns by itself: what it knows is gone with it, and costs a few tries to learn again.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from conjure.core.lru import LruCache

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNKNOWN: Final = 2  # tries at the same time of a receiver of which nothing is known
_OPENS_AFTER: Final = 3  # failures in a row; one alone may be a restart
_REMEMBERED: Final = 10_000  # receivers, some 200 bytes each


class Circuits:
    """The receivers that this process has met, by webhook."""

    def __init__(self, *, at_once: int, failing_at_once: int) -> None:
        self._at_once = at_once
        self._failing_at_once = failing_at_once
        self._failures: LruCache[str, int] = LruCache(_REMEMBERED)  # in a row
        self._probes = 0

    def most(self, webhook_id: str) -> int:
        """How many tries may run at the same time; 0: none for now, the places of failing ones are taken."""
        failures = self._failures.get(webhook_id)
        if failures is None:
            return min(_UNKNOWN, self._at_once)
        if failures < _OPENS_AFTER:
            return self._at_once
        return int(self._probes < self._failing_at_once)

    def is_open(self, webhook_id: str) -> bool:
        """Whether it has failed so often that it gets one try at a time."""
        return (self._failures.peek(webhook_id) or 0) >= _OPENS_AFTER

    @contextlib.contextmanager
    def trying(self, webhook_id: str) -> Iterator[None]:
        """Counts a try while the body runs."""
        is_probe = self.is_open(webhook_id)
        self._probes += is_probe
        try:
            yield
        finally:
            self._probes -= is_probe

    def succeeded(self, webhook_id: str) -> None:
        """A try was answered well."""
        self._failures.put(webhook_id, 0)

    def failed(self, webhook_id: str) -> None:
        """A try was not."""
        self._failures.put(webhook_id, (self._failures.peek(webhook_id) or 0) + 1)
