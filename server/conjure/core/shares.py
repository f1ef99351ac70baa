"""Pools that several callers share: a total, and a share for each holder (ARCHITECTURE 1.9).

A taker names its holders from the narrowest to the widest: its address, its key, its app. Three rules:

- Below the shares of all its holders, it is served while the pool is not full.
- Beyond one of them, it is served while the pool is idle: while less is taken than the total without the
  *reserve*, which is kept for those who are below their shares. So one caller alone may use nearly all, and
  once others come it gets nothing new until it is down to its share.
- What a holder takes beyond its share counts for it alone and not for the wider ones. API keys of browsers
  are public: who floods with an app's key from one address fills the share of the address, and leaves the
  app's to everybody else who uses it.

Nothing here waits or queues, and each step is O(1). A holder with nothing taken is forgotten, so memory is
bounded by the total.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, Self

from conjure.core import metrics
from conjure.core.errors import Overloaded, OverShare

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Kind = Literal["address", "key", "app"]
Holder = tuple[Kind, str]
"""Whose share it is: its kind and its name."""

KINDS: Final[tuple[Kind, ...]] = ("address", "key", "app")

_DETAILS: Final[dict[Kind, str]] = {
    "address": "this address has its share of what the server can do at once; nothing was done",
    "key": "this API key has its share of what the server can do at once; nothing was done",
    "app": "this app has its share of what the server can do at once; nothing was done",
}


class Place:
    """One thing taken from a pool; `with` gives it back at the end."""

    __slots__ = ("_pool", "holders", "is_beyond")

    def __init__(self, pool: Shares, holders: list[Holder], beyond: Holder | None) -> None:
        self._pool = pool
        self.holders = holders
        """Whom it counts for."""
        self.is_beyond = beyond is not None
        """Whether it is beyond the share of the last of `holders`, so that it counts for no wider one."""

    def join(self, holders: Sequence[Holder]) -> None:
        """Counts it for wider holders too, who were not known when it was taken.

        Raises OverShare; the place is then still to be given back.
        """
        if not self.is_beyond:
            self._pool.join(self, holders)

    def give_back(self) -> None:
        """Gives it back; once is enough, more does nothing."""
        if self.holders:
            self._pool.give_back(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.give_back()


class Shares:
    """A pool of `total` places, `reserve` of them kept for those who are below their shares.

    `shares` has the share of each holder of a kind; a kind that is not in it, or at 0, has none. `name` is
    the pool's in metrics.
    """

    def __init__(self, name: str, total: int, reserve: int, shares: Mapping[Kind, int]) -> None:
        if not 0 <= reserve < total:
            raise ValueError(f"{name}: a reserve is from 0 to below the total")
        self.total = total
        self.taken = 0
        self._room = total - reserve
        self._shares: dict[Kind, int] = {kind: shares.get(kind) or total + 1 for kind in KINDS}
        self._counts: dict[Holder, int] = {}
        self._full = metrics.SHARE_REFUSALS.at(name, "full")
        self._beyond = {kind: metrics.SHARE_REFUSALS.at(name, kind) for kind in KINDS}

    def take(self, holders: Sequence[Holder]) -> Place:
        """Takes a place for holders, the narrowest first.

        Raises OverShare (one of them has its share, and the pool is not idle), Overloaded (all is taken).
        """
        charged, beyond = self._charged(holders)
        if beyond is not None:
            if self.taken >= self._room:
                raise self._over_share(beyond)
        elif self.taken >= self.total:
            self._full.add()
            raise Overloaded
        place = Place(self, charged, beyond)
        self.taken += 1
        self._count(place, charged)
        return place

    def join(self, place: Place, holders: Sequence[Holder]) -> None:
        """See `Place.join`."""
        charged, beyond = self._charged(holders)
        if beyond is not None:
            if self.taken > self._room:  # it is among those taken
                raise self._over_share(beyond)
            place.is_beyond = True
        place.holders += charged
        self._count(place, charged)

    def give_back(self, place: Place) -> None:
        """See `Place.give_back`."""
        counts = self._counts
        self.taken -= 1
        for holder in place.holders:
            left = counts[holder] - 1
            if left:
                counts[holder] = left
            else:
                del counts[holder]
        place.holders = []

    def taken_by(self, holder: Holder) -> int:
        """How many places count for a holder."""
        return self._counts.get(holder, 0)

    def __len__(self) -> int:
        """How many holders are remembered."""
        return len(self._counts)

    def _charged(self, holders: Sequence[Holder]) -> tuple[list[Holder], Holder | None]:
        """Whom a place counts for, and which of them has its share already."""
        counts, shares = self._counts, self._shares
        charged: list[Holder] = []
        for holder in holders:
            charged.append(holder)
            if counts.get(holder, 0) >= shares[holder[0]]:
                return charged, holder
        return charged, None

    def _count(self, place: Place, charged: list[Holder]) -> None:
        counts = self._counts
        for holder in charged:
            counts[holder] = counts.get(holder, 0) + 1

    def _over_share(self, holder: Holder) -> OverShare:
        kind = holder[0]
        self._beyond[kind].add()
        return OverShare(_DETAILS[kind])
