"""What receivers may take of a process."""

from __future__ import annotations

import contextlib

from conjure.webhooks.circuits import Circuits


def failed(circuits: Circuits, webhook: str, times: int) -> None:
    for _ in range(times):
        with circuits.trying(webhook, has_failed=False):
            circuits.failed(webhook)


def test_a_receiver_gets_its_share_once_it_has_answered():
    circuits = Circuits(at_once=8, failing_at_once=2)
    assert circuits.most("a") == 1
    circuits.succeeded("a")
    assert circuits.most("a") == 8


def test_after_some_failures_in_a_row_it_is_tried_once_at_a_time_until_it_answers():
    circuits = Circuits(at_once=8, failing_at_once=2)
    circuits.succeeded("a")
    failed(circuits, "a", 2)
    assert circuits.most("a") == 8
    failed(circuits, "a", 1)
    assert circuits.most("a") == 1
    circuits.succeeded("a")
    assert circuits.most("a") == 8


def test_all_that_fail_share_a_few_places_and_the_others_keep_theirs():
    circuits = Circuits(at_once=8, failing_at_once=2)
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
    circuits = Circuits(at_once=8, failing_at_once=2)
    with circuits.trying("a", has_failed=True):
        assert circuits.is_open("a")
    circuits.succeeded("a")
    with circuits.trying("a", has_failed=True):  # what the store says is older
        assert not circuits.is_open("a")
