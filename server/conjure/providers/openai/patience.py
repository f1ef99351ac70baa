"""How long to wait for an endpoint that says it is busy (429, 503)."""

from __future__ import annotations

import email.utils
import math
import random
from datetime import UTC, datetime
from typing import Final

MOST_TRIES: Final = 5
"""Requests for one answer."""

_FIRST_S: Final = 1.0
_JITTER: Final = 0.25


def wait_s(tries: int, retry_after: str | None, *, is_limit: bool) -> float | None:
    """Seconds until the next try, after so many; None when there is none.

    `is_limit`: the status is 429, which says that waiting helps. What is merely unavailable must say when it
    will be there.
    """
    if tries >= MOST_TRIES:
        return None
    asked = _seconds(retry_after)
    if asked is None:
        if not is_limit:
            return None
        asked = _FIRST_S * 2 ** (tries - 1)
    # All who were told the same time would come back together.
    return asked * (1 + _JITTER * random.random()) + 0.1 * random.random()  # noqa: S311


def _seconds(retry_after: str | None) -> float | None:
    """What a Retry-After says: seconds, or a date (RFC 9110, 10.2.3)."""
    if retry_after is None:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            at = email.utils.parsedate_to_datetime(retry_after)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - datetime.now(UTC)).total_seconds()
    return max(0.0, seconds) if math.isfinite(seconds) else None
