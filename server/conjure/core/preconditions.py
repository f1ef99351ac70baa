"""Asserted revisions: `If-Match`, `If-None-Match` and `expectedRev` (CONTRACT 0, RFC 9110 13.1)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

import orjson

from conjure.core.codings import GZIP
from conjure.core.errors import ConflictingPreconditions

# An entity tag as clients send it: weak, quoted, or (leniently) bare; empty elements before it do not
# count (RFC 9110, 5.6.1).
_TAG = re.compile(r'[\s,]*(W/)?(?:"([^"]*)"|([^\s,"]+))\s*(?:,|$)')

_CODED: Final = f"-{GZIP}"
_LABEL: Final = "~"


def coded(etag: str) -> str:
    """The entity tag of an answer in gzip, of the tag that it has as it is; both without quotes.

    One strong tag never stands for two sequences of bytes (RFC 9110, 8.8.1). Whoever asserts either of them
    asserts the same revision.
    """
    return etag + _CODED


def uncoded(etag: str) -> str:
    """The entity tag of the same answer as it is. No revision ends like a tag of gzip."""
    return etag.removesuffix(_CODED)


def labelled(etag: str, label: str) -> str:
    """The entity tag of an answer that also tells something outside of the document, which moves no revision.

    Whoever asserts it asserts the revision.
    """
    return f"{etag}{_LABEL}{label}"


def _revision(etag: str) -> str:
    """The revision that an asserted entity tag stands for."""
    return uncoded(etag).partition(_LABEL)[0]


@dataclass(frozen=True, slots=True)
class Precondition:
    """The revisions that a write accepts as the present one; `anything` stands for `*`."""

    revs: frozenset[str] = frozenset()
    anything: bool = False

    def allows(self, rev: str) -> bool:
        """Whether a write may replace this revision."""
        return self.anything or rev in self.revs

    def narrowed(self, rev: str) -> Precondition:
        """Returns what is asserted when a request says in its own field, too, that the revision is `rev`.

        Raises ConflictingPreconditions.
        """
        rev = _revision(rev)
        if not self.allows(rev):
            raise ConflictingPreconditions
        return Precondition(revs=frozenset((rev,)))


ANYTHING: Final = Precondition(anything=True)
"""That there is a revision at all."""


def parse_tags(header: str, *, weakly: bool = False) -> Precondition:
    """Reads a list of entity tags; what is no tag matches nothing, and neither does a weak one.

    `weakly`: a weak tag stands for the same as the strong one (RFC 9110, 8.8.3.2), and what counts is the
    answer, not the revision that it was made from.
    """
    if header.strip() == "*":
        return ANYTHING
    read = uncoded if weakly else _revision
    return Precondition(revs=frozenset(map(read, _tags(header, weakly=weakly))))


def _tags(header: str, *, weakly: bool) -> set[str]:
    tags = set()
    position = 0
    while position < len(header):
        found = _TAG.match(header, position)
        if found is None or found.end() == position:
            break  # not a list of tags from here on: matches nothing
        weak, quoted, bare = found.groups()
        if weakly or not weak:
            tags.add(quoted if quoted is not None else bare)
        position = found.end()
    return tags


def precondition(if_match: str | None, expected_rev: str | None) -> Precondition | None:
    """Combines the two ways to assert a revision; None when neither is used.

    Raises ConflictingPreconditions when both are present and differ.
    """
    header = parse_tags(if_match) if if_match is not None else None
    if expected_rev is None:
        return header
    return (header or ANYTHING).narrowed(expected_rev)


def script_argument(expected: Precondition | None) -> str:
    """What a script compares with the present revision, in its own step (worlds/precondition.lua)."""
    if expected is None:
        return ""
    return "*" if expected.anything else orjson.dumps(sorted(expected.revs)).decode()


def is_unmodified(if_none_match: str | None, etag: str) -> bool:
    """Whether the caller already has the answer of this entity tag; compared weakly (RFC 9110, 13.1.2)."""
    return if_none_match is not None and parse_tags(if_none_match, weakly=True).allows(etag)


def names_coded(if_none_match: str, etag: str) -> bool:
    """Whether what the caller already has is the answer of this entity tag in gzip."""
    return coded(etag) in _tags(if_none_match, weakly=True)
