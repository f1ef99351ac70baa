"""How heavy JSON text is: what reading and checking it costs, told from its bytes alone."""

from __future__ import annotations

from typing import Final

_PER_ITEM: Final = 24


def weight(text: bytes) -> int:
    """How many bytes of an ordinary world cost as much as this text."""
    return len(text) + _PER_ITEM * text.count(b",")


def is_heavier(text: bytes, limit: int) -> bool:
    """Whether a text weighs more than `limit`. Most are told by their length alone."""
    size = len(text)
    if size > limit:
        return True
    return size * (1 + _PER_ITEM) > limit and weight(text) > limit
