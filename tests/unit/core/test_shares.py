"""A pool with shares: who is served, who is refused and why, and that nothing is lost or kept."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.errors import AppError, Overloaded, OverShare
from conjure.core.shares import KINDS, Shares, YieldingShares
from support.cost import assert_cheap

SHARES = {"address": 2, "key": 3, "app": 4}
HOLDERS = st.tuples(*(st.tuples(st.just(kind), st.sampled_from("abc")) for kind in KINDS))
ACTIONS = st.lists(
    st.tuples(st.just("take"), HOLDERS, st.integers(1, 3))
    | st.tuples(st.just("give back"), st.integers(0), st.just(0)),
    max_size=60,
)


def taken(pool: Shares, *names: str):
    """A place of the holders with these names, the address first."""
    return pool.take(tuple(zip(KINDS, names, strict=False)))


@given(ACTIONS, st.integers(1, 12), st.integers(0, 6))
def test_any_order_of_takes_keeps_the_promises(actions, total, reserve):
    reserve = min(reserve, total - 1)
    pool = Shares("calls", total, reserve, SHARES)
    places = []
    for action, what, known in actions:
        if action == "give back":
            if places:
                places.pop(what % len(places)).give_back()
            continue
        before = pool.taken
        below = {holder: pool.taken_by(holder) < SHARES[holder[0]] for holder in what}
        try:
            place = pool.take(what[:known])  # the rest is known later
        except OverShare:
            assert not all(below[holder] for holder in what[:known])
            assert before >= total - reserve
            assert pool.taken == before
            continue
        except Overloaded:
            assert all(below[holder] for holder in what[:known])
            assert before == total
            continue
        try:
            place.join(what[known:])
        except OverShare:
            assert not all(below.values())
            assert before >= total - reserve
            place.give_back()
            continue
        # Whoever is served beyond a share takes of what is idle.
        assert all(below.values()) or before < total - reserve
        # It counts for all of its holders, up to the first that has its share.
        until = next((i for i, holder in enumerate(what) if not below[holder]), len(what))
        assert place.holders == list(what[: until + 1])
        places.append(place)

    assert pool.taken == len(places) <= total
    for holder in {holder for place in places for holder in place.holders}:
        assert pool.taken_by(holder) == sum(holder in place.holders for place in places)
    for place in places:
        place.give_back()
        place.give_back()
    assert pool.taken == len(pool) == 0


def test_one_caller_alone_has_all_but_the_reserve():
    pool = Shares("calls", 10, 3, SHARES)

    for _ in range(7):
        taken(pool, "here", "key", "app")

    with pytest.raises(OverShare, match="address") as refused:
        taken(pool, "here", "key", "app")
    assert refused.value.reason == "OVER_SHARE"
    for _ in range(2):
        taken(pool, "there", "other key", "other app")
    with pytest.raises(OverShare):
        taken(pool, "there", "other key", "other app")


def test_everybody_below_a_share_is_told_that_all_is_taken():
    pool = Shares("calls", 3, 1, SHARES)
    for address in "abc":
        taken(pool, address)

    with pytest.raises(Overloaded):
        taken(pool, "d")


def test_who_is_beyond_a_share_gets_nothing_new_until_the_others_are_served():
    pool = Shares("calls", 10, 3, SHARES)
    places = [taken(pool, "here") for _ in range(7)]
    neighbours = [taken(pool, f"there {n}") for n in range(3)]

    for place in places[:3]:
        place.give_back()
        with pytest.raises(OverShare):
            taken(pool, "here")
        neighbours.append(taken(pool, f"there {len(neighbours)}"))

    assert pool.taken_by(("address", "here")) == 4
    assert len(neighbours) == 6


def test_one_address_cannot_use_up_the_share_of_an_app_whose_key_it_has_read_in_a_page():
    pool = Shares("calls", 20, 5, SHARES)
    for _ in range(15):
        taken(pool, "attacker", "pk", "victim")

    assert pool.taken_by(("app", "victim")) == SHARES["address"]
    taken(pool, "a player", "pk", "victim")

    with pytest.raises(OverShare, match="address"):
        taken(pool, "attacker", "pk", "victim")


def test_a_kind_without_a_share_is_bounded_by_the_pool_alone():
    pool = Shares("calls", 5, 1, {"app": 2, "address": 0})
    for name in "abcde":
        taken(pool, "the same for all", "any", name)

    with pytest.raises(Overloaded):
        taken(pool, "the same for all", "any", "f")


def test_a_reserve_that_leaves_nothing_is_refused():
    with pytest.raises(ValueError, match="reserve"):
        Shares("calls", 5, 5, SHARES)


YIELDING = st.lists(st.tuples(st.sampled_from(["take", "take", "give back"]), HOLDERS), max_size=80)


@given(YIELDING, st.integers(1, 12))
def test_what_gives_way_is_the_newest_surplus_of_the_furthest_holder(actions, total):
    pool = YieldingShares("streams", total, SHARES)
    places = []
    for action, holders in actions:
        if action == "give back":
            if places:
                places.pop(len(places) // 2).give_back()
            continue
        counts = {place: list(place.holders) for place in places}
        excess = {
            holder: pool.taken_by(holder) - SHARES[holder[0]]
            for held in counts.values()
            for holder in held
        }
        below = all(pool.taken_by(holder) < SHARES[holder[0]] for holder in holders)
        was_full = pool.taken == total
        try:
            place = pool.take_until(int, holders)  # who is told is the next test's matter
        except OverShare:
            assert was_full
            assert not below
            continue
        except Overloaded:
            assert was_full
            assert below
            assert max(excess.values()) <= 0
            continue
        places.append(place)
        gone = [place for place in places if not place.holders]
        assert len(gone) == (was_full and below)
        for place in gone:
            assert max(excess[holder] for holder in counts[place]) == max(excess.values()) > 0
            places.remove(place)
        assert pool.taken == len(places) <= total
        for holder in {holder for place in places for holder in place.holders}:
            assert pool.surplus_of(holder) == max(0, pool.taken_by(holder) - SHARES[holder[0]])
    for place in places:
        place.give_back()
    assert pool.taken == len(pool) == 0
    assert all(pool.surplus_of(holder) == 0 for _, holders in actions for holder in holders)


def test_a_holder_beyond_its_share_gives_way_until_it_is_down_to_it():
    pool = YieldingShares("streams", 8, SHARES)
    lost = []
    for number in range(8):
        pool.take_until(
            lambda n=number: lost.append(n), (("address", "here"), ("key", "pk"), ("app", "one"))
        )

    for number in range(6):
        pool.take_until(lost.clear, (("address", f"there {number}"),))

    assert lost == [7, 6, 5, 4, 3, 2]
    with pytest.raises(Overloaded):
        pool.take_until(lost.clear, (("address", "late"),))
    with pytest.raises(OverShare):
        pool.take_until(lost.clear, (("address", "here"),))


def test_a_place_costs_little_however_many_hold_others():
    """It stands before each call. Measured: a take, a join and a return are 1.5 yardsticks for these."""
    pool = Shares("calls", 100_000, 10, {"address": 32, "key": 64, "app": 128})
    for number in range(20_000):
        taken(pool, f"10.0.{number}", f"key {number}", f"app {number}")

    def take_and_return():
        for _ in range(10_000):
            with pool.take((("address", "203.0.113.7"),)) as place:
                place.join((("key", "k"), ("app", "a")))

    assert_cheap(take_and_return, most=15)


def test_closing_the_older_half_at_one_address_after_the_other_gains_nothing():
    """What moves inside an address's share counts for its key and its app from then on."""
    pool = YieldingShares("streams", 100, {"address": 5, "key": 10, "app": 20})
    for number in range(40):
        holders = (("address", str(number)), ("key", "pk"), ("app", "a"))
        places = []
        with contextlib.suppress(AppError):
            while len(places) < 10:
                places += [pool.take_until(lambda: None, holders)]
        for place in places[: len(places) // 2]:
            place.give_back()
    newcomer = (("address", "other"), ("key", "other"), ("app", "b"))
    for _ in range(5):
        pool.take_until(lambda: None, newcomer)
