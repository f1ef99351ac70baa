"""What receivers may take of a process."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from conjure.webhooks.circuits import Circuits


def failed(circuits: Circuits, webhook: str, times: int) -> None:
    for _ in range(times):
        with circuits.trying(webhook, has_failed=False):
            circuits.failed(webhook)


def test_a_receiver_gets_its_share_once_it_has_answered():
    circuits = Circuits(at_once=8, failing_at_once=2, slow_at_once=3, new_at_once=3)
    assert circuits.most("a") == 1
    circuits.succeeded("a")
    assert circuits.most("a") == 8


def test_after_some_failures_in_a_row_it_is_tried_once_at_a_time_until_it_answers():
    circuits = Circuits(at_once=8, failing_at_once=2, slow_at_once=3, new_at_once=3)
    circuits.succeeded("a")
    failed(circuits, "a", 2)
    assert circuits.most("a") == 8
    failed(circuits, "a", 1)
    assert circuits.most("a") == 1
    circuits.succeeded("a")
    assert circuits.most("a") == 8


def test_all_that_fail_share_a_few_places_and_the_others_keep_theirs():
    circuits = Circuits(at_once=8, failing_at_once=2, slow_at_once=3, new_at_once=3)
    circuits.succeeded("well")
    for webhook in "abcd":
        failed(circuits, webhook, 3)
    with contextlib.ExitStack() as stack:
        # Asked about before any try begins, as a worker does with the lanes of a turn.
        assert [circuits.most(webhook) for webhook in "abcd"] == [1, 1, 0, 0]
        assert circuits.most("a") == 1  # asked again: the same place
        stack.enter_context(circuits.trying("a", has_failed=True))
        stack.enter_context(circuits.trying("b", has_failed=True))
        assert [circuits.most(webhook) for webhook in "cd"] == [0, 0]
        assert circuits.most("well") == 8
    assert circuits.most("c") == 1


def test_what_another_process_has_seen_failing_is_tried_as_such():
    circuits = Circuits(at_once=8, failing_at_once=2, slow_at_once=3, new_at_once=3)
    with circuits.trying("a", has_failed=True):
        assert circuits.is_open("a")
    circuits.succeeded("a")
    with circuits.trying("a", has_failed=True):  # what the store says is older
        assert not circuits.is_open("a")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def tried(circuits: Circuits, webhook: str, clock: Clock, seconds: float, times: int = 1) -> None:
    for _ in range(times):
        with circuits.trying(webhook, has_failed=False):
            clock.now += seconds
        circuits.succeeded(webhook)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def circuits(clock: Clock) -> Circuits:
    return Circuits(at_once=8, failing_at_once=2, slow_at_once=3, new_at_once=2, clock=clock)


def test_all_that_are_slow_leave_places_to_those_that_are_not(circuits, clock):
    """Twenty receivers that answer well after nine seconds would take 160 places: all of a process."""
    tried(circuits, "quick", clock, 0.1)
    for webhook in "abcd":
        tried(circuits, webhook, clock, 9.0)
    with contextlib.ExitStack() as stack:
        assert [circuits.most(webhook) for webhook in "aabcd"] == [1, 1, 1, 1, 0]
        for webhook in "abc":
            stack.enter_context(circuits.trying(webhook, has_failed=False))
        clock.now += 1.5
        assert [circuits.most(webhook) for webhook in "abcd"] == [1, 1, 1, 0]
        assert [circuits.most(webhook) for webhook in ("quick", "new")] == [8, 1]
    assert circuits.most("d") == 1


def test_all_that_are_unknown_leave_places_to_those_that_are_not(circuits, clock):
    tried(circuits, "quick", clock, 0.1)
    tried(circuits, "slow", clock, 9.0)
    with contextlib.ExitStack() as stack:
        assert [circuits.most(webhook) for webhook in "abc"] == [1, 1, 0]
        stack.enter_context(
            circuits.trying("a", has_failed=True)
        )  # failing, as another process says
        clock.now += 1.5  # what was promised to b and not taken is free again
        assert [circuits.most(webhook) for webhook in "bc"] == [1, 0]
        assert [circuits.most(webhook) for webhook in ("quick", "slow")] == [8, 1]


def test_a_receiver_that_was_slow_is_quick_again_after_several_quick_answers(circuits, clock):
    tried(circuits, "a", clock, 9.0)
    tried(circuits, "a", clock, 0.1, times=7)
    assert circuits.most("a") == 1
    tried(circuits, "a", clock, 0.1)
    assert circuits.most("a") == 8


def test_a_try_that_is_given_up_on_proves_nothing(circuits):
    with pytest.raises(asyncio.CancelledError), circuits.trying("a", has_failed=False):
        raise asyncio.CancelledError
    assert circuits.most("a") == 1
