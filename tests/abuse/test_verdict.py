"""The judge of attacks: what harms a neighbour, and what only a busy machine does."""

from __future__ import annotations

from collections import Counter

import pytest

from support.abuse.neighbour import Sample, p99_s
from support.abuse.verdict import MOST_HELD, Verdict
from support.cost import yardstick_s

QUICK = Sample("read", 200, 0.003, {"server": 0.001, "edge": 0.0005, "store": 0.0001})


def verdict(*beside: Sample) -> Verdict:
    return Verdict([QUICK] * 30, beside, Counter({200: 1}))


def waited(process: str, cpu_s: float, seconds: float = 1.0) -> Sample:
    return Sample("read", 200, seconds, QUICK.cpu | {process: cpu_s})


@pytest.mark.parametrize("process", ["server", "edge", "store"])
def test_one_call_that_waits_behind_long_work_is_enough(process):
    """A stall of seconds is one call of a neighbour that asks again when it has its answer."""
    long = 2 * MOST_HELD * yardstick_s()
    assert list(verdict(*[QUICK] * 99, waited(process, long)).held()) == [process]


def test_a_call_that_waits_while_nobody_of_us_works_is_the_machines_business():
    assert verdict(waited("server", 0.002, seconds=30.0)).held() == {}


def test_a_neighbour_may_wait_four_times_as_long_as_when_it_was_slow_itself():
    slow = MOST_HELD * yardstick_s()
    idle = [QUICK, waited("server", slow)]
    assert Verdict(idle, [waited("server", 3.9 * slow)], Counter()).held() == {}
    assert set(Verdict(idle, [waited("server", 4.1 * slow)], Counter()).held()) == {"server"}


@pytest.mark.parametrize("status", [0, 401, 429, 500, 503, 504])
def test_whatever_is_not_200_is_a_failure(status):
    refused = Sample("connect", status, 0.001, {})
    assert verdict(QUICK, refused).failures() == [refused]


def test_of_few_calls_the_longest_is_the_99th_percentile():
    samples = [Sample("read", 200, n / 1000) for n in range(200)]
    assert p99_s(samples[:50]) == 0.049
    assert p99_s(samples) == 0.198
