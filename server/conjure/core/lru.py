"""A cache bounded in entries and in weight: what was used least recently goes first."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

K = TypeVar("K")
V = TypeVar("V")


def _weightless(_: object) -> int:
    return 0


class LruCache(Generic[K, V]):
    """A mapping that forgets.

    `max_entries`: how many it keeps. `max_weight`, in the unit of `weigh` (usually bytes): how heavy all of
    them together may be. An entry that is heavier than that alone is not kept. `weigh` must give the same
    answer for the same value for as long as it is kept.
    """

    __slots__ = ("_entries", "_max_entries", "_max_weight", "_weigh", "weight")

    def __init__(
        self,
        max_entries: int,
        *,
        max_weight: int | None = None,
        weigh: Callable[[V], int] = _weightless,
    ) -> None:
        self._entries: OrderedDict[K, V] = OrderedDict()
        self._max_entries = max_entries
        self._max_weight = max_weight
        self._weigh = weigh
        self.weight = 0

    def get(self, key: K) -> V | None:
        """Returns a value, which counts as used now, or None."""
        found = self._entries.get(key)
        if found is not None:
            self._entries.move_to_end(key)
        return found

    def peek(self, key: K) -> V | None:
        """Returns a value without using it, or None."""
        return self._entries.get(key)

    def put(self, key: K, value: V) -> list[K]:
        """Keeps a value as the newest; returns the keys of those that had to go."""
        self.drop(key)
        weight = self._weigh(value)
        if self._max_weight is not None and weight > self._max_weight:
            return []  # it would only drive out all others and then itself
        self._entries[key] = value
        self.weight += weight
        gone: list[K] = []
        while self._entries and (
            len(self._entries) > self._max_entries
            or (self._max_weight is not None and self.weight > self._max_weight)
        ):
            oldest, heavy = self._entries.popitem(last=False)
            self.weight -= self._weigh(heavy)
            gone.append(oldest)
        return gone

    def drop(self, key: K) -> None:
        """Forgets a key, if it is there."""
        dropped = self._entries.pop(key, None)
        if dropped is not None:
            self.weight -= self._weigh(dropped)

    def clear(self) -> None:
        """Forgets everything."""
        self._entries.clear()
        self.weight = 0

    def __contains__(self, key: object) -> bool:
        return key in self._entries

    def __len__(self) -> int:
        return len(self._entries)
