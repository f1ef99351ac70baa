"""How much of a process each receiver may take: one that is dead or slow delays nobody.

A receiver of which nothing is known gets one try at a time. Once it answers soon, as many deliveries as the
setting says go to it at the same time. While it is slow it gets one; and after some failures in a row its
circuit opens: one, too, until one succeeds.

Those that can hold a process up share places of it, however many they are and however long each try takes:
the unknown have theirs, the slow and the failing ones, so that none of them waits for the others; and a part
is always free for those that answer soon.

Each process learns by itself; what it begins with is how the last delivery went, which the store knows.
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from conjure.core.lru import LruCache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_OPENS_AFTER: Final = 3  # failures in a row; one alone may be a restart
_SLOW_S: Final = 2.0  # a try that takes longer; "answer at once" is what receivers are told
_PROVEN_AFTER: Final = 8  # tries in a row that were not slow, after one that was
_REMEMBERED: Final = 10_000  # receivers, some 200 bytes each
_PROMISE_S: Final = 1.0  # from asking how many may run to the try itself


@dataclass(slots=True)
class _Known:
    """Of a receiver: failures in a row, and how many quick tries it owes until it counts as quick."""

    failures: int = 0
    owes: int = 0


class _Places:
    """Places of a process that several receivers share, each with one try at a time."""

    def __init__(self, count: int, clock: Callable[[], float]) -> None:
        self._count = count
        self._clock = clock
        self._taken: Counter[str] = Counter()  # by webhook
        # Webhook to the end of the promise. Lanes are asked about by the dozen before the first of their
        # tries begins.
        self._promised: dict[str, float] = {}

    def most(self, webhook_id: str) -> int:
        """1 if it may be tried, and then a place is promised to it; else 0."""
        now = self._clock()
        self._promised = {each: end for each, end in self._promised.items() if end > now}
        if webhook_id not in self._promised and webhook_id not in self._taken:
            if self._taken.total() + len(self._promised) >= self._count:
                return 0
            self._promised[webhook_id] = now + _PROMISE_S
        return 1

    def take(self, webhook_id: str) -> None:
        """A try begins, promised or not."""
        self._promised.pop(webhook_id, None)
        self._taken[webhook_id] += 1

    def leave(self, webhook_id: str) -> None:
        """A try has ended."""
        self._taken[webhook_id] -= 1
        if not self._taken[webhook_id]:
            del self._taken[webhook_id]


class Circuits:
    """The receivers that this process has met, by webhook.

    `at_once`: tries at a time to one that answers soon. `failing_at_once`, `slow_at_once`, `new_at_once`:
    places of this process for all whose circuit is open, for all that are slow, for all that are unknown.
    """

    def __init__(
        self,
        *,
        at_once: int,
        failing_at_once: int,
        slow_at_once: int,
        new_at_once: int,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._at_once = at_once
        self._clock = clock
        self._known: LruCache[str, _Known] = LruCache(_REMEMBERED)
        self._failing = _Places(failing_at_once, clock)
        self._slow = _Places(slow_at_once, clock)
        self._new = _Places(new_at_once, clock)

    def most(self, webhook_id: str) -> int:
        """How many tries may run at the same time; 0: none for now, the places are taken."""
        places = self._places_of(webhook_id)
        return self._at_once if places is None else places.most(webhook_id)

    def is_open(self, webhook_id: str) -> bool:
        """Whether it has failed so often that it gets one try at a time."""
        return self._places_of(webhook_id) is self._failing

    @contextlib.contextmanager
    def trying(self, webhook_id: str, *, has_failed: bool) -> Iterator[None]:
        """Counts a try while the body runs. `has_failed`: what is known of the last one, by any process."""
        # Of an unknown one also when it has failed elsewhere.
        places = self._places_of(webhook_id)
        if has_failed and webhook_id not in self._known:
            self._known.put(webhook_id, _Known(failures=_OPENS_AFTER))
        begun = self._clock()
        if places is not None:
            places.take(webhook_id)
        try:
            yield
        finally:
            if places is not None:
                places.leave(webhook_id)
        # A try that was given up on says nothing.
        known = self._known_of(webhook_id)
        is_slow = self._clock() - begun > _SLOW_S
        known.owes = _PROVEN_AFTER if is_slow else max(0, known.owes - 1)

    def succeeded(self, webhook_id: str) -> None:
        """A try was answered well."""
        self._known_of(webhook_id).failures = 0

    def failed(self, webhook_id: str) -> None:
        """A try was not."""
        self._known_of(webhook_id).failures += 1

    def _known_of(self, webhook_id: str) -> _Known:
        known = self._known.get(webhook_id)
        if known is None:
            known = _Known()
            self._known.put(webhook_id, known)
        return known

    def _places_of(self, webhook_id: str) -> _Places | None:
        """The places that its tries take; None: they are quick, and take none of those that are few."""
        known = self._known.get(webhook_id)
        if known is None:
            return self._new
        if known.failures >= _OPENS_AFTER:
            return self._failing
        return self._slow if known.owes else None
