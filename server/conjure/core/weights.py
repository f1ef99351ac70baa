"""What a document will cost to work on, told from its text before it is parsed.

Bytes alone do not tell: what takes time is the number of values, and each may be two bytes long.
"""

from __future__ import annotations


def weight(text: bytes) -> int:
    return len(text) // 3 + 8 * text.count(b'"') + 10 * text.count(b"{")
