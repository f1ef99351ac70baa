"""Which release may use which store, and what it is told to do."""

from __future__ import annotations

import pytest

from conjure import __version__
from conjure.migrations import STEPS
from conjure.store.format import FORMAT, RELEASES, Stamp, advice, refusal
from conjure.store.upgrade import steps_to

LATER = {1: "0.2", 2: "0.3", 3: "0.5", 4: "0.6"}


@pytest.mark.parametrize(
    ("stamp", "words"),
    [
        (Stamp(5, "0.7.1"), "format 5, made by release 0.7.1; release"),
        (Stamp(5), "made by a newer release"),
        (Stamp(2, "0.3.0"), "Go through release 0.5: let it serve, then run its `conjure store upgrade`"),
        (Stamp(1), "Go through release 0.3"),
        (Stamp(4, "0.6.0", upgrading=5), "is being upgraded to format 5"),
        (Stamp(4, "0.6.0", restoring="backup of May"), "is being restored (backup of May)"),
        (Stamp(0, restoring="backup of May"), "begun again, into an empty store"),
    ],
    ids=lambda item: item if isinstance(item, str) else "",
)  # fmt: skip
def test_a_store_is_refused_with_what_to_do(stamp, words):
    why = refusal(stamp, known=4, releases=LATER)
    assert why is not None
    assert words in why


@pytest.mark.parametrize(
    ("stamp", "pending"),
    [
        (Stamp(0), None),
        (Stamp(4, "0.6.0"), None),
        (Stamp(3, "0.5.2", upgrading=4), "once no server of 0.5 or before runs"),
        (Stamp(3, "0.5.2"), "once no server of 0.5 or before runs, `conjure store upgrade`"),
    ],
)
def test_the_newest_format_and_the_one_before_are_served(stamp, pending):
    assert refusal(stamp, known=4, releases=LATER) is None
    said = advice(stamp, known=4, releases=LATER)
    assert (said is None) == (pending is None)
    assert said is None or pending in said


def test_every_format_has_the_release_that_leads_out_of_it():
    """When a release is made, its series is that of the newest format: `RELEASES` has to follow."""
    assert list(RELEASES) == list(range(1, FORMAT + 1))
    series = [tuple(map(int, text.split("."))) for text in RELEASES.values()]
    assert series == sorted(set(series))
    assert series[-1] >= tuple(map(int, __version__.split(".")[:2]))


def test_steps_stand_in_the_order_in_which_they_run():
    assert [step.format for step in STEPS] == sorted(step.format for step in STEPS)
    assert {step.format for step in STEPS} <= set(range(2, FORMAT + 1))
    for number in range(2, FORMAT + 1):
        names = [step.name for step in steps_to(STEPS, number - 1, number)]
        assert len(set(names)) == len(names), "where an upgrade was broken off is told by the name"
        assert all(names)
