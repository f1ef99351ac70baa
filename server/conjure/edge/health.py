"""How the edge asks servers whether they serve, and so how long one that leaves must go on serving.

Both sides use these numbers: Envoy's health checks, and a server's drain, which may close its socket only
when every edge has stopped sending there.
"""

from __future__ import annotations

from typing import Final

INTERVAL_S: Final = 1.0
"""Between two checks of one server: a few bytes, so often enough to make a drain short."""

TIMEOUT_S: Final = 1.0
"""For the answer to a check. One that is late counts as half a failure (envoy.yaml)."""


def notice_s(interval_s: float, timeout_s: float) -> float:
    """Seconds after which an edge has noticed that a server leaves, or is there, one lost check included."""
    return 2 * interval_s + timeout_s
