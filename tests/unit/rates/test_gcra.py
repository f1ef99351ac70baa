"""The arithmetic of rates, over clocks that tests make up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from conjure.rates.gcra import Limit, spend, wait_s

LIMIT = Limit(per_s=2, burst=4)


def take(tat: float, now: float, limit: Limit, times: int) -> tuple[int, float]:
    """How many of so many calls at one moment are taken, and the bucket after them."""
    taken = 0
    for _ in range(times):
        decision, tat = spend(tat, now, limit)
        taken += decision.allowed
    return taken, tat


def test_a_burst_and_not_one_call_more():
    assert take(0.0, 100.0, LIMIT, 10)[0] == 4


def test_the_burst_is_there_again_after_burst_over_rate_seconds():
    _, tat = take(0.0, 100.0, LIMIT, 10)
    assert take(tat, 102.0, LIMIT, 10)[0] == 4
    assert take(tat, 200.0, LIMIT, 10)[0] == 4


def test_a_refusal_says_to_the_moment_when_the_next_call_is_taken():
    _, tat = take(0.0, 100.0, LIMIT, 4)
    refused, tat = spend(tat, 100.0, LIMIT)
    assert not refused.allowed
    assert wait_s(tat, 100.0, LIMIT) == refused.retry_after_s
    assert not spend(tat, 100.0 + refused.retry_after_s - 0.01, LIMIT)[0].allowed
    assert spend(tat, 100.0 + refused.retry_after_s + 0.001, LIMIT)[0].allowed


def test_refused_calls_cost_nothing():
    _, tat = take(0.0, 100.0, LIMIT, 4)
    assert take(tat, 100.1, LIMIT, 1000) == (0, tat)


def test_who_may_call_need_not_wait():
    assert wait_s(0.0, 100.0, LIMIT) == 0


@given(
    st.floats(0.1, 10_000),
    st.integers(1, 10_000),
    st.lists(st.floats(0, 10), min_size=1, max_size=300),
)
def test_over_any_stretch_no_more_is_taken_than_the_rate_and_one_burst(per_s, burst, gaps):
    limit = Limit(per_s, burst)
    tat = now = 1000.0
    taken = []
    for gap in gaps:
        now += gap
        decision, tat = spend(tat, now, limit)
        if decision.allowed:
            taken.append(now)
    for first, begun in enumerate(taken):
        for last in range(first, len(taken)):
            assert last - first + 1 <= burst + 1 + (taken[last] - begun) * per_s * 1.000001
