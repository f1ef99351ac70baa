"""How Envoy's configuration writes what has a unit."""

from __future__ import annotations


def duration(seconds: float) -> str:
    """A time as Envoy reads it: at most nine digits of a second, and no exponent."""
    return f"{seconds:.9f}".rstrip("0").rstrip(".") + "s"
