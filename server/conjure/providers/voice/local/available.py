"""Whether the extra `voice` is installed."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

_PARTS: Final = ("espeakng_loader", "lameenc")


def is_installed() -> bool:
    """Looks, and imports nothing: only the processes that speak do."""
    return all(find_spec(part) is not None for part in _PARTS)
