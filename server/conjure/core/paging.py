"""Pages of lists (CONTRACT 0), and the index members that their cursors stand for.

An index is a sorted set, all scores 0, whose members are `<created ms, 13 digits>:<id>`: text order is the
order of creation, and a member says where a page begins even when its row has gone. Where rows of one
millisecond have an order too (versions), a number of 12 digits stands before the id. Lists are newest first;
that of versions is oldest first.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from conjure.core.errors import InvalidCursor, InvalidField
from conjure.core.times import parse_rfc3339

DEFAULT_PAGE: Final = 20
MAX_PAGE: Final = 100
_LATEST_MS: Final = 9_999_999_999_999  # 13 digits: until the year 2286
_AFTER_ALL_OF_IT: Final = ";"
"""Sorts right behind the colon of a member: a bound behind every row of a millisecond."""

_ID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_MEMBER: Final = re.compile(rf"[0-9]{{13}}:{_ID}")
_NUMBERED: Final = re.compile(rf"[0-9]{{13}}:[0-9]{{12}}:{_ID}")


def page_size(limit: int | None, *, default: int = DEFAULT_PAGE, most: int = MAX_PAGE) -> int:
    """Returns how many items a page has. Raises InvalidField."""
    if limit is None:
        return default
    if not 1 <= limit <= most:
        raise InvalidField(f"limit must be from 1 to {most}")
    return limit


def index_member(created_ms: int, item_id: str) -> str:
    """The member of an index that stands for a row; scripts make the same (`index_member`, prelude.lua)."""
    return f"{created_ms:013d}:{item_id}"


def id_of_member(member: str) -> str:
    """The id in a member of an index."""
    return member.partition(":")[2]


def write_cursor(member: str) -> str:
    """Returns the opaque cursor of the page that begins after a member."""
    return base64.urlsafe_b64encode(member.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """Returns the bound (exclusive, from above) at which the page after `cursor` begins, newest first.

    A cursor is one of `write_cursor` or the `created_at` (RFC 3339) of the last row that the caller has;
    rows of that same millisecond come again then (CONTRACT 0). Raises InvalidCursor.
    """
    created_ms = parse_rfc3339(cursor)
    if created_ms is not None:
        return f"{min(created_ms, _LATEST_MS):013d}{_AFTER_ALL_OF_IT}"
    return _member(cursor, _MEMBER)


def read_rising_cursor(cursor: str) -> str:
    """The same for a list that is oldest first and whose members have numbers: the bound is from below."""
    created_ms = parse_rfc3339(cursor)
    if created_ms is not None:
        return f"{min(created_ms, _LATEST_MS):013d}"  # before the colon: before all rows of it
    return _member(cursor, _NUMBERED)


def _member(cursor: str, form: re.Pattern[str]) -> str:
    """The member that an opaque cursor stands for. Raises InvalidCursor."""
    try:
        decoded = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        member = decoded.decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise InvalidCursor from error
    # One spelling: neither padding nor spare bits.
    if not form.fullmatch(member) or write_cursor(member) != cursor:
        raise InvalidCursor
    return member
