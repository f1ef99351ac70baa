"""Times: milliseconds since 1970 inside, RFC 3339 UTC outside (CONTRACT 0)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# RFC 3339, 5.6: what a client may send of what it was sent, in any zone and precision.
_RFC3339 = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(\.\d{1,9})?(?:[Zz]|([+-])(\d\d):(\d\d))"
)


@lru_cache(maxsize=16)  # a row often tells one time twice
def rfc3339(ms: int) -> str:
    """`2026-11-21T20:44:00.123Z`."""
    # A page of versions has two thousand of them: `strftime` takes three times as long.
    moment = _EPOCH + timedelta(seconds=ms // 1000)
    return f"{moment.isoformat()[:19]}.{ms % 1000:03d}Z"


def day_text(day: int) -> str:
    """Days since 1970 as `YYYY-MM-DD`."""
    return (_EPOCH + timedelta(days=day)).strftime("%Y-%m-%d")


def parse_rfc3339(text: str) -> int | None:
    """Milliseconds since 1970 of a time from 1970 on, rounded down; None when it is no such time."""
    found = _RFC3339.fullmatch(text) if text.isascii() else None
    if found is None:
        return None
    *numbers, fraction, sign, hours, minutes = found.groups()
    year, month, day, hour, minute, second = map(int, numbers)
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        if sign is not None:
            ahead = timedelta(hours=int(hours), minutes=int(minutes))
            moment += -ahead if sign == "+" else ahead
    except (ValueError, OverflowError):
        return None
    whole = int((moment - _EPOCH).total_seconds())
    ms = whole * 1000 + int((fraction or ".0")[1:].ljust(3, "0")[:3])
    return ms if ms >= 0 else None
