"""How long an answer may be kept (`cache-control`, RFC 9111)."""

from __future__ import annotations

from typing import Final

IMMUTABLE: Final = "public, max-age=31536000, immutable"
"""What stands under its own hash: a year, the longest there is, and never asked for again."""

OF_A_RELEASE: Final = "public, max-age=300"
"""What changes with a release of the server: asked for again after this it is a 304."""
