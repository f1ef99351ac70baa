"""Pools that several callers share: a total, and a share for each holder (ARCHITECTURE 1.12).

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
from conjure.core.errors import AppError, Overloaded, OverShare

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

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

    __slots__ = ("holders", "is_beyond", "pool", "wider")

    def __init__(self, pool: Shares) -> None:
        self.pool = pool
        self.holders: list[Holder] = []
        """Whom it counts for."""
        self.is_beyond = False
        """Whether it is beyond the share of the last of `holders`, so that it counts for no wider one."""
        self.wider: tuple[Holder, ...] = ()
        """Those that it does not count for, for that reason."""

    def join(self, holders: Iterable[Holder]) -> None:
        """Counts it for wider holders too, who were not known when it was taken.

        Raises OverShare; the place is then still to be given back.
        """
        if self.is_beyond:
            self.wider += tuple(holders)
        else:
            self.pool.charge(self, holders)

    def give_back(self) -> None:
        """Gives it back; once is enough, more does nothing."""
        if self.holders:
            self.pool.give_back(self)

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

    def take(self, holders: Iterable[Holder]) -> Place:
        """Takes a place for holders, one or more, the narrowest first.

        Raises OverShare (one of them has its share, and the pool is not idle), Overloaded (all is taken).
        """
        place = Place(self)
        self.taken += 1
        try:
            self.charge(place, holders)
            if self.taken > self.total:
                self._full.add()
                raise Overloaded
        except AppError:
            self.give_back(place)
            raise
        return place

    def charge(self, place: Place, holders: Iterable[Holder]) -> None:
        """Counts a place for holders, up to the first that has its share. Raises OverShare."""
        counts, shares = self._counts, self._shares
        rest = iter(holders)
        for holder in rest:
            count = counts.get(holder, 0)
            if count >= shares[holder[0]]:
                if self.taken > self._room:
                    self._beyond[holder[0]].add()
                    raise OverShare(_DETAILS[holder[0]])
                place.is_beyond = True
            counts[holder] = count + 1
            place.holders.append(holder)
            if place.is_beyond:
                place.wider = tuple(rest)
                return

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


class YieldingShares(Shares):
    """A pool of what is held for long: its places are ended for others, so that none is kept in reserve.

    When all is taken and somebody below its shares comes, the holder furthest beyond its share loses the
    newest of what it took too much.
    """

    def __init__(self, name: str, total: int, shares: Mapping[Kind, int]) -> None:
        super().__init__(name, total, 0, shares)
        # By holder, as many as it has beyond its share, the oldest first. A holder here has more than its
        # share, so there are few of them: looking at all to find the furthest is a bounded step.
        self._surplus: dict[Holder, dict[Place, Callable[[], object]]] = {}
        self._yields = metrics.SHARE_YIELDS.at(name)

    def take_until(self, give_way: Callable[[], object], holders: Sequence[Holder]) -> Place:
        """As `take`; `give_way` is called when the place is lost, which then is given back already.

        Raises OverShare (one of the holders has its share, and all is taken), Overloaded (all is taken
        by others who are within their shares).
        """
        if self.taken >= self.total and self._surplus and self._are_below(holders):
            self._make_room()
        place = self.take(holders)
        if place.is_beyond:
            self._surplus.setdefault(place.holders[-1], {})[place] = give_way
        return place

    def give_back(self, place: Place) -> None:
        """See `Place.give_back`."""
        within: list[tuple[Place, Callable[[], object]]] = []
        for holder in place.holders:
            surplus = self._surplus.get(holder)
            if surplus is not None:
                # One less: of what is left, the oldest is within the share now.
                found = place if place in surplus else next(iter(surplus))
                give_way = surplus.pop(found)
                if not surplus:
                    del self._surplus[holder]
                if found is not place:
                    within.append((found, give_way))
        super().give_back(place)
        for found, give_way in within:
            # So it counts for the wider holders too: else whoever closes the older half of what it holds, at
            # one address after the other, would in the end have all of the pool and nothing beyond a share.
            found.is_beyond = False
            self.charge(found, found.wider)
            if found.is_beyond:
                self._surplus.setdefault(found.holders[-1], {})[found] = give_way

    def surplus_of(self, holder: Holder) -> int:
        """How many places a holder has beyond its share."""
        return len(self._surplus.get(holder, ()))

    def _are_below(self, holders: Sequence[Holder]) -> bool:
        return all(self.taken_by(holder) < self._shares[holder[0]] for holder in holders)

    def _make_room(self) -> None:
        place, give_way = next(reversed(max(self._surplus.values(), key=len).items()))
        place.give_back()
        self._yields.add()
        give_way()
