"""How much of a process each receiver may take: one that is dead delays nobody.

A receiver of which nothing is known gets one try at a time. Once it answers, as many deliveries as the
setting says go to it at the same time. After some failures in a row its circuit opens: one try at a time,
until one succeeds. All open ones together have a few places of the process, however many they are and however
long each try hangs.

Each process learns by itself; what it begins with is how the last delivery went, which the store knows.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Final

from conjure.core.lru import LruCache

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPENS_AFTER: Final = 3  # failures in a row; one alone may be a restart
_REMEMBERED: Final = 10_000  # receivers, some 200 bytes each
_PROMISE_S: Final = 1.0  # from asking how many may run to the try itself


class Circuits:
    """The receivers that this process has met, by webhook."""

    def __init__(self, *, at_once: int, failing_at_once: int) -> None:
        self._at_once = at_once
        self._failing_at_once = failing_at_once
        self._failures: LruCache[str, int] = LruCache(_REMEMBERED)  # in a row
        self._probes = 0
        self._promised: dict[str, float] = {}  # webhook to the end of the promise

    def most(self, webhook_id: str) -> int:
        """How many tries may run at the same time; 0: none for now, the places of failing ones are taken."""
        failures = self._failures.get(webhook_id)
        if failures is None:
            return 1
        if failures < _OPENS_AFTER:
            return self._at_once
        # Lanes are asked about by the dozen before the first of their tries begins.
        now = time.monotonic()
        self._promised = {each: end for each, end in self._promised.items() if end > now}
        if webhook_id not in self._promised:
            if self._probes + len(self._promised) >= self._failing_at_once:
                return 0
            self._promised[webhook_id] = now + _PROMISE_S
        return 1

    def is_open(self, webhook_id: str) -> bool:
        """Whether it has failed so often that it gets one try at a time."""
        return (self._failures.peek(webhook_id) or 0) >= _OPENS_AFTER

    @contextlib.contextmanager
    def trying(self, webhook_id: str, *, has_failed: bool) -> Iterator[None]:
        """Counts a try while the body runs. `has_failed`: what is known of the last one, by any process."""
        if has_failed and webhook_id not in self._failures:
            self._failures.put(webhook_id, _OPENS_AFTER)
        is_probe = self.is_open(webhook_id)
        self._promised.pop(webhook_id, None)
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
