"""Which changes follow what a watcher has, and what one that joins late is told."""

from conjure.watch.service import _following, _is_ahead, _is_recorded
from conjure.worlds.model import Change, History


def change(rev, after):
    return Change(rev, after, ("x",), 1)


def shown(position, rev, *changes):
    return [(c.rev, c.is_reset) for c in _following(position, History(rev, 1, changes))]


def test_changes_follow_one_another():
    changes = change("2-a", "1"), change("3-a", "2-a"), change("4-b", "3-a")
    assert shown("1", "4-b", *changes) == [("2-a", False), ("3-a", False), ("4-b", False)]
    assert shown("4-b", "4-b") == []


def test_a_gap_ends_them_and_what_is_not_known_is_a_reset():
    changes = change("2-a", "1"), change("4-a", "3-a")
    assert shown("1", "4-a", *changes) == [("2-a", False)]
    assert shown("2-a", "4-a", change("4-a", "3-a")) == [("4-a", True)]
    assert shown("2-a", "4-a") == [("4-a", True)]


def test_a_position_that_the_store_has_lost_is_a_reset_also_where_its_number_came_again():
    assert shown("3-a", "2-a") == [("2-a", True)]
    assert shown("3-a", "3-b") == [("3-b", True)]
    assert shown("3-a", "4-b", change("4-b", "3-b")) == [("4-b", True)]


def test_a_feed_that_is_ahead_is_not_joined():
    assert _is_ahead("3-a", "2-a")
    assert not _is_ahead("2-a", "2-a")
    assert not _is_ahead("1", "2-a")
    assert _is_ahead("2-b", "2-a"), "nobody knows"


def test_what_a_feed_that_began_earlier_tells_again():
    assert _is_recorded(change("2-a", "1"), "3-a")
    assert _is_recorded(change("3-a", "2-a"), "3-a")
    assert not _is_recorded(change("4-a", "3-a"), "3-a")
    assert not _is_recorded(change("4-b", "3-b"), "3-a"), "another branch: begin anew"
    reset = Change("3-a", "", (), 1, is_reset=True)
    assert _is_recorded(reset, "3-a")
    assert not _is_recorded(reset, "4-a")
