"""Who is limited by what, how much is remembered, and what a decision costs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conjure.core.caller import ApiCaller, SessionCaller, Tenant, UserCaller
from conjure.core.errors import RateLimited
from conjure.rates.gcra import Limit, owe, spend
from conjure.rates.limiter import RateLimiter
from conjure.settings import RateSettings
from support.cost import assert_cheap

TENANT = Tenant("app", "test")


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def limiter(clock, **settings):
    usual = {"key_per_s": 10, "key_burst": 5, "session_per_s": 1, "session_burst": 2}
    return RateLimiter(RateSettings(**usual | settings), clock=clock)


def key(name="k", tenant=TENANT):
    return ApiCaller(tenant, name, frozenset())


def session(jti="j"):
    return SessionCaller(TENANT, "w", jti, "p", 0)


def taken(rates, caller, times=100):
    """How many of so many calls are taken, and the longest wait that was asked for."""
    count, wait = 0, 0
    for _ in range(times):
        try:
            rates.spend(caller)
        except RateLimited as error:
            wait = max(wait, error.retry_after_s)
        else:
            count += 1
    return count, wait


def test_each_key_session_and_user_has_its_own_bucket(clock):
    rates = limiter(clock)
    assert taken(rates, key()) == (5, 1)
    assert taken(rates, key("other")) == (5, 1)
    assert taken(rates, key(tenant=Tenant("app", "live"))) == (5, 1)
    assert taken(rates, session()) == (2, 1)
    assert taken(rates, session("other")) == (2, 1)
    assert taken(rates, UserCaller("u")) == (5, 1)


def test_whoever_waits_as_told_is_taken(clock):
    rates = limiter(clock, session_per_s=0.1)
    count, wait = taken(rates, session())
    assert (count, wait) == (2, 5)  # half a call is left of the two, so half of ten seconds
    clock.now += wait
    assert taken(rates, session())[0] == 1


def test_a_rate_of_zero_is_no_limit(clock):
    rates = limiter(clock, key_per_s=0, session_per_s=0, failures_per_s=0)
    assert taken(rates, key(), 20_000) == (20_000, 0)
    assert taken(rates, session(), 20_000) == (20_000, 0)
    for _ in range(5000):
        rates.failed("1.2.3.4")
    rates.check_stranger("1.2.3.4", lambda: False)
    assert len(rates) == 0


def test_an_address_that_fails_is_stopped_and_credentials_that_worked_go_on(clock):
    rates = limiter(clock, failures_per_s=2, failures_burst=3)
    for _ in range(3):
        rates.check_stranger("1.2.3.4", lambda: False)
        rates.failed("1.2.3.4")
    with pytest.raises(RateLimited) as refused:
        rates.check_stranger("1.2.3.4", lambda: False)
    rates.check_stranger("1.2.3.4", lambda: True)
    rates.check_stranger("1.2.3.5", lambda: False)
    clock.now += refused.value.retry_after_s
    rates.check_stranger("1.2.3.4", lambda: False)


def test_memory_is_bounded_and_who_called_last_is_remembered(clock):
    rates = limiter(clock, buckets=100)
    for number in range(10_000):
        rates.spend(key(f"k{number}"))
        rates.failed(f"10.0.{number // 256}.{number % 256}")
    assert len(rates) == 200
    assert taken(rates, key("k9999"))[0] == 4
    assert len(rates.take_reports(100_000)) == 100


def test_what_other_processes_spent_counts(clock):
    rates = limiter(clock, key_burst=100)
    assert taken(rates, key(), 10)[0] == 10
    ((name, limit, spent),) = rates.take_reports(10)
    assert spent == 10
    assert not rates.take_reports(10)
    rates.spend(key())  # while the report is on its way
    rates.adopt(name, ahead_s=90 * limit.interval_s)
    assert taken(rates, key())[0] == 9


def test_hearing_of_others_never_gives_anything_back(clock):
    rates = limiter(clock)
    assert taken(rates, key())[0] == 5
    ((name, _, _),) = rates.take_reports(10)
    rates.adopt(name, ahead_s=0.0)
    assert taken(rates, key())[0] == 0


def test_only_so_many_reports_at_once_and_none_is_lost(clock):
    rates = limiter(clock, key_burst=50)
    for number in range(10):
        rates.spend(key(f"k{number}"))
    told = [rates.take_reports(4) for _ in range(4)]
    assert [len(part) for part in told] == [4, 4, 2, 0]
    assert len({name for part in told for name, _, _ in part}) == 10


def test_slow_callers_do_not_cost_the_store_a_report(clock):
    rates = limiter(clock, key_burst=1000)
    assert taken(rates, key(), 19)[0] == 19
    assert not rates.take_reports(10)
    rates.spend(key())
    assert [spent for _, _, spent in rates.take_reports(10)] == [20]


def test_a_decision_costs_little_however_many_callers_are_known():
    """It stands before each call. Measured: seven small steps of Python for a decision, 0.7 yardsticks for these."""
    rates = RateLimiter(RateSettings(key_per_s=1e9, key_burst=10**9))
    for number in range(20_000):
        rates.spend(key(f"k{number}"))
    caller = key()

    def decide():
        for _ in range(10_000):
            rates.check_stranger("1.2.3.4", lambda: False)
            rates.spend(caller)

    assert_cheap(decide, most=7)


class TestCosts:
    """A call counts for what it costs."""

    def test_ordinary_calls_count_as_one(self, clock):
        rates = limiter(clock)
        for _ in range(5):
            rates.spend(key(), 17_000)
            rates.answered(key(), 17_000, 17_000)
        with pytest.raises(RateLimited):
            rates.spend(key())

    def test_a_large_body_is_taken_once_and_owed(self, clock):
        """It is charged when it comes, so the next one is refused before anything of it is parsed."""
        rates = limiter(clock, bytes_per_call=1000)
        rates.spend(key(), 30_000)  # six bursts
        with pytest.raises(RateLimited) as refused:
            rates.spend(key())
        assert (
            refused.value.retry_after_s == 3
        )  # 30 and one calls, but for 5 and a half, at ten a second
        assert taken(rates, key("other"))[0] == 5
        clock.now += refused.value.retry_after_s
        rates.spend(key())

    def test_answers_and_work_are_owed_too(self, clock):
        for owed in (
            lambda rates: rates.answered(key(), 400, 30_600),
            lambda rates: rates.answered(key(), 5_000, 30_000),
            lambda rates: rates.sent(key(), 30_000),
            lambda rates: rates.worked(key(), 0.03),
            lambda rates: rates.charge(key(), 30),
        ):
            rates = limiter(clock, bytes_per_call=1000, work_calls=1000)
            owed(rates)
            with pytest.raises(RateLimited) as refused:
                rates.spend(key())
            assert refused.value.retry_after_s == 3

    def test_no_debt_keeps_anybody_out_for_longer_than_the_longest(self, clock):
        rates = limiter(clock, longest_wait_s=7, work_calls=10**6)
        for _ in range(3):
            rates.worked(session(), 60)
        with pytest.raises(RateLimited) as refused:
            rates.spend(session())
        assert refused.value.retry_after_s == 7
        ((name, limit, _),) = rates.take_reports(10)
        rates.adopt(name, ahead_s=limit.most_s * 3)
        with pytest.raises(RateLimited) as refused:
            rates.spend(session())
        assert refused.value.retry_after_s == 7

    def test_the_others_hear_of_costs(self, clock):
        rates = limiter(clock, bytes_per_call=1000)
        rates.spend(key(), 2_500)
        rates.charge(key(), 0.25)
        ((_, _, spent),) = rates.take_reports(10)
        assert spent == 2.75

    def test_a_rate_of_zero_owes_nothing(self, clock):
        rates = limiter(clock, key_per_s=0)
        rates.spend(key(), 10**9)
        rates.charge(key(), 10**9)
        assert len(rates) == 0

    @given(
        st.lists(
            st.tuples(st.floats(0, 3), st.sampled_from(["call", "owe"]), st.floats(1, 500)),
            max_size=60,
        )
    )
    def test_for_long_nobody_gets_more_than_the_rate(self, steps):
        """All but the last cost that was let in fits into the burst and the time since the beginning."""
        clock = Clock()
        limit = Limit(10, 5, longest_wait_s=1e6)
        tat = begun = clock.now
        total = 0.0
        for pause, what, cost in steps:
            clock.now += pause
            if what == "owe":
                tat = owe(tat, clock.now, limit, cost)
                total += cost
                continue
            decision, tat = spend(tat, clock.now, limit, cost)
            if decision.allowed:
                assert total <= (clock.now - begun) * 10 + 5 + 1e-3
                total += cost
            else:
                later, _ = spend(tat, clock.now + decision.retry_after_s + 1e-6, limit, cost)
                assert later.allowed
