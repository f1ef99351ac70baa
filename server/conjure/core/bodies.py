"""What every body has (CONTRACT 0)."""

from __future__ import annotations

from typing import Final

SCHEMA_VERSION: Final = "1.0"
"""`schemaVersion` of every object that is answered or delivered."""
