"""Revisions of worlds: `<n>-<incarnation>`, opaque to everybody else.

`n` grows by one with each write. The incarnation is that of the store which made the revision
(revisions.lua): a store that has lost writes, by a crash, a restored file or a failover, goes on as another
one. So no revision is given twice, and none means two documents, neither to a cache nor to an If-Match.
A plain number is a world's first revision, or comes from a release without incarnations.
"""

from __future__ import annotations

import re
from typing import Final

_REVISION: Final = re.compile(r"[0-9]{1,15}(-[0-9a-f]{8,16})?")


def is_revision(text: str) -> bool:
    """Whether a text can be a revision."""
    return _REVISION.fullmatch(text) is not None


def number_of(rev: str) -> int:
    """How many writes have led to a revision."""
    return int(rev.partition("-")[0])


def is_same_incarnation(rev: str, other: str) -> bool:
    """Whether one store made both, so that their numbers tell which is the later one."""
    return rev.partition("-")[2] == other.partition("-")[2]


def is_later(rev: str, other: str) -> bool:
    """Whether one store made both, `rev` after `other`."""
    return is_same_incarnation(rev, other) and number_of(rev) > number_of(other)
