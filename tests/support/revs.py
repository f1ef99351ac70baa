"""What a test may know of a revision: how many writes led to it. Its incarnation is the store's."""

from __future__ import annotations

from conjure.worlds.revisions import is_revision, number_of


def number(rev: str) -> int:
    """The number of a revision, which has to look like one."""
    assert is_revision(rev), rev
    return number_of(rev)
