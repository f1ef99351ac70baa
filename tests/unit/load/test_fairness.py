"""When a neighbour is treated fairly: judged from what was measured idle and beside an attack."""

from __future__ import annotations

import pytest

from load.fairness import Pair, table
from load.tools import Outcome


def outcome(
    p99_ms: float, *, requests: int = 1000, failed: int = 0, worst_ms: float = 50
) -> Outcome:
    return Outcome(requests, 2.0, p99_ms / 2, p99_ms, failed, "", worst_ms)


def pair(*beside: Outcome, answered: int = 5) -> Pair:
    idle = [outcome(10), outcome(5)]
    return Pair("connect", "imports", idle, list(beside), [outcome(900, requests=answered)])


def test_noise_only_adds_so_the_least_of_the_turns_counts():
    """On both sides; the longest wait is that of all turns."""
    found = pair(outcome(30), outcome(20, worst_ms=80))
    assert (found.idle_p99_ms, found.p99_ms, found.worst_ms) == (5, 20, 80)
    assert (found.times_idle, found.met) == (4.0, True)


@pytest.mark.parametrize(
    ("beside", "answered", "met"),
    [
        (outcome(20.02), 5, True),  # it is shown as 4.00
        (outcome(20.03), 5, False),
        (outcome(5, failed=1), 5, False),
        (outcome(5), 0, None),
    ],
)
def test_a_failure_is_unfair_however_soon_and_no_attack_proves_nothing(beside, answered, met):
    assert pair(beside, answered=answered).met is met


def test_the_attackers_refusals_are_its_own():
    """They are shown, and judged by nobody."""
    found = pair(outcome(5))
    found.attacker = [outcome(1, requests=40, failed=40)]
    cells = [cell.strip() for cell in table([found]).splitlines()[2].strip("|").split("|")]
    assert cells == [
        "connect beside imports",
        "5.0",
        "5.0",
        "50",
        "1.00",
        "4",
        "0",
        "40",
        "40",
        "met",
    ]
